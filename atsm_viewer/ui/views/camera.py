"""Where a view looks: plane, middle and scale."""

from __future__ import annotations

from dataclasses import replace

from atsm_viewer.domain.geometry import Geometry, Vec3
from atsm_viewer.domain.plane import Orientation, Plane
from atsm_viewer.render.view_transform import ViewTransform

_CLOSEST, _FARTHEST = 200.0, 0.25
"""Largest and smallest enlargement over the fitted view."""


class Camera:
    """Keeps the view transform of one orientation; a fitted one stays fitted when resized."""

    def __init__(self, orientation: Orientation) -> None:
        self._orientation = orientation
        self._grid: Geometry | None = None
        self._fitted_scale = 1.0
        self._is_fitted = True
        self._transform: ViewTransform | None = None
        self._seen: tuple[Geometry | None, Vec3, int, int] | None = None

    @property
    def transform(self) -> ViewTransform | None:
        """The transform now; None while there is nothing to look at."""
        return self._transform

    @property
    def is_fitted(self) -> bool:
        """Whether the whole grid is shown as large as it fits."""
        return self._is_fitted

    def look_at(self, grid: Geometry | None, cursor_lps: Vec3, width_px: int, height_px: int) -> bool:
        """Look at a grid on the plane through the cursor; True when the transform changed.

        Parameters
        ----------
        grid
            The grid that fills the view; None shows nothing. Another grid is fitted anew.
        cursor_lps
            Where the crosshair is, LPS mm.
        width_px, height_px
            Size of the view, device pixels.
        """
        seen = (grid, cursor_lps, width_px, height_px)
        if self._seen is not None and grid is self._seen[0] and seen[1:] == self._seen[1:]:
            return False
        self._seen = seen
        before = self._transform
        if grid is None or width_px < 1 or height_px < 1:
            self._transform = None
            return before is not None
        if self._grid is None or not (self._grid is grid or self._grid.same_grid(grid)):
            self._is_fitted = True
        regrid = self._grid is not grid
        self._grid = grid
        resized = before is None or (before.width_px, before.height_px) != (width_px, height_px)
        if before is None or resized or regrid:
            plane = before.plane if before is not None else self._plane(grid)
            fitted = ViewTransform.fitted(plane, grid, width_px, height_px)
            self._fitted_scale = fitted.mm_per_pixel
            if before is None or self._is_fitted:
                self._transform = fitted
            else:
                self._transform = before.resized(width_px, height_px)
        assert self._transform is not None
        if abs(float(self._transform.plane.distance_mm(cursor_lps))) > 1e-9:
            self._transform = self._transform.with_plane_through(cursor_lps)
        return self._transform != before

    def _plane(self, grid: Geometry) -> Plane:
        # In-plane coordinates count from the middle of the grid, so that views of one study agree.
        return Plane.through(self._orientation, grid.centre_lps)

    def fit(self) -> bool:
        """Show the whole grid; True when the transform changed."""
        if self._transform is None or self._grid is None:
            return False
        now = self._transform
        self._transform = ViewTransform.fitted(now.plane, self._grid, now.width_px, now.height_px)
        self._is_fitted = True
        return self._transform != now

    def put(self, transform: ViewTransform) -> bool:
        """Take over middle and scale of another transform, within limits; True when that changed."""
        now = self._transform
        if now is None:
            return False
        nearest, farthest = self._fitted_scale / _CLOSEST, self._fitted_scale / _FARTHEST
        if not nearest <= transform.mm_per_pixel <= farthest:
            return False
        self._transform = replace(
            now, centre_uv_mm=transform.centre_uv_mm, mm_per_pixel=transform.mm_per_pixel
        )
        if self._transform == now:
            return False
        self._is_fitted = False
        return True
