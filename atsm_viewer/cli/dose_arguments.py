"""The dose card as flags and as a file, the same for every subcommand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from atsm_viewer.app.dose_fields import DoseField, dose_field
from atsm_viewer.app.dose_table import DoseRow, HeadlessDose, read_dose_file
from atsm_viewer.cli.usage import UsageError
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sourced import Provenance

# flag, metavar, field, help
_PLAIN = (
    ("--weight", "MASS", "weight_kg", "body weight with its unit, for example 22.3g"),
    ("--dose", "ACTIVITY", "injected_activity_bq", "net injected activity with its unit, for example 7.4MBq"),
    ("--injected-at", "TIME", "administration_time", "injection, for example 2026-01-02T09:20"),
    ("--nuclide", "NAME", "nuclide", "for example Cu-64; its tabulated half-life is used"),
    ("--half-life", "TIME", "half_life_s", "half-life with its unit, for example 45722.16s"),
    ("--tracer", "NAME", "tracer", "name of the compound"),
    ("--units", "UNIT", "units", "unit of the stored values, for example BQML, KBQML, SUV, %%ID/G"),
    ("--decay-rule", "RULE", "decay_rule", "START, ADMIN or NONE"),
    ("--reference-time", "TIME", "reference_time", "time to which the values are decay corrected"),
    ("--height", "LENGTH", "height_m", "body height with its unit, for example 1.75m"),
    ("--sex", "SEX", "sex", "F, M or O"),
    ("--species", "NAME", "species", "human, mouse, rat or another animal"),
    ("--calibration", "FACTOR", "calibration_factor", "Bq/mL per stored value, for counts"),
    ("--density", "DENSITY", "density_g_ml", "tissue density in g/mL, for values in %%ID/g"),
    ("--injection", "N", "radiopharmaceutical_index", "which injection of the header applies, from 1"),
)
_MEASURED = (
    ("--assay", "assay_activity_bq", "assay_time", "full syringe, for example 8.1MBq@2026-01-02T09:50"),
    ("--residual", "residual_activity_bq", "residual_time", "empty syringe, in the same form"),
    ("--tail", "tail_activity_bq", "tail_time", "what stayed at the site of injection, in the same form"),
)
_DEFAULT_UNITS = {"calibration_factor": "Bq/mL"}


def add_dose_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of the dose card."""
    group = parser.add_argument_group(
        "dose card", "Values that count instead of the header's; the result says which were typed."
    )
    for flag, metavar, field_id, words in _PLAIN:
        group.add_argument(flag, metavar=metavar, dest=f"dose_{field_id}", help=words)
    for flag, field_id, _time_id, words in _MEASURED:
        group.add_argument(flag, metavar="ACTIVITY@TIME", dest=f"dose_{field_id}", help=words)
    group.add_argument(
        "--accept-no-attenuation", action="store_true", dest="dose_accept_missing_attenuation",
        help="compute SUV although the image is not corrected for attenuation",
    )  # fmt: skip
    group.add_argument(
        "--use-dose-calibration", action="store_true", dest="dose_use_dose_calibration",
        help="for counts per second: use DoseCalibrationFactor and the voxel volume",
    )  # fmt: skip
    group.add_argument(
        "--dose-card", type=Path, metavar="FILE",
        help="CSV table (one row per subject) or JSON sidecar; flags win over it",
    )  # fmt: skip
    group.add_argument("--subject", default="", metavar="LABEL", help="name of the subject, as in that table")


def read_dose(arguments: argparse.Namespace) -> HeadlessDose:
    """Return what flags and file say.

    Raises
    ------
    UsageError
        When a flag cannot be read; the message names it.
    AtsmError
        When the file cannot be read.
    """
    rows: list[DoseRow] = []
    if arguments.dose_card is not None:
        rows.extend(read_dose_file(arguments.dose_card))
    values: list[tuple[DoseField, Any]] = []
    for flag, _metavar, field_id, _words in _PLAIN:
        text = getattr(arguments, f"dose_{field_id}")
        if text is not None:
            values.append((dose_field(field_id), _parsed(flag, field_id, text)))
    for flag, field_id, time_id, _words in _MEASURED:
        text = getattr(arguments, f"dose_{field_id}")
        if text is not None:
            activity, _at, moment = text.partition("@")
            values.append((dose_field(field_id), _parsed(flag, field_id, activity)))
            if moment:
                values.append((dose_field(time_id), _parsed(flag, time_id, moment)))
    for field_id in ("accept_missing_attenuation", "use_dose_calibration"):
        if getattr(arguments, f"dose_{field_id}"):
            values.append((dose_field(field_id), True))
    typed = (
        DoseRow("the command line", arguments.subject, "", tuple(values), Provenance.TYPED, "")
        if values
        else None
    )
    return HeadlessDose(tuple(rows), typed, arguments.subject)


def _parsed(flag: str, field_id: str, text: str) -> Any:
    try:
        return dose_field(field_id).parse(text, _DEFAULT_UNITS.get(field_id))
    except AtsmError as error:
        raise UsageError(f"{flag}: {error}") from error
