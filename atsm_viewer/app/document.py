"""Which file the session belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from atsm_viewer.app.jobs import CancelToken
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
    opening
        Stops the opening in progress; None when nothing was opened yet.
    """

    path: Path | None = None
    meta: ProjectMeta = field(default_factory=ProjectMeta.new)
    title: str = ""
    folder: Path = field(default_factory=Path.cwd)
    image_paths: tuple[Path, ...] = ()
    lock: ProjectLock | None = None
    read_only: str = ""
    stored: Results | None = None

    opening: CancelToken | None = None

    def become(
        self,
        *,
        title: str,
        folder: Path,
        path: Path | None = None,
        meta: ProjectMeta | None = None,
        image_paths: tuple[Path, ...] = (),
        stored: Results | None = None,
    ) -> None:
        """Belong to another file from now on.

        To be called before the session is replaced: were it the other way round, an error in
        between would leave a new session that saves itself over the old project.
        """
        self.path, self.meta = path, meta if meta is not None else ProjectMeta.new()
        self.title, self.folder, self.image_paths, self.stored = title, folder, image_paths, stored

    @property
    def name(self) -> str:
        """Name for the title bar and for proposed file names."""
        return self.path.stem if self.path is not None else (self.title or "Untitled")
