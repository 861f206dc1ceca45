"""Positron emitters: half-lives, codes and names.

Half-lives and positron fractions are the ENSDF evaluation (paceENSDF 0.6.3); codes are DICOM
CID 4020 and 4021.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUCLIDE_SCHEMES = frozenset({"SRT", "SNM3", "99SDM", "SCT", "DCM"})


@dataclass(frozen=True, slots=True)
class Radionuclide:
    """One nuclide.

    Parameters
    ----------
    name
        Symbol and mass number, for example ``Cu-64``.
    half_life_s
        Half-life in s.
    positron_fraction
        Positrons per decay; None where the table of this program has none.
    element
        English name of the element, for texts such as ``^64^Copper``.
    codes
        Code values of CID 4020 in SCT, SRT and DCM.
    prompt_gammas
        Whether prompt gammas bias the quantification (EJNMMI Physics 2016, Conti and Eriksson).
    """

    name: str
    half_life_s: float
    positron_fraction: float | None
    element: str
    codes: tuple[str, ...] = ()
    prompt_gammas: bool = False


TABLE: tuple[Radionuclide, ...] = (
    Radionuclide("C-11", 1221.8, 0.99767, "carbon", ("40565003", "C-105A1")),
    Radionuclide("N-13", 597.9, 0.99804, "nitrogen", ("21576001", "C-107A1")),
    Radionuclide("O-15", 122.24, 0.99900, "oxygen", ("129504001", "C-B1038")),
    Radionuclide("F-18", 6586.2, 0.96730, "fluorine", ("77004003", "C-111A1")),
    Radionuclide("Sc-43", 14007.6, 0.8810, "scandium", ("126605",)),
    Radionuclide("Sc-44", 14551.2, 0.94278, "scandium", ("126600",), True),
    Radionuclide("Mn-52", 483062.4, 0.2940, "manganese"),
    Radionuclide("Co-55", 63108.0, 0.7590, "cobalt"),
    Radionuclide("Cu-60", 1422.0, 0.92597, "copper", ("425364008", "C-127A4"), True),
    Radionuclide("Cu-61", 12009.6, 0.61433, "copper", ("71425003", "C-127A1"), True),
    Radionuclide("Cu-62", 580.2, 0.97832, "copper", ("422934004", "C-127A5")),
    Radionuclide("Cu-64", 45722.16, 0.17490, "copper", ("3932008", "C-127A2")),
    Radionuclide("Ga-66", 34164.0, None, "gallium", ("C-131A1",)),
    Radionuclide("Ga-68", 4062.6, 0.88910, "gallium", ("35337001", "C-131A3")),
    Radionuclide("Ge-68", 23410080.0, None, "germanium"),
    Radionuclide("Br-76", 58320.0, 0.5561, "bromine"),
    Radionuclide("Rb-82", 75.45, 0.95362, "rubidium", ("79197006", "C-159A2"), True),
    Radionuclide("Y-86", 53064.0, 0.31946, "yttrium", ("10738001", "C-162A3"), True),
    Radionuclide("Zr-89", 282276.0, 0.22740, "zirconium", ("63360001", "C-168A4")),
    Radionuclide("I-124", 360806.4, 0.22694, "iodine", ("40937006", "C-114A5"), True),
)

ATSM_CODES = {
    "126700": "Cu-60",
    "126701": "Cu-61",
    "126702": "Cu-62",
    "422855001": "Cu-64",
    "C-B07DB": "Cu-64",
}
PTSM_CODES = {"422789008": "Cu-62", "C-B07E7": "Cu-62"}
"""CID 4021 codes of the copper tracers with their nuclide."""

_BY_NAME = {nuclide.name.upper(): nuclide for nuclide in TABLE}
_BY_CODE = {code: nuclide for nuclide in TABLE for code in nuclide.codes}


def _pattern(nuclide: Radionuclide) -> re.Pattern[str]:
    symbol, mass = nuclide.name.split("-")
    return re.compile(
        rf"(?<!\d){mass}\s*-?\s*{symbol}(?![a-z])|(?<![a-z]){symbol}\s*-?\s*{mass}(?!\d)"
        rf"|\^{mass}\^\s*{nuclide.element}|\b{nuclide.element}\s*-?\s*{mass}(?!\d)|(?<![a-z]){symbol}\s*\^{mass}\^",
        re.IGNORECASE,
    )


_PATTERNS = tuple((nuclide, _pattern(nuclide)) for nuclide in TABLE)


def nuclide_named(name: str) -> Radionuclide | None:
    """Return the nuclide called ``Cu-64``, ``64Cu``, ``cu64`` …, or None."""
    return _BY_NAME.get(name.strip().upper()) or nuclide_in_text(name)


def nuclide_of_code(scheme: str, value: str) -> Radionuclide | None:
    """Return the nuclide of a CID 4020 code, or of a copper tracer of CID 4021, or None.

    An empty scheme is accepted: the code values of the schemes do not overlap.
    """
    if scheme and scheme.upper() not in NUCLIDE_SCHEMES:
        return None
    name = ATSM_CODES.get(value) or PTSM_CODES.get(value)
    return _BY_NAME[name.upper()] if name else _BY_CODE.get(value)


def nuclide_in_text(text: str) -> Radionuclide | None:
    """Return the only nuclide that a text names, or None when it names none or several."""
    found = [nuclide for nuclide, pattern in _PATTERNS if pattern.search(text)]
    return found[0] if len(found) == 1 else None


def nuclide_with_half_life(half_life_s: float, tolerance: float = 0.02) -> Radionuclide | None:
    """Return the nuclide whose half-life is nearest, if it lies within ``tolerance`` (relative)."""
    nearest = min(TABLE, key=lambda n: abs(n.half_life_s / half_life_s - 1.0) if half_life_s > 0 else 1e9)
    return nearest if half_life_s > 0 and abs(half_life_s / nearest.half_life_s - 1.0) <= tolerance else None
