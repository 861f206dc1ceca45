"""The limits of the SUV rules, as data.

Engineering choices are marked; the others come from IBSI-SUV or DICOM.
"""

from __future__ import annotations

import re

AGREE_SUV = 0.005  # two reference times agree when the SUV differs by less (engineering)
AGREE_FLOOR_S = 1.5
SERIES_LATER_S = 1.0  # Siemens rounds SeriesTime up by microseconds
SPREAD_S = 1.0
CLOCK_ONLY_LIMIT_S = 41400.0  # IBSI: longer half-lives cannot be dated from the clock
EARLIEST_UPTAKE_S = -3600.0  # IBSI
LONGEST_UPTAKE_HALF_LIVES = 8.0
LONGEST_UPTAKE_S = 86400.0
CONFIRM_UPTAKE_S = 86400.0
HALF_LIFE_TOLERANCE = 0.02
UNIT_TOLERANCE = 0.01  # "looks like minutes, hours or days"
SHORTEST_HALF_LIFE_S = 60.0
MBQ_LIMIT = 1e4  # a classic total dose below is MBq (IBSI DRO_3_0)
BQ_LIMIT = 1e5  # an Enhanced or NM total dose from here on is Bq
GRAMS_FROM_KG = 1000.0
ANIMAL_KG = 5.0
HUMAN_KG = (1.0, 400.0)
CENTIMETRES_FROM_M = 3.0
POSSIBLE_HEIGHT = (0.01, 1000.0)  # in m or cm; anything else is no height
JAMES_BMI = 40.0
PHILIPS_FACTORS = 0.01
RESIDUE = 0.10
INFUSION_HALF_LIVES = 0.10

BALANCE_LOW, BALANCE_HIGH = 0.005, 1.3  # engineering
BALANCE_ANIMAL = (0.6, 1.1)
BALANCE_HUMAN = (0.1, 1.1)
BODY_SUV = (0.3, 1.5)
BALANCE_FOV_ANIMAL_MM, BALANCE_FOV_HUMAN_MM = 25.0, 250.0
"""A field of view narrower than a body is a crop: its activity says nothing about the whole dose."""

PRECLINICAL_FOV_MM = 200.0  # engineering
PRECLINICAL_VOXEL_MM = 1.2
PRECLINICAL = re.compile(
    r"\b(MEDISO|BRUKER|MOLECUBES|SOFIE|INVEON|CONCORDE|MICROPET|MILABS|TRIFOIL|ALBIRA|NANOSCAN|G4|G8|GNEXT|IRIS"
    r"|INVISCAN|RAYCAN|SI ?PET/CT|SI78|CTI ?FOCUS|FOCUS ?(120|220))\b"
)
"""Makers and models of small-animal scanners, searched in upper case (engineering)."""

HUMAN_SPECIES = re.compile(r"HOMO SAPIENS|(?<!NON)(?<!NON[- ])\bHUMAN\b|337915000|L-85B00")
