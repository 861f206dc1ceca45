"""Running an operation on a ROI: values in, one undoable step out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.domain.edits import AddNotices, AddRoi, Batch, Edit, SetMask
from atsm_viewer.domain.ids import new_id
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.options import OptionValue
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.muscle_mean import muscle_mean
from atsm_viewer.metrics.roi_frame import RoiFrame
from atsm_viewer.operations import Operation, OperationContext, OperationResult

_MAX_NAME = 64


def operation_context(
    ctx: AppContext, roi_id: str = "", check: Callable[[], None] = lambda: None
) -> OperationContext:
    """Return what an operation may know now; raises AtsmError when the ROI is gone.

    Parameters
    ----------
    ctx
        Session and view.
    roi_id
        Which ROI; the one in hand when empty.
    check
        Raises when the person asked to stop.
    """
    state, view = ctx.session.state, ctx.view.state
    roi = state.roi(roi_id or view.active_roi_id)
    scan = state.scan(roi.scan_id)
    frame = view.frame if view.scan_id == scan.id else 0
    scales = RoiFrame.of(state, roi, frame, with_peaks=False).scales
    suv_k = None
    if scales.suv.factor is not None:
        per_slice = scales.suv.slice_factors or (1.0,) * scan.pet_geometry.shape_kji[0]
        suv_k = np.asarray(per_slice, dtype=np.float64) * scales.suv.factor
    even = scales.ratio.slice_factors
    return OperationContext(
        state=state,
        scan=scan,
        roi=roi,
        frame=frame,
        cursor_lps=view.cursor_lps,
        suv_k=suv_k,
        even_k=None if even is None else np.asarray(even, dtype=np.float64),
        muscle_mean=muscle_mean(state, scan, frame, roi.subject_id),
        check=check,
    )


def edit_of(given: OperationContext, operation: Operation, result: OperationResult) -> Edit:
    """Return the one edit that carries a result: voxels, new ROIs and notices that are kept."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    method = Method(operation.id, (*result.params, ("before", _lineage(given.roi))))
    edits: list[Edit] = []
    if result.mask is not None:
        edits.append(SetMask(given.roi.id, result.mask, method, now))
    for roi_id, mask in result.others:
        before = ("before", _lineage(given.state.roi(roi_id)))
        edits.append(SetMask(roi_id, mask, Method(operation.id, (*result.params, before)), now))
    position = given.state.rois.index(given.roi) + 1
    state = given.state
    for n, new in enumerate(result.new):
        scan_id = new.scan_id or given.roi.scan_id
        roi = Roi(
            id=new_id("roi"),
            name=_free_name(state, new.name, scan_id),
            role=new.role or given.roi.role,
            scan_id=scan_id,
            subject_id=new.subject_id or given.roi.subject_id,
            colour=given.roi.colour if new.role in (None, given.roi.role) else "",
            mask=new.mask,
            method=method,
            created_utc=now,
            modified_utc=now,
        )
        edit = AddRoi(roi, position + n)
        state = edit.apply(state)
        edits.append(edit)
    kept = tuple(n for n in result.notices if n.severity is not Severity.INFO)
    if kept:
        edits.append(AddNotices(kept))
    return edits[0] if len(edits) == 1 else Batch(tuple(edits))


def _lineage(roi: Roi) -> str:
    """What a ROI had been through before: ``manual, grow, fill_holes``."""
    earlier = dict(roi.method.params).get("before", "")
    by_hand = (
        f" ({roi.edited_voxels} voxels by hand)" if roi.edited_voxels and roi.method.name != "manual" else ""
    )
    return f"{earlier}, {roi.method.name}{by_hand}" if earlier else f"{roi.method.name}{by_hand}"


def _free_name(state: SessionState, name: str, scan_id: str) -> str:
    """Return the name, or the name with a number, that no ROI of the scan has."""
    taken = {r.name for r in state.rois_of(scan_id)}
    free, n = name, 2
    while free in taken:
        free = f"{name[: _MAX_NAME - 4]} {n}"
        n += 1
    return free


def apply_result(
    ctx: AppContext, given: OperationContext, operation: Operation, result: OperationResult
) -> bool:
    """Apply a result as one named step and say what is worth saying; False when nothing changed.

    A result that was worked out for a state that no longer holds is dropped, in words.
    """
    if ctx.session.state is not given.state:
        ctx.port.show_message(
            f"{operation.title}: the session changed meanwhile, so nothing was done. Run it again."
        )
        return False
    edit = edit_of(given, operation, result)
    if not ctx.session.apply(edit, f"{operation.title}: {given.roi.name}"):
        ctx.port.show_message(f"{operation.title}: no voxel of “{given.roi.name}” changes.")
        return False
    known = {r.id for r in given.state.rois}
    added = [r for r in ctx.session.state.rois if r.id not in known]
    if added and added[0].scan_id == ctx.view.state.scan_id:
        ctx.view.set(active_roi_id=added[0].id)
    said = [n.text for n in result.notices]
    if said:
        ctx.port.show_message(" ".join(said))
    return True


def run_operation(
    ctx: AppContext, operation: Operation, values: dict[str, OptionValue] | None = None, roi_id: str = ""
) -> CancelToken | None:
    """Run an operation on a ROI (the one in hand when empty) as a job that can be cancelled.

    Raises
    ------
    AtsmError
        For an instant operation that cannot run; others tell it through the port.
    """
    if operation.instant:
        given = operation_context(ctx, roi_id)
        apply_result(ctx, given, operation, operation.apply(given, values))
        return None
    given = operation_context(ctx, roi_id)

    def work(progress: ProgressFn, cancel: CancelToken) -> OperationResult:
        return operation.apply(replace(given, check=cancel.check), values)

    def done(result: OperationResult) -> None:
        apply_result(ctx, given, operation, result)

    return ctx.jobs.run(f"{operation.title}: {given.roi.name}", work, done, ctx.port.show_error)


@dataclass(frozen=True, slots=True)
class RoiNumbers:
    """What a mask measures, for a preview.

    Parameters
    ----------
    n_voxels, volume_ml
        Its size.
    mean, maximum
        In ``unit``; None where nothing is measured.
    unit
        ``SUV`` or the stored unit.
    tm_mean
        Tumour mean over muscle mean; None for other roles and without muscle.
    """

    n_voxels: int
    volume_ml: float
    mean: float | None = None
    maximum: float | None = None
    unit: str = ""
    tm_mean: float | None = None


def numbers_of(given: OperationContext, mask: Mask) -> RoiNumbers:
    """Return size and uptake of a mask on the grid of the ROI worked on."""
    size = RoiNumbers(mask.n_voxels, mask.n_voxels * given.geometry.voxel_volume_ml)
    pet = given.scan.pet
    if pet is None or mask.is_empty:
        return size
    evened = given.pet(mask.box)
    inside = mask.block_kji & np.isfinite(evened)
    if not inside.any():
        return size
    tm = None
    if given.roi.role is Role.TUMOUR and given.muscle_mean:
        tm = float(evened[inside].mean()) / given.muscle_mean
    unit, values = pet.unit, evened
    if given.suv_k is not None:
        stored = np.asarray(pet.frame_kji(given.frame)[mask.box.slices], dtype=np.float64)
        unit, values = "SUV", stored * given.suv_k[mask.box.slices[0], None, None]
    return replace(
        size, mean=float(values[inside].mean()), maximum=float(values[inside].max()), unit=unit, tm_mean=tm
    )
