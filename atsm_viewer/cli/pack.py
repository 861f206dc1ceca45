"""``pack``: a copy of a project with its images inside and without identifiers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.image_places import ImagePlaces, places_file
from atsm_viewer.app.sending import copy_project
from atsm_viewer.cli.exit_codes import DONE

NAME = "pack"
HELP = "Write a copy of a project with its PET inside and without identifiers, fit to be sent."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("project", type=Path, help="project (.atsm)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the copy; it must not exist")
    parser.add_argument("--ct", action="store_true", help="pack the CT too")
    parser.add_argument("--images", action="append", default=[], type=Path, metavar="DIR",
                        help="look for moved images there too")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write the copy."""
    embeds = ("pet", "ct") if arguments.ct else ("pet",)
    sent = copy_project(
        arguments.project, arguments.out, embeds=embeds, images=tuple(arguments.images),
        places=ImagePlaces(places_file()),
    )  # fmt: skip
    sys.stdout.write(sent.words() + "\n")
    return DONE
