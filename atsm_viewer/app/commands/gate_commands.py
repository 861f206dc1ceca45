"""Switching the gates of the painting tools."""

from __future__ import annotations

from atsm_viewer.app.commands.conditions import active_roi, needs_roi, needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext


def _toggle_ct(ctx: AppContext) -> None:
    ctx.view.set(ct_gate_on=not ctx.view.state.ct_gate_on)


def _needs_ct(ctx: AppContext) -> str:
    scan = next((s for s in ctx.session.state.scans if s.id == ctx.view.state.scan_id), None)
    if scan is None:
        return needs_scan(ctx)
    return "" if scan.ct is not None or ctx.view.state.ct_gate_on else "This scan has no CT."


def _toggle_inside_roi(ctx: AppContext) -> None:
    limited = bool(ctx.view.state.inside_roi_id)
    ctx.view.set(inside_roi_id="" if limited else ctx.view.state.active_roi_id)


def _why_not_inside_roi(ctx: AppContext) -> str:
    if ctx.view.state.inside_roi_id:
        return ""
    roi = active_roi(ctx)
    if roi is None:
        return needs_roi(ctx)
    return f"“{roi.name}” has no voxel yet." if roi.mask.is_empty else ""


def _toggle_slot(ctx: AppContext) -> None:
    ctx.view.set(inside_slot=not ctx.view.state.inside_slot)


GATE_COMMANDS = (
    CommandSpec("tool.gate.ct", "CT gate", "Tools", "Paints only voxels within the CT range (HU).",
                _toggle_ct, (), _needs_ct, lambda ctx: ctx.view.state.ct_gate_on),
    CommandSpec("tool.gate.inside_roi", "Only inside the selected ROI", "Tools",
                "Limits painting to the voxels that the ROI selected now has; select another one to paint.",
                _toggle_inside_roi, (), _why_not_inside_roi, lambda ctx: bool(ctx.view.state.inside_roi_id)),
    CommandSpec("tool.gate.slot", "Only inside one animal", "Tools",
                "Limits painting to the place of the animal that the ROI belongs to.",
                _toggle_slot, (), needs_scan, lambda ctx: ctx.view.state.inside_slot),
)  # fmt: skip
