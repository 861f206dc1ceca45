"""A picture of a session for papers and for the command line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atsm_viewer.app.pet_display import shown_scale
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.results import Results
from atsm_viewer.domain.state import SessionState
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.screenshot import ColourBar, fused_screenshot
from atsm_viewer.render.window import Window


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Return (r, g, b), 0–255, of ``#RRGGBB``."""
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def session_picture(
    state: SessionState, view: ViewState, results: Results, pane_px: int = 480
) -> npt.NDArray[np.uint8]:
    """Return the three fused planes through the crosshair with ROIs, colour bar and caption.

    Parameters
    ----------
    state, view
        What is drawn, and how.
    results
        For the caption.
    pane_px
        Side of a pane in pixels.

    Returns
    -------
    ndarray
        Array [row, column, rgb] of uint8.

    Raises
    ------
    AtsmError
        When there is no image to draw.
    """
    scan = state.scan(view.scan_id)
    if scan.pet is None:
        raise AtsmError(f"The PET of “{scan.label}” is missing, so there is nothing to draw.")
    scale = shown_scale(state, scan, view.pet_unit)
    window = Window.of_range(
        scale.to_stored(view.pet_lo, view.frame),
        scale.to_stored(max(view.pet_hi, view.pet_lo + 1e-9), view.frame),
    )
    colours = COLOUR_MAPS.get(view.colour_map) or next(iter(COLOUR_MAPS.values()))
    pet = PetLayer(
        scan.pet, view.frame, window, colours, view.pet_opacity, view.interpolate, scale.k_scale(view.frame)
    )
    ct = (
        CtLayer(scan.ct, Window(view.ct_centre_hu, view.ct_width_hu), view.interpolate, scan.ct_to_pet)
        if scan.ct is not None
        else None
    )
    shown = [r for r in state.rois_of(scan.id) if r.visible]
    layers = [
        RoiLayer(scan.pet_geometry, r.mask, rgb_of(r.shown_colour), view.roi_fill_opacity, None)
        for r in shown
    ]
    return fused_screenshot(
        view.cursor_lps, ct, pet, layers,
        colour_bar=ColourBar(colours, Window.of_range(view.pet_lo, view.pet_hi), scale.label),
        legend=[(r.name, rgb_of(r.shown_colour)) for r in shown],
        caption=_caption(state, results),
        pane_px=pane_px,
    )  # fmt: skip


def _caption(state: SessionState, results: Results) -> list[str]:
    lines = []
    for row in results.tm.rows[:4]:
        mean, largest = row.get("tm_mean"), row.get("tm_max")
        if isinstance(mean, float) and isinstance(largest, float):
            lines.append(f"{row['roi_name']}: T/M mean {mean:.2f}, T/M max {largest:.2f}")
    lines.append("Research use only; never a diagnosis.")
    return lines
