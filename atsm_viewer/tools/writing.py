"""What a tool may write: the chosen ROI, the gates, and the words where nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.options import OptionSpec, OptionValue
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Vec3
from atsm_viewer.domain.pointer import Button, Modifier, PointerEvent
from atsm_viewer.domain.roi import Roi
from atsm_viewer.tools.base import Refusal, ToolContext

BoolArray = npt.NDArray[np.bool_]
OUTSIDE = Refusal("outside the PET volume", "Point at the PET")


@dataclass(frozen=True, eq=False)
class Stamp:
    """What a tool reaches, and what of it would change.

    Parameters
    ----------
    box
        Where the blocks lie in the grid.
    reached_kji
        Array [k, j, i] of bool, voxels under the tool.
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
class Writing:
    """Where one press writes to and whether it adds or erases.

    Parameters
    ----------
    ctx
        The session before the gesture, and the gates.
    roi
        The ROI written to.
    adds
        True paints, False erases.
    """

    ctx: ToolContext
    roi: Roi
    adds: bool

    def gated(self, box: Box, reached_kji: BoolArray) -> Stamp:
        """Return what of some reached voxels [k, j, i] would change."""
        if box.is_empty:
            return Stamp(box, reached_kji, reached_kji, reached_kji)
        inside = self.roi.mask.block_in(box)
        candidates = reached_kji & ~inside if self.adds else reached_kji & inside
        changes = candidates
        for gate in self.ctx.gates:
            if self.adds or gate.restricts_erasing:
                changes = changes & gate.allows(self.ctx, box)
        return Stamp(box, reached_kji, candidates, changes)

    def why_nothing(self, stamp: Stamp, at_lps: Vec3, where: str = "under the brush") -> Refusal:
        """Say why a stamp changes nothing, at the voxel nearest to a position (LPS mm)."""
        if not stamp.reached_kji.any():
            return OUTSIDE
        if not stamp.open_kji.any():
            if self.adds:
                return Refusal(f"every voxel {where} belongs already to “{self.roi.name}”")
            return Refusal(f"no voxel {where} belongs to “{self.roi.name}”")
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


def target(ctx: ToolContext) -> Roi | Refusal:
    """Return the ROI that may be written to, or why there is none."""
    roi = ctx.roi
    if roi is None:
        return Refusal("no ROI selected", "Add a ROI or choose one in the list", "roi.add")
    if roi.scan_id != ctx.scan.id:
        label = ctx.state.scan(roi.scan_id).label
        return Refusal(f"“{roi.name}” belongs to scan “{label}”", "Choose a ROI of this scan")
    if roi.locked:
        return Refusal(f"“{roi.name}” is locked", "Unlock it", "roi.unlock")
    if not roi.visible:
        return Refusal(f"“{roi.name}” is hidden", "Show it", "roi.show")
    return roi


def presses_add(event: PointerEvent, left_adds: bool = True) -> bool:
    """Whether a press like this paints: the right button erases, Ctrl turns either round."""
    by_button = left_adds and event.button is not Button.RIGHT
    return by_button != bool(event.modifiers & Modifier.CTRL)


def values_of(specs: tuple[OptionSpec, ...], ctx: ToolContext) -> dict[str, OptionValue]:
    """Return the checked option values of a tool, missing ones at their default."""
    return {spec.id: spec.checked(ctx.options.get(spec.id, spec.default)) for spec in specs}


def nothing(adds: bool) -> Patch:
    """Return the patch without voxels."""
    return Patch(Box.empty(), np.zeros((0, 0, 0), dtype=np.bool_), adds)


def cropped(box: Box, block_kji: BoolArray, adds: bool) -> Patch:
    """Return a patch with the tight box of a block [k, j, i]; the block is copied."""
    lo, hi = [], []
    for axis, base in enumerate(box.lo_kji):
        hit = np.flatnonzero(block_kji.any(axis=tuple(a for a in range(3) if a != axis)))
        if len(hit) == 0:
            return nothing(adds)
        lo.append(base + int(hit[0]))
        hi.append(base + int(hit[-1]) + 1)
    tight = Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))
    return Patch(tight, block_kji[tight.slices_within(box)].copy(), adds)


def block_in(patch: Patch, box: Box) -> BoolArray:
    """Array [k, j, i] of bool over ``box``: where a patch has voxels."""
    out = np.zeros(box.shape_kji, dtype=np.bool_)
    common = patch.box.intersect(box)
    if not common.is_empty:
        out[common.slices_within(box)] = patch.block_kji[common.slices_within(patch.box)]
    return out
