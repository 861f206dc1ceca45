"""One stroke of a brush: footprints gathered from press to release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.edits import Edit, Paint
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Plane, Vec3
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.domain.roi import Roi
from atsm_viewer.tools.base import GestureStep, Refusal, ToolContext
from atsm_viewer.tools.footprint import Shape, swept_footprint

BoolArray = npt.NDArray[np.bool_]
OUTSIDE = Refusal("outside the PET volume", "Point at the PET")
_GROWTH_VOXELS = 16


@dataclass(frozen=True, eq=False)
class Stamp:
    """What a brush reaches on one way, and what of it would change.

    Parameters
    ----------
    box
        Where the blocks lie in the grid.
    reached_kji
        Array [k, j, i] of bool, voxels under the brush.
    open_kji
        The part that would change if there were no gate.
    changes_kji
        The part that passes the gates too.
    """

    box: Box
    reached_kji: BoolArray
    open_kji: BoolArray
    changes_kji: BoolArray


@dataclass(frozen=True, eq=False)
class BrushSetup:
    """The brush of one press: what it writes, where and how."""

    ctx: ToolContext
    roi: Roi
    radius_mm: float
    shape: Shape
    adds: bool

    def stamp(self, a_lps: Vec3, b_lps: Vec3, plane: Plane) -> Stamp:
        """Return what the brush reaches on its way between two positions, LPS mm."""
        geometry = self.ctx.scan.pet_geometry
        box, reached = swept_footprint(geometry, a_lps, b_lps, self.radius_mm, self.shape, plane)
        if box.is_empty:
            return Stamp(box, reached, reached, reached)
        inside = self.roi.mask.block_in(box)
        candidates = reached & ~inside if self.adds else reached & inside
        changes = candidates
        for gate in self.ctx.gates:
            if self.adds or gate.restricts_erasing:
                changes = changes & gate.allows(self.ctx, box)
        return Stamp(box, reached, candidates, changes)

    def why_nothing(self, stamp: Stamp, at_lps: Vec3) -> Refusal:
        """Say why a stamp changes nothing, at the voxel nearest to a position (LPS mm)."""
        if not stamp.reached_kji.any():
            return OUTSIDE
        if not stamp.open_kji.any():
            if self.adds:
                return Refusal(f"every voxel under the brush belongs already to “{self.roi.name}”")
            return Refusal(f"no voxel under the brush belongs to “{self.roi.name}”")
        geometry = self.ctx.scan.pet_geometry
        index = np.argwhere(stamp.open_kji & ~stamp.changes_kji) + stamp.box.lo_kji
        away = np.linalg.norm(geometry.index_to_lps(index) - np.asarray(at_lps), axis=1)
        k, j, i = (int(v) for v in index[int(np.argmin(away))])
        here: Index3 = (k, j, i)
        one = Box(here, (k + 1, j + 1, i + 1))
        for gate in self.ctx.gates:
            if (self.adds or gate.restricts_erasing) and not gate.allows(self.ctx, one).all():
                remedy = f"Switch off the {gate.title}"
                return Refusal(gate.explain(self.ctx, here), remedy, gate.off_command)
        raise AtsmError("A gate gave two answers for one voxel.", detail=repr(here))


def cropped(box: Box, block_kji: BoolArray, adds: bool) -> Patch:
    """Return a patch with the tight box of a block [k, j, i]; the block is copied."""
    lo, hi = [], []
    for axis, base in enumerate(box.lo_kji):
        hit = np.flatnonzero(block_kji.any(axis=tuple(a for a in range(3) if a != axis)))
        if len(hit) == 0:
            return Patch(Box.empty(), np.zeros((0, 0, 0), dtype=np.bool_), adds)
        lo.append(base + int(hit[0]))
        hi.append(base + int(hit[-1]) + 1)
    tight = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    return Patch(tight, block_kji[tight.slices_within(box)].copy(), adds)


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
        stamp = self._setup.stamp(start.position_lps, event.position_lps, event.plane)
        newly = cropped(stamp.box, stamp.changes_kji, self.adds)
        if newly.box.is_empty:
            if self._used.is_empty and (stamp.reached_kji.any() or self._why is OUTSIDE):
                self._why = self._setup.why_nothing(stamp, event.position_lps)
            return GestureStep(newly.box, newly)
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
