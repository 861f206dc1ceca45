"""The command line: parses, runs, and turns errors into words and exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from atsm_viewer import __version__
from atsm_viewer.cli import backups, deidentify, info, measure, pack, recover, sample, verify
from atsm_viewer.cli.console import print_anything
from atsm_viewer.cli.exit_codes import DATA_ERRORS, USAGE
from atsm_viewer.cli.usage import UsageError
from atsm_viewer.domain.errors import AtsmError

SUBCOMMANDS = (info, measure, recover, sample, verify, pack, deidentify, backups)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="atsm-viewer",
        description="Paint tumour and muscle on PET/CT and read SUV and tumour-to-muscle ratios. "
        "Research use only; never a diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"ATSM Viewer {__version__}")
    inner = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in SUBCOMMANDS:
        sub = inner.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    opener = inner.add_parser("open", help="Open the window on a project, images or a folder.")
    opener.add_argument("path", nargs="?", help="project, image file or folder; nothing opens the start page")
    opener.set_defaults(run=_no_window_here)
    return parser


def _no_window_here(arguments: argparse.Namespace) -> int:
    raise UsageError("“open” takes one path at most and no options.")


def main(argv: Sequence[str]) -> int:
    """Run a subcommand; returns the exit code."""
    print_anything()
    parser = build_parser()
    try:
        arguments = parser.parse_args(list(argv))
    except SystemExit as stop:  # argparse has told the person already
        return int(stop.code or 0)
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        sys.stderr.write(f"atsm-viewer: {error}\n")
        return USAGE
    except AtsmError as error:
        sys.stderr.write(f"atsm-viewer: {error.user_message}\n")
        if error.hint:
            sys.stderr.write(f"  {error.hint}\n")
        return DATA_ERRORS
