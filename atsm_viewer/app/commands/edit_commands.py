"""Undo and redo."""

from __future__ import annotations

from atsm_viewer.app.commands.conditions import needs_redo, needs_undo
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext


def _undo(ctx: AppContext) -> None:
    ctx.painter.cancel()
    label = ctx.session.undo()
    if label:
        ctx.port.show_message(f"Undone: {label}")


def _redo(ctx: AppContext) -> None:
    ctx.painter.cancel()
    label = ctx.session.redo()
    if label:
        ctx.port.show_message(f"Redone: {label}")


EDIT_COMMANDS = (
    CommandSpec("edit.undo", "Undo", "Edit", "Takes back the last step.", _undo, ("Ctrl+Z",), needs_undo),
    CommandSpec(
        "edit.redo",
        "Redo",
        "Edit",
        "Does the last undone step again.",
        _redo,
        ("Ctrl+Y", "Ctrl+Shift+Z"),
        needs_redo,
    ),
)
