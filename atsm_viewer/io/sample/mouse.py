"""A simulated 22.3 g mouse with a subcutaneous tumour on the right shoulder."""

from __future__ import annotations

import math
from datetime import timedelta

from atsm_viewer.domain.geometry import Vec3
from atsm_viewer.io.sample.anatomy import Anatomy, Tissue
from atsm_viewer.io.sample.scenario import Scenario, centred_grid
from atsm_viewer.io.sample.shapes import (
    Block,
    Both,
    Ellipsoid,
    Loft,
    Section,
    Slats,
    TaperedCapsule,
    Without,
    tube,
)
from atsm_viewer.io.sample.uids import sample_uid

TUMOUR = Ellipsoid((-10.2, 3.4, 14.5), (3.6, 4.1, 4.2))
"""Whole tumour, 260 mm3."""
TUMOUR_CORE = Ellipsoid((-10.5, 3.3, 14.3), (1.9, 2.1, 2.2))
BLADDER = Ellipsoid((0.0, -4.6, -30.0), (2.6, 2.4, 2.8))

BODY = Loft(
    tuple(
        Section(z, 0.0, cy, rx * 0.90, ry * 0.92)
        for z, cy, rx, ry in (
            (-38.5, 3.6, 3.2, 3.0),
            (-36.0, 3.0, 7.0, 6.2),
            (-32.5, 1.8, 10.0, 9.0),
            (-27.0, 0.8, 12.2, 10.4),
            (-18.0, 0.0, 13.2, 11.0),
            (-8.0, 0.0, 13.2, 11.0),
            (2.0, 0.3, 11.8, 10.4),
            (12.0, 0.5, 10.2, 9.6),
            (19.0, 0.8, 8.9, 8.8),
            (24.0, 0.9, 7.6, 7.6),
            (29.0, 0.7, 8.0, 7.6),
            (33.0, 0.2, 7.4, 6.9),
            (37.0, -0.7, 5.2, 5.0),
            (40.5, -1.4, 3.4, 3.2),
            (43.0, -1.8, 1.7, 1.6),
        )
    )
)

KNEE, ANKLE, TOES = (11.2, -5.0, -19.6), (11.6, -2.8, -31.5), (12.4, -5.4, -39.0)
SHOULDER, ELBOW, WRIST, PAW = (6.0, -0.5, 20.0), (9.6, -4.4, 14.0), (8.2, -8.8, 22.0), (7.4, -9.8, 26.5)
SPINE: tuple[Vec3, ...] = (
    (0.0, 1.6, 25.0), (0.0, 4.4, 19.0), (0.0, 5.9, 9.0), (0.0, 6.4, -5.0),
    (0.0, 6.2, -18.0), (0.0, 5.4, -28.0), (0.0, 5.2, -37.0),
)  # fmt: skip
TAIL: tuple[Vec3, ...] = (
    (0.0, 5.0, -36.0), (1.5, 6.4, -40.5), (6.0, 7.0, -42.6), (12.0, 7.0, -41.5), (16.5, 7.2, -36.0),
    (18.0, 7.6, -27.0), (18.4, 7.8, -16.0),
)  # fmt: skip


def _tissues(anatomy: Anatomy) -> None:
    muscle = 0.5
    anatomy.declare(
        Tissue("bed", 0.0, 60.0),
        Tissue("skin and fat", 0.36, -60.0),
        Tissue("trunk muscle", muscle, 55.0, "muscle"),
        Tissue("paraspinal muscle, left", muscle, 55.0, "muscle"),
        Tissue("paraspinal muscle, right", muscle, 55.0, "muscle"),
        Tissue("thigh muscle, left", muscle, 55.0, "muscle"),
        Tissue("thigh muscle, right", muscle, 55.0, "muscle"),
        Tissue("shoulder muscle, left", muscle, 55.0, "muscle"),
        Tissue("shoulder muscle, right", muscle, 55.0, "muscle"),
        Tissue("cavity fat", 0.40, -70.0),
        Tissue("bone", 0.65, 720.0),
        Tissue("brain", 0.30, 42.0),
        Tissue("lung", 0.70, -480.0),
        Tissue("heart wall", 1.5, 60.0),
        Tissue("blood", 1.0, 45.0),
        Tissue("liver", 5.0, 70.0),
        Tissue("stomach", 1.2, 20.0),
        Tissue("spleen", 1.4, 60.0),
        Tissue("small bowel", 2.6, 35.0),
        Tissue("caecum", 2.0, 15.0),
        Tissue("kidneys", 3.2, 50.0),
        Tissue("bladder", 2.2, 8.0),
        Tissue("airway", 0.0, -980.0),
        Tissue("tumour rim", 3.0 * muscle, 45.0, "tumour"),
        Tissue("tumour core", 0.7, 35.0, "tumour"),
    )


