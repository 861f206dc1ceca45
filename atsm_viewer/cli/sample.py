"""``sample``: make a simulated study with its truth."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.samples import TRUTH_PROJECT, build_sample
from atsm_viewer.cli.exit_codes import DONE

NAME = "sample"
HELP = "Make a simulated 64Cu-ATSM study (DICOM, truth masks and a finished project)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", choices=("mouse", "patient"))
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="new or empty folder for the study"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the study."""
    study = build_sample(arguments.kind, arguments.out)
    sys.stdout.write(f"PET      {study.pet_dir}\nCT       {study.ct_dir}\n")
    sys.stdout.write(f"truth    {study.truth_path}\nproject  {study.root / TRUTH_PROJECT}\n")
    return DONE
