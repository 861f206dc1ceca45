"""SUVbw from values that already contain a normalisation, and what entered values change in them."""

from __future__ import annotations

from atsm_viewer.domain.normalisation import SuvKind, kind_of_suv_type
from atsm_viewer.domain.suv.body import Body
from atsm_viewer.domain.suv.chain import Chain
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.kinds import why_not
from atsm_viewer.domain.suv.overrides import SuvOverrides

_ABOUT_ACTIVITY = (
    "nuclide",
    "half_life_s",
    "injected_activity_bq",
    "administration_time",
    "assay_activity_bq",
    "assay_time",
    "residual_activity_bq",
    "residual_time",
    "tail_activity_bq",
    "tail_time",
    "reference_time",
)


def stored_kind_factor(
    suv_type: str, file_body: Body, new_body: Body, is_animal: bool, findings: Findings
) -> float | None:
    """Return SUVbw per stored SUV of another kind: W/N_type; None with the reason in ``findings``.

    The file's weight went into the file's normaliser; where the file has none, the entered weight is
    the only statement about it.
    """
    kind = kind_of_suv_type(suv_type)
    if kind is None:
        return 1.0
    body = Body(file_body.weight_kg or new_body.weight_kg, new_body.height_m, new_body.sex)
    if body.weight_kg is None:
        return None  # E-WEIGHT is already noted
    codes = why_not(kind, body, is_animal)
    for code in codes:
        findings.add(Stage.BODY, code, f"Needed for {kind.label}.")
    return None if codes else body.weight_kg.value * 1e3 / _normaliser(kind, body)


def override_ratio(
    overrides: SuvOverrides, file: Chain, new: Chain, findings: Findings
) -> float | tuple[float, ...]:
    """Return SUV_new/SUV_file = (W_new/W_file)·(D_file(t_ref)/D_new(t_ref)).

    Where the file's own weight or activity is unknown the entered value cannot act: it is noted as
    W-OVERRIDE-IGNORED and leaves the values as they are.

    Parameters
    ----------
    overrides
        What is entered.
    file, new
        The chain of the header alone, and the one with the entered values.
    findings
        Receives what could not be applied.
    """
    ratio = 1.0
    if overrides.weight_kg is not None:
        if file.body.weight_kg is not None and new.body.weight_kg is not None:
            ratio *= new.body.weight_kg.value / file.body.weight_kg.value
        else:
            _ignored("weight", "the weight inside the pixel values is unknown", findings)
    entered = [name for name in overrides.entered() if name in _ABOUT_ACTIVITY]
    if not entered:
        return ratio
    before, after = file.decayed_bq, new.decayed_bq
    if before is None or after is None:
        names = ", ".join(name.replace("_", " ") for name in entered)
        _ignored(names, "the activity inside the pixel values cannot be worked out", findings)
        return ratio
    if isinstance(before, tuple) or isinstance(after, tuple):
        count = len(before) if isinstance(before, tuple) else len(after) if isinstance(after, tuple) else 1
        one = before if isinstance(before, tuple) else (before,) * count
        two = after if isinstance(after, tuple) else (after,) * count
        return tuple(ratio * b / a for b, a in zip(one, two, strict=True))
    return ratio * before / after


def _ignored(what: str, why: str, findings: Findings) -> None:
    findings.add(Stage.BODY, "W-OVERRIDE-IGNORED", f"The {what}: {why}.")


def _normaliser(kind: SuvKind, body: Body) -> float:
    height = 1.0 if body.height_m is None else body.height_m.value
    weight = 0.0 if body.weight_kg is None else body.weight_kg.value
    return kind.normaliser(weight, height, "" if body.sex is None else body.sex.value)