def _outside(anatomy: Anatomy) -> None:
    pipe = Loft((Section(-46.0, 0.0, -3.5, 19.5, 16.0), Section(34.0, 0.0, -3.5, 19.5, 16.0)))
    half = Block((-30.0, 5.2, -46.0), (30.0, 30.0, 34.0))
    anatomy.paint("bed", Both(Without(pipe, pipe.grown(-1.1)), half))
    anatomy.paint("skin and fat", BODY, TUMOUR.grown(0.6), *tube(TAIL, [2.0, 1.6, 1.4, 1.2, 1.1, 1.0, 0.8]))
    anatomy.paint_pair(
        "skin and fat",
        *(c.grown(0.7) for c in _thigh()),
        *tube([KNEE, ANKLE, TOES], [3.0, 1.5, 1.1]),
        *(c.grown(0.6) for c in _upper_arm()),
        *tube([ELBOW, WRIST, PAW], [2.4, 1.3, 1.2]),
        Ellipsoid((7.0, 4.6, 28.5), (3.2, 0.7, 3.0)),
    )


def _thigh() -> list[TaperedCapsule]:
    # The femur runs along the front of the thigh; most of the muscle lies behind it.
    return [TaperedCapsule((7.6, 3.2, -27.6), (10.6, -2.2, -23.4), 4.9, 4.0)]


def _upper_arm() -> list[TaperedCapsule]:
    return [TaperedCapsule(SHOULDER, ELBOW, 3.2, 2.3)]


def _muscle_and_bone(anatomy: Anatomy, cavity: Loft) -> None:
    anatomy.paint("trunk muscle", BODY.grown(-0.9).between(-36.0, 35.0))
    anatomy.paint("cavity fat", cavity)
    ribs = cavity.grown(0.5)
    shell = Without(ribs.between(-4.0, 21.0), ribs.grown(-0.6))
    anatomy.paint(
        "bone", Both(shell, Slats(2.7, 0.8, 0.35)), TaperedCapsule((0, -6.6, 18), (0, -8.0, 4), 0.6, 0.6)
    )
    anatomy.paint_sides(
        "paraspinal muscle", *tube([(2.9, 6.0, 12.0), (3.1, 6.0, -6.0), (3.1, 5.6, -26.0)], [1.9, 2.4, 2.2])
    )
    anatomy.paint_sides("thigh muscle", *_thigh(), TaperedCapsule(KNEE, (11.4, -3.0, -26.0), 2.0, 1.6))
    anatomy.paint_sides("shoulder muscle", *_upper_arm(), Ellipsoid((4.8, 4.6, 19.0), (2.6, 2.6, 4.2)))
    vertebrae = Slats(2.6, 2.1)
    anatomy.paint("bone", *(Both(c, vertebrae) for c in tube(SPINE, [1.1, 1.2, 1.2, 1.4, 1.5, 1.4, 1.1])))
    anatomy.paint(
        "bone", *(Both(c, vertebrae) for c in tube([(x, y + 1.8, z) for x, y, z in SPINE[1:6]], [0.5] * 5))
    )
    anatomy.paint("bone", *(Both(c, vertebrae) for c in tube(TAIL[:4], [0.8, 0.7, 0.6, 0.5])))
    femur_hip = (4.4, 1.6, -24.6)
    anatomy.paint_pair(
        "bone",
        Ellipsoid((5.2, 5.6, 18.5), (2.3, 0.4, 3.3)),
        *tube([SHOULDER, ELBOW, WRIST, PAW], [0.8, 0.6, 0.5, 0.4]),
        *tube([(2.2, 5.4, -23.0), femur_hip, (2.4, 0.6, -34.0)], [0.8, 0.9, 0.6]),
        *tube([femur_hip, KNEE], [0.75, 0.85]),
        *tube([KNEE, ANKLE, TOES], [0.75, 0.5, 0.4]),
        *tube([(3.0, -2.6, 30.0), (0.9, -3.4, 40.0)], [0.7, 0.5]),
    )
    brain = Ellipsoid((0.0, 1.3, 29.5), (4.5, 3.5, 5.6))
    anatomy.paint("bone", brain.grown(0.55), *tube([(0.0, 0.2, 34.0), (0.0, -1.4, 41.5)], [2.7, 1.2]))
    anatomy.paint("brain", brain)
    anatomy.paint("airway", *tube([(0.0, -0.2, 35.8), (0.0, -1.4, 41.2)], [1.5, 0.6]))


