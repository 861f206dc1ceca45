"""What a slice view draws, worked out from the three states; no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from atsm_viewer.app.pet_display import PetScale, shown_scale
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.box import Box
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.plane import Orientation, Vec3
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.layer import CtLayer, PetLayer
from atsm_viewer.render.roi_layer import RoiLayer
from atsm_viewer.render.window import Window

# Narrower windows differ only in noise; it also keeps the width above zero.
_MIN_WIDTH_SHARE = 1e-6
# Wheel up and the Up key go towards the head, the front and the patient's right.
_UPWARDS = {Orientation.AXIAL: 1.0, Orientation.CORONAL: -1.0, Orientation.SAGITTAL: -1.0}


class Content(Enum):
    """Which images a view shows, on top of what is switched on."""

    FUSED = "fused"
    CT = "ct"
    PET = "pet"


@dataclass(frozen=True, eq=False)
class DrawnRoi:
    """A ROI as a view draws it.

    Parameters
    ----------
    roi_id
        Whose voxels these are.
    layer
        Mask, colour, fill and stroke in progress.
    is_active
        Whether painting writes to it.
    """

    roi_id: str
    layer: RoiLayer
    is_active: bool


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that decides the pixels of a view, apart from where it looks.

    Parameters
    ----------
    scan
        The scan shown; None while nothing is open.
    ct, pet
        Image layers; None where absent or switched off.
    rois
        Visible ROIs of the scan, the active one last (on top).
    outlines
        Whether outlines are drawn.
    """

    scan: Scan | None = None
    ct: CtLayer | None = None
    pet: PetLayer | None = None
    rois: tuple[DrawnRoi, ...] = ()
    outlines: bool = True

    @property
    def layers(self) -> tuple[RoiLayer, ...]:
        """The ROI layers in drawing order."""
        return tuple(r.layer for r in self.rois)


def field_of_interest(scan: Scan) -> Geometry:
    """Return the grid that fills a view: the CT where it is tighter than the PET, else the PET.

    A PET field of view is mostly air around a mouse; the CT of the pair is cut closer.
    """
    ct = scan.ct
    if ct is None or not scan.ct_to_pet.is_identity:
        return scan.pet_geometry
    tight = math.prod(n * s for n, s in zip(ct.geometry.shape_kji, ct.geometry.spacing_kji_mm, strict=True))
    wide = math.prod(
        n * s for n, s in zip(scan.pet_geometry.shape_kji, scan.pet_geometry.spacing_kji_mm, strict=True)
    )
    return ct.geometry if tight < wide else scan.pet_geometry


class SceneBuilder:
    """Builds scenes and keeps the PET scale, whose assessment is the one costly part."""

    def __init__(self, content: Content = Content.FUSED) -> None:
        self._content = content
        self._scale: PetScale | None = None
        self._scale_of: tuple[object, ...] = ()
        self._k_scale: tuple[int, object] | None = None

    def scale(self, state: SessionState, scan: Scan, unit: str) -> PetScale:
        """Return the unit in which the PET is shown."""
        key = (scan, state.administrations, unit)
        if self._scale is None or not _same_objects(key, self._scale_of):
            self._scale, self._scale_of, self._k_scale = shown_scale(state, scan, unit), key, None
        return self._scale

    def build(self, state: SessionState, view: ViewState, pending: tuple[str, Patch] | None) -> Scene:
        """Return what is to be drawn now."""
        scan = next((s for s in state.scans if s.id == view.scan_id), None)
        if scan is None:
            return Scene()
        return Scene(
            scan, self._ct(scan, view), self._pet(state, scan, view), _rois(state, scan, view, pending),
            view.roi_outline,
        )  # fmt: skip

    def _ct(self, scan: Scan, view: ViewState) -> CtLayer | None:
        forced = self._content is Content.CT
        if scan.ct is None or self._content is Content.PET or not (view.ct_visible or forced):
            return None
        window = Window(view.ct_centre_hu, max(view.ct_width_hu, 1.0))
        return CtLayer(scan.ct, window, view.interpolate, scan.ct_to_pet)

    def _pet(self, state: SessionState, scan: Scan, view: ViewState) -> PetLayer | None:
        forced = self._content is Content.PET
        if scan.pet is None or self._content is Content.CT or not (view.pet_visible or forced):
            return None
        frame = min(view.frame, scan.pet.n_frames - 1)
        scale = self.scale(state, scan, view.pet_unit)
        if self._k_scale is None or self._k_scale[0] != frame:
            self._k_scale = (frame, scale.k_scale(frame))
        k_scale = self._k_scale[1]
        assert k_scale is None or isinstance(k_scale, np.ndarray)
        least = max(abs(view.pet_hi), abs(view.pet_lo), 1e-12) * _MIN_WIDTH_SHARE
        hi = max(view.pet_hi, view.pet_lo + least)
        window = Window.of_range(scale.to_stored(view.pet_lo, frame), scale.to_stored(hi, frame))
        colour_map = COLOUR_MAPS.get(view.colour_map) or next(iter(COLOUR_MAPS.values()))
        opacity = min(max(view.pet_opacity, 0.0), 1.0)
        return PetLayer(scan.pet, frame, window, colour_map, opacity, view.interpolate, k_scale)


