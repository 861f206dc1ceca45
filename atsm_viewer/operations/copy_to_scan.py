"""Copy a ROI to another scan by position."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import NewRoi, Operation, OperationContext, OperationResult, Values


def on_grid(mask: Mask, source: Geometry, target: Geometry) -> Mask:
    """Voxels of a grid whose centre lies in a voxel of a mask of another grid, both in LPS mm."""
    if mask.is_empty:
        return mask
    ends = np.array([mask.box.lo_kji, mask.box.hi_kji]) - 0.5
    corners = source.index_to_lps(
        [[ends[a][0], ends[b][1], ends[c][2]] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    )
    reach = target.lps_to_index(corners)
    lo, hi = np.floor(reach.min(axis=0)), np.ceil(reach.max(axis=0)) + 1
    box = Box(tuple(int(v) for v in lo), tuple(int(v) for v in hi)).intersect(target.box)  # type: ignore[arg-type]
    if box.is_empty:
        return Mask.empty()
    block = np.zeros(box.shape_kji, dtype=np.bool_)
    index = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(box.lo_kji, box.hi_kji, strict=True)),
                                 indexing="ij"), axis=-1)  # fmt: skip
    nearest = np.floor(source.lps_to_index(target.index_to_lps(index)) + 0.5 + 1e-9).astype(np.intp)
    local = nearest - np.array(mask.box.lo_kji)
    inside = np.all((local >= 0) & (local < mask.box.shape_kji), axis=-1)
    block[inside] = mask.block_kji[tuple(local[inside].T)]
    return Mask.from_block(box, block)


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    if not values["scan"]:
        raise AtsmError("There is no other scan in this session.", "Add one first.")
    target = ctx.state.scan(str(values["scan"]))
    mask = on_grid(ctx.roi.mask, ctx.geometry, target.pet_geometry)
    if mask.is_empty:
        raise AtsmError(
            f"“{ctx.roi.name}” lies outside the PET of scan “{target.label}”.", "Nothing was changed."
        )
    slot = target.slot_of(ctx.roi.subject_id) or target.first_slot
    before = ctx.roi.mask.n_voxels * ctx.geometry.voxel_volume_ml
    after = mask.n_voxels * target.pet_geometry.voxel_volume_ml
    frame, other = ctx.geometry.frame_of_reference_uid, target.pet_geometry.frame_of_reference_uid
    text = (
        f"“{ctx.roi.name}” was copied from scan “{ctx.scan.label}” by position; alignment not checked. "
        f"Volume {before:.4g} mL, copy {after:.4g} mL."
    )
    kept = Notice(
        "alignment_not_checked", Severity.WARNING, text, "Compare with the image and move it.", target.id
    )
    params = (
        ("alignment", "not checked"),
        ("frame_of_reference", "same" if frame and frame == other else "different or unknown"),
        ("from_scan", ctx.scan.label),
        ("from_roi", ctx.roi.name),
    )
    new = NewRoi(ctx.roi.name, mask, ctx.roi.role, target.id, slot.subject_id)
    return OperationResult(new=(new,), params=params, notices=(kept,))


def _refine(options: tuple[OptionSpec, ...], ctx: OperationContext) -> tuple[OptionSpec, ...]:
    found = tuple(
        (s.id, s.label or f"Scan {n}") for n, s in enumerate(ctx.state.scans, start=1) if s.id != ctx.scan.id
    )
    if not found:
        return options
    return tuple(replace(o, default=found[0][0], choices=found) for o in options)


COPY_TO_SCAN = Operation(
    id="copy_to_scan",
    title="Copy to another scan",
    tip="Adds a copy at the same position in another scan; a ROI holds for all frames of its scan anyway.",
    group="Copy and move",
    run=_run,
    options=(OptionSpec("scan", "Scan", "", choices=(("", "There is no other scan"),)),),
    refine=_refine,
    makes="adds",
)
