"""What a painting tool may write: conditions on voxels, joined by *and*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.box import Box, Index3
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import FloatArray
from atsm_viewer.tools.base import ToolContext

BoolArray = npt.NDArray[np.bool_]
PET_GATE_UNITS: dict[str, str] = {"suv": "SUV", "stored": "", "muscle": "× muscle"}


class Gate(Protocol):
    """One condition on voxels."""

    @property
    def title(self) -> str:
        """Words on screen, used in *Switch off the …*."""
        ...

    @property
    def off_command(self) -> str:
        """Id of the command that switches it off."""
        ...

    @property
    def restricts_erasing(self) -> bool:
        """Whether it holds for erasing too."""
        ...

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box`` (inside the PET grid): what may be written."""
        ...

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Why a voxel may not be written, in words for the cursor."""
        ...


@dataclass(frozen=True, slots=True)
class PetRangeGate:
    """Only voxels whose PET value lies in a range, both ends included.

    Parameters
    ----------
    lo, hi
        Range in ``unit``.
    unit
        ``suv``, ``stored`` (the unit of the image) or ``muscle`` (multiples of the muscle mean).
    muscle_mean
        Mean of the muscle reference in stored units, as the results define it; needed for ``muscle``.

    Raises
    ------
    AtsmError
        For an unknown unit.
    """

    lo: float
    hi: float
    unit: str = "suv"
    muscle_mean: float | None = None

    title = "PET gate"
    off_command = "gate.pet.off"
    restricts_erasing = True

    def __post_init__(self) -> None:
        if self.unit not in PET_GATE_UNITS:
            raise AtsmError(f"A PET gate cannot be given in {self.unit!r}.")

    def _scale(self, ctx: ToolContext) -> float | None:
        """Shown value per stored value, or None while it cannot be known."""
        if self.unit == "suv":
            return ctx.suv_scale
        if self.unit == "muscle":
            return 1.0 / self.muscle_mean if self.muscle_mean else None
        return 1.0

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box``; NaN and values of unknown scale are never allowed."""
        scale = self._scale(ctx)
        if ctx.scan.pet is None or scale is None:
            return np.zeros(box.shape_kji, dtype=np.bool_)
        shown = np.asarray(ctx.scan.pet.frame_kji(ctx.frame)[box.slices], dtype=np.float64) * scale
        return np.asarray((shown >= self.lo) & (shown <= self.hi))

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Why a voxel may not be written, for example ``PET gate 2.0–5.0 SUV, here 1.3``."""
        if ctx.scan.pet is None:
            return "the PET image is not loaded, so its gate is closed"
        scale = self._scale(ctx)
        if scale is None:
            missing = "SUV is not known" if self.unit == "suv" else "there is no muscle mean"
            return f"{missing} for this scan, so the PET gate is closed"
        unit = PET_GATE_UNITS[self.unit] or ctx.scan.pet.unit
        here = float(ctx.scan.pet.frame_kji(ctx.frame)[index_kji]) * scale
        lo, hi, value = _told_apart(self.lo, self.hi, here)
        return f"PET gate {lo}–{hi} {unit}".rstrip() + f", here {value}"


def _told_apart(lo: float, hi: float, here: float) -> tuple[str, str, str]:
    """Words for a range and a value outside it, with as many digits as keep them different."""
    for digits in range(1, 7):
        words = (f"{lo:.{digits}f}", f"{hi:.{digits}f}", f"{here:.{digits}f}")
        exact = all(abs(float(w) - v) <= 1e-9 * abs(v) for w, v in zip(words[:2], (lo, hi), strict=True))
        if exact and words[2] not in words[:2]:
            return words
    return (f"{lo:g}", f"{hi:g}", f"{here:.9g}")


@dataclass(frozen=True, slots=True)
class CtRangeGate:
    """Only voxels whose centre lies in a CT voxel within a range of HU, both ends included."""

    lo_hu: float
    hi_hu: float

    title = "CT gate"
    off_command = "gate.ct.off"
    restricts_erasing = True

    def _hu(self, ctx: ToolContext, box: Box) -> FloatArray:
        """HU [k, j, i] at the PET voxel centres of a box; NaN outside the CT."""
        ct = ctx.scan.ct
        hu = np.full(box.shape_kji, np.nan)
        if ct is None or box.is_empty:
            return hu
        index = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in _ends(box)), indexing="ij"), axis=-1)
        in_ct_space = ctx.scan.ct_to_pet.invert(ctx.scan.pet_geometry.index_to_lps(index))
        nearest = np.floor(ct.geometry.lps_to_index(in_ct_space) + 0.5).astype(np.intp)
        inside = np.all((nearest >= 0) & (nearest < ct.geometry.shape_kji), axis=-1)
        hu[inside] = ct.frame_kji(0)[tuple(nearest[inside].T)]
        return hu

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box``; nothing outside the CT is allowed."""
        hu = self._hu(ctx, box)
        return np.asarray((hu >= self.lo_hu) & (hu <= self.hi_hu))

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Why a voxel may not be written, for example ``CT gate -50–150 HU, here 900``."""
        if ctx.scan.ct is None:
            return "this scan has no CT, so the CT gate is closed"
        here = float(self._hu(ctx, _voxel_box(index_kji))[0, 0, 0])
        where = "here outside the CT" if np.isnan(here) else f"here {here:.0f}"
        return f"CT gate {self.lo_hu:.0f}–{self.hi_hu:.0f} HU, {where}"


def _ends(box: Box) -> tuple[tuple[int, int], ...]:
    return tuple(zip(box.lo_kji, box.hi_kji, strict=True))


def _voxel_box(index_kji: Index3) -> Box:
    k, j, i = index_kji
    return Box(index_kji, (k + 1, j + 1, i + 1))


@dataclass(frozen=True, slots=True)
class NotOverOtherRois:
    """Only voxels that no other ROI of the scan holds. Erasing an overlap stays possible."""

    title = "protection of other ROIs"
    off_command = "gate.others.off"
    restricts_erasing = False

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box``."""
        free = np.ones(box.shape_kji, dtype=np.bool_)
        for roi in ctx.state.rois_of(ctx.scan.id):
            common = roi.mask.box.intersect(box)
            if (ctx.roi is None or roi.id != ctx.roi.id) and not common.is_empty:
                free[common.slices_within(box)] &= ~roi.mask.block_kji[common.slices_within(roi.mask.box)]
        return free

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Name the ROIs that hold the voxel."""
        names = [
            f"“{roi.name}”"
            for roi in ctx.state.rois_of(ctx.scan.id)
            if (ctx.roi is None or roi.id != ctx.roi.id) and roi.mask.contains(index_kji)
        ]
        return f"belongs to another ROI: {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class InsideRoi:
    """Only voxels of one ROI of the scan."""

    roi_id: str

    title = "limit to one ROI"
    off_command = "gate.inside_roi.off"
    restricts_erasing = True

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box``; nothing is allowed when the ROI is gone."""
        roi = ctx.state.find_roi(self.roi_id)
        if roi is None or roi.scan_id != ctx.scan.id:
            return np.zeros(box.shape_kji, dtype=np.bool_)
        return roi.mask.block_in(box)

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Name the ROI that the voxel is not part of."""
        roi = ctx.state.find_roi(self.roi_id)
        if roi is None or roi.scan_id != ctx.scan.id:
            return "the ROI that limits painting is not part of this scan"
        return f"outside “{roi.name}”, to which painting is limited"


@dataclass(frozen=True, slots=True)
class InsideSlot:
    """Only voxels whose centre lies in the slot of the subject of the ROI (several animals in a bed)."""

    title = "limit to one animal"
    off_command = "gate.slot.off"
    restricts_erasing = True

    def allows(self, ctx: ToolContext, box: Box) -> BoolArray:
        """Array [k, j, i] of bool over ``box``; all of it for a slot without corners."""
        slot = ctx.scan.slot_of(ctx.roi.subject_id) if ctx.roi is not None else None
        if slot is None:
            return np.zeros(box.shape_kji, dtype=np.bool_)
        if slot.lo_lps is None or slot.hi_lps is None:
            return np.ones(box.shape_kji, dtype=np.bool_)
        low, high = np.minimum(slot.lo_lps, slot.hi_lps), np.maximum(slot.lo_lps, slot.hi_lps)
        index = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in _ends(box)), indexing="ij"), axis=-1)
        position = ctx.scan.pet_geometry.index_to_lps(index)
        return np.asarray(np.all((position >= low) & (position < high), axis=-1))

    def explain(self, ctx: ToolContext, index_kji: Index3) -> str:
        """Name the subject whose slot the voxel is not part of."""
        if ctx.roi is None or ctx.scan.slot_of(ctx.roi.subject_id) is None:
            return "the ROI belongs to a subject that does not lie in this scan"
        return f"outside the slot of “{ctx.state.subject(ctx.roi.subject_id).label}”"
