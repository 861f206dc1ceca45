"""A still picture for reports and the command line: three planes, colour bar, legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry, Vec3
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.render.colour_maps import ColourMap
from atsm_viewer.render.compose import Composer
from atsm_viewer.render.fused_table import BACKGROUND_RGB
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.outline import outline_segments_uv
from atsm_viewer.render.overlay import colour_bar_ticks, orientation_letters, scale_bar
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import Window

# Pillow is fetched where it is used: the window needs it only for saved pictures.
if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

Rgb = npt.NDArray[np.uint8]
_INK = (235, 235, 235)
_DIM = (160, 164, 168)
_GAP = 8
_BAR_PANE = 110
_AXIS_NAME = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class ColourBar:
    """The scale of the PET colours in the unit shown.

    Parameters
    ----------
    colour_map, window
        Colours, and the range they span in ``unit``.
    unit
        Text above the bar, for example ``SUVbw``.
    """

    colour_map: ColourMap
    window: Window
    unit: str


def fused_screenshot(
    point_lps: Vec3,
    ct: CtLayer | None,
    pet: PetLayer | None,
    rois: Sequence[RoiLayer] = (),
    *,
    colour_bar: ColourBar | None = None,
    legend: Sequence[tuple[str, tuple[int, int, int]]] = (),
    caption: Sequence[str] = (),
    shown: Sequence[Geometry] = (),
    pane_px: int = 480,
    composer: Composer | None = None,
) -> Rgb:
    """Draw the axial, coronal and sagittal planes through a point side by side.

    Parameters
    ----------
    point_lps
        Where the planes meet, LPS mm in the space of the PET.
    ct, pet, rois
        What is drawn, as in :meth:`Composer.compose`; ROIs get an outline too.
    colour_bar
        Drawn at the right if given.
    legend
        Name and colour of what the ROIs are.
    caption
        Lines of text below the pictures.
    shown
        Grids that fill the panes; the PET (or the CT without PET) if empty.
    pane_px
        Width and height of a pane.
    composer
        Reuse its caches; a new one if None.

    Returns
    -------
    ndarray
        Array [row, column, rgb] of uint8.

    Raises
    ------
    AtsmError
        When there is neither CT nor PET, or no room to draw.
    """
    from PIL import Image, ImageDraw, ImageFont

    image_layer = pet or ct
    if image_layer is None:
        raise AtsmError("There is no image to make a picture of.")
    if pane_px < 120:
        raise AtsmError(f"Panes of {pane_px} pixels are too small to read.", "Use at least 120.")
    grids = list(shown) or [image_layer.volume.geometry]
    composer = composer or Composer()
    layers = (ct, pet, rois)
    panes = [
        _pane(ViewTransform.fitted(Plane.through(o, point_lps), grids, pane_px, pane_px), o, layers, composer)
        for o in Orientation
    ]
    size = max(12, pane_px // 30)
    font = ImageFont.load_default(size)
    line = round(size * 1.5)
    width = 3 * pane_px + 4 * _GAP + (_BAR_PANE if colour_bar is not None else 0)
    legend_lines = _flow(legend, font, width - 2 * _GAP)
    height = pane_px + 2 * _GAP + line * (len(legend_lines) + len(caption)) + _GAP
    sheet = Image.new("RGB", (width, height), BACKGROUND_RGB)
    for n, pane in enumerate(panes):
        sheet.paste(pane, (_GAP + n * (pane_px + _GAP), _GAP))
    draw = ImageDraw.Draw(sheet)
    if colour_bar is not None:
        _draw_colour_bar(sheet, draw, colour_bar, (width - _BAR_PANE, _GAP), pane_px, font)
    y = pane_px + 2 * _GAP
    for row in legend_lines:
        for x, name, colour in row:
            draw.rectangle((x, y + 2, x + size, y + 2 + size), fill=colour)
            draw.text((x + size + 6, y), name, fill=_INK, font=font)
        y += line
    for text in caption:
        draw.text((_GAP, y), text, fill=_DIM, font=font)
        y += line
    return np.asarray(sheet, dtype=np.uint8).copy()


_LegendLine = list[tuple[int, str, tuple[int, int, int]]]


def _flow(legend: Sequence[tuple[str, tuple[int, int, int]]], font: Font, room: int) -> list[_LegendLine]:
    """Break the legend into lines; each entry with its x."""
    lines: list[_LegendLine] = []
    x = room + 1
    for name, colour in legend:
        needed = round(font.getlength(name)) + 60
        if x + needed > room:
            lines.append([])
            x = _GAP
        lines[-1].append((x, name, colour))
        x += needed
    return lines


def _pane(
    view: ViewTransform,
    orientation: Orientation,
    layers: tuple[CtLayer | None, PetLayer | None, Sequence[RoiLayer]],
    composer: Composer,
) -> Image.Image:
    from PIL import Image, ImageDraw, ImageFont

    ct, pet, rois = layers
    image = Image.fromarray(rgb_of_picture(composer.compose(view, ct, pet, rois)))
    draw = ImageDraw.Draw(image)
    for roi in rois:
        segments = outline_segments_uv(roi.mask, roi.geometry, view.plane, roi.pending)
        for start, end in view.pixel_of_uv(segments):
            draw.line((*start, *end), fill=roi.colour_rgb, width=2)
    w, h = view.width_px, view.height_px
    size = max(12, w // 28)
    font = ImageFont.load_default(size)
    letters = orientation_letters(view.plane)

    def write(x: float, y: float, text: str, anchor: str) -> None:
        draw.text(
            (x, y), text, fill=_INK, font=font, anchor=anchor, stroke_width=2, stroke_fill=BACKGROUND_RGB
        )

    write(6, h / 2, letters.left, "lm")
    write(w - 6, h / 2, letters.right, "rm")
    write(w / 2, 6, letters.top, "mt")
    write(w / 2, h - 6, letters.bottom, "mb")
    at = f"{view.plane.point_lps[orientation.axis]:.1f}"
    write(6, 6, f"{orientation.value.capitalize()}, {_AXIS_NAME[orientation.axis]} {at} mm", "lt")
    _, length_px, text = scale_bar(view.mm_per_pixel, w / 4.0)
    right, bottom = w - 10, h - 12
    draw.line((right - length_px, bottom, right, bottom), fill=BACKGROUND_RGB, width=7)
    draw.line((right - length_px, bottom, right, bottom), fill=_INK, width=3)
    write(right, bottom - 8, text, "rb")
    return image


def _draw_colour_bar(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    bar: ColourBar,
    at: tuple[int, int],
    pane_px: int,
    font: Font,
) -> None:
    from PIL import Image

    size = round(font.getbbox("Hg")[3])
    x, top = at[0], at[1] + size * 2
    height = pane_px - size * 3
    entries = np.linspace(255, 0, height).round().astype(np.intp)
    strip = np.repeat(bar.colour_map.rgb[entries][:, None], 20, axis=1)
    sheet.paste(Image.fromarray(strip), (x, top))
    draw.rectangle((x - 1, top - 1, x + 20, top + height), outline=_DIM)
    draw.text((x, at[1]), bar.unit, fill=_INK, font=font)
    for value, text in colour_bar_ticks(bar.window, 5):
        y = top + (bar.window.hi - value) / bar.window.width * (height - 1)
        draw.line((x + 20, y, x + 25, y), fill=_INK)
        # The font that comes with Pillow has no minus sign, only the hyphen.
        draw.text((x + 30, y), text.replace("−", "-"), fill=_INK, font=font, anchor="lm")


def rgb_of_picture(picture: npt.NDArray[np.uint32]) -> Rgb:
    """Array [row, column, rgb] of uint8 of a picture 0xffRRGGBB."""
    return np.stack([(picture >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)], axis=-1)


def write_png(path: Path, rgb: Rgb) -> None:
    """Write a picture [row, column, rgb] as PNG.

    Raises
    ------
    AtsmError
        When the file cannot be written.
    """
    from PIL import Image

    try:
        Image.fromarray(rgb).save(path, format="PNG")
    except OSError as error:
        raise AtsmError(
            f"The picture {path} could not be written.", "Choose another folder.", str(error)
        ) from error
