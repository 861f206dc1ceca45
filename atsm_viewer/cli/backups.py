"""``backups``: list the earlier versions of a project, and restore one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.backups import restore_version, versions_of
from atsm_viewer.cli.console import write_json, write_table
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE
from atsm_viewer.cli.usage import UsageError

NAME = "backups"
HELP = "List the earlier versions of a project, or restore one; the present version is kept."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("project", type=Path, help="project (.atsm)")
    parser.add_argument("--restore", type=int, metavar="N", help="restore version N of the list")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """List, or restore one."""
    versions = versions_of(arguments.project)
    if arguments.restore is not None:
        if not 1 <= arguments.restore <= len(versions):
            raise UsageError(f"--restore {arguments.restore}: there are {len(versions)} earlier versions.")
        chosen = versions[arguments.restore - 1]
        kept = restore_version(arguments.project, chosen)
        sys.stdout.write(f"restored {arguments.project.name} of {chosen.saved:%Y-%m-%d %H:%M:%S} UTC\n")
        sys.stdout.write(f"the version before is kept as {kept}\n" if kept is not None else "")
        return DONE
    if arguments.json:
        rows = [{"n": n, "saved_utc": v.saved.isoformat(), "bytes": v.size, "path": str(v.path)}
                for n, v in enumerate(versions, start=1)]  # fmt: skip
        write_json({"versions": rows})
    elif versions:
        table = [(str(n), f"{v.saved:%Y-%m-%d %H:%M:%S}", str(v.size), v.path.name)
                 for n, v in enumerate(versions, start=1)]  # fmt: skip
        write_table(("N", "Saved (UTC)", "Bytes", "File"), table)
    else:
        sys.stdout.write("there are no earlier versions\n")
    return DONE if versions else DATA_ERRORS
