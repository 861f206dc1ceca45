"""A simulated 70 kg patient, neck to thighs, with a mass in the upper lobe of the right lung."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

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

TUMOUR = Ellipsoid((-74.0, 8.0, 214.0), (18.0, 17.0, 18.0))
"""Whole tumour, 3.6 cm across, 23 mL."""
TUMOUR_CORE = Ellipsoid((-72.0, 7.0, 213.0), (9.0, 8.0, 9.0))
BLADDER = Ellipsoid((0.0, -22.0, -226.0), (36.0, 30.0, 27.0))


def _loft(rows: tuple[tuple[float, float, float, float, float], ...], power: float = 2.0) -> Loft:
    return Loft(tuple(Section(*row) for row in sorted(rows)), power)


BODY = _loft(
    (
        (360, 0, 8, 60, 62), (318, 0, 12, 66, 66), (302, 0, 10, 98, 74), (290, 0, 8, 146, 86),
        (272, 0, 5, 178, 97), (240, 0, 3, 184, 106), (200, 0, 1, 177, 112), (120, 0, 0, 168, 113),
        (40, 0, 0, 157, 107), (-50, 0, 0, 150, 102), (-110, 0, 2, 160, 103), (-190, 0, 5, 175, 107),
        (-240, 0, 8, 179, 103), (-268, 0, 8, 178, 98),
    ),
    2.35,
)  # fmt: skip
THIGH = _loft(((-380, 90, 6, 76, 80), (-300, 90, 8, 83, 88), (-252, 92, 9, 84, 92)), 2.2)
CAVITY = _loft(
    (
        (282, 0, 12, 44, 34), (262, 0, 8, 80, 54), (230, 0, -2, 112, 70), (180, 0, -6, 130, 78),
        (100, 0, -6, 136, 80), (40, 0, -6, 132, 80), (-20, 0, -14, 126, 72), (-100, 0, -20, 120, 66),
        (-150, 0, -16, 112, 66), (-200, 0, -2, 86, 66), (-250, 0, 2, 50, 46),
    ),
    2.2,
)  # fmt: skip
SPINE: tuple[Vec3, ...] = (
    (0, 18, 365), (0, 30, 300), (0, 48, 240), (0, 54, 170), (0, 50, 90), (0, 38, 0), (0, 30, -70),
    (0, 42, -130),
)  # fmt: skip
RIGHT_LUNG = _loft(
    (
        (272, -46, 12, 12, 12), (258, -52, 10, 32, 36), (230, -62, 4, 46, 58), (180, -70, -2, 56, 72),
        (120, -76, -2, 56, 75), (80, -80, 4, 52, 68), (45, -88, 22, 40, 46), (15, -96, 36, 22, 26),
    )
)  # fmt: skip


def _tissues(anatomy: Anatomy) -> None:
    muscle = 0.55
    anatomy.declare(
        Tissue("table", 0.0, -120.0),
        Tissue("skin and fat", 0.25, -95.0),
        Tissue("trunk muscle", muscle, 55.0, "muscle"),
        Tissue("paraspinal muscle, left", muscle, 55.0, "muscle"),
        Tissue("paraspinal muscle, right", muscle, 55.0, "muscle"),
        Tissue("gluteal muscle, left", muscle, 55.0, "muscle"),
        Tissue("gluteal muscle, right", muscle, 55.0, "muscle"),
        Tissue("thigh muscle, left", muscle, 55.0, "muscle"),
        Tissue("thigh muscle, right", muscle, 55.0, "muscle"),
        Tissue("psoas muscle, left", muscle, 58.0, "muscle"),
        Tissue("psoas muscle, right", muscle, 58.0, "muscle"),
        Tissue("cavity fat", 0.30, -100.0),
        Tissue("mediastinum", 0.80, 30.0),
        Tissue("bone", 0.60, 620.0),
        Tissue("marrow", 1.10, 190.0),
        Tissue("spinal canal", 0.45, 25.0),
        Tissue("lung", 0.40, -820.0),
        Tissue("lung vessels", 1.10, 40.0),
        Tissue("heart wall", 1.60, 55.0),
        Tissue("blood", 1.20, 42.0),
        Tissue("liver", 7.0, 62.0),
        Tissue("gall bladder", 3.0, 8.0),
        Tissue("stomach", 1.2, 20.0),
        Tissue("spleen", 1.7, 52.0),
        Tissue("pancreas", 2.0, 40.0),
        Tissue("small bowel", 2.4, 32.0),
        Tissue("colon wall", 1.5, 35.0),
        Tissue("colon content", 0.8, -150.0),
        Tissue("kidneys", 4.2, 38.0),
        Tissue("bladder", 2.0, 6.0),
        Tissue("airway", 0.0, -990.0),
        Tissue("tumour rim", 3.0 * muscle, 40.0, "tumour"),
        Tissue("tumour core", 0.80, 28.0, "tumour"),
    )


def _outside(anatomy: Anatomy) -> None:
    shell = _loft(((-400, 0, 30, 222, 96), (400, 0, 30, 222, 96)))
    anatomy.paint("table", Both(Without(shell, shell.grown(-9.0)), Block((-205, 70, -400), (205, 200, 400))))
    arm = tube([(150, 2, 274), (172, -4, 372)], [54, 46])
    anatomy.paint("skin and fat", BODY)
    anatomy.paint_pair("skin and fat", THIGH, *arm)
    anatomy.paint("trunk muscle", BODY.grown(-13.0))
    anatomy.paint_sides("thigh muscle", THIGH.grown(-13.0).between(-380, -262))
    anatomy.paint_pair("trunk muscle", *(c.grown(-9.0) for c in arm))
    # Fat between the muscle layers of the flank: without it the belly wall looks like a solid ring.
    anatomy.paint("cavity fat", Without(CAVITY.grown(9.0).between(-150, 30), CAVITY.grown(6.5)))
    cleft = TaperedCapsule((0, 104, -160), (0, 100, -275), 9, 16)
    anatomy.paint("skin and fat", Both(cleft, BODY))


def _bone(anatomy: Anatomy, name: str, shrink_mm: float) -> None:
    """Paint all bones, thinner by ``shrink_mm``: once as bone, once more as the marrow within."""
    discs = Slats(31.0, 25.0 - shrink_mm, 0.0, 2.0 + shrink_mm / 2)
    radii = [12, 13, 16, 18, 20, 23, 25, 25]
    body = [c.grown(-shrink_mm) for c in tube(SPINE, radii)]
    anatomy.paint(name, *(Both(c, discs) for c in body))
    arch = [
        c.grown(-shrink_mm)
        for c in tube([(x, y + r + 24, z - 8) for (x, y, z), r in zip(SPINE, radii, strict=True)], [6] * 8)
    ]
    anatomy.paint(name, *(Both(c, Slats(31.0, 17.0, 0.3, -14.0)) for c in arch))
    anatomy.paint(
        name,
        *(
            c.grown(-shrink_mm)
            for c in tube([(0, 50, -150), (0, 72, -185), (0, 84, -215), (0, 76, -240)], [26, 22, 13, 6])
        ),
    )
    pelvis = [
        *tube([(36, 62, -160), (82, 46, -130), (112, 6, -124)], [14, 8, 7]),
        *tube([(34, 66, -172), (84, 42, -152), (110, 10, -146)], [12, 7, 8]),
        *tube([(112, 6, -124), (106, 2, -160), (92, 14, -208)], [7, 8, 17]),
        *tube([(84, 10, -212), (48, -30, -228), (10, -38, -240)], [13, 8, 10]),
        *tube([(88, 34, -216), (64, 58, -256), (38, 10, -268), (12, -32, -246)], [14, 14, 8, 8]),
    ]
    limbs = [
        *tube([(92, 16, -214), (92.1, 16, -214)], [24, 24]),
        *tube([(92, 16, -214), (126, 20, -236), (116, 6, -285), (104, 2, -385)], [14, 18, 15, 14]),
        *tube([(150, 2, 274), (152, 2, 280)], [24, 22]),
        *tube([(152, 2, 280), (172, -4, 375)], [14, 12]),
        *tube([(22, -60, 258), (80, -50, 276), (148, -6, 290)], [9, 6, 7]),
        *tube([(138, 30, 278), (96, 74, 250), (84, 88, 165)], [9, 6, 5]),
        *tube([(96, 74, 250), (124, 60, 215), (84, 88, 165)], [5, 5, 4]),
    ]
    anatomy.paint_pair(
        name,
        *(c.grown(-shrink_mm) for c in (*pelvis, *limbs) if min(c.start_radius, c.end_radius) > shrink_mm),
    )
    anatomy.paint(
        name, *(c.grown(-shrink_mm) for c in tube([(0, -64, 252), (0, -84, 190), (0, -92, 120)], [10, 9, 7]))
    )


def _muscle_and_bone(anatomy: Anatomy) -> None:
    anatomy.paint("cavity fat", CAVITY)
    ribs = CAVITY.grown(8.0)
    slats = Slats(29.0, 11.0, 0.42)
    anatomy.paint("bone", Both(Without(ribs.between(30, 274), ribs.grown(-8.5)), slats))
    inner = Slats(29.0, 6.0, 0.42, 2.5)
    anatomy.paint("marrow", Both(Without(ribs.grown(-2.2).between(36, 270), ribs.grown(-6.0)), inner))
    anatomy.paint_sides(
        "paraspinal muscle",
        *tube(
            [(34, 74, 265), (36, 82, 180), (36, 78, 60), (38, 72, -50), (32, 78, -140)], [13, 16, 19, 26, 17]
        ),
    )
    anatomy.paint_sides(
        "psoas muscle", *tube([(34, 34, 0), (44, 26, -90), (62, 4, -170), (84, -18, -225)], [8, 20, 18, 14])
    )
    anatomy.paint_sides("gluteal muscle", Both(Ellipsoid((84, 62, -198), (62, 42, 70)), BODY.grown(-8.0)))
    _bone(anatomy, "bone", 0.0)
    _bone(anatomy, "marrow", 3.5)
    anatomy.paint(
        "spinal canal",
        *tube(
            [(x, y + r + 9, z) for (x, y, z), r in zip(SPINE, [11, 12, 14, 16, 18, 21, 23, 23], strict=True)],
            [8] * 8,
        ),
    )


def _lung_tree(side: float, seed: int) -> list[TaperedCapsule]:
    """Vessels that branch from one hilum; ``side`` is -1 on the right and +1 on the left."""
    rng = np.random.default_rng(seed)
    grown: list[TaperedCapsule] = []
    tips = [
        ((side * 34.0, 8.0, 165.0), (side * 0.8, float(a), float(b)), 6.5)
        for a, b in ((0.5, 0.6), (-0.6, 0.3), (0.4, -0.8), (-0.3, -0.6))
    ]
    for _ in range(6):
        following = []
        for at, heading, radius in tips:
            for _ in range(2):
                way = np.asarray(heading) + rng.normal(0.0, 0.55, 3)
                way = way / math.sqrt(float(way @ way))
                end = np.asarray(at) + way * (6.0 + 3.2 * radius)
                tip = (float(end[0]), float(end[1]), float(end[2]))
                grown.append(TaperedCapsule(at, tip, radius, radius * 0.72))
                following.append((tip, (float(way[0]), float(way[1]), float(way[2])), radius * 0.72))
        tips = following
    return grown


def _chest(anatomy: Anatomy) -> None:
    inside = CAVITY.grown(-2.0)
    anatomy.paint("mediastinum", Both(Ellipsoid((4, 0, 175), (36, 62, 108)), inside))
    lungs = [Both(RIGHT_LUNG, inside), Both(RIGHT_LUNG.mirrored(), inside)]
    anatomy.paint("lung", *lungs)
    for side, lung, seed in ((-1.0, lungs[0], 11), (1.0, lungs[1], 12)):
        anatomy.paint("lung vessels", *(Both(c, lung) for c in _lung_tree(side, seed)))
    anatomy.paint(
        "heart wall", Ellipsoid((26, -28, 118), (52, 42, 48)), Ellipsoid((44, -34, 98), (36, 32, 30))
    )
    anatomy.paint("blood", Ellipsoid((46, -30, 106), (24, 21, 30)), Ellipsoid((2, -44, 112), (21, 19, 30)))
    anatomy.paint("blood", Ellipsoid((14, 4, 138), (30, 15, 20)), Ellipsoid((-18, -14, 122), (14, 18, 22)))
    arch: list[Vec3] = [
        (12, -22, 145),
        (-4, -30, 185),
        (6, -10, 208),
        (24, 22, 205),
        (26, 44, 180),
        (24, 48, 90),
        (8, 16, 20),
        (4, 0, -80),
    ]
    anatomy.paint("blood", *tube(arch, [15, 15, 13, 12, 12, 11, 10, 8]))
    anatomy.paint("blood", *tube([(-22, -18, 135), (-26, -20, 200), (-20, -20, 240)], [11, 10, 8]))
    anatomy.paint("blood", *tube([(-16, -8, 130), (-22, 2, 70), (-20, 4, -80)], [12, 12, 10]))
    anatomy.paint(
        "blood",
        *tube([(0, -40, 150), (6, -30, 168), (38, 4, 172)], [13, 12, 9]),
        *tube([(4, -26, 170), (-40, 4, 166)], [11, 9]),
    )
    anatomy.paint(
        "airway",
        *tube([(0, -2, 370), (0, 2, 280), (-2, 12, 196), (-36, 14, 168)], [9, 9, 8, 5]),
        *tube([(-2, 12, 196), (40, 16, 170)], [7, 5]),
    )


def _abdomen(anatomy: Anatomy) -> None:
    inside = CAVITY.grown(-3.0)
    anatomy.paint("small bowel", *(Both(c, inside) for c in _bowel()))
    colon: list[Vec3] = [
        (-84, -2, -150),
        (-92, 4, -80),
        (-90, -8, -25),
        (-60, -56, -40),
        (0, -68, -58),
        (62, -54, -30),
        (98, 8, 5),
        (98, 14, -80),
        (88, 8, -150),
        (50, 0, -178),
        (14, 30, -196),
        (4, 48, -240),
    ]
    widths = [25.0, 24, 22, 19, 18, 18, 18, 16, 16, 15, 16, 16]
    anatomy.paint("colon wall", *(Both(c, inside) for c in tube(colon, widths)))
    content = [Both(c.grown(-3.5), inside.grown(-3.5)) for c in tube(colon, widths)]
    anatomy.paint("colon content", *(Both(c, Slats(34.0, 27.0)) for c in content))
    anatomy.paint(
        "stomach",
        Both(Ellipsoid((66, -24, 46), (38, 38, 42)), inside),
        *tube([(50, -40, 20), (8, -46, -2)], [24, 13]),
    )
    anatomy.paint("pancreas", *tube([(-24, -26, -14), (10, -20, 6), (60, 8, 24)], [13, 9, 7]))
    liver = (
        Ellipsoid((-64, -6, 40), (74, 76, 70)),
        Ellipsoid((14, -42, 62), (62, 36, 30)),
        Ellipsoid((-78, 0, -10), (46, 54, 52)),
    )
    anatomy.paint("liver", *(Both(lobe, inside) for lobe in liver))
    anatomy.paint("gall bladder", *tube([(-44, -50, -12), (-48, -66, -34)], [10, 14]))
    anatomy.paint("spleen", Both(Ellipsoid((100, 34, 62), (26, 36, 48)), inside))
    anatomy.paint(
        "kidneys",
        *tube([(-54, 32, 4), (-68, 38, -52)], [25, 25]),
        *tube([(56, 34, 24), (70, 40, -30)], [25, 25]),
    )
    anatomy.paint("cavity fat", Ellipsoid((-40, 26, -26), (16, 9, 16)), Ellipsoid((42, 28, -4), (16, 9, 16)))
    anatomy.paint("bladder", BLADDER)


def _bowel() -> list[TaperedCapsule]:
    """Loops of small bowel: sines of unrelated periods, drifting downwards, fold much as bowel does."""
    points = [
        (
            46 * math.sin(0.71 * n + 0.4) + 24 * math.sin(0.23 * n),
            -30 + 24 * math.sin(0.52 * n) + 12 * math.cos(0.37 * n),
            -55 - 130 * n / 100 + 18 * math.cos(0.83 * n) + 10 * math.sin(0.31 * n),
        )
        for n in range(101)
    ]
    return tube(points, [10.5] * len(points))


def patient_scenario() -> Scenario:
    """Return the patient: 70 kg, 1.75 m, 300 MBq, scanned at 1 h in five bed positions of 3 min."""
    anatomy = Anatomy()
    _tissues(anatomy)
    _outside(anatomy)
    _muscle_and_bone(anatomy)
    _chest(anatomy)
    _abdomen(anatomy)
    anatomy.paint("tumour rim", TUMOUR)
    anatomy.paint("tumour core", TUMOUR_CORE)
    frame = sample_uid("patient", "frame")
    return Scenario(
        kind="patient",
        anatomy=anatomy,
        pet=centred_grid((174, 168, 168), (4.0, 4.0728, 4.0728), (1.3, 2.1, 1.0), frame),
        ct=centred_grid((232, 272, 288), (3.0, 1.6, 1.6), (0.0, 10.0, 0.0), frame),
        weight_kg=70.0,
        size_m=1.75,
        injected_bq=300e6,
        uptake=timedelta(hours=1),
        bed_duration_s=180,
        beds=5,
        psf_fwhm_mm=6.0,
        noise=0.12,
        supersampling=2,
        ct_noise_hu=18.0,
        reference_muscles=(
            "paraspinal muscle, left",
            "paraspinal muscle, right",
            "gluteal muscle, left",
            "gluteal muscle, right",
        ),
        seed=20260102,
    )
