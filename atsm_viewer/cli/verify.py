"""``verify``: recompute a project and compare with what it stored."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.verification import verify_project
from atsm_viewer.cli.console import write_json
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE

NAME = "verify"
HELP = "Recompute the numbers of a project and compare them with the ones stored at its last save."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("project", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Verify; 1 when a number differs or cannot be recomputed."""
    report = verify_project(arguments.project)
    if arguments.json:
        write_json(report.to_json())
    else:
        for line in report.lines():
            sys.stdout.write(line + "\n")
    return DONE if report.agrees else DATA_ERRORS
