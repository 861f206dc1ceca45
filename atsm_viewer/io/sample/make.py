"""Makes a sample study in a folder, or opens the one that is already there."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.anatomy import LabelArray
from atsm_viewer.io.sample.mouse import mouse_scenario
from atsm_viewer.io.sample.patient import patient_scenario
from atsm_viewer.io.sample.scenario import SampleKind, Scenario
from atsm_viewer.io.sample.simulate import simulate_ct, simulate_pet
from atsm_viewer.io.sample.truth import TruthRegion, read_labels, write_truth
from atsm_viewer.io.sample.uids import SAMPLE_VERSION

SCENARIOS: dict[SampleKind, Callable[[], Scenario]] = {"mouse": mouse_scenario, "patient": patient_scenario}

MARKER = "sample.json"
_MADE_BY = "ATSM Viewer sample study"

Progress = Callable[[float, str], None]

_README = """This folder holds a SIMULATED {kind} 64Cu-ATSM PET/CT study. Research use only.

No person or animal was scanned. Shapes, activities, dates and identifiers are invented.

ct/     DICOM CT series
pet/    DICOM PET series (Bq/mL, decay corrected to the start of the scan)
truth/  what is really there: label maps on both grids, ROI masks on the PET grid (NIfTI),
        and truth.json with the true SUV of every tissue and the ratios to muscle

