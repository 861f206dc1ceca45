"""One command per operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from atsm_viewer.app.commands.conditions import active_roi
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.operations_run import run_operation
from atsm_viewer.operations import OPERATIONS, Operation

_SHORTCUTS: Mapping[str, str] = {
    "threshold": "Ctrl+T",
    "percent_of_max": "Ctrl+Shift+T",
    "seeds": "Ctrl+G",
    "interpolate": "Ctrl+Shift+I",
    "grow": "Ctrl+Shift+G",
    "shrink": "Ctrl+Shift+H",
    "smooth": "Ctrl+Shift+M",
    "fill_holes": "Ctrl+Shift+F",
    "keep_largest": "Ctrl+L",
    "combine": "Ctrl+U",
    "copy_to_slice": "Ctrl+Shift+D",
    "mirror": "Ctrl+M",
    "clear": "Shift+Del",
    "nudge_right": "Ctrl+Shift+Left",
    "nudge_left": "Ctrl+Shift+Right",
    "nudge_front": "Ctrl+Shift+Up",
    "nudge_back": "Ctrl+Shift+Down",
    "nudge_head": "Ctrl+Shift+PgUp",
    "nudge_feet": "Ctrl+Shift+PgDown",
}


def _runner(operation: Operation) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        if operation.options:
            ctx.port.edit_options(operation)
        else:
            run_operation(ctx, operation)

    return run


def _condition(operation: Operation) -> Callable[[AppContext], str]:
    def why_not(ctx: AppContext) -> str:
        roi = active_roi(ctx)
        if roi is None:
            return "Select a ROI first."
        return operation.why_not(ctx.session.state.scan(roi.scan_id), roi)

    return why_not


def _command(operation: Operation, starts_group: bool) -> CommandSpec:
    shortcut = _SHORTCUTS.get(operation.id)
    return CommandSpec(
        f"op.{operation.id}",
        f"{operation.title}…" if operation.options else operation.title,
        "ROI/Operations",
        operation.tip,
        _runner(operation),
        (shortcut,) if shortcut else (),
        _condition(operation),
        starts_group=starts_group,
    )


OPERATION_COMMANDS = tuple(
    _command(operation, bool(n) and OPERATIONS[n - 1].group != operation.group)
    for n, operation in enumerate(OPERATIONS)
)
