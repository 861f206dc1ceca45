"""Looking after a project: images, earlier versions, checks, copies to send."""

from __future__ import annotations

from atsm_viewer.app import project_care
from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext


def _needs_project(ctx: AppContext) -> str:
    return "" if ctx.document.path is not None else "Save the project first."


def _needs_missing_images(ctx: AppContext) -> str:
    if not ctx.session.state.scans:
        return "Open a project first."
    return "" if project_care.missing_images(ctx.session.state) else "All images are there."


PROJECT_COMMANDS = (
    CommandSpec("file.find_images", "Find images…", "File/Project",
                "Searches a folder for the images of this project that are missing.",
                project_care.find_images, (), _needs_missing_images),
    CommandSpec("file.backups", "Earlier versions…", "File/Project",
                "Shows the versions kept from earlier saves and restores one; the present one is kept.",
                project_care.browse_backups, (), _needs_project),
    CommandSpec("file.verify", "Verify project", "File/Project",
                "Recomputes the saved project and compares it with the numbers that it stores.",
                project_care.verify_saved, (), _needs_project),
    CommandSpec("file.pack", "Save a copy with images…", "File/Project",
                "Writes a copy with PET and CT inside and without identifiers, fit to be sent.",
                project_care.save_packed_copy, (), needs_scan, starts_group=True),
    CommandSpec("file.deidentify", "Save a de-identified copy…", "File/Project",
                "Writes a copy with new UIDs, pseudonyms and shifted dates; the numbers stay.",
                project_care.save_deidentified_copy, (), needs_scan),
    CommandSpec("file.names_only", "Store file names only", "File/Project",
                "Leaves the folders of the images out of the project: their names may tell who a patient is.",
                project_care.toggle_file_names_only, (), needs_scan,
                checked=project_care.tells_file_names_only),
)  # fmt: skip