The folder can be deleted at any time; the program makes it again, byte for byte the same.
"""


@dataclass(frozen=True, slots=True, eq=False)
class SampleStudy:
    """A sample study on disk, with its truth.

    Parameters
    ----------
    kind, root
        Which sample, and its folder.
    ct_dir, pet_dir
        Folders with one DICOM series each.
    pet
        Grid of the PET.
    labels_kji
        True label map on the PET grid, uint8 [k, j, i]; 0 is air.
    labels_ct_path
        NIfTI file with the true label map on the CT grid.
    regions
        What each label is, in label order.
    truth_path
        JSON file with regions, ROIs and their measured values.
    """

    kind: SampleKind
    root: Path
    ct_dir: Path
    pet_dir: Path
    pet: Geometry
    labels_kji: LabelArray
    labels_ct_path: Path
    regions: tuple[TruthRegion, ...]
    truth_path: Path


def make_sample(kind: SampleKind, out_dir: Path, progress: Progress | None = None) -> SampleStudy:
    """Make a sample study, or open it when the folder already holds it.

    The study is built in a new folder beside ``out_dir`` and moved there when complete, so an
    interrupted run leaves no half-made study.

    Parameters
    ----------
    kind
        ``"mouse"`` or ``"patient"``.
    out_dir
        Folder for the study; it must be new, empty, or hold this very sample.
    progress
        Called with the fraction done (0 to 1) and words; may raise to cancel.

    Raises
    ------
    AtsmError
        When the kind is unknown, the folder holds anything else, or writing fails.
    """
    if kind not in SCENARIOS:
        raise AtsmError(
            f"There is no sample named “{kind}”.", f"Choose one of {', '.join(get_args(SampleKind))}."
        )
    return make_from(SCENARIOS[kind](), Path(out_dir), progress)


def make_from(scenario: Scenario, out_dir: Path, progress: Progress | None = None) -> SampleStudy:
    """Make the study of any scenario; see :func:`make_sample`."""
    report = progress or (lambda _fraction, _words: None)
    try:
        if out_dir.exists() and (not out_dir.is_dir() or any(out_dir.iterdir())):
            _check_is_ours(scenario, out_dir)
        else:
            out_dir.parent.mkdir(parents=True, exist_ok=True)
            partial = out_dir.parent / f".{out_dir.name}-{uuid.uuid4().hex}.partial"
            partial.mkdir()
            try:
                _build(scenario, partial, report)
                if out_dir.exists():
                    out_dir.rmdir()  # still empty, or this fails and nothing is overwritten
                partial.rename(out_dir)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
        study = _open(scenario, out_dir)
    except OSError as error:
        raise AtsmError(
            f"The sample could not be written to “{out_dir}”.", "Choose another folder.", str(error)
        ) from error
    report(1.0, "Sample ready")
    return study


def _build(scenario: Scenario, root: Path, report: Progress) -> None:
    from atsm_viewer.io.sample.dicom_out import write_ct, write_pet  # late: pydicom loads slowly

    ct_dir, pet_dir, truth_dir = root / "ct", root / "pet", root / "truth"
    for folder in (ct_dir, pet_dir, truth_dir):
        folder.mkdir()
    report(0.0, "Building the anatomy")
    labels_pet = scenario.anatomy.rasterise(scenario.pet)
    labels_ct = scenario.anatomy.rasterise(scenario.ct)
    report(0.1, "Simulating the PET")
    pet = simulate_pet(scenario)
    bq_per_ml = pet.suv * np.float32(scenario.bq_per_ml_at_suv_1)
    stored = write_pet(
        scenario, bq_per_ml, pet_dir, _Ticks(report, 0.25, 0.45, scenario.pet, "Writing the PET")
    )
    report(0.45, "Simulating the CT")
    hu = simulate_ct(scenario, labels_ct)
    write_ct(scenario, hu, ct_dir, _Ticks(report, 0.6, 0.85, scenario.ct, "Writing the CT"))
    report(0.85, "Writing the truth")
    write_truth(scenario, labels_pet, labels_ct, pet, stored / scenario.bq_per_ml_at_suv_1, truth_dir)
    readme = _README.format(kind=scenario.kind)
    (root / "README.txt").write_text(readme, encoding="utf-8", newline="\n")
    files = {p.relative_to(root).as_posix(): p.stat().st_size for p in sorted(root.rglob("*")) if p.is_file()}
    marker = {**_identity(scenario), "files": files}
    (root / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8", newline="\n")


class _Ticks:
    """Turns one call per written slice into a share of the whole progress."""

    def __init__(self, report: Progress, start: float, end: float, grid: Geometry, words: str) -> None:
        self._report, self._start, self._words = report, start, words
        self._step = (end - start) / grid.shape_kji[0]
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        self._report(self._start + self._done * self._step, self._words)


def _identity(scenario: Scenario) -> dict[str, Any]:
    """Return what tells one sample from another: maker, version, kind and the two grids."""
    return {
        "made_by": _MADE_BY,
        "version": SAMPLE_VERSION,
        "kind": scenario.kind,
        "pet_shape_kji": list(scenario.pet.shape_kji),
        "ct_shape_kji": list(scenario.ct.shape_kji),
    }


def _check_is_ours(scenario: Scenario, root: Path) -> None:
    """Raise :class:`AtsmError` unless ``root`` holds exactly this sample, complete."""
    marker = root / MARKER
    refuse = f"The folder “{root}” already holds other files, so no sample was written there."
    if not marker.is_file():
        raise AtsmError(refuse, "Choose a new or empty folder.")
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AtsmError(refuse, "Choose a new or empty folder.", f"{MARKER}: {error}") from error
    if not isinstance(found, dict) or found.get("made_by") != _MADE_BY:
        raise AtsmError(refuse, "Choose a new or empty folder.", f"{MARKER} is not from this program.")
    wanted = _identity(scenario)
    differing = [key for key in wanted if found.get(key) != wanted[key]]
    if differing:
        raise AtsmError(
            f"The folder “{root}” holds another sample or another version of it.",
            "Choose another folder, or delete this one first.",
            f"{MARKER} differs in: {', '.join(differing)}",
        )
    files = found.get("files")
    files = files if isinstance(files, dict) else {}
    broken = [n for n, size in files.items() if not (root / n).is_file() or (root / n).stat().st_size != size]
    if broken or not files:
        raise AtsmError(
            f"The sample in “{root}” is incomplete or was changed.",
            "Delete the folder; the sample can be made again at any time.",
            f"{len(broken)} of {len(files)} files are missing or have another size: {', '.join(broken[:5])}",
        )


def _open(scenario: Scenario, root: Path) -> SampleStudy:
    truth_path = root / "truth" / "truth.json"
    try:
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        regions = tuple(TruthRegion(**region) for region in truth["regions"])
        labels = read_labels(root / "truth" / "labels_pet.nii.gz")
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise AtsmError(
            f"The truth of the sample in “{root}” cannot be read.",
            "Delete the folder; the sample can be made again at any time.",
            str(error),
        ) from error
    return SampleStudy(
        kind=scenario.kind,
        root=root,
        ct_dir=root / "ct",
        pet_dir=root / "pet",
        pet=scenario.pet,
        labels_kji=labels,
        labels_ct_path=root / "truth" / "labels_ct.nii.gz",
        regions=regions,
        truth_path=truth_path,
    )
