"""Tissues and the order in which their shapes are painted into a label map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.geometry import Geometry
from atsm_viewer.io.sample.shapes import BoolArray, Bounds, Shape

LabelArray = npt.NDArray[np.uint8]
Role = Literal["tumour", "muscle", "other"]


@dataclass(frozen=True, slots=True)
class Tissue:
    """What one label stands for.

    Parameters
    ----------
    name
        Words for people, unique within a subject.
    suv
        True SUVbw (g/mL) before blur and noise.
    hu
        CT number before blur and noise.
    role
        What a ROI over it would be.
    """

    name: str
    suv: float
    hu: float
    role: Role = "other"


@dataclass(slots=True)
class Anatomy:
    """A subject as a list of painted shapes; later paint covers earlier paint.

    Labels are 1, 2, … in the order in which tissues are declared; 0 is air around the subject.
    """

    tissues: list[Tissue] = field(default_factory=list)
    paints: list[tuple[int, Shape]] = field(default_factory=list)

    def declare(self, *tissues: Tissue) -> None:
        """Add tissues; their labels follow those already declared."""
        self.tissues.extend(tissues)

    def label(self, name: str) -> int:
        """Label of a tissue; raises :class:`AtsmError` for a name that was not declared."""
        for label, tissue in enumerate(self.tissues, start=1):
            if tissue.name == name:
                return label
        raise AtsmError(f"The sample has no tissue named “{name}”.")

    def paint(self, name: str, *shapes: Shape) -> None:
        """Paint shapes over whatever is there."""
        label = self.label(name)
        self.paints.extend((label, shape) for shape in shapes)

    def paint_pair(self, name: str, *shapes: Shape) -> None:
        """Paint shapes and their mirror images."""
        self.paint(name, *shapes, *(shape.mirrored() for shape in shapes))

    def paint_sides(self, name: str, *shapes: Shape) -> None:
        """Paint shapes of the left side as “<name>, left”, their mirror images as “<name>, right”."""
        self.paint(f"{name}, left", *shapes)
        self.paint(f"{name}, right", *(shape.mirrored() for shape in shapes))

    def labels_of_role(self, role: Role) -> tuple[int, ...]:
        """Labels whose tissue has this role."""
        return tuple(n for n, t in enumerate(self.tissues, start=1) if t.role == role)

    def suv_by_label(self) -> npt.NDArray[np.float64]:
        """Array [label] of true SUVbw; label 0 (air) is 0."""
        return np.array([0.0, *(t.suv for t in self.tissues)], dtype=np.float64)

    def hu_by_label(self) -> npt.NDArray[np.float32]:
        """Array [label] of CT numbers; label 0 (air) is -1000."""
        return np.array([-1000.0, *(t.hu for t in self.tissues)], dtype=np.float32)

    def bounds_of_active(self) -> Bounds:
        """Box (LPS mm) around every shape whose tissue holds activity."""
        boxes = [shape.bounds() for label, shape in self.paints if self.tissues[label - 1].suv > 0]
        lo = np.min([b[0] for b in boxes], axis=0)
        hi = np.max([b[1] for b in boxes], axis=0)
        return (lo[0], lo[1], lo[2]), (hi[0], hi[1], hi[2])

    def rasterise(self, geometry: Geometry) -> LabelArray:
        """Label map [k, j, i]: which tissue holds each voxel centre.

        Raises
        ------
        AtsmError
            When the grid does not run along +L, +P, +S.
        """
        if np.any(geometry.steps_kji_lps != np.diag(geometry.spacing_kji_mm)[:, ::-1]):
            raise AtsmError("Sample subjects can only be sampled on a grid along L, P and S.")
        spacing, origin = geometry.spacing_kji_mm[::-1], geometry.origin_lps
        axes = [
            (origin[a] + spacing[a] * np.arange(geometry.shape_kji[2 - a])).astype(np.float32)
            for a in range(3)
        ]
        labels: LabelArray = np.zeros(geometry.shape_kji, dtype=np.uint8)
        for label, shape in self.paints:
            lo, hi = shape.bounds()
            # A small margin keeps points that rounding would put just outside the box.
            first = [int(np.searchsorted(axes[a], lo[a] - 1e-3)) for a in range(3)]
            last = [int(np.searchsorted(axes[a], hi[a] + 1e-3)) for a in range(3)]
            x, y, z = (axes[a][first[a] : last[a]] for a in range(3))
            if x.size and y.size and z.size:
                inside = shape.inside(x[None, None, :], y[None, :, None], z[:, None, None])
                block = labels[first[2] : last[2], first[1] : last[1], first[0] : last[0]]
                np.copyto(block, np.uint8(label), where=inside)
        return labels


def is_any_of(labels_kji: LabelArray, wanted: Iterable[int]) -> BoolArray:
    """Array [k, j, i] of bool: voxels whose label is one of ``wanted``."""
    table = np.zeros(256, dtype=np.bool_)
    table[list(wanted)] = True
    out: BoolArray = table[labels_kji]
    return out
