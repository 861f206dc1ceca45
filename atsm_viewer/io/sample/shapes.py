"""Solid shapes in patient space, from which the sample subjects are built."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.geometry import Vec3

Coordinates = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Bounds = tuple[Vec3, Vec3]
"""Lowest and highest corner, LPS mm."""


class Shape(Protocol):
    """A solid: where it may lie, which points are inside, and its mirror image.

    ``inside`` takes open grids ``x`` [1, 1, i], ``y`` [1, j, 1], ``z`` [k, 1, 1] in LPS mm and returns
    an array of bool that broadcasts to [k, j, i]; the boundary belongs to the solid.
    """

    def bounds(self) -> Bounds:
        """Corners of a box (LPS mm) that holds the solid."""
        ...

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Membership of grid points (LPS mm), array [k, j, i]."""
        ...

    def mirrored(self) -> Shape:
        """Return the solid reflected in the plane x = 0 (left becomes right)."""
        ...


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid with axes along L, P and S; centre and radii in mm."""

    centre: Vec3
    radii: Vec3

    def bounds(self) -> Bounds:
        """Box around the ellipsoid."""
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        return (cx - rx, cy - ry, cz - rz), (cx + rx, cy + ry, cz + rz)

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points with a normalised squared radius of at most 1."""
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        out: BoolArray = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2 <= 1.0
        return out

    def mirrored(self) -> Ellipsoid:
        """Return the mirror image."""
        cx, cy, cz = self.centre
        return replace(self, centre=(-cx, cy, cz))

    def grown(self, margin_mm: float) -> Ellipsoid:
        """Return an ellipsoid whose radii are longer by ``margin_mm``."""
        rx, ry, rz = self.radii
        return replace(self, radii=(rx + margin_mm, ry + margin_mm, rz + margin_mm))

    @property
    def volume_mm3(self) -> float:
        """4/3 pi a b c, mm3."""
        rx, ry, rz = self.radii
        return 4.0 / 3.0 * math.pi * rx * ry * rz


@dataclass(frozen=True, slots=True)
class TaperedCapsule:
    """Points near a segment, the allowed distance running linearly from one end to the other (mm)."""

    start: Vec3
    end: Vec3
    start_radius: float
    end_radius: float

    def bounds(self) -> Bounds:
        """Box around both end spheres."""
        r = max(self.start_radius, self.end_radius)
        lo = [min(a, b) - r for a, b in zip(self.start, self.end, strict=True)]
        hi = [max(a, b) + r for a, b in zip(self.start, self.end, strict=True)]
        return (lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2])

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points no farther from the segment than the local radius."""
        ax, ay, az = self.start
        dx, dy, dz = (b - a for a, b in zip(self.start, self.end, strict=True))
        px, py, pz = x - ax, y - ay, z - az
        length2 = dx * dx + dy * dy + dz * dz
        along = np.clip(px * (dx / length2) + py * (dy / length2) + pz * (dz / length2), 0.0, 1.0)
        dist2 = (px - along * dx) ** 2 + (py - along * dy) ** 2 + (pz - along * dz) ** 2
        out: BoolArray = dist2 <= (self.start_radius + (self.end_radius - self.start_radius) * along) ** 2
        return out

    def mirrored(self) -> TaperedCapsule:
        """Return the mirror image."""
        (ax, ay, az), (bx, by, bz) = self.start, self.end
        return replace(self, start=(-ax, ay, az), end=(-bx, by, bz))

    def grown(self, margin_mm: float) -> TaperedCapsule:
        """Return a capsule that is thicker by ``margin_mm``."""
        return replace(
            self, start_radius=self.start_radius + margin_mm, end_radius=self.end_radius + margin_mm
        )


class Section(NamedTuple):
    """One cross-section of a loft: height, centre and half-axes, mm."""

    z: float
    cx: float
    cy: float
    rx: float
    ry: float


@dataclass(frozen=True, slots=True)
class Loft:
    """A solid along z whose cross-sections are (super-)ellipses, linear between the given sections.

    Parameters
    ----------
    sections
        Cross-sections in ascending z.
    power
        Exponent of the outline |x/rx|^p + |y/ry|^p = 1; 2 is an ellipse, more is boxier.
    """

    sections: tuple[Section, ...]
    power: float = 2.0

    def bounds(self) -> Bounds:
        """Box around all sections."""
        lo_x = min(s.cx - s.rx for s in self.sections)
        lo_y = min(s.cy - s.ry for s in self.sections)
        hi_x = max(s.cx + s.rx for s in self.sections)
        hi_y = max(s.cy + s.ry for s in self.sections)
        return (lo_x, lo_y, self.sections[0].z), (hi_x, hi_y, self.sections[-1].z)

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points within the outline interpolated at their height."""
        heights = [s.z for s in self.sections]

        def at(column: int) -> npt.NDArray[Any]:
            values = np.interp(z.ravel(), heights, [s[column] for s in self.sections])
            return values.astype(np.float32).reshape(z.shape)

        across = (np.abs(x - at(1)) / at(3)) ** self.power
        deep = (np.abs(y - at(2)) / at(4)) ** self.power
        out: BoolArray = (across + deep <= 1.0) & (z >= heights[0]) & (z <= heights[-1])
        return out

    def mirrored(self) -> Loft:
        """Return the mirror image."""
        return replace(self, sections=tuple(s._replace(cx=-s.cx) for s in self.sections))

    def grown(self, margin_mm: float) -> Loft:
        """Return a loft whose half-axes are longer by ``margin_mm`` (at least 0.1 mm remains)."""
        sections = tuple(
            s._replace(rx=max(s.rx + margin_mm, 0.1), ry=max(s.ry + margin_mm, 0.1)) for s in self.sections
        )
        return replace(self, sections=sections)

    def between(self, lo_z: float, hi_z: float) -> Both:
        """Return the part with ``lo_z`` <= z <= ``hi_z`` (mm)."""
        lo, hi = self.bounds()
        return Both(self, Block((lo[0], lo[1], lo_z), (hi[0], hi[1], hi_z)))


