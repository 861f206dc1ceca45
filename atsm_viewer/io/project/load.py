"""Reading a project file."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.notices import Notice, Severity
from atsm_viewer.io.project import limits
from atsm_viewer.io.project.archive import Archive, MemberDamagedError, open_archive
from atsm_viewer.io.project.audit import AUDIT_MEMBER
from atsm_viewer.io.project.codec import decode
from atsm_viewer.io.project.embed import FEATURE, EmbeddedImage, embedded_from_dict
from atsm_viewer.io.project.errors import PARSER_ERRORS, ProjectError
from atsm_viewer.io.project.extras import unknown_keys
from atsm_viewer.io.project.meta import SCHEMA_MAJOR, Fingerprint, LoadedProject, ProjectMeta
from atsm_viewer.io.project.migrations import migrate
from atsm_viewer.io.project.schema import state_from_dict, state_to_dict
from atsm_viewer.io.seg_nrrd import decode_seg_nrrd

# Features a file may require; files that require another one are opened for reading only.
UNDERSTOOD: frozenset[str] = frozenset({FEATURE})
_OWN_MEMBERS = frozenset({"mimetype", "manifest.json", "manifest.bak.json", "thumbnail.png"})
# Keys that are written anew at every save, so nothing in them is carried along.
_REWRITTEN = frozenset({"app", "files", "view", "extensions", "schema", "must_understand", "privacy"})


def load_project(path: Path) -> LoadedProject:
    """Return what a project file holds; the images themselves are attached later.

    What is damaged is left out and reported in ``problems``: the manifest has a second copy at
    the end of the file, and without a directory the members are found by their local headers.

    Raises
    ------
    ProjectError
        When the file is no project, is hostile, needs a newer version or cannot be salvaged.
        The message names the file.
    """
    real = Path(os.path.realpath(path))
    try:
        with real.open("rb") as stream:
            return _load(stream, real)
    except FileNotFoundError as error:
        raise ProjectError(f"The project “{path.name}” is not there.", detail=str(error)) from error
    except PARSER_ERRORS as error:
        hint = ""
        backup = real.with_name(real.name + "~")
        if backup.exists():
            hint = f"The version before the last save is in “{backup.name}”."
        if isinstance(error, AtsmError):
            hint = error.hint or hint
            raise ProjectError(f"“{path.name}”: {error.user_message}", hint, error.detail) from error
        raise ProjectError(
            f"“{path.name}” cannot be read as a project.", hint, f"{type(error).__name__}: {error}"
        ) from error


def _load(stream: BinaryIO, path: Path) -> LoadedProject:
    archive = open_archive(stream)
    problems: list[Notice] = []
    if archive.damage:
        problems.append(
            _problem("The project file is damaged; its intact parts were salvaged.", archive.damage)
        )
    manifest_bytes, stored = _read_manifest(archive, problems)
    manifest = _current(stored)
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(entry, dict) for entry in files.values()):
        raise ProjectError("The project file has no usable “files”.")
    _check_members(archive, files, problems)

    budget = [limits.MAX_TOTAL_BYTES]

    def read_mask(roi: dict[str, Any], box: Box) -> Mask | None:
        try:
            data = _declared(archive, files, roi["voxels"]["file"])
        except MemberDamagedError as error:
            problems.append(
                _problem(f"The voxels of the ROI “{roi['name']}” are damaged; it was left out.", str(error))
            )
            return None
        return _mask(data, roi, box, budget)

    state, sources = state_from_dict(manifest, path.parent, read_mask)
    embedded = _embedded(manifest, files)
    audit = _read_audit(archive, files, problems)
    view = manifest.get("view")
    damaged = any(p.severity is Severity.ERROR for p in problems)
    meta = _meta(manifest, stored)
    if meta.read_only_reason:
        words = f"The project can be looked at but not saved: {meta.read_only_reason}."
        problems.append(Notice("project_read_only", Severity.WARNING, words))
    own = state_to_dict(state, path.parent)
    for scan in own["scans"]:
        scan["embedded"] = None  # written anew at every save
    unknown = unknown_keys(manifest, {**_own_keys(manifest), **own})
    fingerprint = None if damaged else _fingerprint(stream, path, manifest_bytes)
    return LoadedProject(
        state=state,
        meta=replace(meta, unknown=unknown, fingerprint=fingerprint, damaged=damaged),
        sources=sources,
        view=view if isinstance(view, dict) else None,
        audit=audit,
        problems=tuple(problems),
        embedded=embedded,
    )


def _embedded(
    manifest: dict[str, Any], files: dict[str, dict[str, Any]]
) -> dict[str, dict[str, tuple[EmbeddedImage, str]]]:
    """Return what is packed into the file, by scan id and role."""
    found = {}
    for n, scan in enumerate(manifest["scans"]):
        if scan.get("embedded") is None:
            continue
        where = f"scans[{n}].embedded"
        images = embedded_from_dict(scan["embedded"], where)
        digests = {role: str(files.get(image.file, {}).get("sha256")) for role, image in images.items()}
        found[str(scan["id"])] = {role: (image, digests[role]) for role, image in images.items()}
    return found


def fingerprint_of(path: Path) -> Fingerprint | None:
    """Return how the project file looks now; None when it is not there.

    Raises
    ------
    ProjectError
        When what lies there cannot be read as a project.
    """
    try:
        with path.open("rb") as stream:
            return _fingerprint(stream, path, open_archive(stream).read("manifest.json"))
    except FileNotFoundError:
        return None
    except PARSER_ERRORS as error:
        raise ProjectError(
            f"What lies at “{path.name}” is not a whole project.", detail=str(error)
        ) from error


def _fingerprint(stream: BinaryIO, path: Path, manifest_bytes: bytes) -> Fingerprint:
    status = os.fstat(stream.fileno())
    digest = hashlib.sha256(manifest_bytes).hexdigest()
    return Fingerprint(str(path), status.st_size, status.st_mtime_ns, digest)


def _read_manifest(archive: Archive, problems: list[Notice]) -> tuple[bytes, dict[str, Any]]:
    reasons = []
    for name in ("manifest.json", "manifest.bak.json"):
        if archive.sizes.get(name, 0) > limits.MAX_MANIFEST_BYTES:
            raise ProjectError("The list of contents is too large.", detail=f"{archive.sizes[name]} bytes")
        try:
            data = archive.read(name)
            manifest = parse_manifest(data)
        except (ValueError, RecursionError) as error:
            reasons.append(f"{name}: {error}")
            continue
        if reasons:
            problems.append(
                _problem("The list of contents was damaged; its second copy was used.", reasons[0])
            )
        return data, manifest
    raise ProjectError(
        "This is not an ATSM project, or its list of contents is lost.", detail="; ".join(reasons)
    )


def parse_manifest(data: bytes) -> dict[str, Any]:
    """Return the manifest; raises ValueError for anything but one plain JSON object."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key appears twice")
        return found

    manifest = json.loads(data, parse_constant=refuse, object_pairs_hook=unique)
    if not isinstance(manifest, dict):
        raise ValueError("not an object")
    return manifest


