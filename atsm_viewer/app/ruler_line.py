"""The line that the ruler lies along; a way of looking, never saved."""

from __future__ import annotations

from collections.abc import Callable

Vec3 = tuple[float, float, float]


class RulerLine:
    """Holds the two ends of the ruler and tells listeners when they move."""

    def __init__(self) -> None:
        self._ends: tuple[Vec3, Vec3] | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def ends(self) -> tuple[Vec3, Vec3] | None:
        """Both ends, LPS mm; None while nothing is measured."""
        return self._ends

    def put(self, ends: tuple[Vec3, Vec3] | None) -> None:
        """Lay the ruler along a line, or take it away."""
        if ends != self._ends:
            self._ends = ends
            for listener in tuple(self._listeners):
                listener()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener()`` when an end moved; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe
