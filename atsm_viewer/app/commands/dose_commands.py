"""The dose card: going there, asking what is missing, tables."""

from __future__ import annotations

from collections.abc import Sequence

from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.dose_table import DoseRow, parse_dose_table, read_dose_file, table_edit
from atsm_viewer.app.missing_facts import missing_facts


def _load(ctx: AppContext) -> None:
    path = ctx.port.choose_open_file(
        "Load dose table", "Dose tables (*.csv *.tsv *.txt *.json);;All files (*)"
    )
    if path is not None:
        enter_rows(ctx, read_dose_file(path), "Load dose table")


def _paste(ctx: AppContext) -> None:
    enter_rows(ctx, parse_dose_table(ctx.port.clipboard_text() or "", "the clipboard"), "Paste dose table")


def enter_rows(ctx: AppContext, rows: Sequence[DoseRow], label: str) -> None:
    """Enter the rows of a dose table as one step and tell what was done.

    Raises
    ------
    AtsmError
        When no row fits; nothing changed.
    """
    edit, left = table_edit(ctx.session.state, rows)
    changed = ctx.session.apply(edit, label)
    words = "Dose table entered." if changed else "The dose card says the same already."
    if left:
        words += f" Rows for other subjects were left out: {', '.join(left[:5])}."
    ctx.port.show_message(words)


def _nothing_missing(ctx: AppContext) -> str:
    reason = needs_scan(ctx)
    state, view = ctx.session.state, ctx.view.state
    scan = next((s for s in state.scans if s.id == view.scan_id), None)
    if reason or scan is None:
        return reason or "Open a PET first."
    if any(missing_facts(scan, state.administration(slot.administration_id)) for slot in scan.slots):
        return ""
    return "Nothing is missing."


DOSE_COMMANDS = (
    CommandSpec("dose.edit", "Go to dose card", "Edit", "Brings the dose card to the front, ready to type.",
                lambda ctx: ctx.port.show_dose_card(), ("Ctrl+I",), needs_scan, starts_group=True),
    CommandSpec("dose.missing", "Enter missing facts…", "Edit",
                "Asks once for everything that SUV still needs, with the reason.",
                lambda ctx: ctx.port.ask_missing_facts(), ("Ctrl+J",), _nothing_missing),
    CommandSpec("dose.load", "Load dose table…", "Edit",
                "Reads weights, doses and times from a CSV table or a JSON sidecar.", _load, (), needs_scan),
    CommandSpec("dose.paste", "Paste dose table", "Edit",
                "Reads weights, doses and times from a table on the clipboard.", _paste, (), needs_scan),
)  # fmt: skip
