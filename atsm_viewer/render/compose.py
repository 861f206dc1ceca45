"""One fused picture per view: CT, PET over it, ROI fill on top."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.rigid import RigidTransform
from atsm_viewer.domain.volume import Volume
from atsm_viewer.render import kernels
from atsm_viewer.render.colour_maps import ColourMap
from atsm_viewer.render.dirty_rect import PixelRect
from atsm_viewer.render.fill import fill_roi
from atsm_viewer.render.fused_table import BACKGROUND, fused_table
from atsm_viewer.render.layer import NO_SHIFT, CtLayer, PetLayer
from atsm_viewer.render.placement import Placement, place
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.slice_store import NO_SCALE, SliceStore
from atsm_viewer.render.view_transform import ViewTransform
from atsm_viewer.render.window import Window

Picture = npt.NDArray[np.uint32]
Levels = npt.NDArray[np.uint8]

_KEPT_BASES = 12
_KEPT_BASE_BYTES = 128 * 2**20
_KEPT_TABLES = 8


@dataclass(frozen=True, slots=True)
class _Base:
    """A picture of the images alone; strokes change only what lies above it."""

    view: ViewTransform
    ct: CtLayer | None
    pet: PetLayer | None
    picture: Picture

    def fits(self, view: ViewTransform, ct: CtLayer | None, pet: PetLayer | None) -> bool:
        same_ct = ct is None if self.ct is None else self.ct.draws_same(ct)
        same_pet = pet is None if self.pet is None else self.pet.draws_same(pet)
        return same_ct and same_pet and self.view == view


class Composer:
    """Draws views and keeps what the next drawing can use again.

    One composer serves all views. :meth:`compose` is for one thread; :meth:`prepare` may run in
    another at the same time.
    """

    def __init__(self) -> None:
        self._slices = SliceStore()
        self._bases: OrderedDict[int, _Base] = OrderedDict()
        self._next_base = 0
        self._tables: OrderedDict[tuple[object, ...], npt.NDArray[np.uint32]] = OrderedDict()

    def prepare(self, volume: Volume, frame: int = 0) -> None:
        """Make a copy of a frame in which slices across i lie together (doubles its memory).

        Without it everything is drawn right, but sagittal views of axial series cost some
        milliseconds more. Meant for a background thread.
        """
        self._slices.prepare(volume, frame)

    def forget(self) -> None:
        """Drop everything kept, for instance when another study was opened."""
        self._slices.forget()
        self._bases.clear()

    def compose(
        self,
        view: ViewTransform,
        ct: CtLayer | None,
        pet: PetLayer | None,
        rois: Sequence[RoiLayer] = (),
        out: Picture | None = None,
        rect: PixelRect | None = None,
    ) -> Picture:
        """Draw a view.

        Parameters
        ----------
        view
            What is looked at, in the space of the PET.
        ct, pet
            Image layers; None where absent.
        rois
            Drawn in order, the last on top.
        out
            Array [row, column] of uint32 to draw into; a new one if None.
        rect
            Half-open (x0, y0, x1, y1): draw only these pixels, equal to those of a full drawing.

        Returns
        -------
        ndarray
            ``out``, 0xffRRGGBB. Without image the background; a PET voxel that is NaN shows what
            is below. Images end at the outer faces of their voxels.

        Raises
        ------
        AtsmError
            When ``out`` does not fit the view.
        """
        shape = (view.height_px, view.width_px)
        if out is None:
            out = np.full(shape, BACKGROUND) if rect is not None else np.empty(shape, np.uint32)
        elif out.shape != shape or out.dtype != np.uint32:
            raise AtsmError(f"A picture of {out.shape} {out.dtype} does not fit a view of {shape} uint32.")
        x0, y0, x1, y1 = (0, 0, shape[1], shape[0]) if rect is None else rect
        clipped = (max(x0, 0), max(y0, 0), min(x1, shape[1]), min(y1, shape[0]))
        x0, y0, x1, y1 = clipped
        if x0 >= x1 or y0 >= y1:
            return out
        base = self._base(view, ct, pet)
        np.copyto(out[y0:y1, x0:x1], base[y0:y1, x0:x1])
        for roi in rois:
            fill_roi(view, roi, out, clipped)
        return out

    def _base(self, view: ViewTransform, ct: CtLayer | None, pet: PetLayer | None) -> Picture:
        for key, base in self._bases.items():
            if base.fits(view, ct, pet):
                self._bases.move_to_end(key)
                return base.picture
        picture = self._recycled((view.height_px, view.width_px))
        self._draw_images(view, ct, pet, picture)
        self._bases[self._next_base] = _Base(view, ct, pet, picture)
        self._next_base += 1
        return picture

    def _recycled(self, shape: tuple[int, int]) -> Picture:
        """Memory for a new base: that of the oldest one when enough are kept."""
        held = sum(base.picture.nbytes for base in self._bases.values())
        spare: Picture | None = None
        while self._bases and (len(self._bases) >= _KEPT_BASES or held > _KEPT_BASE_BYTES):
            spare = self._bases.popitem(last=False)[1].picture
            held -= spare.nbytes
        return spare if spare is not None and spare.shape == shape else np.empty(shape, np.uint32)

    def _draw_images(
        self, view: ViewTransform, ct: CtLayer | None, pet: PetLayer | None, out: Picture
    ) -> None:
        table = self._table(pet, ct is not None)
        ct_levels, pet_levels = np.zeros(out.shape, np.uint8), np.zeros(out.shape, np.uint8)
        if ct is not None:
            self._levels(view, ct.volume, 0, ct.ct_to_pet, ct.window, ct.interpolate, None, ct_levels)
        if pet is not None:
            window = pet.window_in_stored_units
            self._levels(
                view, pet.volume, pet.frame, NO_SHIFT, window, pet.interpolate, pet.k_scale, pet_levels
            )
        loops = kernels.loops()
        kernels.in_bands(
            out.shape[0],
            out.shape[1],
            lambda a, b: loops.fuse(pet_levels[a:b], ct_levels[a:b], table, out[a:b]),
        )

    def _table(self, pet: PetLayer | None, over_ct: bool) -> npt.NDArray[np.uint32]:
        colour_map: ColourMap | None = pet.colour_map if pet is not None else None
        opacity = pet.opacity if pet is not None else 0.0
        key = (colour_map, opacity, over_ct)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = fused_table(colour_map, opacity, over_ct)
            while len(self._tables) > _KEPT_TABLES:
                self._tables.popitem(last=False)
        return table

    def _levels(
        self,
        view: ViewTransform,
        volume: Volume,
        frame: int,
        to_view_space: RigidTransform,
        window: Window,
        interpolate: bool,
        k_scale: npt.NDArray[np.float64] | None,
        out: Levels,
    ) -> None:
        """Write window levels of one image; 0 where it is not."""
        placement = place(view, volume.geometry, to_view_space)
        lo, per_unit = np.float32(window.lo), np.float32(254.0 / window.width)
        if not placement.is_separable:
            values = volume.frame_kji(frame)
            scale = NO_SCALE if k_scale is None else np.ascontiguousarray(k_scale, np.float32)
            start, per_x, per_y = placement.start_kji, placement.per_x_kji, placement.per_y_kji
            loops = kernels.loops(values)
            kernels.in_bands(
                out.shape[0],
                out.shape[1],
                lambda a, b: loops.oblique_levels(
                    values, start, per_x, per_y, interpolate, scale, lo, per_unit, out[a:b], a
                ),
            )
            return
        turned = placement.row_axis > placement.column_axis
        plane = self._slices.read(
            volume, frame, placement.fixed_axis, placement.fixed_index, interpolate, k_scale, turned
        )
        if plane is not None:
            self._sample(plane, placement, interpolate, lo, per_unit, out)

    @staticmethod
    def _sample(
        plane: npt.NDArray[np.float32],
        placement: Placement,
        interpolate: bool,
        lo: np.float32,
        per_unit: np.float32,
        out: Levels,
    ) -> None:
        rows, columns = placement.rows(interpolate), placement.columns(interpolate)
        y, x = slice(rows.first, rows.last), slice(columns.first, columns.last)
        if y.start >= y.stop or x.start >= x.stop:
            return
        loops = kernels.loops()
        row_low, row_high, row_weight = rows.low[y], rows.high[y], rows.weight[y]
        column = (columns.low[x], columns.high[x], columns.weight[x])
        kernels.in_bands(
            row_low.size,
            column[0].size,
            lambda a, b: loops.levels(
                plane,
                row_low[a:b],
                row_high[a:b],
                row_weight[a:b],
                *column,
                lo,
                per_unit,
                out,
                y.start + a,
                x.start,
            ),
        )
