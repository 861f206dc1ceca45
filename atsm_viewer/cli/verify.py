"""``verify``: recompute projects and compare with what they stored."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.image_places import ImagePlaces, places_file
from atsm_viewer.app.verification import projects_in, verify_all, verify_project
from atsm_viewer.cli.console import write_json
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE

NAME = "verify"
HELP = "Recompute the numbers of projects and compare them with the ones stored at their last save."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "project", type=Path, nargs="+", help="projects, or folders that are looked through for projects"
    )
    parser.add_argument(
        "--images",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="look for moved images there too",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Verify; 1 when a number differs or cannot be recomputed."""
    found = projects_in(arguments.project)
    if not found:
        sys.stderr.write("atsm-viewer: there is no project in what was named.\n")
        return DATA_ERRORS
    places = ImagePlaces(places_file())
    single = len(arguments.project) == 1 and not arguments.project[0].is_dir()
    if single:
        every = iter([verify_project(found[0], search=arguments.images, places=places)])
    else:  # one that cannot be read must not end the rest
        every = verify_all(found, search=arguments.images, places=places)
    reports = []
    for report in every:
        reports.append(report)
        if not arguments.json:
            sys.stdout.write("\n".join(report.lines()) + "\n")
    good = sum(r.agrees for r in reports)
    if arguments.json and single:
        write_json(reports[0].to_json())
    elif arguments.json:
        each = [{"path": str(r.path), **r.to_json()} for r in reports]
        write_json(
            {"agrees": good == len(reports), "n_projects": len(reports), "n_agree": good, "projects": each}
        )
    elif not single:
        sys.stdout.write(f"{good} of {len(reports)} projects agree\n")
    return DONE if good == len(reports) else DATA_ERRORS
