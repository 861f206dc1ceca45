"""Which file the session belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from atsm_viewer.domain.results import Results
from atsm_viewer.io.project.lock import ProjectLock
from atsm_viewer.io.project.meta import ProjectMeta


@dataclass
class Document:
    """The file behind the session.

    Parameters
    ----------
    path
        The project file; None while it was never saved.
    meta
        Identity and revision of the project.
    title
        What the window shows while there is no file, for example the series description.
    folder
        Where file dialogs start.
    image_paths
        Files and folders from which the images were opened; empty for a project.
    lock
        What keeps other windows and machines from writing the project; None while it has no file
        or somebody else holds it.
    read_only
        Why the project may be looked at only; empty when it may be saved.
    stored
        The results of the last save, to be shown where images are missing.
    """

    path: Path | None = None
    meta: ProjectMeta = field(default_factory=ProjectMeta.new)
    title: str = ""
    folder: Path = field(default_factory=Path.cwd)
    image_paths: tuple[Path, ...] = ()
    lock: ProjectLock | None = None
    read_only: str = ""
    stored: Results | None = None

    @property
    def name(self) -> str:
        """Name for the title bar and for proposed file names."""
        return self.path.stem if self.path is not None else (self.title or "Untitled")
