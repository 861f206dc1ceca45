"""The other kinds of SUV: lean body mass, body surface, ideal weight."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.normalisation import OTHER_KINDS, SuvKind
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.body import Body
from atsm_viewer.domain.suv.code_texts import TEXTS
from atsm_viewer.domain.suv.per_instance import Factor


@dataclass(frozen=True, slots=True)
class KindFactor:
    """The factor to one kind of SUV, or why there is none.

    Parameters
    ----------
    name, label, unit
        As in ``domain.normalisation``.
    factor
        SUV of this kind per rescaled stored value; None when not available.
    codes
        Why not, or what is doubtful.
    reason
        The same in words, also the label of a mean of both sexes.
    """

    name: str
    label: str
    unit: str
    factor: Factor | None
    codes: tuple[str, ...]
    reason: str


def other_kinds(factor_bw: Factor | None, body: Body, is_animal: bool) -> tuple[KindFactor, ...]:
    """Return every kind but SUVbw: factor_bw·N/W.

    Parameters
    ----------
    factor_bw
        SUVbw per stored value.
    body
        Resolved body.
    is_animal
        Formulas for people are switched off for animals.
    """
    return tuple(_kind(kind, factor_bw, body, is_animal) for kind in OTHER_KINDS)


def why_not(kind: SuvKind, body: Body, is_animal: bool) -> tuple[str, ...]:
    """Return the codes that keep a kind from being computed; empty when it can be."""
    if is_animal:
        return ("E-ANIMAL-KIND",)
    codes = []
    if body.weight_kg is None:
        codes.append("E-WEIGHT")
    if body.height_m is None:
        codes.append("E-HEIGHT")
    if kind.needs_sex and body.sex is None:
        codes.append("E-SEX")
    if codes or body.weight_kg is None or body.height_m is None:
        return tuple(codes)
    sex = "" if body.sex is None else body.sex.value
    sexes = ("M", "F") if kind.needs_sex and sex == "O" else (sex,)
    values = [kind.normaliser(body.weight_kg.value, body.height_m.value, s) for s in sexes]
    return () if all(value > 0 for value in values) else ("E-LBM-NONPOSITIVE",)


def _kind(kind: SuvKind, factor_bw: Factor | None, body: Body, is_animal: bool) -> KindFactor:
    codes = why_not(kind, body, is_animal)
    if codes or body.weight_kg is None or body.height_m is None:
        return KindFactor(kind.name, kind.label, kind.unit, None, codes, _words(codes))
    if factor_bw is None:
        return KindFactor(kind.name, kind.label, kind.unit, None, (), "SUVbw is not available.")
    sex = "" if body.sex is None else body.sex.value
    weight, height = body.weight_kg.value, body.height_m.value
    share = kind.normaliser(weight, height, sex) / (1e3 * weight)
    factor = tuple(f * share for f in factor_bw) if isinstance(factor_bw, tuple) else factor_bw * share
    doubts: tuple[str, ...] = ()
    if kind.name in ("lbm_james", "lbm_morgan") and weight / height**2 > thresholds.JAMES_BMI:
        doubts = ("W-LBM-JAMES-BMI",)
    reason = _words(doubts)
    if kind.needs_sex and sex == "O":
        reason = f"Mean of the formulas for men and women. {reason}".strip()
    return KindFactor(kind.name, kind.label, kind.unit, factor, doubts, reason)


def _words(codes: tuple[str, ...]) -> str:
    return " ".join(TEXTS[code][0] for code in codes)
