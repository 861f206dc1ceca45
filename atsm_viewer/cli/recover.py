"""``recover``: list the work of programs that died, and write it as projects."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from atsm_viewer.app.autosave import autosave_root
from atsm_viewer.app.recovery import RecoverableWork, find_work
from atsm_viewer.app.recovery_export import write_recovered
from atsm_viewer.cli.console import write_json
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE
from atsm_viewer.cli.usage import UsageError
from atsm_viewer.domain.errors import AtsmError

NAME = "recover"
HELP = "List work that was not saved when the program ended unexpectedly, and write it as projects."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--list", action="store_true", help="list what can be recovered (the default)")
    parser.add_argument("--to", type=Path, metavar="DIR", help="write each work as a project into DIR")
    parser.add_argument(
        "--discard", action="store_true", help="with --to: delete each journal once its project is written"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """List or write; 1 when some work could not be written whole."""
    if arguments.discard and arguments.to is None:
        raise UsageError("--discard needs --to DIR: nothing is deleted that was not written.")
    if arguments.list and arguments.to is not None:
        raise UsageError("choose --list or --to DIR.")
    root = autosave_root()
    works = find_work(root)
    entries = [_plain(work) for work in works]
    whole = True
    if arguments.to is not None:
        for work, entry in zip(works, entries, strict=True):
            try:
                written = write_recovered(root, work, arguments.to, discard=arguments.discard)
            except AtsmError as error:
                entry["error"] = error.user_message
                whole = False
                continue
            entry["written"] = str(written.path)
            entry["problems"] = list(written.problems)
            whole = whole and not written.problems
    if arguments.json:
        write_json({"recoverable": entries})
    else:
        _print(entries)
    return DONE if whole else DATA_ERRORS


def _plain(work: RecoverableWork) -> dict[str, Any]:
    return {
        "title": work.title,
        "project": work.place,
        "last_change": work.last_change,
        "n_steps": work.n_steps,
        "steps": list(work.labels),
        "note": work.note,
        "journal": str(work.journal),
    }


def _print(entries: list[dict[str, Any]]) -> None:
    if not entries:
        sys.stdout.write("There is no unsaved work to recover.\n")
    for entry in entries:
        sys.stdout.write(f"{entry['title']} ({entry['project']})\n")
        sys.stdout.write(f"  {entry['n_steps']} steps, last change {entry['last_change'] or 'unknown'}\n")
        for label in entry["steps"][-5:]:
            sys.stdout.write(f"    {label}\n")
        for words in (entry["note"], *entry.get("problems", ())):
            if words:
                sys.stdout.write(f"  note: {words}\n")
        if "written" in entry:
            sys.stdout.write(f"  written: {entry['written']}\n")
        if "error" in entry:
            sys.stdout.write(f"  not written: {entry['error']}\n")
