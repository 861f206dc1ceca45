"""``measure``: SUV and T/M of a project, or of images with masks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from atsm_viewer.app.documents import PROJECT_SUFFIX
from atsm_viewer.app.image_places import ImagePlaces, places_file
from atsm_viewer.app.measuring import MaskRequest, Measurement, measure
from atsm_viewer.cli.console import notice_json, write_json, write_notices, write_table
from atsm_viewer.cli.dose_arguments import add_dose_arguments, read_dose
from atsm_viewer.cli.exit_codes import DATA_ERRORS, DONE
from atsm_viewer.cli.usage import UsageError
from atsm_viewer.domain.notices import Severity
from atsm_viewer.domain.results import Cell
from atsm_viewer.domain.roi import Role

NAME = "measure"
HELP = "Measure the ROIs of a project, or masks on images, and print or write the tables."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", type=Path, help="project (.atsm), image file or folder")
    parser.add_argument(
        "--mask", action="append", default=[], metavar="FILE=ROLE[:NAME]",
        help="a NIfTI, NRRD or MHA mask on any grid; ROLE is " + ", ".join(r.value for r in Role),
    )  # fmt: skip
    parser.add_argument(
        "--pet", default="", metavar="UID", help="series UID of the PET where there are several"
    )
    parser.add_argument(
        "--images", action="append", default=[], type=Path, metavar="DIR",
        help="look for the moved images of a project there too",
    )  # fmt: skip
    parser.add_argument(
        "--csv-dir", type=Path, metavar="DIR", help="write NAME_rois.csv and NAME_tm.csv there"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace CSV and picture files that exist")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="write the fused planes as a picture")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_dose_arguments(parser)


def parse_mask(text: str) -> MaskRequest:
    """Return a mask request from ``FILE=ROLE[:NAME]``; raises UsageError."""
    file, found, rest = text.rpartition("=")
    role_text, _, name = rest.partition(":")
    roles = {r.value: r for r in Role}
    if not found or not file:
        raise UsageError(f"--mask {text!r} is not of the form FILE=ROLE[:NAME].")
    if role_text.strip().lower() not in roles:
        raise UsageError(f"--mask {text!r}: {role_text!r} is not a role; use one of {', '.join(roles)}.")
    return MaskRequest(Path(file), roles[role_text.strip().lower()], name.strip())


def run(arguments: argparse.Namespace) -> int:
    """Measure; 1 when something in the data is wrong or missing."""
    masks = [parse_mask(text) for text in arguments.mask]
    if arguments.pet and arguments.path.suffix.lower() == PROJECT_SUFFIX:
        raise UsageError("--pet chooses among images; a project names its PET itself.")
    measured = measure(
        arguments.path, masks, pet_uid=arguments.pet, dose=read_dose(arguments), search=arguments.images,
        places=ImagePlaces(places_file()),
    )  # fmt: skip
    written = (
        measured.write_csv(arguments.csv_dir, overwrite=arguments.overwrite)
        if arguments.csv_dir is not None
        else ()
    )
    if arguments.picture is not None:
        written = (*written, measured.write_picture(arguments.picture, overwrite=arguments.overwrite))
    if arguments.json:
        write_json({**measured.tables_json(), "notices": [notice_json(n) for n in measured.notices]})
    else:
        _print(measured)
        for path in written:
            sys.stdout.write(f"wrote {path}\n")
        write_notices([n for n in measured.notices if n.severity is not Severity.INFO])
    return DATA_ERRORS if measured.has_errors else DONE


def _print(measured: Measurement) -> None:
    rois = [
        (
            str(r["roi_name"]), str(r["roi_role"]), _text(r["suv_mean"]), _text(r["suv_sd"]),
            _text(r["suv_max"]), _text(r["n_voxels"]), _text(r["volume_mm3"]), str(r["status"] or ""),
        )
        for r in measured.results.rois.rows
    ]  # fmt: skip
    write_table(("ROI", "Role", "SUVmean", "SD", "SUVmax", "Voxels", "mm3", "Status"), rois)
    if measured.results.tm.rows:
        sys.stdout.write("\n")
        ratios = [
            (str(r["roi_name"]), _text(r["tm_mean"]), _text(r["tm_mean_sd"]), _text(r["tm_max"]),
             _text(r["hours_pi"]), str(r["status"] or ""))
            for r in measured.results.tm.rows
        ]  # fmt: skip
        write_table(("Tumour", "T/M mean", "SD", "T/M max", "Hours p.i.", "Status"), ratios)


def _text(value: Cell) -> str:
    if value is None or value == "":
        return "–"
    return f"{value:.5g}" if isinstance(value, float) else str(value)
