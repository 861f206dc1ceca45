"""Copies of a project that can be sent: without identifiers, with or without the images."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from atsm_viewer import __version__
from atsm_viewer.app.deidentifying import deidentified
from atsm_viewer.app.image_places import ImagePlaces
from atsm_viewer.app.project_opening import OpenedProject, open_project_file
from atsm_viewer.app.saved_view import saved_view
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project.lock import acquire_lock
from atsm_viewer.io.project.meta import ProjectMeta
from atsm_viewer.io.project.save import save_project
from atsm_viewer.metrics.evaluate import evaluate


@dataclass(frozen=True)
class SentCopy:
    """What was written.

    Parameters
    ----------
    path
        The copy.
    embedded
        Which images it holds: ``pet``, ``ct``.
    size
        Bytes.
    """

    path: Path
    embedded: tuple[str, ...]
    size: int

    def words(self) -> str:
        """Return what was written, and what to check, for people."""
        images = " and ".join(role.upper() for role in sorted(self.embedded, reverse=True)) or "no images"
        return (
            f"Wrote {self.path.name} with {images} ({self.size / 1e6:.1f} MB). UIDs, labels, file names and "
            "words of notices are replaced and dates are shifted; names of ROIs and groups and the image "
            "itself are as they were: check them before you send the copy."
        )


def write_copy(state: SessionState, out: Path, *, embeds: tuple[str, ...]) -> SentCopy:
    """Write a session as a new project without identifiers.

    Parameters
    ----------
    state
        The session.
    out
        The file, which must not exist.
    embeds
        Which images are packed into it: ``pet``, ``ct``.

    Raises
    ------
    AtsmError
        When an image that is to be packed is missing, the file exists, or it cannot be written.
    """
    if out.exists():
        raise AtsmError(f"“{out.name}” already exists; nothing was written.", "Choose another name.")
    if "pet" in embeds:
        for scan in state.scans:
            if scan.pet is None:
                raise AtsmError(
                    f"The PET of “{scan.label}” is missing, so it cannot be packed.", "Find the images first."
                )
    held = tuple(role for role in embeds if any(getattr(s, role) is not None for s in state.scans))
    clean = deidentified(state)
    # Rows of the last save name the old labels and UIDs: where no image is left there are none.
    results = evaluate(clean, app_version=__version__)
    try:
        lock = acquire_lock(out)
    except OSError as error:
        raise AtsmError(
            f"“{out.name}” could not be written: {error.strerror}.", "Choose another folder."
        ) from error
    try:
        meta = replace(ProjectMeta.new(), embeds=held)
        save_project(clean, out, meta=meta, view=saved_view(None, clean).to_dict(), results=results)
    finally:
        lock.release()
    return SentCopy(out, held, os.path.getsize(out))


def copy_project(
    project: Path, out: Path, *, embeds: tuple[str, ...], images: tuple[Path, ...] = (),
    places: ImagePlaces | None = None,
) -> SentCopy:  # fmt: skip
    """Write a copy of a project file that can be sent; see :func:`write_copy`.

    Raises
    ------
    AtsmError
        When the project cannot be read, or as :func:`write_copy`.
    """
    if not project.exists():
        raise AtsmError(f"“{project}” does not exist.", "Check the path; nothing was changed.")
    opened: OpenedProject = open_project_file(project, search=images, places=places)
    return write_copy(opened.state, out, embeds=embeds)
