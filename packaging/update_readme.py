"""Writes the tables of keys and mouse actions, and the help of the command line, into README.md.

``python packaging/update_readme.py`` rewrites README.md; with ``--check`` it only says whether the
file is up to date (exit code 1 when it is not). Run it with the Python the program is installed in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from atsm_viewer.app.commands import COMMANDS
from atsm_viewer.app.commands.mouse_table import MOUSE_ACTIONS
from atsm_viewer.cli.main import build_parser

README = Path(__file__).resolve().parents[1] / "README.md"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _keys(shortcuts: tuple[str, ...]) -> str:
    return " or ".join(f"`{key}`" for key in shortcuts)


def keys_table() -> str:
    """Return the table of every command that has a key."""
    lines = ["| Key | Command | What it does |", "|---|---|---|"]
    lines += [
        f"| {_keys(c.shortcuts)} | {_cell(c.title)} | {_cell(c.tip)} |" for c in COMMANDS if c.shortcuts
    ]
    return "\n".join(lines)


def mouse_actions_table() -> str:
    """Return the table of mouse actions."""
    lines = ["| Action | Hand |", "|---|---|"]
    lines += [f"| {_cell(m.action)} | {_cell(m.binding)} |" for m in MOUSE_ACTIONS]
    return "\n".join(lines)


def command_line_help() -> str:
    """Return what ``atsm-viewer --help`` prints."""
    # argparse wraps at the width of the terminal; the file must not depend on it.
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    try:
        return f"```text\n{build_parser().format_help().rstrip()}\n```"
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


PARTS: dict[str, Callable[[], str]] = {
    "keys": keys_table,
    "mouse": mouse_actions_table,
    "command-line": command_line_help,
}


def updated(text: str) -> str:
    """Return a README with every generated part written anew.

    Raises
    ------
    ValueError
        When the markers of a part are missing.
    """
    for name, make in PARTS.items():
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->"
        head, found, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"README.md has no part {begin.strip()} … {end}")
        text = f"{head}{begin}{make()}\n{end}{tail}"
    return text


def main(arguments: list[str]) -> int:
    """Write or check README.md."""
    now = README.read_text(encoding="utf-8")
    wanted = updated(now)
    if "--check" in arguments:
        if now != wanted:
            sys.stderr.write("README.md is out of date: run python packaging/update_readme.py\n")
        return int(now != wanted)
    if now != wanted:
        README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
