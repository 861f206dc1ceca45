"""Opening, saving, exporting."""

from __future__ import annotations

from atsm_viewer.app import documents
from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.raw_import import import_raw

_IMAGE_FILTER = (
    "Images (*.dcm *.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.hdr *.img *.h33 *.hv *.i33 *.v *.v.gz"
    " *.raw.json *.zip);;All files (*)"
)


def _open_folder(ctx: AppContext) -> None:
    folder = ctx.port.choose_folder("Open folder with PET and CT")
    if folder is not None:
        documents.open_paths(ctx, [folder])


def _open_image(ctx: AppContext) -> None:
    path = ctx.port.choose_open_file("Open image file", _IMAGE_FILTER)
    if path is not None:
        documents.open_paths(ctx, [path])


def _open_project(ctx: AppContext) -> None:
    path = ctx.port.choose_open_file("Open project", "ATSM projects (*.atsm);;All files (*)")
    if path is not None:
        documents.open_paths(ctx, [path])


def _import_mask(ctx: AppContext) -> None:
    path = ctx.port.choose_open_file(
        "Import mask as ROI", "Masks (*.nii *.nii.gz *.nrrd *.mha *.mhd);;All files (*)"
    )
    if path is not None:
        documents.import_mask(ctx, path)


def _needs_images(ctx: AppContext) -> str:
    return "" if ctx.document.image_paths else "Open images first."


def _needs_recoverable_work(ctx: AppContext) -> str:
    found = ctx.recovery is not None and ctx.recovery.items
    return "" if found else "There is no unsaved work to recover."


FILE_COMMANDS = (
    CommandSpec("file.open.folder", "Open folder…", "File", "Opens PET and CT from a folder.",
                _open_folder, ("Ctrl+Shift+O",)),
    CommandSpec("file.open.project", "Open project…", "File", "Opens a saved project.",
                _open_project, ("Ctrl+O",)),
    CommandSpec("file.open.image", "Open image file…", "File", "Opens one image file.", _open_image),
    CommandSpec("file.import.raw", "Import raw…", "File",
                "Opens raw numbers after one has said how they make an image.", import_raw),
    CommandSpec("file.recover", "Recover unsaved work…", "File",
                "Shows work that was not saved when the program ended unexpectedly.",
                lambda ctx: ctx.port.show_recovery(), (), _needs_recoverable_work),
    CommandSpec("file.sample.mouse", "Open sample mouse", "File",
                "Makes and opens a simulated 64Cu-ATSM mouse, 24 h after injection.",
                lambda ctx: documents.open_sample(ctx, "mouse"), starts_group=True),
    CommandSpec("file.sample.patient", "Open sample patient", "File",
                "Makes and opens a simulated 64Cu-ATSM patient, 1 h after injection.",
                lambda ctx: documents.open_sample(ctx, "patient")),
    CommandSpec("file.choose_series", "Choose PET and CT…", "File",
                "Shows what lies in the folder opened last and lets one choose PET and CT.",
                documents.choose_series, (), _needs_images),
    CommandSpec("file.import.mask", "Import mask as ROI…", "File",
                "Adds a ROI from a NIfTI, NRRD or MHA mask.",
                _import_mask, (), needs_scan, starts_group=True),
    CommandSpec("file.save", "Save project", "File", "Saves the project.",
                lambda ctx: documents.save(ctx), ("Ctrl+S",), needs_scan, starts_group=True),
    CommandSpec("file.save_as", "Save project as…", "File", "Saves the project under another name.",
                lambda ctx: documents.save_as(ctx), ("Ctrl+Shift+S",), needs_scan),
    CommandSpec("file.export.csv", "Export CSV…", "File",
                "Writes the results of all ROIs and all T/M ratios.",
                lambda ctx: documents.export_csv(ctx), ("Ctrl+E",), needs_scan),
    CommandSpec("file.export.picture", "Save picture…", "File", "Writes the three fused planes as a PNG.",
                lambda ctx: documents.export_picture(ctx), (), needs_scan),
    CommandSpec("file.close", "Close study", "File", "Closes the study and shows the start page.",
                lambda ctx: documents.close(ctx), ("Ctrl+W",), needs_scan, starts_group=True),
    CommandSpec("file.quit", "Quit", "File", "Ends the program.",
                lambda ctx: ctx.port.close_window(), ("Ctrl+Q",)),
)  # fmt: skip
