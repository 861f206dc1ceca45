"""Values come back with the type their field declares, or are refused by name."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.io.project.codec import decode, encode
from atsm_viewer.io.project.errors import ProjectError


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    moment: datetime
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Outer:
    number: float
    whole: int
    flag: bool
    inner: tuple[Inner, ...]
    pair: tuple[int, str]
    table: dict[str, float] = field(default_factory=dict)
    weight: Sourced[float] | None = None
    when: Sourced[datetime] | None = None
    day: date | None = None
    hour: time | None = None
    mixed: str | int | float | None = None
    kind: Literal["a", "b"] = "a"


def _value(**changes: Any) -> Outer:
    base: dict[str, Any] = {
        "number": 1.5, "whole": 3, "flag": True, "pair": (1, "é"),
        "inner": (Inner(datetime(2024, 1, 2, 3, 4, 5, 6)), Inner(datetime(1999, 1, 1), Colour.RED)),
    }  # fmt: skip
    return Outer(**{**base, **changes})


@pytest.mark.parametrize(
    "value",
    [
        _value(),
        _value(weight=Sourced(70.0, Provenance.TYPED, "x"), day=date(1, 1, 1)),
        _value(when=Sourced(datetime(2024, 2, 29), Provenance.HEADER)),
        _value(day=date(2024, 2, 29), hour=time(1, 2, 3), table={"a": 1e-300}, kind="b"),
        _value(mixed="2024-01-01"), _value(mixed=7), _value(mixed=7.5), _value(mixed="7"),
        _value(number=math.inf), _value(number=-math.inf), _value(table={"z": math.inf}),
    ],
)  # fmt: skip
def test_a_value_survives_json(value: Outer) -> None:
    assert decode(Outer, json.loads(json.dumps(encode(value), allow_nan=False)), "x") == value


def test_nan_and_numpy_scalars_survive() -> None:
    again = decode(Outer, encode(_value(number=math.nan, whole=np.int32(4))), "x")
    assert math.isnan(again.number)
    assert again.whole == 4


def test_a_file_named_as_source_keeps_its_name_only() -> None:
    for path in ("/home/alice/study/pet.json", "C:\\Users\\alice\\pet.json", "\\\\server\\x\\pet.json"):
        assert encode(Sourced(1.0, Provenance.SIDECAR, path))["detail"] == "pet.json"
    assert encode(Sourced(1.0, Provenance.HEADER, "(0010,1030)"))["detail"] == "(0010,1030)"


@pytest.mark.parametrize("value", [Path("/x"), np.zeros(3), b"x", {1: 2}, object()])
def test_what_has_no_place_in_a_manifest_is_a_defect(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("number", "1.5"), ("number", True), ("number", 10**400), ("number", {"$float": "1"}), ("whole", 1.0),
        ("whole", True), ("flag", 1), ("inner", {}), ("pair", [1]), ("pair", [1, 2]), ("kind", "c"),
        ("day", "2024-02-30"), ("table", {"a": "b"}), ("weight", {"value": 1.0}), ("weight", 70),
        ("when", {"value": 5, "provenance": "typed"}), ("inner", [{"moment": "2024", "colour": "blue"}]),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_and_named(key: str, bad: object) -> None:
    data = {**encode(_value()), key: bad}
    with pytest.raises(ProjectError, match=rf"x\.{key}"):
        decode(Outer, data, "x")


def test_a_missing_field_is_refused_unless_it_has_a_default() -> None:
    data = encode(_value())
    del data["kind"]
    assert decode(Outer, data, "x").kind == "a"
    del data["whole"]
    with pytest.raises(ProjectError, match=r"no “x\.whole”"):
        decode(Outer, data, "x")
