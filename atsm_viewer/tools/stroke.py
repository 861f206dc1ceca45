"""One stroke of a brush: footprints gathered from press to release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.edits import Edit, Paint
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Plane
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import GestureStep, Refusal
from atsm_viewer.tools.footprint import Shape, swept_footprint
from atsm_viewer.tools.plane_shapes import polygon_footprint
from atsm_viewer.tools.writing import OUTSIDE, BoolArray, Stamp, Writing, cropped, nothing

_GROWTH_VOXELS = 16


@dataclass(frozen=True, eq=False)
class BrushSetup(Writing):
    """The brush of one press: what it writes, where and how.

    Parameters
    ----------
    radius_mm, shape
        Size and shape.
    follows_pressure
        Whether the pressure of a pen makes it smaller.
    fills_rings
        Whether a closed ring is filled when the stroke ends.
    """

    radius_mm: float
    shape: Shape
    follows_pressure: bool = False
    fills_rings: bool = False

    def radius_at(self, event: PointerEvent) -> float:
        """Radius under the pressure of an event, mm; a pen in the air (pressure 0) shows the full size."""
        if not self.follows_pressure or event.pressure <= 0.0:
            return self.radius_mm
        return self.radius_mm * min(event.pressure, 1.0)

    def stamp(self, start: PointerEvent, end: PointerEvent) -> Stamp:
        """Return what the brush reaches on its way between two positions on the plane of ``end``."""
        box, reached = swept_footprint(
            self.ctx.scan.pet_geometry, start.position_lps, end.position_lps, self.radius_at(end),
            self.shape, end.plane,
        )  # fmt: skip
        return self.gated(box, reached)

    def ring(self, path: list[PointerEvent]) -> Patch:
        """Voxels that change inside a path that comes back to its start; none for an open path."""
        plane = path[0].plane
        if not self.fills_rings or len(path) < 3 or not all(_same_plane(plane, p.plane) for p in path):
            return nothing(self.adds)
        gap = np.subtract(path[0].position_lps, path[-1].position_lps)
        if np.linalg.norm(gap) > 2.0 * max(self.radius_mm, max(self.ctx.scan.pet_geometry.spacing_kji_mm)):
            return nothing(self.adds)
        box, inside = polygon_footprint(
            self.ctx.scan.pet_geometry, tuple(p.position_lps for p in path), plane
        )
        stamp = self.gated(box, inside)
        return cropped(box, stamp.changes_kji, self.adds)


class Stroke:
    """A gesture that gathers the footprints of a brush; written only when it is finished.

    Parameters
    ----------
    setup
        The brush.
    event
        The press.
    """

    def __init__(self, setup: BrushSetup, event: PointerEvent) -> None:
        self._setup = setup
        self._grid = setup.ctx.scan.pet_geometry.box
        self._at = event
        self._path: list[PointerEvent] = []
        self._room = Box.empty()
        self._block: BoolArray = np.zeros((0, 0, 0), dtype=np.bool_)
        self._used = Box.empty()
        self._why: Refusal = OUTSIDE
        self._ended = ""
        self.first: GestureStep = self.extend(event)

    @property
    def adds(self) -> bool:
        """True when it paints, False when it erases."""
        return self._setup.adds

    @property
    def pending(self) -> Patch:
        """All voxels that would change if the stroke ended now, in their tight box."""
        block = self._block[self._used.slices_within(self._room)].copy()
        return Patch(self._used, block, self.adds)

    @property
    def sketch(self) -> Sketch:
        """Nothing: the outline of the voxels says it all."""
        return Sketch()

    def extend(self, event: PointerEvent) -> GestureStep:
        """Sweep the brush to the pointer and return the voxels that this movement added.

        A pointer that arrives on another plane (another view, or another slice scrolled to) starts
        there afresh: the voxels between two planes are not on the way of the hand.

        Raises
        ------
        AtsmError
            After the stroke has ended.
        """
        if self._ended:
            raise AtsmError(f"The stroke was {self._ended} already.")
        start = self._at if _same_plane(self._at.plane, event.plane) else event
        self._at = event
        if self._setup.fills_rings:
            self._path.append(event)
        stamp = self._setup.stamp(start, event)
        newly = cropped(stamp.box, stamp.changes_kji, self.adds)
        if newly.box.is_empty:
            if self._used.is_empty and (stamp.reached_kji.any() or self._why is OUTSIDE):
                self._why = self._setup.why_nothing(stamp, event.position_lps)
            return GestureStep(newly.box, newly)
        return self._take_in(newly)

    def _take_in(self, newly: Patch) -> GestureStep:
        self._make_room(newly.box)
        target = self._block[newly.box.slices_within(self._room)]
        fresh = newly.block_kji & ~target
        target |= newly.block_kji
        self._used = self._used.union(newly.box)
        step = cropped(newly.box, fresh, self.adds)
        return GestureStep(step.box, step)

    def finish(self, modified_utc: str) -> Edit | Refusal:
        """End the stroke: the edit that writes it, or the reason why nothing changes."""
        if self._ended:
            return Refusal(f"the stroke was {self._ended} already")
        ring = self._setup.ring(self._path) if self._path else nothing(self.adds)
        if not ring.is_empty:
            self._take_in(ring)
        self._ended = "finished"
        if self._used.is_empty:
            return self._why
        return Paint(self._setup.roi.id, self.pending, modified_utc)

    def cancel(self) -> None:
        """End the stroke and drop the preview."""
        self._ended = self._ended or "cancelled"
        self._room = self._used = Box.empty()
        self._block = np.zeros((0, 0, 0), dtype=np.bool_)

    def _make_room(self, box: Box) -> None:
        if self._room.contains(box):
            return
        room = self._room.union(box.grown(_GROWTH_VOXELS).intersect(self._grid))
        block = np.zeros(room.shape_kji, dtype=np.bool_)
        if not self._room.is_empty:
            block[self._room.slices_within(room)] = self._block
        self._room, self._block = room, block


def _same_plane(one: Plane, other: Plane) -> bool:
    if one is other:
        return True
    same_directions = one.u_lps == other.u_lps and one.v_lps == other.v_lps
    return same_directions and abs(float(one.distance_mm(other.point_lps))) < 1e-3
