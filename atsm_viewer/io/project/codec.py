"""Frozen dataclasses to plain JSON values and back, by their fields and never by class path."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Sourced
from atsm_viewer.io.project.errors import ProjectError

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encode(value: Any) -> Any:
    """Return JSON-able values; a dataclass becomes a dictionary of its fields.

    A field that is None is left out, since every field that may be None defaults to it. Floats
    that JSON cannot hold become ``{"$float": "nan"}``. A provenance detail that names a file by
    an absolute path keeps the file name only: absolute paths tell who the user or patient is.

    Raises
    ------
    TypeError
        For a value that has no place in a manifest, such as a path or an array.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        return encode(value.value)
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [encode(v) for v in value]
    if isinstance(value, Mapping):
        if not all(isinstance(k, str) for k in value):
            raise TypeError("only text can be a key in a project file")
        return {k: encode(v) for k, v in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Sourced):
            value = dataclasses.replace(value, detail=_file_name_only(value.detail))
        named = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {k: encode(v) for k, v in named.items() if v is not None}
    raise TypeError(f"a project file cannot hold a {type(value).__name__}")


def _file_name_only(detail: str) -> str:
    for flavour in (PurePosixPath, PureWindowsPath):
        path: PurePath = flavour(detail)
        if path.is_absolute() and path.name:
            return path.name
    return detail


def decode(hint: Any, data: Any, where: str) -> Any:
    """Return the value of type ``hint`` that :func:`encode` wrote as ``data``.

    Unknown keys are ignored here; ``extras`` keeps them. In a union the text arm is tried last.

    Parameters
    ----------
    hint
        A type as written in an annotation: scalars, enums, date-times, tuples, dictionaries,
        unions and dataclasses, also generic ones such as ``Sourced[float]``.
    data
        Parsed JSON.
    where
        Path inside the manifest, for the error message.

    Raises
    ------
    ProjectError
        When the data is not of that type; the message names the place.
    """
    if hint is Any or isinstance(hint, TypeVar):
        return _scalar(data, where)
    if hint is None or hint is types.NoneType:
        return _checked(data is None, None, "null", where)
    if hint is bool or hint is str:
        return _checked(isinstance(data, hint), data, hint.__name__, where)
    if hint is int:
        return _checked(isinstance(data, int) and not isinstance(data, bool), data, "a whole number", where)
    if hint is float:
        return _float(data, where)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), data, where)
    if origin is Literal:
        return _checked(data in get_args(hint), data, f"one of {get_args(hint)}", where)
    if origin in (tuple, list):
        return _sequence(origin, get_args(hint), data, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _checked(isinstance(data, dict), data, "an object", where)
        return {k: decode(get_args(hint)[1], v, f"{where}.{k}") for k, v in data.items()}
    cls = origin or hint
    if isinstance(cls, type) and dataclasses.is_dataclass(cls):
        return _dataclass(cls, get_args(hint), data, where)
    if isinstance(cls, type) and issubclass(cls, Enum):
        return _parsed(cls, data, where)
    if cls in (datetime, date, time):
        _checked(isinstance(data, str), data, "a date or time", where)
        return _parsed(cls.fromisoformat, data, where)
    raise TypeError(f"no rule to read a {hint} from a project file")


def decode_fields(cls: Any, data: Any, where: str, skip: frozenset[str]) -> dict[str, Any]:
    """Return the keyword arguments of a dataclass, except those in ``skip``."""
    _checked(isinstance(data, dict), data, "an object", where)
    hints = _hints(cls)
    found = {}
    for f in dataclasses.fields(cls):
        if f.name in skip:
            continue
        if f.name in data:
            found[f.name] = decode(hints[f.name], data[f.name], f"{where}.{f.name}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise ProjectError(f"The project file has no “{where}.{f.name}”.")
    return found


@lru_cache(maxsize=256)
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _dataclass(cls: Any, args: tuple[Any, ...], data: Any, where: str) -> Any:
    if args:
        _checked(isinstance(data, dict), data, "an object", where)
        bound = dict(zip(cls.__parameters__, args, strict=True))
        hints = {k: bound.get(h, h) if isinstance(h, TypeVar) else h for k, h in _hints(cls).items()}
        named = {k: decode(hints[k], data[k], f"{where}.{k}") for k in hints if k in data}
    else:
        named = decode_fields(cls, data, where, frozenset())
    return _parsed(lambda kwargs: cls(**kwargs), named, where)


def _union(arms: tuple[Any, ...], data: Any, where: str) -> Any:
    problem: ProjectError | None = None
    for arm in sorted(arms, key=lambda a: a is str):
        try:
            return decode(arm, data, where)
        except ProjectError as error:
            # The arm that is not null says best what was expected.
            problem = problem if arm is types.NoneType and problem else error
    raise problem or ProjectError(f"The project file holds no usable “{where}”.")


def _sequence(origin: Any, args: tuple[Any, ...], data: Any, where: str) -> Any:
    _checked(isinstance(data, list), data, "a list", where)
    if origin is list or (len(args) == 2 and args[1] is Ellipsis):
        return origin(decode(args[0], v, f"{where}[{n}]") for n, v in enumerate(data))
    _checked(len(data) == len(args), data, f"a list of {len(args)}", where)
    return tuple(decode(arm, v, f"{where}[{n}]") for n, (arm, v) in enumerate(zip(args, data, strict=True)))


def _float(data: Any, where: str) -> float:
    if isinstance(data, dict) and data.get("$float") in _NOT_FINITE:
        return _NOT_FINITE[data["$float"]]
    _checked(isinstance(data, int | float) and not isinstance(data, bool), data, "a number", where)
    return float(_parsed(float, data, where))


def _scalar(data: Any, where: str) -> Any:
    if isinstance(data, dict):
        return _float(data, where)
    return _checked(data is None or isinstance(data, bool | int | float | str), data, "a value", where)


def _checked(good: bool, data: Any, expected: str, where: str) -> Any:
    if not good:
        shown = repr(data)
        raise ProjectError(
            f"In the project file “{where}” is not {expected}.",
            detail=shown if len(shown) < 200 else shown[:200] + "…",
        )
    return data


def _parsed(parse: Any, data: Any, where: str) -> Any:
    try:
        return parse(data)
    except (AtsmError, ValueError, TypeError, OverflowError) as error:
        raise ProjectError(f"In the project file “{where}” is not usable.", detail=str(error)) from error
