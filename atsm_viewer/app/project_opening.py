"""From a project file to a session with its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.digest import pixel_digest
from atsm_viewer.io.project.attach import check_identity
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta, ScanSources
from atsm_viewer.io.read_series import LoadedImage, read_series
from atsm_viewer.io.relocate import find_series


def _nothing(fraction: float, words: str) -> None:
    return None


@dataclass(frozen=True)
class OpenedProject:
    """A project with as many of its images as could be found.

    Parameters
    ----------
    state
        The session.
    meta
        Identity and revision of the project.
    view
        The saved view, or None.
    audit
        Results as stored at the last save, or None.
    """

    state: SessionState
    meta: ProjectMeta
    view: dict[str, Any] | None
    audit: dict[str, Any] | None


def open_project_file(
    path: Path,
    progress: ProgressFn = _nothing,
    cancel: CancelToken | None = None,
    search: Sequence[Path] = (),
) -> OpenedProject:
    """Read a project and attach its images.

    Parameters
    ----------
    path
        The ``.atsm`` file.
    progress, cancel
        For long work.
    search
        More folders in which images may lie.

    Raises
    ------
    AtsmError
        When the file is not a project that can be read. Images that are missing or changed are no
        error: the project opens without them and says so.
    """
    token = cancel or CancelToken()
    progress(0.0, "Reading the project")
    loaded = load_project(path)
    folders = [path.resolve().parent, *search]
    state, notices = attach_images(loaded.state, loaded.sources, folders, progress, token)
    # Notices about this opening are found anew each time; stored ones that say the same are dropped.
    kept = tuple(x for x in state.notices if x.code not in OPENING_CODES)
    fresh = tuple(x for x in (*loaded.problems, *notices) if x not in kept)
    return OpenedProject(replace(state, notices=kept + fresh), loaded.meta, loaded.view, loaded.audit)


def attach_images(
    state: SessionState,
    sources: Mapping[str, ScanSources],
    folders: Sequence[Path],
    progress: ProgressFn = _nothing,
    cancel: CancelToken | None = None,
) -> tuple[SessionState, tuple[Notice, ...]]:
    """Return the session with as many of its images as could be found, and what is to be said.

    Parameters
    ----------
    state
        A session whose scans have no images.
    sources
        From scan id to where its images were.
    folders
        More places to look.
    progress, cancel
        For long work.
    """
    token = cancel or CancelToken()
    notices: list[Notice] = []
    n = max(1, len(state.scans))
    for number, scan in enumerate(state.scans):
        token.check()
        known = sources.get(scan.id)
        at = 0.05 + 0.9 * number / n
        if known is None or known.pet is None:
            notices.append(_missing(scan, "PET", "the project does not say which one it was"))
            continue
        pet, pet_notices = _find_image(known.pet, "PET", scan, folders, progress, at, token)
        notices.extend(pet_notices)
        new = replace(scan, pet_source=known.pet, ct_source=known.ct)
        if pet is not None and not scan.pet_geometry.same_grid(pet.volume.geometry):
            notices.append(_refused(scan, "PET", "it lies on another grid than the ROIs"))
            pet = None
        if pet is not None:
            new = replace(
                new, pet=pet.volume, pet_source=pet.source,
                pet_facts=pet.facts if pet.facts is not None else scan.pet_facts,
                pet_instance_tk=pet.instance_tk,
            )  # fmt: skip
        if known.ct is not None:
            ct, ct_notices = _find_image(known.ct, "CT", scan, folders, progress, at + 0.4 / n, token)
            notices.extend(ct_notices)
            if ct is not None:
                new = replace(new, ct=ct.volume, ct_source=ct.source)
        state = replace(state, scans=tuple(new if s.id == scan.id else s for s in state.scans))
    return state, tuple(notices)


OPENING_CODES = frozenset({"image_missing", "image_refused", "image_copy"})


def _find_image(
    source: ImageSource,
    what: str,
    scan: Scan,
    folders: Sequence[Path],
    progress: ProgressFn,
    at: float,
    token: CancelToken,
) -> tuple[LoadedImage | None, list[Notice]]:
    progress(at, f"Looking for the {what}")
    entry = find_series(source, [*source.paths, *folders])
    if entry is None:
        return None, [_missing(scan, what, source.description)]
    try:
        image = read_series(
            entry,
            progress=lambda f, words: progress(at + 0.3 * f, words),
            cancelled=lambda: token.is_cancelled,
        )
    except AtsmError as error:
        token.check()
        return None, [_refused(scan, what, error.user_message)]
    token.check()
    image = replace(image, source=replace(image.source, pixel_digest=pixel_digest(image.volume)))
    verdict = check_identity(source, image.source)
    notices = list(replace_scan(image.notices, scan.id))
    if not verdict.accepted:
        return None, [*notices, _refused(scan, what, verdict.note)]
    if verdict.note:
        notices.append(
            Notice(
                "image_copy", Severity.INFO, f"The {what} of “{scan.label}”: {verdict.note}", scan_id=scan.id
            )
        )
    return image, notices


def replace_scan(notices: Sequence[Notice], scan_id: str) -> tuple[Notice, ...]:
    """Return notices that name the scan they are about."""
    return tuple(replace(n, scan_id=n.scan_id or scan_id) for n in notices)


def _missing(scan: Scan, what: str, description: str) -> Notice:
    return Notice(
        "image_missing",
        Severity.ERROR if what == "PET" else Severity.WARNING,
        f"The {what} of “{scan.label}” was not found ({description}).",
        "Put the images where they were relative to the project, then open it again; "
        "the regions are kept and nothing was changed.",
        scan.id,
    )


def _refused(scan: Scan, what: str, why: str) -> Notice:
    return Notice(
        "image_refused",
        Severity.ERROR if what == "PET" else Severity.WARNING,
        f"The {what} of “{scan.label}” is not used: {why}",
        "Numbers are only measured on the image on which the regions were drawn.",
        scan.id,
    )