def _rois(
    state: SessionState, scan: Scan, view: ViewState, pending: tuple[str, Patch] | None
) -> tuple[DrawnRoi, ...]:
    if not view.rois_visible:
        return ()
    fill = min(max(view.roi_fill_opacity, 0.0), 1.0)
    drawn = [
        DrawnRoi(
            roi.id,
            RoiLayer(
                scan.pet_geometry, roi.mask, rgb_of(roi.shown_colour), fill,
                pending[1] if pending is not None and pending[0] == roi.id else None,
            ),
            roi.id == view.active_roi_id,
        )
        for roi in state.rois_of(scan.id)
        if roi.visible
    ]  # fmt: skip
    return tuple(sorted(drawn, key=lambda r: r.is_active))


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#RRGGBB``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def changed_boxes(old: Scene, new: Scene) -> tuple[Box, ...] | None:
    """Return where the ROIs of two scenes differ on the PET grid, or None when everything may.

    A stroke in progress is not looked at: it reports its own boxes.
    """
    same_ct = old.ct is None if new.ct is None else new.ct.draws_same(old.ct)
    same_pet = old.pet is None if new.pet is None else new.pet.draws_same(old.pet)
    if old.scan is not new.scan and not _same_grid(old.scan, new.scan):
        return None
    if not same_ct or not same_pet or old.outlines != new.outlines:
        return None
    before = {r.roi_id: r for r in old.rois}
    after = {r.roi_id: r for r in new.rois}
    if [r for r in before if r in after] != [r for r in after if r in before]:
        return None
    boxes = []
    for roi_id in before.keys() | after.keys():
        a, b = before.get(roi_id), after.get(roi_id)
        if a is None or b is None or not _same_look(a, b):
            boxes += [r.layer.mask.box for r in (a, b) if r is not None]
        elif a.layer.mask is not b.layer.mask:
            boxes.append(_difference(a.layer.mask, b.layer.mask))
    return tuple(box for box in boxes if not box.is_empty)


def _same_look(a: DrawnRoi, b: DrawnRoi) -> bool:
    return (
        a.is_active == b.is_active
        and a.layer.colour_rgb == b.layer.colour_rgb
        and a.layer.fill_opacity == b.layer.fill_opacity
    )


def _same_grid(a: Scan | None, b: Scan | None) -> bool:
    return a is not None and b is not None and a.pet_geometry.same_grid(b.pet_geometry)


def _difference(a: Mask, b: Mask) -> Box:
    """Tight box of the voxels in one mask and not the other."""
    box = a.box.union(b.box)
    return Mask.from_block(box, a.block_in(box) ^ b.block_in(box)).box


def _same_objects(a: Sequence[object], b: Sequence[object]) -> bool:
    return len(a) == len(b) and all(
        x is y or (isinstance(x, str) and x == y) for x, y in zip(a, b, strict=True)
    )


def index_axis(geometry: Geometry, orientation: Orientation) -> int:
    """The index axis (0 k, 1 j, 2 i) that runs most along the direction in which a view scrolls."""
    return int(np.argmax(np.abs(geometry.steps_kji_lps[:, orientation.axis])))


def scrolled(geometry: Geometry, orientation: Orientation, cursor_lps: Vec3, notches: int) -> Vec3:
    """Return the cursor some slices further, on the middle of a slice, inside the grid.

    Parameters
    ----------
    geometry
        Grid of the PET.
    orientation
        The plane that scrolls.
    cursor_lps
        Where the cursor is, LPS mm.
    notches
        Slices; positive towards the head, the front or the patient's right.
    """
    axis = index_axis(geometry, orientation)
    step_mm = float(geometry.steps_kji_lps[axis, orientation.axis])
    now = float(geometry.lps_to_index(cursor_lps)[axis])
    forward = notches if step_mm * _UPWARDS[orientation] > 0 else -notches
    wanted = min(max(round(now) + forward, 0), geometry.shape_kji[axis] - 1)
    moved = list(cursor_lps)
    moved[orientation.axis] += (wanted - now) * step_mm
    return (moved[0], moved[1], moved[2])


def slice_number(geometry: Geometry, orientation: Orientation, cursor_lps: Vec3) -> tuple[int, int]:
    """Number of the PET slice under the cursor, counted from 1, and how many there are."""
    axis = index_axis(geometry, orientation)
    n = geometry.shape_kji[axis]
    return min(max(round(float(geometry.lps_to_index(cursor_lps)[axis])) + 1, 1), n), n


def within_images(scan: Scan, position_lps: Vec3) -> Vec3:
    """Return the nearest position in the smallest upright box around the images, LPS mm."""
    corners = [scan.pet_geometry.corners_lps()]
    if scan.ct is not None:
        corners.append(scan.ct_to_pet.apply(scan.ct.geometry.corners_lps()))
    both = np.concatenate(corners)
    x, y, z = np.clip(position_lps, both.min(axis=0), both.max(axis=0))
    return (float(x), float(y), float(z))


_SIDES = {Orientation.AXIAL: ("H", "F"), Orientation.CORONAL: ("P", "A"), Orientation.SAGITTAL: ("L", "R")}


def position_words(orientation: Orientation, cursor_lps: Vec3) -> str:
    """Slice position in words: the side of the patient's origin and the distance, as ``H 12.5 mm``."""
    value = cursor_lps[orientation.axis]
    positive, negative = _SIDES[orientation]
    return f"{negative if value < -0.05 else positive} {abs(value):.1f} mm"
