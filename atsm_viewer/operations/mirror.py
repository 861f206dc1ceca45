"""Mirror a ROI to the other side of the body."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Orientation
from atsm_viewer.domain.roi import Role
from atsm_viewer.operations.base import (
    NewRoi,
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
    with_defaults,
)
from atsm_viewer.operations.body import BODY_OPTIONS, body_in, with_body_source
from atsm_viewer.operations.ct_values import HU_HI, HU_LO, hu_at, in_range
from atsm_viewer.operations.extent import slice_axis
from atsm_viewer.operations.midplane import Midplane, fit_midplane

_SLAB_SHARE = 0.1
_SNAP_VOXELS = 3
_WORTH_MOVING = 0.02
_ENOUGH_MUSCLE_PERCENT = 80.0


def _slab(ctx: OperationContext) -> Box:
    """Slices of the ROI and a tenth of the image on either side: enough to see a lean, local enough."""
    axis = slice_axis(ctx.geometry, Orientation.AXIAL)
    n = ctx.geometry.shape_kji[axis]
    more = max(3, round(_SLAB_SHARE * n))
    lo, hi = [0, 0, 0], list(ctx.geometry.shape_kji)
    lo[axis] = max(0, ctx.roi.mask.box.lo_kji[axis] - more)
    hi[axis] = min(n, ctx.roi.mask.box.hi_kji[axis] + more)
    return Box((lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2]))


def reflected(ctx: OperationContext, plane: Midplane) -> Mask:
    """Voxels whose reflected centre lies in a voxel of the ROI."""
    mask, geometry = ctx.roi.mask, ctx.geometry
    corners = geometry.index_to_lps(
        np.argwhere(np.ones((2, 2, 2))) * np.array(mask.box.shape_kji) + mask.box.lo_kji
    )
    ends = geometry.lps_to_index(plane.reflect(corners))
    lo, hi = np.floor(ends.min(axis=0)) - 1, np.ceil(ends.max(axis=0)) + 2
    box = Box(tuple(int(v) for v in lo), tuple(int(v) for v in hi)).intersect(geometry.box)  # type: ignore[arg-type]
    if box.is_empty:
        return Mask.empty()
    index = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(box.lo_kji, box.hi_kji, strict=True)),
                                 indexing="ij"), axis=-1)  # fmt: skip
    back = geometry.lps_to_index(plane.reflect(geometry.index_to_lps(index)))
    source = np.floor(back + 0.5 + 1e-9).astype(np.intp) - np.array(mask.box.lo_kji)
    inside = np.all((source >= 0) & (source < mask.box.shape_kji), axis=-1)
    block = np.zeros(box.shape_kji, dtype=np.bool_)
    block[inside] = mask.block_kji[tuple(source[inside].T)]
    return Mask.from_block(box, block)


def snapped(
    ctx: OperationContext, mask: Mask, reach_mm: float, lo_hu: float, hi_hu: float
) -> tuple[Mask, float]:
    """Move a mask by whole voxels to where most of it lies in a CT range.

    The nearest place wins among those that are as good but for 2 % of its voxels: noise in the CT is
    not worth a move.

    Returns
    -------
    tuple
        The moved mask and how far it was moved, mm.
    """
    from scipy.signal import oaconvolve

    geometry, n_now = ctx.geometry, mask.n_voxels
    per_mm = np.linalg.norm(np.linalg.inv(geometry.steps_kji_lps), axis=0)
    n = np.floor(per_mm * reach_mm + 1e-6).astype(int)
    lo, hi = np.array(mask.box.lo_kji) - n, np.array(mask.box.hi_kji) + n
    wide = Box(tuple(int(v) for v in lo), tuple(int(v) for v in hi))  # type: ignore[arg-type]
    common = wide.intersect(geometry.box)
    muscle = np.zeros(wide.shape_kji)
    muscle[common.slices_within(wide)] = in_range(hu_at(ctx, common), lo_hu, hi_hu)
    kernel = mask.block_kji[::-1, ::-1, ::-1].astype(np.float64)
    hits = np.round(oaconvolve(muscle, kernel, mode="valid"))
    shifts = np.indices(hits.shape).reshape(3, -1).T - n
    far = np.linalg.norm(shifts @ geometry.steps_kji_lps, axis=1)
    score = np.where(far <= reach_mm + 1e-6, hits.ravel(), -1.0)
    best = np.flatnonzero(score >= score.max() - _WORTH_MOVING * n_now)
    chosen = int(best[np.argmin(far[best])])
    k, j, i = (int(v) for v in shifts[chosen])
    box = Box(
        (mask.box.lo_kji[0] + k, mask.box.lo_kji[1] + j, mask.box.lo_kji[2] + i),
        (mask.box.hi_kji[0] + k, mask.box.hi_kji[1] + j, mask.box.hi_kji[2] + i),
    )
    if not geometry.box.contains(box):
        return mask, 0.0  # only reached when no place is better than where it is
    moved = Mask(box, mask.block_kji.copy())
    assert moved.n_voxels == n_now
    return moved, float(far[chosen])


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    slab = _slab(ctx)
    fitted = fit_midplane(body_in(ctx, slab, values), slab, ctx.geometry)
    plane = fitted.moved(number(values, "offset_mm"))
    mask = reflected(ctx, plane)
    if mask.is_empty:
        raise AtsmError(
            "The mirrored ROI would lie outside the PET.", "Move the midline, or choose another body level."
        )
    params = [("midline", plane.words())]
    told = f"Midline at {plane.words()}."
    lo_hu, hi_hu, snap_mm = number(values, "lo_hu"), number(values, "hi_hu"), number(values, "snap_mm")
    share: float | None = None
    if snap_mm > 0 or values["only_muscle"]:
        mask, far = snapped(ctx, mask, snap_mm, lo_hu, hi_hu)
        muscle = Mask.from_block(mask.box, mask.block_kji & in_range(hu_at(ctx, mask.box), lo_hu, hi_hu))
        share = 100.0 * muscle.n_voxels / mask.n_voxels
        params += [("snapped_by_mm", f"{far:.2f}"), ("in_ct_range_percent", f"{share:.1f}")]
        told += f" Moved {far:.1f} mm; {share:.0f} % lies in {lo_hu:g} to {hi_hu:g} HU."
        if values["only_muscle"]:
            mask, share = muscle, None
            if mask.is_empty:
                raise AtsmError("No voxel of the mirrored ROI lies in the CT range.", "Widen the range.")
    notices = [Notice("mirrored", Severity.INFO, told, scan_id=ctx.scan.id)]
    if share is not None and share < _ENOUGH_MUSCLE_PERCENT:
        text = (
            f"Only {share:.0f} % of the mirrored ROI lies in {lo_hu:g} to {hi_hu:g} HU: it is not all muscle."
        )
        remedy = "Move the midline, snap farther, or keep only voxels in that range."
        notices.append(Notice("mirror_not_muscle", Severity.WARNING, text, remedy, ctx.scan.id))
    common = mask.intersect(ctx.roi.mask).n_voxels
    if common:
        text = f"“{ctx.roi.name}” reaches across the midline: {common} voxels are in both ROIs."
        notices.append(Notice("mirror_overlap", Severity.WARNING, text, "Check the midline.", ctx.scan.id))
    role = ctx.roi.role if values["role"] == "same" else Role(str(values["role"]))
    new = NewRoi(f"{ctx.roi.name[:54]} mirrored", mask, role)
    return OperationResult(new=(new,), params=tuple(params), notices=tuple(notices))


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    snap = 0.0 if ctx.scan.ct is None else round(_SNAP_VOXELS * max(ctx.geometry.spacing_kji_mm), 2)
    # The other side of a tumour is looked at as a reference.
    role = "muscle" if ctx.roi.role is Role.TUMOUR else "same"
    return with_body_source(with_defaults(options, snap_mm=snap, role=role), ctx)


MIRROR = Operation(
    id="mirror",
    title="Mirror to the other side",
    tip="Adds a copy on the other side of the fitted body midline, moved to where the CT shows muscle.",
    group="Copy and move",
    run=_run,
    options=(
        OptionSpec("offset_mm", "Move the midline to the left by", 0.0, "mm", -200.0, 200.0, 0.5),
        OptionSpec("snap_mm", "Snap to muscle within", 0.0, "mm", 0.0, 50.0, 0.5),
        OptionSpec("lo_hu", "Muscle from", HU_LO, "HU", -1024.0, 3000.0, 10.0),
        OptionSpec("hi_hu", "Muscle to", HU_HI, "HU", -1024.0, 3000.0, 10.0),
        OptionSpec("only_muscle", "Only voxels in that range", False),
        OptionSpec(
            "role", "Role of the copy", "same",
            choices=(("same", "the same"), *((r.value, r.value) for r in Role)),
        ),
        *BODY_OPTIONS,
    ),
    refine=_refine,
    makes="adds",
    needs_pet=True,
)  # fmt: skip
