"""Where the pixels of a view lie in the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.domain.plane import Plane

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """A plane seen through a window of pixels.

    Pixel coordinates are continuous: x runs right, y down, and the centre of pixel (column c,
    row r) is at (c + 0.5, r + 0.5).

    Parameters
    ----------
    plane
        The plane looked at, in the space of the PET.
    centre_uv_mm
        In-plane coordinates, mm from ``plane.point_lps``, of the middle of the view.
    mm_per_pixel
        Size of a pixel, mm.
    width_px, height_px
        Size of the view in device pixels.

    Raises
    ------
    AtsmError
        When the size or the scale is not positive.
    """

    plane: Plane
    centre_uv_mm: tuple[float, float]
    mm_per_pixel: float
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or not 0 < self.mm_per_pixel < float("inf"):
            raise AtsmError(
                f"A view of {self.width_px} × {self.height_px} pixels at {self.mm_per_pixel} mm "
                "per pixel cannot be drawn."
            )

    @classmethod
    def fitted(
        cls,
        plane: Plane,
        geometry: Geometry | Sequence[Geometry],
        width_px: int,
        height_px: int,
        margin: float = 0.02,
    ) -> ViewTransform:
        """Return the view that shows whole grids, with ``margin`` (a fraction) free on each side."""
        grids = [geometry] if isinstance(geometry, Geometry) else list(geometry)
        if not grids:
            raise AtsmError("There is no image to fit the view to.")
        uv = np.concatenate([plane.to_uv_mm(grid.corners_lps()) for grid in grids])
        lo, hi = uv.min(axis=0), uv.max(axis=0)
        scale = float(max((hi[0] - lo[0]) / width_px, (hi[1] - lo[1]) / height_px)) * (1.0 + 2.0 * margin)
        centre = (float(lo[0] + hi[0]) / 2.0, float(lo[1] + hi[1]) / 2.0)
        return cls(plane, centre, scale, width_px, height_px)

    def uv_of_pixel(self, x_px: npt.ArrayLike, y_px: npt.ArrayLike) -> FloatArray:
        """In-plane coordinates (…, 2), mm, of pixel coordinates."""
        u = self.centre_uv_mm[0] + (np.asarray(x_px, np.float64) - self.width_px / 2.0) * self.mm_per_pixel
        v = self.centre_uv_mm[1] + (np.asarray(y_px, np.float64) - self.height_px / 2.0) * self.mm_per_pixel
        return np.stack(np.broadcast_arrays(u, v), axis=-1)

    def pixel_of_uv(self, uv_mm: npt.ArrayLike) -> FloatArray:
        """Pixel coordinates (…, 2) as (x, y) of in-plane coordinates (…, 2), mm."""
        half = np.array([self.width_px / 2.0, self.height_px / 2.0])
        away = np.asarray(uv_mm, np.float64) - np.asarray(self.centre_uv_mm)
        return np.asarray(away / self.mm_per_pixel + half, dtype=np.float64)

    def to_lps(self, x_px: npt.ArrayLike, y_px: npt.ArrayLike) -> FloatArray:
        """Positions (…, 3), LPS mm, of pixel coordinates (numbers or arrays)."""
        return self.plane.to_lps(self.uv_of_pixel(x_px, y_px))

    def to_pixel(self, position_lps: npt.ArrayLike) -> tuple[float, float]:
        """Pixel coordinates (x, y) of one position (LPS mm), projected along the normal."""
        x, y = self.pixel_of_uv(self.plane.to_uv_mm(position_lps))
        return float(x), float(y)

    def zoomed(self, factor: float, at_px: tuple[float, float]) -> ViewTransform:
        """Return the view enlarged by ``factor``; what lies under ``at_px`` stays there."""
        if not 0 < factor < float("inf"):
            raise AtsmError(f"A zoom factor of {factor} is not possible.")
        u, v = self.uv_of_pixel(*at_px)
        scale = self.mm_per_pixel / factor
        centre = (
            float(u) - (at_px[0] - self.width_px / 2.0) * scale,
            float(v) - (at_px[1] - self.height_px / 2.0) * scale,
        )
        return replace(self, centre_uv_mm=centre, mm_per_pixel=scale)

    def panned(self, dx_px: float, dy_px: float) -> ViewTransform:
        """Return the view with its picture moved right by dx and down by dy pixels."""
        u, v = self.centre_uv_mm
        return replace(self, centre_uv_mm=(u - dx_px * self.mm_per_pixel, v - dy_px * self.mm_per_pixel))

    def resized(self, width_px: int, height_px: int) -> ViewTransform:
        """Return the view with another size, the same scale and the same middle."""
        return replace(self, width_px=width_px, height_px=height_px)

    def with_plane_through(self, point_lps: npt.ArrayLike) -> ViewTransform:
        """Return the view of the parallel plane through a position (LPS mm).

        The plane's own point moves along the normal only, so that in-plane coordinates keep
        their meaning while one scrolls.
        """
        plane = self.plane
        moved = np.asarray(plane.point_lps) + plane.normal_lps * float(plane.distance_mm(point_lps))
        point = (float(moved[0]), float(moved[1]), float(moved[2]))
        return replace(self, plane=Plane(point, plane.u_lps, plane.v_lps))
