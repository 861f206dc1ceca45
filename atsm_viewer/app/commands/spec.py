"""One record per user action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from atsm_viewer.app.context import AppContext


def always(ctx: AppContext) -> str:
    """Return the empty reason: the command can always run."""
    return ""


@dataclass(frozen=True)
class CommandSpec:
    """A named user action; generates menu, shortcut, tooltip, palette and help.

    Parameters
    ----------
    id
        Stable name, for example ``file.save``.
    title
        Words on screen, sentence case; ends with “…” only where more input follows.
    menu
        Path in the menu bar, for example ``File`` or ``View/CT window``.
    tip
        One sentence for tooltip and help.
    run
        What it does; raises AtsmError when it cannot.
    shortcuts
        Key sequences, the first one is shown.
    why_not
        Returns the reason why it cannot run now, or an empty text.
    checked
        For actions that are on or off: whether it is on.
    starts_group
        Whether a separator stands above it in the menu.
    """

    id: str
    title: str
    menu: str
    tip: str
    run: Callable[[AppContext], object]
    shortcuts: tuple[str, ...] = ()
    why_not: Callable[[AppContext], str] = always
    checked: Callable[[AppContext], bool] | None = None
    starts_group: bool = False
