"""From a project file to a session with its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atsm_viewer.app.image_places import ImagePlaces
from atsm_viewer.app.jobs import CancelToken, ProgressFn
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.image_source import ImageSource
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.domain.volume import Volume
from atsm_viewer.io.digest import pixel_digest
from atsm_viewer.io.project.attach import Identity, check_identity
from atsm_viewer.io.project.embed import EmbeddedImage, read_embedded
from atsm_viewer.io.project.load import load_project
from atsm_viewer.io.project.meta import ProjectMeta, ScanSources
from atsm_viewer.io.read_series import LoadedImage, read_series
from atsm_viewer.io.relocate import ImageFinder, SearchPlan


def _nothing(fraction: float, words: str) -> None:
    return None


def _part(progress: ProgressFn, start: float, share: float) -> ProgressFn:
    return lambda fraction, words: progress(start + share * fraction, words)


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
    places: ImagePlaces | None = None,
) -> OpenedProject:
    """Read a project and attach its images.

    Parameters
    ----------
    path
        The ``.atsm`` file.
    progress, cancel
        For long work.
    search
        More folders in which images may lie, chosen by the person.
    places
        Where images of this machine were seen before; it is only read.

    Raises
    ------
    AtsmError
        When the file is not a project that can be read. Images that are missing or changed are no
        error: the project opens without them and says so.
    """
    token = cancel or CancelToken()
    progress(0.0, "Reading the project")
    loaded = load_project(path)
    known = [s for sources in loaded.sources.values() for s in (sources.pet, sources.ct)]
    plan = SearchPlan(
        tuple(search), path.resolve().parent, places.folders(known) if places is not None else ()
    )
    state, notices = attach_images(
        loaded.state, loaded.sources, plan, progress, token, packed=PackedImages(path, loaded.embedded)
    )
    # Notices about this opening are found anew each time; stored ones that say the same are dropped.
    kept = tuple(x for x in state.notices if x.code not in OPENING_CODES)
    fresh = tuple(x for x in (*loaded.problems, *notices) if x not in kept)
    # Saving without an image that was packed would drop it: the file that still holds it is kept.
    lost = any(
        getattr(state.scan(scan_id), role) is None
        for scan_id, packed in loaded.embedded.items()
        for role in packed
    )
    meta = replace(loaded.meta, damaged=True) if lost else loaded.meta
    return OpenedProject(replace(state, notices=kept + fresh), meta, loaded.view, loaded.audit)


@dataclass(frozen=True)
class PackedImages:
    """The images inside a project file.

    Parameters
    ----------
    path
        The project.
    images
        By scan id and role: what is packed, and the digest of its member.
    """

    path: Path
    images: Mapping[str, Mapping[str, tuple[EmbeddedImage, str]]]

    def read(self, scan_id: str, role: str) -> Volume | None:
        """Return an image, or None when it is not packed; raises AtsmError when it is damaged."""
        found = self.images.get(scan_id, {}).get(role)
        return None if found is None else read_embedded(self.path, *found)


def attach_images(
    state: SessionState,
    sources: Mapping[str, ScanSources],
    plan: SearchPlan | Sequence[Path],
    progress: ProgressFn = _nothing,
    cancel: CancelToken | None = None,
    packed: PackedImages | None = None,
) -> tuple[SessionState, tuple[Notice, ...]]:
    """Return the session with as many of its images as could be found, and what is to be said.

    Parameters
    ----------
    state
        A session; scans that have their PET are left as they are.
    sources
        From scan id to where its images were.
    plan
        Where to look, besides where the images were; or just folders to look in.
    progress, cancel
        For long work.
    packed
        Images inside the project file.
    """
    token = cancel or CancelToken()
    finder = ImageFinder(
        plan if isinstance(plan, SearchPlan) else SearchPlan(tuple(plan)),
        cancelled=lambda: token.is_cancelled,
    )
    notices: list[Notice] = []
    n = max(1, len(state.scans))
    for number, scan in enumerate(state.scans):
        token.check()
        if scan.pet is not None and (scan.ct is not None or scan.ct_source is None):
            continue
        known = sources.get(scan.id)
        at = 0.05 + 0.9 * number / n
        if known is None or known.pet is None:
            notices.append(_missing(scan, "PET", "the project does not say which one it was"))
            continue
        search = _Search(scan, finder, packed, token)
        new = scan if scan.pet is not None else replace(scan, pet_source=known.pet, ct_source=known.ct)
        if scan.pet is None:
            pet = search.find(known.pet, "PET", _part(progress, at, 0.4 / n))
            if pet is not None and not scan.pet_geometry.same_grid(pet.volume.geometry):
                search.notices.append(_refused(scan, "PET", "it lies on another grid than the ROIs"))
                pet = None
            if pet is not None:
                new = replace(
                    new, pet=pet.volume, pet_source=pet.source,
                    pet_facts=pet.facts if pet.facts is not None else scan.pet_facts,
                    pet_instance_tk=pet.instance_tk if pet.facts is not None else scan.pet_instance_tk,
                )  # fmt: skip
        if known.ct is not None and scan.ct is None:
            ct = search.find(known.ct, "CT", _part(progress, at + 0.4 / n, 0.4 / n))
            if ct is not None:
                new = replace(new, ct=ct.volume, ct_source=ct.source)
        notices.extend(search.notices)
        state = replace(state, scans=tuple(new if s.id == scan.id else s for s in state.scans))
    return state, tuple(notices)


OPENING_CODES = frozenset({"image_missing", "image_refused", "image_copy", "project_locked"})


class _Search:
    """The search for the images of one scan, with what is to be said about it."""

    def __init__(
        self, scan: Scan, finder: ImageFinder, packed: PackedImages | None, token: CancelToken
    ) -> None:
        self._scan = scan
        self._finder = finder
        self._packed = packed
        self._token = token
        self.notices: list[Notice] = []

    def find(self, source: ImageSource, what: str, progress: ProgressFn) -> LoadedImage | None:
        progress(0.0, f"Looking for the {what}")
        inside = self._inside(source, what)
        if inside is not None:
            return inside
        found = self._finder.find(source)
        self._token.check()
        if found.entry is None and found.changed is not None:
            where = found.changed.paths[0].parent.name
            why = f"what lies in “{where}” has its name or series UID but other values"
            self.notices.append(_refused(self._scan, what, why + "."))
            return None
        if found.entry is None:
            self.notices.append(_missing(self._scan, what, source.description))
            return None
        try:
            image = read_series(
                found.entry,
                progress=lambda f, words: progress(0.2 + 0.7 * f, words),
                cancelled=lambda: self._token.is_cancelled,
            )
        except AtsmError as error:
            self._token.check()
            self.notices.append(_refused(self._scan, what, error.user_message))
            return None
        self._token.check()
        return self._accepted(source, what, image)

    def _inside(self, source: ImageSource, what: str) -> LoadedImage | None:
        """Return the image from inside the project file, or None."""
        try:
            volume = self._packed.read(self._scan.id, what.lower()) if self._packed is not None else None
        except AtsmError as error:
            self.notices.append(_refused(self._scan, what, error.user_message))
            return None
        if volume is None:
            return None
        if source.pixel_digest and pixel_digest(volume) != source.pixel_digest:
            self.notices.append(
                _refused(self._scan, what, "the image in the project is not the one drawn on.")
            )
            return None
        return LoadedImage(volume, source)

    def _accepted(self, source: ImageSource, what: str, image: LoadedImage) -> LoadedImage | None:
        image = replace(image, source=replace(image.source, pixel_digest=pixel_digest(image.volume)))
        verdict = check_identity(source, image.source)
        self.notices.extend(replace_scan(image.notices, self._scan.id))
        if not verdict.accepted:
            self.notices.append(_refused(self._scan, what, verdict.note))
            return None
        if verdict.identity is Identity.COPY:
            text = f"The {what} of “{self._scan.label}”: {verdict.note}"
            self.notices.append(Notice("image_copy", Severity.INFO, text, scan_id=self._scan.id))
            # The header of a copy may have other dates and identifiers; those of the project define
            # its numbers, and those of the copy would undo a de-identification at the next save.
            if what == "CT" or self._scan.pet_facts is not None:
                kept = replace(source, paths=image.source.paths)
                return replace(image, source=kept, facts=None, instance_tk=())
        return image


def replace_scan(notices: Sequence[Notice], scan_id: str) -> tuple[Notice, ...]:
    """Return notices that name the scan they are about."""
    return tuple(replace(n, scan_id=n.scan_id or scan_id) for n in notices)


def _missing(scan: Scan, what: str, description: str) -> Notice:
    return Notice(
        "image_missing",
        Severity.ERROR if what == "PET" else Severity.WARNING,
        f"The {what} of “{scan.label}” was not found ({description}).",
        "Choose “Find images…” and the folder that holds them now; "
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