@dataclass(frozen=True, slots=True)
class Block:
    """A box with faces along the patient axes, corners in LPS mm."""

    lo: Vec3
    hi: Vec3

    def bounds(self) -> Bounds:
        """Return the corners."""
        return self.lo, self.hi

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points between the corners."""
        out: BoolArray = (x >= self.lo[0]) & (x <= self.hi[0])
        out = out & (y >= self.lo[1]) & (y <= self.hi[1])
        return out & (z >= self.lo[2]) & (z <= self.hi[2])

    def mirrored(self) -> Block:
        """Return the mirror image."""
        return Block((-self.hi[0], self.lo[1], self.lo[2]), (-self.lo[0], self.hi[1], self.hi[2]))


@dataclass(frozen=True, slots=True)
class Slats:
    """Evenly spaced slabs: makes ribs of a shell and vertebrae of a rod.

    Parameters
    ----------
    pitch, width
        Distance between slabs and their thickness along z, mm.
    slope
        Rise along z per mm towards posterior.
    phase
        Height of the lower face of one slab at y = 0, mm.
    """

    pitch: float
    width: float
    slope: float = 0.0
    phase: float = 0.0

    def bounds(self) -> Bounds:
        """All of space: slats only make sense within another solid."""
        far = 1e6
        return (-far, -far, -far), (far, far, far)

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points within a slab."""
        out: BoolArray = np.mod(z - self.slope * y - self.phase, self.pitch) <= self.width
        return out & np.isfinite(x)

    def mirrored(self) -> Slats:
        """Return itself: slats do not depend on x."""
        return self


@dataclass(frozen=True, slots=True)
class Both:
    """Where two solids overlap."""

    first: Shape
    second: Shape

    def bounds(self) -> Bounds:
        """Overlap of the two boxes."""
        (a_lo, a_hi), (b_lo, b_hi) = self.first.bounds(), self.second.bounds()
        lo = [max(a, b) for a, b in zip(a_lo, b_lo, strict=True)]
        hi = [min(a, b) for a, b in zip(a_hi, b_hi, strict=True)]
        return (lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2])

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points in both."""
        return self.first.inside(x, y, z) & self.second.inside(x, y, z)

    def mirrored(self) -> Both:
        """Return the mirror image."""
        return Both(self.first.mirrored(), self.second.mirrored())


@dataclass(frozen=True, slots=True)
class Without:
    """A solid with another one cut out."""

    solid: Shape
    hole: Shape

    def bounds(self) -> Bounds:
        """Box of the solid."""
        return self.solid.bounds()

    def inside(self, x: Coordinates, y: Coordinates, z: Coordinates) -> BoolArray:
        """Points in the solid and not in the hole."""
        return self.solid.inside(x, y, z) & ~self.hole.inside(x, y, z)

    def mirrored(self) -> Without:
        """Return the mirror image."""
        return Without(self.solid.mirrored(), self.hole.mirrored())


def tube(points: Sequence[Vec3], radii: Sequence[float]) -> list[TaperedCapsule]:
    """Capsules along a polyline (LPS mm) with one radius (mm) per point."""
    pairs = zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True)
    return [TaperedCapsule(a, b, r, s) for a, b, r, s in pairs]
