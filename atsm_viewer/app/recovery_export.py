"""Recovered work as a project file, without a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from atsm_viewer.app.documents import PROJECT_SUFFIX, safe_stem
from atsm_viewer.app.recovery import RecoverableWork, rebuild_work
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.journal.journal_file import delete_journal
from atsm_viewer.io.project.save import save_project


@dataclass(frozen=True)
class WrittenWork:
    """A project that was written.

    Parameters
    ----------
    path
        The file.
    problems
        What could not be restored, in words.
    """

    path: Path
    problems: tuple[str, ...]


def write_recovered(root: Path, work: RecoverableWork, folder: Path, *, discard: bool) -> WrittenWork:
    """Write recovered work as a new project; no file is replaced.

    The images are not read: the project says where they are, and opening it finds them.

    Parameters
    ----------
    root
        Folder of all journals.
    work
        What to write.
    folder
        Where; made when it does not exist.
    discard
        Delete the journal once the file is written and nothing is missing from it.

    Raises
    ------
    AtsmError
        When there is nothing to restore, another window is at it, or it cannot be written.
    """
    if not work.can_be_restored:
        raise AtsmError(work.note or "There is nothing to restore.")
    recovered = rebuild_work(root, work, with_images=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _free_name(folder, safe_stem(work.title))
        doubts: list[str] = []
        save_project(
            recovered.state, path, meta=replace(recovered.meta, fingerprint=None), on_problem=doubts.append
        )
        # While the new file may not have reached the disk, the journal is the only copy that has.
        if discard and not recovered.problems and not doubts:
            delete_journal(work.journal)
    except OSError as error:
        raise AtsmError(f"“{folder}” cannot be written: {error.strerror}", detail=str(error)) from error
    finally:
        recovered.claim.release()
    return WrittenWork(path, recovered.problems)


def _free_name(folder: Path, stem: str) -> Path:
    for number in range(1, 10_000):
        extra = "" if number == 1 else f"-{number}"
        path = folder / f"{stem}-recovered{extra}{PROJECT_SUFFIX}"
        if not path.exists():
            return path
    raise AtsmError(f"“{folder}” holds too many recovered projects of that name.")
