"""Adding, naming, showing, protecting and removing ROIs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from atsm_viewer.app.commands.conditions import active_roi, needs_roi, needs_scan, needs_unlocked_roi
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.opening import inner_voxel_lps
from atsm_viewer.domain.edits import (
    AddRoi,
    RecolourRoi,
    RemoveRoi,
    RenameRoi,
    SetRoiLocked,
    SetRoiRole,
    SetRoiVisible,
)
from atsm_viewer.domain.ids import new_id
from atsm_viewer.domain.roi import Roi, Role
from atsm_viewer.domain.state import SessionState


def free_name(state: SessionState, stem: str) -> str:
    """Return the first of “Stem 1”, “Stem 2” … that no ROI has."""
    taken = {r.name for r in state.rois}
    n = 1
    while f"{stem} {n}" in taken:
        n += 1
    return f"{stem} {n}"


def add_roi(ctx: AppContext, role: Role) -> str:
    """Add an empty ROI to the scan shown, put it in hand and return its id."""
    state = ctx.session.state
    scan = state.scan(ctx.view.state.scan_id)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    stem = "Region" if role is Role.OTHER else role.value.capitalize()
    roi = Roi(
        id=new_id("roi"),
        name=free_name(state, stem),
        role=role,
        scan_id=scan.id,
        subject_id=scan.first_slot.subject_id,
        created_utc=now,
        modified_utc=now,
    )
    ctx.session.apply(AddRoi(roi), f"Add {roi.name}")
    ctx.view.set(active_roi_id=roi.id)
    return roi.id


def _adder(role: Role) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        add_roi(ctx, role)
        # A new ROI is made to be painted: put the brush in hand unless a painting tool is there.
        if not ctx.painter.is_painting_tool:
            ctx.view.set(tool_id="brush")

    return run


def _rename(ctx: AppContext) -> None:
    roi = _the_roi(ctx)
    name = ctx.port.ask_text("Rename ROI", "Name", roi.name)
    if name is not None:
        ctx.session.apply(RenameRoi(roi.id, name), f"Rename {roi.name}")


def _recolour(ctx: AppContext) -> None:
    roi = _the_roi(ctx)
    colour = ctx.port.ask_colour("Colour of the ROI", roi.shown_colour)
    if colour is not None:
        ctx.session.apply(RecolourRoi(roi.id, colour), f"Recolour {roi.name}")


def _duplicate(ctx: AppContext) -> None:
    roi = _the_roi(ctx)
    state = ctx.session.state
    now = datetime.now(UTC).isoformat(timespec="seconds")
    stem = roi.name.rstrip("0123456789 ") or roi.name
    copy = replace(
        roi, id=new_id("roi"), name=free_name(state, stem), locked=False, visible=True, tracking_uid="",
        created_utc=now, modified_utc=now,
    )  # fmt: skip
    position = state.rois.index(roi) + 1
    ctx.session.apply(AddRoi(copy, position), f"Duplicate {roi.name}")
    ctx.view.set(active_roi_id=copy.id)


def remove_roi(ctx: AppContext, roi_id: str) -> None:
    """Remove a ROI (undoable) and put its neighbour in hand."""
    state = ctx.session.state
    roi = state.roi(roi_id)
    at = state.rois.index(roi)
    ctx.session.apply(RemoveRoi(roi_id), f"Delete {roi.name}")
    if ctx.view.state.active_roi_id == roi_id:
        left = ctx.session.state.rois
        ctx.view.set(active_roi_id=left[min(at, len(left) - 1)].id if left else "")


def _toggle_visible(ctx: AppContext) -> None:
    roi = _the_roi(ctx)
    verb = "Hide" if roi.visible else "Show"
    ctx.session.apply(SetRoiVisible(roi.id, not roi.visible), f"{verb} {roi.name}")


def _toggle_locked(ctx: AppContext) -> None:
    roi = _the_roi(ctx)
    verb = "Unlock" if roi.locked else "Lock"
    ctx.session.apply(SetRoiLocked(roi.id, not roi.locked), f"{verb} {roi.name}")


def _stepper(step: int) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        rois = ctx.session.state.rois_of(ctx.view.state.scan_id)
        ids = [r.id for r in rois]
        if not ids:
            return
        now = ctx.view.state.active_roi_id
        at = (ids.index(now) + step) % len(ids) if now in ids else 0
        ctx.view.set(active_roi_id=ids[at])

    return run


def _needs_rois(ctx: AppContext) -> str:
    return "" if ctx.session.state.rois else "There is no ROI yet."


def _role_setter(role: Role) -> CommandSpec:
    def run(ctx: AppContext) -> None:
        roi = _the_roi(ctx)
        ctx.session.apply(SetRoiRole(roi.id, role), f"Make {roi.name} {role.value}")

    def checked(ctx: AppContext) -> bool:
        roi = active_roi(ctx)
        return roi is not None and roi.role is role

    return CommandSpec(
        f"roi.role.{role.value}", role.value.capitalize(), "ROI/Role", f"The selected ROI is {role.value}.",
        run, (), needs_unlocked_roi, checked,
    )  # fmt: skip


def jump_to_roi(ctx: AppContext, roi_id: str) -> None:
    """Put the crosshair in the middle of a ROI, on one of its voxels."""
    roi = ctx.session.state.roi(roi_id)
    if roi.mask.is_empty:
        return
    ctx.view.set(cursor_lps=inner_voxel_lps(roi.mask, ctx.session.state.scan(roi.scan_id).pet_geometry))


def _jump(ctx: AppContext) -> None:
    jump_to_roi(ctx, _the_roi(ctx).id)


def _delete(ctx: AppContext) -> None:
    remove_roi(ctx, _the_roi(ctx).id)


def _the_roi(ctx: AppContext) -> Roi:
    return ctx.session.state.roi(ctx.view.state.active_roi_id)


ROI_COMMANDS = (
    CommandSpec("roi.add.tumour", "Add tumour ROI", "ROI", "Adds a tumour ROI and takes the brush.",
                _adder(Role.TUMOUR), ("T",), needs_scan),
    CommandSpec("roi.add.muscle", "Add muscle ROI", "ROI", "Adds a muscle ROI and takes the brush.",
                _adder(Role.MUSCLE), ("M",), needs_scan),
    CommandSpec("roi.add.other", "Add other ROI", "ROI", "Adds a ROI of another kind and takes the brush.",
                _adder(Role.OTHER), ("N",), needs_scan),
    CommandSpec("roi.rename", "Rename…", "ROI", "Gives the selected ROI another name.",
                _rename, ("F2",), needs_roi, starts_group=True),
    CommandSpec("roi.recolour", "Colour…", "ROI", "Gives the selected ROI another colour.",
                _recolour, (), needs_roi),
    *(_role_setter(role) for role in Role),
    CommandSpec("roi.duplicate", "Duplicate", "ROI", "Adds a copy of the selected ROI.",
                _duplicate, ("Ctrl+D",), needs_roi),
    CommandSpec("roi.visible", "Visible", "ROI", "Shows or hides the selected ROI.",
                _toggle_visible, ("H",), needs_roi,
                lambda ctx: (roi := active_roi(ctx)) is not None and roi.visible, starts_group=True),
    CommandSpec("roi.locked", "Locked", "ROI", "Protects the selected ROI against editing, or releases it.",
                _toggle_locked, ("L",), needs_roi,
                lambda ctx: (roi := active_roi(ctx)) is not None and roi.locked),
    CommandSpec("roi.jump", "Go to ROI", "ROI", "Puts the crosshair into the selected ROI.",
                _jump, ("G",), needs_roi),
    CommandSpec("roi.next", "Next ROI", "ROI", "Selects the next ROI.", _stepper(1), (".",), _needs_rois),
    CommandSpec("roi.previous", "Previous ROI", "ROI", "Selects the previous ROI.",
                _stepper(-1), (",",), _needs_rois),
    CommandSpec("roi.delete", "Delete", "ROI", "Removes the selected ROI; undo brings it back.",
                _delete, ("Del",), needs_unlocked_roi, starts_group=True),
)  # fmt: skip
