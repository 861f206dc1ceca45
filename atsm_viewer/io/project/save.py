"""Writing a project file so that at every moment the old or the new one is whole."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from atsm_viewer import __version__
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.state import SessionState
from atsm_viewer.io.project import limits
from atsm_viewer.io.project.audit import results_members
from atsm_viewer.io.project.backup import flush_folder, keep_copy, replace_file, staged_name
from atsm_viewer.io.project.backup_store import BackupPolicy, keep_version
from atsm_viewer.io.project.codec import encode
from atsm_viewer.io.project.embed import FEATURE, describe, embedded_to_dict, encode_image
from atsm_viewer.io.project.errors import ProjectChangedError, ProjectError
from atsm_viewer.io.project.extras import with_unknown
from atsm_viewer.io.project.load import fingerprint_of, load_project
from atsm_viewer.io.project.meta import SCHEMA_MAJOR, SCHEMA_MINOR, ProjectMeta, utc_text
from atsm_viewer.io.project.schema import mask_member, state_to_dict
from atsm_viewer.io.seg_nrrd import encode_seg_nrrd

MIMETYPE = b"application/x-atsm-project"
# What a test can interrupt; called with its name before each step.
STEPS = ("stage", "write", "flush", "read back", "backup", "replace", "flush folder")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: equal input gives equal bytes

Members = tuple[tuple[str, bytes], ...]


def save_project(
    state: SessionState,
    path: Path,
    *,
    meta: ProjectMeta,
    view: dict[str, Any] | None = None,
    results: Results | None = None,
    now: datetime | None = None,
    overwrite_changed: bool = False,
    on_step: Callable[[str], None] | None = None,
    backups: BackupPolicy | None = None,
    on_problem: Callable[[str], None] | None = None,
) -> ProjectMeta:
    """Write a session and return the meta data of the new revision.

    The file is written beside its place, flushed, read back and compared before it replaces the
    old one, which stays as ``name.atsm~``. A failure leaves the old file and nothing else; once the
    new file is in its place nothing fails any more, and what went wrong after that is only told.

    Parameters
    ----------
    state
        The session; its images are not written, only how to find and know them again.
    path
        The project file; a symbolic link is followed.
    meta
        From :meth:`ProjectMeta.new`, the last load or the last save.
    view, results
        The view to come back to (JSON values) and the results to keep for ``verify``.
    now
        Time of the save; the clock when not given.
    overwrite_changed
        Replace the file although somebody else wrote it since it was read.
    on_step
        Called with the name of each of ``STEPS`` before it is taken; an exception stops the save.
    backups
        How many more versions than ``name.atsm~`` are kept; None for no more.
    on_problem
        Told in words what went wrong without stopping the save: that the replaced version could
        not be kept among the earlier ones, or that the folder could not be flushed.

    Raises
    ------
    ProjectChangedError
        When the file on disk is not the one that was read.
    ProjectError
        When it cannot be written; the message names the file.
    """
    step = on_step or (lambda _name: None)
    target = Path(os.path.realpath(path))
    if meta.read_only_reason:
        raise ProjectError(f"“{path.name}” cannot be saved by this version: {meta.read_only_reason}.")
    if not overwrite_changed:
        _check_unchanged(target, meta)
    saved = replace(
        meta,
        revision=meta.revision + 1,
        modified=utc_text(now or datetime.now(UTC)),
        schema=(SCHEMA_MAJOR, meta.schema[1] if meta.schema[0] == SCHEMA_MAJOR else SCHEMA_MINOR),
        damaged=False,
    )
    staged = staged_name(target)
    try:
        members = project_members(state, target.parent, saved, view, results)
        step("stage")
        with staged.open("xb") as stream:
            step("write")
            _write_container(stream, members)
            step("flush")
            stream.flush()
            os.fsync(stream.fileno())
        step("read back")
        _compare(staged, members, state)
        step("backup")
        if target.exists():
            shutil.copymode(target, staged)
            keep_copy(target, _backup_of(target, meta))
            _keep_version(target, backups, on_problem)
        written = fingerprint_of(staged)  # once the file is in its place nothing may fail any more
        step("replace")
        replace_file(staged, target)
    except (OSError, AtsmError, TypeError, ValueError, zipfile.LargeZipFile) as error:
        words = error.user_message if isinstance(error, AtsmError) else str(error)
        raise ProjectError(
            f"“{path.name}” could not be saved: {words}",
            "Save it in another place, or make room and try again.",
            f"{type(error).__name__}: {error}",
        ) from error
    finally:
        # What the save itself ran into says more than that its traces could not be removed.
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
    try:
        step("flush folder")
        flush_folder(target.parent)
    except OSError as error:
        # The new file is in its place: to call this a failure would make the next save meet it as a stranger.
        _tell(
            on_problem,
            f"The folder of “{target.name}” could not be flushed to the disk ({error}): "
            "until the system does so itself, a power cut may bring back the version before.",
        )
    return replace(saved, fingerprint=written and replace(written, path=str(target)))


def _tell(on_problem: Callable[[str], None] | None, words: str) -> None:
    if on_problem is not None:
        on_problem(words)


def _keep_version(
    target: Path, backups: BackupPolicy | None, on_problem: Callable[[str], None] | None
) -> None:
    if backups is None:
        return
    try:
        keep_version(target, backups)
    except OSError as error:
        # ``name.atsm~`` holds the same bytes; not being able to save at all would be worse.
        _tell(on_problem, f"The earlier version could not be kept among the backups: {error}")


def project_members(
    state: SessionState, folder: Path, meta: ProjectMeta, view: dict[str, Any] | None, results: Results | None
) -> Members:
    """Return name and bytes of every member, in file order."""
    grids = {s.id: s.pet_geometry for s in state.scans}
    content: list[tuple[str, bytes]] = []
    for roi in state.rois:
        if roi.scan_id not in grids:
            raise ProjectError(f"the ROI “{roi.name}” lies on a scan that is not part of the session")
        if not roi.mask.is_empty:
            data = encode_seg_nrrd(
                roi.mask, grids[roi.scan_id], segment_id=roi.id, name=roi.name, colour=roi.shown_colour,
                role=roi.role,
            )  # fmt: skip
            content.append((mask_member(roi.id), data))
    if results is not None:
        content.extend(results_members(results))
    described = state_to_dict(state, folder, file_names_only=meta.file_names_only)
    embeds_any = False
    for number, (scan, plain) in enumerate(zip(state.scans, described["scans"], strict=True), start=1):
        images = {
            role: image for role, image in (("pet", scan.pet), ("ct", scan.ct))
            if role in meta.embeds and image is not None
        }  # fmt: skip
        if images:
            embeds_any = True
            packed = {role: describe(image, number, role) for role, image in images.items()}
            plain["embedded"] = embedded_to_dict(packed)
            content.extend((packed[role].file, encode_image(image)) for role, image in images.items())
    own = {
        "format": "atsm-project",
        "schema": {"major": meta.schema[0], "minor": meta.schema[1]},
        # A version that does not know packed images would drop them when it saves.
        "must_understand": [FEATURE] if embeds_any else [],
        "app": {"name": "atsm_viewer", "version": __version__, "libs": _libraries()},
        "project_id": meta.project_id,
        "revision": meta.revision,
        "created": meta.created,
        "modified": meta.modified,
        **described,
        **({"privacy": {"file_names_only": True}} if meta.file_names_only else {}),
        "view": encode(view),
        "extensions": dict(meta.extensions),
        "files": {n: {"sha256": hashlib.sha256(d).hexdigest(), "size": len(d)} for n, d in content},
    }
    manifest = with_unknown(own, dict(meta.unknown))
    text = json.dumps(manifest, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(text) > limits.MAX_MANIFEST_BYTES:
        raise ProjectError("the session is too large for a project file")
    return (("mimetype", MIMETYPE), ("manifest.json", text), *content, ("manifest.bak.json", text))


def _libraries() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("numpy", "pydicom")}


def _write_container(stream: BinaryIO, members: Members) -> None:
    # Without ZIP64 a file beyond the reader's limits is refused here and not at the next load.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=False) as container:
        for name, data in members:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED if _worth_deflating(name, data) else zipfile.ZIP_STORED
            container.writestr(info, data, compresslevel=6)


def _worth_deflating(name: str, data: bytes) -> bool:
    if not name.startswith("manifest"):
        return False
    return len(data) <= limits.DEFLATE_UP_TO_RATIO * len(zlib.compress(data, 6))


def _compare(staged: Path, members: Members, state: SessionState) -> None:
    """Read the staged file from disk and compare it with what was meant."""
    try:
        with zipfile.ZipFile(staged) as container:
            found = [(n, container.read(n)) for n in container.namelist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ProjectError("the disk did not give back what was written", detail=str(error)) from error
    if found != list(members):
        raise ProjectError("the disk did not give back what was written")
    loaded = load_project(staged)
    rois = {r.id: r for r in loaded.state.rois}
    same = len(rois) == len(state.rois) and all(rois[r.id].mask.same_voxels(r.mask) for r in state.rois)
    if loaded.problems or not same:
        raise ProjectError("the file would not load as it was meant", detail=repr(loaded.problems))


def _check_unchanged(target: Path, meta: ProjectMeta) -> None:
    known = meta.fingerprint
    if known is None or known.path != str(target):
        return
    try:
        found = fingerprint_of(target)
    except ProjectError as error:
        raise ProjectChangedError(
            f"“{target.name}” was changed or damaged since it was read.",
            "Use “Save project as…” and give it another name; what lies there stays as it is.",
            str(error),
        ) from error
    # Not the time: a copy or a coarse clock changes it without changing the content.
    if found and (found.size, found.manifest_sha256) != (known.size, known.manifest_sha256):
        raise ProjectChangedError(
            f"“{target.name}” was changed by somebody else since it was read.",
            "Use “Save project as…” and give it another name; what the other wrote stays as it is.",
            f"read {known}, found {found}",
        )


def _backup_of(target: Path, meta: ProjectMeta) -> Path:
    """Return where the file that is being replaced goes."""
    if meta.damaged:  # the good version may be the one in name.atsm~
        return target.with_name(f"{target.stem}.damaged{target.suffix}")
    if meta.schema[0] < SCHEMA_MAJOR:
        return target.with_name(f"{target.stem}.v{meta.schema[0]}{target.suffix}")
    return target.with_name(target.name + "~")
