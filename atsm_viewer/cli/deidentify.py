"""``deidentify``: a copy of a project without identifiers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.image_places import ImagePlaces, places_file
from atsm_viewer.app.sending import copy_project
from atsm_viewer.cli.exit_codes import DONE

NAME = "deidentify"
HELP = "Write a copy of a project with new UIDs, pseudonyms and shifted dates; the numbers stay."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("project", type=Path, help="project (.atsm)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the copy; it must not exist")
    parser.add_argument("--images", action="append", default=[], type=Path, metavar="DIR",
                        help="look for moved images there too")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write the copy."""
    sent = copy_project(
        arguments.project, arguments.out, embeds=(), images=tuple(arguments.images),
        places=ImagePlaces(places_file()),
    )  # fmt: skip
    sys.stdout.write(sent.words() + "\n")
    return DONE
