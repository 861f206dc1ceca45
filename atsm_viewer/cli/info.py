"""``info``: what lies in a folder, and whether its values can become SUV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.series_info import FolderInfo, folder_info
from atsm_viewer.cli.console import write_json, write_table
from atsm_viewer.cli.dose_arguments import add_dose_arguments, read_dose
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE

NAME = "info"
HELP = "List the series of a file or folder with their geometry, units and SUV factor."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", type=Path, help="image file or folder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--explain", action="store_true", help="print the way from stored values to SUV of every PET"
    )
    add_dose_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 1 when a file or series could not be read."""
    info = folder_info([arguments.path], read_dose(arguments))
    if arguments.json:
        explained = {
            "explanations": [
                {"series_uid": e.series_uid, "steps": list(e.steps), "inputs": e.inputs}
                for e in info.explanations
            ]
        }
        write_json(info.to_json() | (explained if arguments.explain else {}))
    elif arguments.explain:
        _explain(info)
    else:
        rows = [
            (
                s["modality"] or "?",
                s["description"] or "",
                " × ".join(str(n) for n in reversed(s["shape_kji"])) if s["shape_kji"] else "–",
                str(s["frames"] or "–"),
                s["units"] or "–",
                _factor(s["suv"]["factor_bw"]),
                f"{s['suv_bw_max']:.4g}" if s["suv_bw_max"] is not None else "–",
                " ".join(s["suv"]["codes"]) or ("" if s["modality"] != "PT" else "ok"),
            )
            for s in info.series
        ]
        write_table(
            ("Modality", "Description", "Shape", "Frames", "Unit", "SUV factor", "SUVmax", "Codes"), rows
        )
    for problem in info.problems:
        sys.stderr.write(f"{problem}\n")
    return DATA_ERRORS if info.has_errors else DONE


def _explain(info: FolderInfo) -> None:
    for one in info.explanations:
        sys.stdout.write(f"{one.title}\n")
        for number, step in enumerate(one.steps, start=1):
            sys.stdout.write(f"{number:3}. {step}\n")
        sys.stdout.write("\n")


def _factor(factor: object) -> str:
    if isinstance(factor, float | int):
        return f"{factor:.6g}"
    return f"{len(factor)} factors" if isinstance(factor, list) else "–"
