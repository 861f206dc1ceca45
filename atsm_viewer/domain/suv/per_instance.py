"""Arithmetic on factors that are one number for a series or one number per header."""

from __future__ import annotations

from collections.abc import Callable

Factor = float | tuple[float, ...]


def over(factor: Factor, function: Callable[[float], float]) -> Factor:
    """Return ``function`` of the number or of each number."""
    return tuple(function(f) for f in factor) if isinstance(factor, tuple) else function(factor)


def combine(first: Factor, second: Factor, function: Callable[[float, float], float]) -> Factor:
    """Return ``function`` of both, number by number; a single number goes with every other."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return tuple(function(a, b) for a, b in zip(first, second, strict=True))
    if isinstance(first, tuple):
        return tuple(function(a, second) for a in first) if isinstance(second, float | int) else first
    return over(second, lambda b: function(first, b))


def expand(factor: Factor | None, index: tuple[int, ...]) -> Factor | None:
    """Return one number per instance from one per header; a single number where all are equal."""
    if not isinstance(factor, tuple):
        return factor
    if len(set(factor)) == 1:
        return factor[0]
    return tuple(factor[i] for i in index)


def spread(value: Factor | None, index: tuple[int, ...]) -> Factor | None:
    """Return one per instance for a tuple, which stays a tuple even if all are equal."""
    return tuple(value[i] for i in index) if isinstance(value, tuple) else value
