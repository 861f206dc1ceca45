"""Measuring without a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atsm_viewer import __version__
from atsm_viewer.app.documents import PROJECT_SUFFIX, mask_roi, safe_stem
from atsm_viewer.app.dose_table import HeadlessDose
from atsm_viewer.app.image_places import ImagePlaces
from atsm_viewer.app.picture import session_picture
from atsm_viewer.app.project_opening import open_project_file
from atsm_viewer.app.saved_view import saved_view
from atsm_viewer.app.session_notices import all_notices
from atsm_viewer.app.stored_results import stored_results, with_stored
from atsm_viewer.app.study_loading import catalogue_of, load_pair, rejected_notice
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.edits import AddRoi
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.roi import Role
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.csv_export import results_to_json, write_results_csv
from atsm_viewer.metrics.evaluate import evaluate
from atsm_viewer.render.screenshot import write_png

# A problem with SUV alone is not an error of the data: ratios do not need it.
_FATAL = frozenset({"image_missing", "image_refused", "mask_unreadable", "ct_unreadable", "damaged_file"})


@dataclass(frozen=True)
class MaskRequest:
    """A mask file with its role and name (empty: the file's name)."""

    path: Path
    role: Role
    name: str


@dataclass(frozen=True)
class Measurement:
    """What was measured.

    Parameters
    ----------
    state, view
        The session, and how a picture of it looks.
    results
        The tables.
    notices
        What is doubtful or went wrong.
    stem
        For file names.
    """

    state: SessionState
    view: ViewState
    results: Results
    notices: tuple[Notice, ...]
    stem: str

    @property
    def has_errors(self) -> bool:
        """Whether a mask or image is missing, unreadable or refused."""
        return any(n.code in _FATAL and n.severity is Severity.ERROR for n in self.notices)

    def tables_json(self) -> dict[str, Any]:
        """Return both tables as plain values."""
        return results_to_json(self.results)

    def write_csv(self, folder: Path, *, overwrite: bool) -> tuple[Path, ...]:
        """Write both tables into a folder, which is made if need be; returns the files."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AtsmError(
                f"The folder “{folder}” could not be made.", "Choose another folder.", str(error)
            ) from error
        return write_results_csv(self.results, folder, self.stem, overwrite=overwrite)

    def write_picture(self, path: Path, *, overwrite: bool) -> Path:
        """Write the fused planes as a PNG; raises AtsmError when the file exists already."""
        if path.exists() and not overwrite:
            raise AtsmError(f"“{path}” already exists.", "Choose another name, or allow overwriting.")
        write_png(path, session_picture(self.state, self.view, self.results))
        return path


_NOTHING_ENTERED = HeadlessDose()


def measure(
    path: Path,
    masks: Sequence[MaskRequest],
    *,
    pet_uid: str = "",
    dose: HeadlessDose = _NOTHING_ENTERED,
    search: Sequence[Path] = (),
    places: ImagePlaces | None = None,
) -> Measurement:
    """Measure the ROIs of a project, or masks on images.

    A mask that cannot be used becomes an error notice; the others are measured.

    ``dose`` holds what was entered on the command line instead of the header's values; ``search``
    and ``places`` say where else the images of a project may lie. For a ROI whose image is missing
    the row of the last save stands in, with the status ``stored_results``, unless ``dose`` makes it
    one of other values.

    Raises
    ------
    AtsmError
        When the path holds neither a project nor a PET that can be read, or the entered values fit
        no subject.
    """
    if not path.exists():
        raise AtsmError(f"“{path}” does not exist.", "Check the path; nothing was changed.")
    if path.suffix.lower() == PROJECT_SUFFIX:
        opened = open_project_file(path, search=search, places=places)
        stored = stored_results(opened.audit)
        state, project = opened.state, path.stem
        plain = opened.view
    else:
        state, project, plain, stored = _load(path, pet_uid), "", None, None
    if masks and not state.scans:
        raise AtsmError(f"“{path.name}” holds no scan on which a mask could be measured.")
    before = state.administrations
    state = dose.apply(state, rename=not project)
    if state.administrations != before:
        stored = None
    problems: list[Notice] = []
    for number, request in enumerate(masks, start=1):
        try:
            roi, words = mask_roi(state, state.scans[0].id, request.path, request.role, request.name)
        except AtsmError as error:
            problems.append(
                Notice(
                    "mask_unreadable",
                    Severity.ERROR,
                    f"{request.path.name}: {error.user_message}",
                    error.hint,
                )
            )
            continue
        # Same masks, same CSV: ids and times must not differ between two runs.
        roi = replace(roi, id=f"roi-{number}", created_utc="", modified_utc="")
        state = AddRoi(roi).apply(state)
        problems.extend(
            Notice("mask_note", Severity.WARNING, f"{request.path.name}: {text}") for text in words
        )
    return Measurement(
        state=state,
        view=saved_view(plain, state),
        results=with_stored(evaluate(state, app_version=__version__, project=project), stored, state),
        notices=(*problems, *(entry.notice for entry in all_notices(state))),
        stem=safe_stem(path.stem if path.is_file() else path.resolve().name),
    )


def _load(path: Path, pet_uid: str) -> SessionState:
    catalogue, pairs = catalogue_of([path])
    if not pairs:
        raise AtsmError(f"There is no PET in “{path}”.", "Only CT or other images were found.")
    chosen = pairs[0]
    notices = list(rejected_notice(catalogue))
    if pet_uid:
        found = [p for p in pairs if p.pet.series_uid == pet_uid]
        if not found:
            raise AtsmError(f"There is no PET series {pet_uid} in “{path}”.")
        chosen = found[0]
    elif len(pairs) > 1:
        others = "; ".join(p.pet.description or p.pet.series_uid for p in pairs[1:])
        notices.append(
            Notice(
                "several_pets", Severity.WARNING,
                f"Several PET series were found; measured “{chosen.pet.description}”, not: {others}.",
                "Choose another one with --pet UID.",
            )
        )  # fmt: skip
    state = load_pair(chosen, notices=tuple(notices))
    # The same images must give the same table in every run.
    scan = replace(state.scans[0], id="scan-1")
    renamed = tuple(
        replace(n, scan_id="scan-1" if n.scan_id == state.scans[0].id else n.scan_id) for n in state.notices
    )
    return replace(state, scans=(scan,), notices=renamed)
