"""The fields of the dose card, declared once for panel, dialog, tables and flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from atsm_viewer.app import dose_entry as entry
from atsm_viewer.domain.radionuclide import TABLE

UNITS = (
    ("BQML", "Bq/mL"),
    ("KBQML", "kBq/mL"),
    ("NCI/CC", "nCi/cc"),
    ("UCI/CC", "µCi/cc"),
    ("SUV", "SUVbw"),
    ("%ID/ML", "%ID/mL"),
    ("%ID/G", "%ID/g"),
    ("GML", "g/mL (SUV of the header’s kind)"),
    ("CNTS", "counts"),
    ("CPS", "counts/s"),
)
"""Units of stored values that can be entered, with their names on screen."""


@dataclass(frozen=True)
class DoseField:
    """One field of the card.

    Parameters
    ----------
    id
        Name of a field of ``SuvOverrides``; or ``subject_id`` or ``tracer``, which live elsewhere.
    title
        Words on screen.
    group
        Heading under which it stands.
    tip
        What it is for, in one sentence.
    parse
        Turns text (and the unit of a bare number, or None) into the value in base units; raises AtsmError.
    units
        Unit to factor for quantities; the first one is proposed.
    choices
        Value and words where there is a list; ``open_list`` tells whether other text is allowed.
    columns
        Names of the column in a dose table or sidecar, the preferred one first.
    humans_only
        Whether it plays a part for people only.
    is_time
        Whether it is a date and time.
    noun
        What it holds, as part of a sentence, where that is not the title.
    """

    id: str
    title: str
    group: str
    tip: str
    parse: Callable[[str, str | None], Any]
    units: Mapping[str, float] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()
    open_list: bool = False
    columns: tuple[str, ...] = ()
    humans_only: bool = False
    is_time: bool = False
    noun: str = ""

    @property
    def name(self) -> str:
        """Return what the field holds, as part of a sentence."""
        return self.noun or self.title.lower()

    def show(self, value: Any, unit: str = "") -> str:
        """Return a value in base units as text that ``parse`` reads back."""
        if isinstance(value, datetime):
            return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.id == "radiopharmaceutical_index":
            return str(int(value) + 1)
        if isinstance(value, int | float):
            return f"{value / self.units.get(unit, 1.0):.7g}"
        return str(value)

    def best_unit(self, value: Any) -> str:
        """Return the unit in which a value is read most easily; empty where there are no units."""
        if not self.units:
            return ""
        if not isinstance(value, int | float):
            return next(iter(self.units))
        if self.units is entry.MASS_UNITS:
            return "g" if value < 1.0 else "kg"
        if self.units is entry.ACTIVITY_UNITS:
            return "MBq" if value >= 1e5 or value == 0 else "kBq"
        if self.units is entry.DURATION_UNITS:
            return "h" if value >= 7200 else "min" if value >= 120 else "s"
        return next(iter(self.units))


def _no_unit(parse: Callable[[str], Any]) -> Callable[[str, str | None], Any]:
    return lambda text, unit: parse(text)


def _words(what: str) -> Callable[[str, str | None], Any]:
    return lambda text, unit: entry.parse_words(text, what)


def _activity(text: str, unit: str | None) -> float:
    return entry.parse_activity(text, unit)


def _residual(text: str, unit: str | None) -> float:
    return entry.parse_activity(text, unit, zero=True)


def _calibration(text: str, unit: str | None) -> float:
    return entry.parse_quantity(text, entry.CALIBRATION_UNITS, "calibration factor", unit)


def _density(text: str, unit: str | None) -> float:
    return entry.parse_quantity(text, entry.DENSITY_UNITS, "density", unit or "g/mL")


SUBJECT, TRACER, INJECTION, SYRINGE, IMAGE = "Subject", "Tracer", "Injection", "Syringe and losses", "Image"

DOSE_FIELDS: tuple[DoseField, ...] = (
    DoseField("subject_id", "Subject", SUBJECT, "Pseudonym under which the subject is exported.",
              _words("subject"), columns=("subject_id", "subject", "animal", "animal_id")),
    DoseField("species", "Species", SUBJECT, "Animals get no lean body mass, body surface or ideal weight.",
              _words("species"), choices=(("mouse", "mouse"), ("rat", "rat"), ("human", "human")),
              open_list=True, columns=("species",)),
    DoseField("weight_kg", "Weight", SUBJECT, "Body weight at the scan; the SUV is proportional to it.",
              entry.parse_mass, entry.MASS_UNITS, columns=("weight", "body_weight")),
    DoseField("height_m", "Height", SUBJECT, "For SUV by lean body mass, body surface or ideal weight.",
              entry.parse_length, entry.LENGTH_UNITS, columns=("height",), humans_only=True),
    DoseField("sex", "Sex", SUBJECT, "For SUV by lean body mass or ideal weight.",
              _no_unit(entry.parse_sex), choices=(("F", "female"), ("M", "male"), ("O", "other")),
              columns=("sex",), humans_only=True),
    DoseField("tracer", "Tracer", TRACER, "Name of the compound.", _words("tracer"),
              choices=(("64Cu-ATSM", "64Cu-ATSM"), ("62Cu-ATSM", "62Cu-ATSM"), ("60Cu-ATSM", "60Cu-ATSM")),
              open_list=True, columns=("tracer", "compound")),
    DoseField("nuclide", "Nuclide", TRACER, "Its tabulated half-life is used unless one is entered.",
              _no_unit(entry.parse_nuclide),
              choices=tuple((n.name, f"{n.name}, {n.half_life_s:g} s") for n in TABLE),
              columns=("nuclide", "isotope", "radionuclide")),
    DoseField("radiopharmaceutical_index", "Injection no.", TRACER,
              "Which of the injections that the header lists applies.", _no_unit(entry.parse_item),
              noun="injection"),
    DoseField("half_life_s", "Half-life", TRACER, "Physical half-life that decays the activity.",
              entry.parse_duration, entry.DURATION_UNITS, columns=("half_life",)),
    DoseField("administration_time", "Injected at", INJECTION, "When, on the clock of the scan.",
              _no_unit(entry.parse_moment), columns=("injected_at", "injection_time", "injection"),
              is_time=True,
              noun="injection time"),
    DoseField("injected_activity_bq", "Net dose", INJECTION,
              "Activity that entered the circulation, at the time of injection.", _activity,
              entry.ACTIVITY_UNITS, columns=("dose", "injected", "net_dose", "injected_activity")),
    DoseField("assay_activity_bq", "Assay", SYRINGE, "Activity of the full syringe.", _activity,
              entry.ACTIVITY_UNITS, columns=("assay", "assay_activity"),
              noun="assay activity"),
    DoseField("assay_time", "Assayed at", SYRINGE, "When the full syringe was measured.",
              _no_unit(entry.parse_moment), columns=("assay_time", "assayed_at"), is_time=True,
              noun="assay time"),
    DoseField("residual_activity_bq", "Residual", SYRINGE, "Activity left in the syringe.", _residual,
              entry.ACTIVITY_UNITS, columns=("residual", "residual_activity"),
              noun="residual activity"),
    DoseField("residual_time", "Residual at", SYRINGE, "When the empty syringe was measured.",
              _no_unit(entry.parse_moment), columns=("residual_time", "residual_at"), is_time=True,
              noun="residual time"),
    DoseField("tail_activity_bq", "Tail", SYRINGE, "Activity left at the site of injection.", _residual,
              entry.ACTIVITY_UNITS, columns=("tail", "tail_activity"),
              noun="tail activity"),
    DoseField("tail_time", "Tail at", SYRINGE, "When that was measured.",
              _no_unit(entry.parse_moment), columns=("tail_time", "tail_at"), is_time=True,
              noun="tail time"),
    DoseField("units", "Stored unit", IMAGE, "Unit of the stored pixel values.", _words("unit"),
              choices=UNITS, open_list=True, columns=("units", "unit")),
    DoseField("decay_rule", "Decay rule", IMAGE,
              "START: corrected to the start of the scan; ADMIN: to the injection; NONE: not corrected.",
              _no_unit(entry.parse_decay_rule), choices=tuple((r, r) for r in entry.DECAY_RULES),
              columns=("decay_rule", "decay_correction")),
    DoseField("reference_time", "Scan start", IMAGE,
              "Time to which the pixel values are decay corrected; usually the start of the scan.",
              _no_unit(entry.parse_moment), columns=("reference_time", "scan_start"), is_time=True),
    DoseField("calibration_factor", "Calibration", IMAGE, "Bq/mL per stored value, for counts.",
              _calibration, entry.CALIBRATION_UNITS, columns=("calibration", "calibration_factor"),
              noun="calibration factor"),
    DoseField("density_g_ml", "Density", IMAGE, "Tissue density for %ID/g.", _density, entry.DENSITY_UNITS,
              columns=("density",)),
    DoseField("use_dose_calibration", "Counts/s", IMAGE,
              "Turn counts per second into Bq/mL by DoseCalibrationFactor (0054,1322) and the voxel volume.",
              _no_unit(entry.parse_yes), choices=(("yes", "calibrate"),),
              columns=("use_dose_calibration",), noun="calibration of counts per second"),
    DoseField("accept_canon_suv_x100", "Canon SUV", IMAGE,
              "The values are SUVbw times 100, as the private element of the maker says.",
              _no_unit(entry.parse_yes), choices=(("yes", "accept"),), noun="SUV times 100 of the maker"),
    DoseField("accept_missing_attenuation", "Attenuation", IMAGE,
              "Compute SUV although the image is not corrected for attenuation; it is then not quantitative.",
              _no_unit(entry.parse_yes), choices=(("yes", "accept"),),
              columns=("accept_no_attenuation",),
              noun="missing attenuation correction"),
)  # fmt: skip

_BY_ID = {f.id: f for f in DOSE_FIELDS}
_BY_COLUMN = {name: f for f in DOSE_FIELDS for name in f.columns}


def dose_field(field_id: str) -> DoseField:
    """Return a field; raises KeyError for an unknown one."""
    return _BY_ID[field_id]


def field_of_column(name: str) -> tuple[DoseField, str | None] | None:
    """Return the field of a column and the unit that its head states, or None.

    ``weight``, ``weight_g``, ``weight (g)``, ``Weight [g]`` and ``dose_MBq`` are understood.
    """
    head = name.strip().replace("[", "(").replace("]", ")")
    unit_text = ""
    if head.endswith(")") and "(" in head:
        head, _, unit_text = head[:-1].partition("(")
    key = "_".join(head.lower().replace("-", " ").replace("_", " ").split())
    found = _BY_COLUMN.get(key)
    if found is None and "_" in key and not unit_text:
        stem, _, unit_text = head.strip().replace(" ", "_").rpartition("_")
        found = _BY_COLUMN.get("_".join(stem.lower().split("_")))
        if found is None or not found.units:
            return None
    if found is None:
        return None
    if not unit_text.strip():
        return found, None
    unit = entry.unit_named(unit_text.strip(), found.units)
    return None if unit is None else (found, unit)
