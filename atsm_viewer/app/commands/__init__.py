"""COMMANDS: one ``CommandSpec`` per user action.

May import: everything that ``app`` may. The table generates menus, tooltips, the palette, the
help page and the list of keys in the README; a window adds nothing of its own.
To add one: a ``CommandSpec`` in the file of its family.
Guarded by: ``tests/contracts/test_commands.py``.
"""

from __future__ import annotations

from atsm_viewer.app.commands.dose_commands import DOSE_COMMANDS
from atsm_viewer.app.commands.edit_commands import EDIT_COMMANDS
from atsm_viewer.app.commands.file_commands import FILE_COMMANDS
from atsm_viewer.app.commands.help_commands import HELP_COMMANDS
from atsm_viewer.app.commands.operation_commands import OPERATION_COMMANDS
from atsm_viewer.app.commands.project_commands import PROJECT_COMMANDS
from atsm_viewer.app.commands.roi_commands import ROI_COMMANDS
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.commands.tool_commands import TOOL_COMMANDS
from atsm_viewer.app.commands.view_commands import VIEW_COMMANDS

COMMANDS: tuple[CommandSpec, ...] = (
    *FILE_COMMANDS,
    *PROJECT_COMMANDS,
    *EDIT_COMMANDS,
    *DOSE_COMMANDS,
    *ROI_COMMANDS,
    *OPERATION_COMMANDS,
    *TOOL_COMMANDS,
    *VIEW_COMMANDS,
    *HELP_COMMANDS,
)

__all__ = ["COMMANDS", "CommandSpec", "command"]


def command(command_id: str) -> CommandSpec:
    """Return a command; raises KeyError for an unknown one."""
    for spec in COMMANDS:
        if spec.id == command_id:
            return spec
    raise KeyError(command_id)