def _organs(anatomy: Anatomy, cavity: Loft) -> None:
    inner = cavity.grown(-0.3)
    left_lung = Ellipsoid((3.9, 1.6, 10.6), (3.4, 5.4, 8.6))
    right_lung = Ellipsoid((-3.7, 1.5, 10.4), (3.9, 5.6, 9.2))
    anatomy.paint("lung", Both(left_lung, inner), Both(right_lung, inner))
    anatomy.paint("airway", *tube([(0.0, -3.9, 33.0), (0.0, -3.9, 24.0), (0.0, 0.6, 14.5)], [0.7, 0.8, 0.7]))
    anatomy.paint("heart wall", Ellipsoid((0.9, -2.2, 9.6), (3.4, 3.2, 4.2)))
    anatomy.paint(
        "blood", Ellipsoid((1.5, -2.4, 9.2), (1.6, 1.5, 2.5)), Ellipsoid((-1.1, -2.6, 9.8), (0.9, 1.6, 2.2))
    )
    anatomy.paint(
        "blood",
        *tube(
            [(0.6, -0.6, 13.2), (0.7, 2.6, 14.0), (0.9, 4.0, 8.0), (0.6, 4.4, -24.0)], [0.9, 0.8, 0.7, 0.6]
        ),
    )
    anatomy.paint("blood", *tube([(-1.2, -0.8, 12.0), (-1.0, 2.4, 2.0), (-0.9, 3.9, -24.0)], [0.8, 0.8, 0.7]))
    lobes = (
        Ellipsoid((-3.2, -1.6, -1.6), (6.6, 6.4, 5.6)),
        Ellipsoid((3.4, -3.0, -1.4), (5.4, 4.6, 4.2)),
        Ellipsoid((-5.4, 2.4, -5.0), (3.6, 3.0, 4.2)),
    )
    anatomy.paint("liver", *(Both(lobe, inner) for lobe in lobes))
    anatomy.paint("stomach", Both(Ellipsoid((5.4, 0.6, -5.6), (3.6, 3.6, 3.0)), inner))
    anatomy.paint("small bowel", *(Both(c, inner) for c in _bowel()))
    anatomy.paint(
        "caecum", *tube([(4.2, -5.0, -17.0), (-0.5, -5.6, -20.5), (-5.2, -4.2, -18.5)], [1.8, 2.3, 1.8])
    )
    anatomy.paint("spleen", *tube([(8.4, 2.2, -5.6), (8.8, 3.2, -13.0)], [1.2, 1.0]))
    anatomy.paint(
        "kidneys",
        Ellipsoid((-5.0, 4.0, -9.4), (2.5, 2.4, 4.4)),
        Ellipsoid((5.2, 4.0, -12.2), (2.5, 2.4, 4.3)),
    )
    anatomy.paint("bladder", BLADDER)


def _bowel() -> list[TaperedCapsule]:
    """Loops of bowel: sines of unrelated periods, drifting tailwards, fold much as bowel does."""
    points = [
        (
            4.6 * math.sin(0.71 * n + 0.4) + 2.4 * math.sin(0.23 * n),
            -1.4 + 3.0 * math.sin(0.52 * n) + 1.4 * math.cos(0.37 * n),
            -11.0 - 16.0 * n / 100 + 2.4 * math.cos(0.83 * n) + 1.2 * math.sin(0.31 * n),
        )
        for n in range(101)
    ]
    return tube(points, [1.1] * len(points))


def mouse_scenario() -> Scenario:
    """Return the mouse: 22.3 g, 7.4 MBq, scanned at 24 h for 20 min."""
    anatomy = Anatomy()
    _tissues(anatomy)
    cavity_sections = tuple(s for s in BODY.grown(-2.0).sections if -33.0 <= s.z <= 20.0)
    cavity = Loft(cavity_sections)
    _outside(anatomy)
    _muscle_and_bone(anatomy, cavity)
    _organs(anatomy, cavity)
    anatomy.paint("tumour rim", TUMOUR)
    anatomy.paint("tumour core", TUMOUR_CORE)
    frame = sample_uid("mouse", "frame")
    return Scenario(
        kind="mouse",
        anatomy=anatomy,
        pet=centred_grid((116, 128, 128), (0.796, 0.776, 0.776), (0.31, -0.17, -0.2), frame),
        ct=centred_grid((368, 152, 184), (0.25, 0.25, 0.25), (0.0, 0.6, 0.0), frame),
        weight_kg=0.0223,
        size_m=None,
        injected_bq=7.4e6,
        uptake=timedelta(hours=24),
        bed_duration_s=1200,
        beds=1,
        psf_fwhm_mm=1.4,
        noise=0.06,
        supersampling=3,
        ct_noise_hu=45.0,
        reference_muscles=("thigh muscle, left", "thigh muscle, right"),
        seed=20260101,
    )
