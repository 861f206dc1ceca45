"""Sample studies with their finished project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from atsm_viewer import __version__
from atsm_viewer.app.jobs import ProgressFn
from atsm_viewer.app.opening import opening_view
from atsm_viewer.app.study_loading import catalogue_of, load_pair
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.roi import Method, Roi, Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.masks import read_mask
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project
from atsm_viewer.io.sample.make import SampleStudy, make_sample
from atsm_viewer.io.sample.scenario import SampleKind
from atsm_viewer.metrics.evaluate import evaluate

TRUTH_PROJECT = "sample-truth.atsm"
_TRUTH_ROIS = (
    ("roi_tumour.nii.gz", "Tumour (truth)", Role.TUMOUR),
    ("roi_muscle.nii.gz", "Muscle (truth)", Role.MUSCLE),
)


def _nothing(fraction: float, words: str) -> None:
    return None


def build_sample(kind: str, folder: Path, progress: ProgressFn = _nothing) -> SampleStudy:
    """Make a sample study with its truth and the finished project, or reuse what is there.

    Raises
    ------
    AtsmError
        When the folder holds anything else, or writing fails.
    """
    study = make_sample(cast(SampleKind, kind), folder, lambda f, words: progress(0.8 * f, words))
    project = study.root / TRUTH_PROJECT
    if not project.exists():
        progress(0.85, "Writing the finished project")
        state = load_sample(study)
        for file_name, name, role in _TRUTH_ROIS:
            state = AddRoi(_truth_roi(state, study.truth_path.parent / file_name, name, role)).apply(state)
        save_project(
            state, project, meta=ProjectMeta.new(), view=opening_view(state).to_dict(),
            results=evaluate(state, app_version=__version__),
        )  # fmt: skip
    progress(1.0, "Done")
    return study


def load_sample(study: SampleStudy, progress: ProgressFn = _nothing) -> SessionState:
    """Read PET and CT of a sample study."""
    _, pairs = catalogue_of([study.pet_dir, study.ct_dir])
    state = load_pair(pairs[0], progress)
    scan = replace(state.scans[0], label="24 h" if study.kind == "mouse" else "1 h")
    return replace(state, scans=(scan,))


def _truth_roi(state: SessionState, path: Path, name: str, role: Role) -> Roi:
    scan = state.scans[0]
    imported = read_mask(path, scan.pet_geometry)
    return Roi(
        id=f"roi-truth-{role.value}",
        name=name,
        role=role,
        scan_id=scan.id,
        subject_id=scan.first_slot.subject_id,
        mask=imported.mask,
        method=Method("imported", (("file", path.name), ("resampled", "false"))),
    )
