"""Shapes set by their middle: a click gives the exact size of the option, a drag another one."""

from __future__ import annotations

import numpy as np

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.plane import Vec3
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.tools.base import ToolContext
from atsm_viewer.tools.limits import MAX_DIAMETER_MM, MIN_DIAMETER_MM
from atsm_viewer.tools.shaped import Track

_CIRCLE = tuple((float(np.cos(t)), float(np.sin(t))) for t in np.linspace(0.0, 2.0 * np.pi, 49))


def size_option(title: str, default_mm: float) -> OptionSpec:
    """Return the option for the size that a click gives, mm."""
    return OptionSpec(
        "diameter_mm", title, default_mm, "mm", minimum=MIN_DIAMETER_MM, maximum=MAX_DIAMETER_MM, step=0.5
    )


def dragged_uv(track: Track, ctx: ToolContext) -> tuple[float, float] | None:
    """How far the second point lies from the middle along u and v, mm; None for a click.

    A hand trembles: movements shorter than half the smallest voxel spacing are still a click.
    """
    if len(track) < 2:
        return None
    plane = track[0].plane
    away = plane.to_uv_mm(track[-1].position_lps) - plane.to_uv_mm(track[0].position_lps)
    if float(np.hypot(*away)) < 0.5 * min(ctx.scan.pet_geometry.spacing_kji_mm):
        return None
    return float(away[0]), float(away[1])


def moved(event: PointerEvent, du_mm: float, dv_mm: float) -> Vec3:
    """Return the position some way along u and v of the plane of an event, LPS mm."""
    u, v = event.plane.u_lps, event.plane.v_lps
    x, y, z = (p + du_mm * a + dv_mm * b for p, a, b in zip(event.position_lps, u, v, strict=True))
    return (x, y, z)


def ellipse_line(middle: PointerEvent, half_u_mm: float, half_v_mm: float) -> tuple[Vec3, ...]:
    """Return an ellipse around the position of an event as a closed polyline, LPS mm."""
    return tuple(moved(middle, half_u_mm * c, half_v_mm * s) for c, s in _CIRCLE)


def box_line(middle: PointerEvent, half_u_mm: float, half_v_mm: float) -> tuple[Vec3, ...]:
    """Return a rectangle around the position of an event as a closed polyline, LPS mm."""
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return tuple(moved(middle, a * half_u_mm, b * half_v_mm) for a, b in signs)
