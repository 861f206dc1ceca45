"""Import of raw numbers: ask how they make an image, keep the answer beside them, open them."""

from __future__ import annotations

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.documents import open_paths
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.io.readers.raw_volume import (
    NUMBER_TYPES,
    RawDescription,
    check_size,
    description_path,
    is_raw_description,
    read_description,
    write_description,
)

__all__ = ["NUMBER_TYPES", "RawDescription", "check_size", "description_path", "import_raw"]


def import_raw(ctx: AppContext) -> None:
    """Let the person choose a raw file and describe it, then open it like any other image."""
    path = ctx.port.choose_open_file("Import raw numbers", "All files (*)")
    if path is None:
        return
    try:
        known = description_path(path)
        before = read_description(known)[1] if is_raw_description(known) else None
        description = ctx.port.describe_raw(path, before)
        if description is None:
            return
        written = write_description(path, description)
    except AtsmError as error:
        ctx.port.show_error(error)
        return
    open_paths(ctx, [written])