def _current(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest in the present version."""
    if stored.get("format") != "atsm-project":
        raise ProjectError("This is not a project of this program.")
    schema = stored.get("schema")
    major = decode(int, schema.get("major") if isinstance(schema, dict) else None, "schema.major")
    if major > SCHEMA_MAJOR:
        raise ProjectError(
            f"The project was saved by a newer version of the program (file version {major}; "
            f"this one reads up to {SCHEMA_MAJOR}).",
            "Open it with that version. It is a ZIP file: the ROIs in it are .seg.nrrd files "
            "that other programs can read.",
        )
    return migrate(stored, SCHEMA_MAJOR)


def _meta(manifest: dict[str, Any], stored: dict[str, Any]) -> ProjectMeta:
    needed = decode(tuple[str, ...], manifest.get("must_understand", []), "must_understand")
    missing = sorted(set(needed) - UNDERSTOOD)
    minor = decode(int, manifest["schema"].get("minor", 0), "schema.minor")
    extensions = manifest.get("extensions")
    privacy = manifest.get("privacy", {})
    if not isinstance(privacy, dict):
        raise ProjectError("The project file has no usable “privacy”.")
    return ProjectMeta(
        project_id=decode(str, manifest.get("project_id"), "project_id"),
        revision=decode(int, manifest.get("revision"), "revision"),
        created=decode(str, manifest.get("created"), "created"),
        modified=decode(str, manifest.get("modified"), "modified"),
        schema=(int(stored["schema"]["major"]), minor),
        extensions=extensions if isinstance(extensions, dict) else {},
        read_only_reason=f"it needs {', '.join(missing)}, which this version does not know"
        if missing
        else "",
        embeds=tuple(sorted({r for s in manifest["scans"] for r in (s.get("embedded") or ())})),
        file_names_only=decode(bool, privacy.get("file_names_only", False), "privacy.file_names_only"),
    )


def _own_keys(manifest: dict[str, Any]) -> dict[str, Any]:
    known = {"format", "project_id", "revision", "created", "modified", *_REWRITTEN}
    return {k: manifest[k] for k in known if k in manifest}


def _check_members(archive: Archive, files: dict[str, dict[str, Any]], problems: list[Notice]) -> None:
    for name in sorted(set(archive.sizes) - set(files) - _OWN_MEMBERS):
        if archive.sizes[name] > limits.MAX_UNDECLARED_BYTES:
            raise ProjectError(f"The part “{name}” is not listed and too large.")
        problems.append(
            Notice(
                "project_unlisted", Severity.INFO, f"The project file holds “{name}”, which it does not list."
            )
        )
    for name in sorted(set(files) - set(archive.sizes)):
        if not name.startswith("rois/"):
            problems.append(_problem(f"The part “{name}” of the project file is missing."))


def _declared(archive: Archive, files: dict[str, dict[str, Any]], name: Any) -> bytes:
    """Return a member that is listed in the manifest, compared with its digest there."""
    if not isinstance(name, str) or name not in files:
        raise MemberDamagedError(f"{name!r} is not listed")
    data = archive.read(name)
    if hashlib.sha256(data).hexdigest() != files[name].get("sha256"):
        raise MemberDamagedError(f"{name} differs from its digest")
    return data


def _mask(data: bytes, roi: dict[str, Any], box: Box, budget: list[int]) -> Mask:
    k, j, i = box.shape_kji
    budget[0] -= k * j * i
    if k * j * i > limits.MAX_MEMBER_BYTES or budget[0] < 0:
        raise ProjectError(f"The ROI “{roi['name']}” is too large.")
    nrrd = decode_seg_nrrd(data, max_voxels=k * j * i)
    mask = nrrd.mask()
    if nrrd.block_kji.shape != box.shape_kji or mask.box != box:
        raise ProjectError(f"The voxels of the ROI “{roi['name']}” do not fit what the project says.")
    if mask.n_voxels != roi["voxels"]["n_voxels"]:
        raise ProjectError(f"The ROI “{roi['name']}” has another number of voxels than the project says.")
    return mask


def _read_audit(
    archive: Archive, files: dict[str, dict[str, Any]], problems: list[Notice]
) -> dict[str, Any] | None:
    if AUDIT_MEMBER not in files or AUDIT_MEMBER not in archive.sizes:
        return None
    try:
        return parse_manifest(_declared(archive, files, AUDIT_MEMBER))
    except (ValueError, RecursionError) as error:
        problems.append(_problem("The stored results are damaged; they can be computed again.", str(error)))
        return None


def _problem(text: str, detail: str = "") -> Notice:
    return Notice("project_damaged", Severity.ERROR, text + (f" ({detail})" if detail else ""))
