"""Checks of the finished factor against what else is known."""

from __future__ import annotations

from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.balance import ActivityBalance, activity_balance, body_suv_balance
from atsm_viewer.domain.suv.chain import Chain
from atsm_viewer.domain.suv.facts import PetFacts
from atsm_viewer.domain.suv.findings import Findings, Stage
from atsm_viewer.domain.suv.image_facts import ImageFacts
from atsm_viewer.domain.suv.overrides import SuvOverrides
from atsm_viewer.domain.suv.per_instance import Factor, combine
from atsm_viewer.domain.suv.units import Stored, Units
from atsm_viewer.domain.suv.vendor import Vendor, vendor_of


def check_philips_factors(
    facts: PetFacts, overrides: SuvOverrides, factor: Factor | None, units: Units | None, findings: Findings
) -> None:
    """Compare SUVSF with ACSF·1000·W/D where counts are read through ACSF and nothing is entered."""
    if units is None or units.prefix != "CNTS" or units.stored is not Stored.CONCENTRATION:
        return
    suv = facts.distinct[0].philips_suv_scale_factor
    if not suv or factor is None or overrides.entered():
        return
    first = factor[0] if isinstance(factor, tuple) else factor
    change = 100.0 * (suv / first - 1.0)
    if abs(change) > 100.0 * thresholds.PHILIPS_FACTORS:
        findings.add(Stage.VENDOR, "W-PHILIPS-FACTORS", f"SUVSF {suv:g}, worked out {first:g}.", change)


def check_balance(
    image: ImageFacts,
    units: Units | None,
    chain: Chain,
    to_bq: Factor | None,
    factor: Factor | None,
    is_animal: bool,
    findings: Findings,
) -> ActivityBalance | None:
    """Compare the activity in the image with the injected one; None where the image does not allow it.

    Parameters
    ----------
    image
        Sums and voxel volume.
    units, chain
        As resolved.
    to_bq, factor
        Bq/ml and SUVbw per stored value, one number or one per instance.
    is_animal
        Animals lie whole in the field of view.
    findings
        Receives W-ACTIVITY-BALANCE.
    """
    balance = None
    half_life = None if chain.half_life_s is None else chain.half_life_s.value
    if units is not None and units.stored is Stored.SUV:
        if image.mean_body_value is not None and isinstance(factor, float):
            balance = body_suv_balance(image.mean_body_value * factor)
    elif (
        image.value_sum is not None
        and image.voxel_volume_ml
        and to_bq is not None
        and _holds_a_body(image, is_animal)
    ):
        total = combine(image.value_sum, to_bq, lambda v, b: v * b * (image.voxel_volume_ml or 0.0))
        dose = chain.decayed_bq
        if isinstance(dose, float) and dose > 0:
            activity = (
                sum(total) if isinstance(total, tuple) and isinstance(image.value_sum, tuple) else total
            )
            if isinstance(activity, float | int):
                balance = activity_balance(float(activity), dose, is_animal, half_life)
    if balance is not None and balance.is_suspect:
        words = f"The ratio is {balance.ratio:.3g}; nearest: {balance.explanation}."
        findings.add(Stage.SANITY, "W-ACTIVITY-BALANCE", words)
    return balance


def _holds_a_body(image: ImageFacts, is_animal: bool) -> bool:
    narrowest = thresholds.BALANCE_FOV_ANIMAL_MM if is_animal else thresholds.BALANCE_FOV_HUMAN_MM
    return image.fov_mm is None or image.fov_mm >= narrowest


def inform(facts: PetFacts, chain: Chain, findings: Findings) -> None:
    """Note what is worth knowing but changes nothing."""
    header = facts.distinct[0]
    if chain.nuclide is not None and chain.nuclide.value.prompt_gammas:
        findings.add(Stage.SANITY, "I-PROMPT-GAMMAS", f"{chain.nuclide.value.name}.")
    from_header = chain.administration is not None and chain.administration.route in ("RSDT", "RST")
    if from_header and vendor_of(header.manufacturer) is Vendor.SIEMENS:
        findings.add(Stage.ADMINISTRATION, "I-SIEMENS-ASSAY")
    if "MOLECUBES" in (header.manufacturer or "").upper() and header.rescale_type is None:
        findings.add(Stage.UNITS, "I-MOLECUBES-SUV")
