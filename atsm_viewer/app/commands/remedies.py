"""What the note at the cursor offers when painting was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from atsm_viewer.app.commands.roi_commands import add_roi
from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.edits import SetRoiLocked, SetRoiVisible
from atsm_viewer.domain.roi import Role


def _add(ctx: AppContext) -> None:
    has_tumour = bool(ctx.session.state.rois_of(ctx.view.state.scan_id, Role.TUMOUR))
    add_roi(ctx, Role.MUSCLE if has_tumour else Role.TUMOUR)


def _unlock(ctx: AppContext) -> None:
    roi = ctx.session.state.roi(ctx.view.state.active_roi_id)
    ctx.session.apply(SetRoiLocked(roi.id, False), f"Unlock {roi.name}")


def _show(ctx: AppContext) -> None:
    roi = ctx.session.state.roi(ctx.view.state.active_roi_id)
    ctx.session.apply(SetRoiVisible(roi.id, True), f"Show {roi.name}")
    ctx.view.set(rois_visible=True)


def _pet_gate_off(ctx: AppContext) -> None:
    ctx.view.set(pet_gate=replace(ctx.view.state.pet_gate, on=False))


def _others_gate_off(ctx: AppContext) -> None:
    ctx.view.set(not_over_others=False)


def _spot_gate_off(ctx: AppContext) -> None:
    for tool_id in ("brush", "eraser"):
        ctx.view.set_tool_option(tool_id, "from_spot", False)


REMEDIES: Mapping[str, Callable[[AppContext], None]] = {
    "roi.add": _add,
    "roi.unlock": _unlock,
    "roi.show": _show,
    "gate.pet.off": _pet_gate_off,
    "gate.ct.off": lambda ctx: ctx.view.set(ct_gate_on=False),
    "gate.others.off": _others_gate_off,
    "gate.inside_roi.off": lambda ctx: ctx.view.set(inside_roi_id=""),
    "gate.slot.off": lambda ctx: ctx.view.set(inside_slot=False),
    "gate.spot.off": _spot_gate_off,
}


def why_no_remedy(ctx: AppContext) -> str:
    """Return why there is nothing to remedy, or an empty text."""
    return "" if _offered(ctx) is not None else "Nothing was refused."


def run_remedy(ctx: AppContext) -> None:
    """Do what the last refusal offered."""
    offered, refusal = _offered(ctx), ctx.painter.last_refusal
    if offered is not None and refusal is not None:
        ctx.painter.last_refusal = None
        offered(ctx)
        ctx.port.show_message(refusal.remedy)


def _offered(ctx: AppContext) -> Callable[[AppContext], None] | None:
    refusal = ctx.painter.last_refusal
    return REMEDIES.get(refusal.remedy_command or "") if refusal is not None else None
