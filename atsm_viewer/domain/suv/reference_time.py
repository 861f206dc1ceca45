"""The decay reference time of an image corrected to the start of the scan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from atsm_viewer.domain.sourced import Provenance, Sourced
from atsm_viewer.domain.suv import thresholds
from atsm_viewer.domain.suv.candidates import Evidence, agree, suv_change_pct
from atsm_viewer.domain.suv.findings import Findings, Stage


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """The chosen reference time.

    Parameters
    ----------
    time
        With its provenance.
    rule
        Rule and evidence, as in the decision path.
    """

    time: Sourced[datetime]
    rule: str


def choose_reference_time(
    evidence: Evidence, half_life_s: float, entered: Sourced[datetime] | None, findings: Findings
) -> ReferenceTime | None:
    """Weigh the evidence (rules R1 to R5); None with E-REFTIME when there is none.

    The series time counts while it is not later than the acquisition and something supports it; it
    is not trusted alone, nor is counting back alone: both fail on real headers.
    """
    if entered is not None:
        return ReferenceTime(entered, "R0:entered")
    if evidence.explicit is not None:
        private = evidence.explicit_name != "DecayCorrectionDateTime"
        origin = Provenance.PRIVATE if private else Provenance.HEADER
        stated = Sourced(evidence.explicit, origin, evidence.explicit_name)
        return ReferenceTime(stated, f"R1:{evidence.explicit_name}")
    series, earliest = evidence.series, evidence.earliest
    if series is not None:
        limit = timedelta(seconds=thresholds.SERIES_LATER_S)
        if earliest is None or series <= earliest + limit:
            return _weigh_series(series, evidence, half_life_s, findings)
        findings.add(
            Stage.REFERENCE,
            "W-SERIESTIME-REWRITTEN",
            f"It is {(series - earliest).total_seconds():g} s later.",
            suv_change_pct(series, evidence.back or evidence.decay or earliest, half_life_s),
        )
    return _without_series(evidence, half_life_s, findings)


def _weigh_series(
    series: datetime, evidence: Evidence, half_life_s: float, findings: Findings
) -> ReferenceTime:
    others = {letter: time for letter, time in evidence.named() if letter in "ABDP"}
    supported = not others or any(agree(series, time, half_life_s) for time in others.values())
    if supported:
        for letter in "BDP":
            if letter in others and not agree(series, others[letter], half_life_s):
                change = suv_change_pct(others[letter], series, half_life_s)
                findings.add(Stage.REFERENCE, f"W-REFTIME-{letter}", _words(others[letter], change), change)
        return ReferenceTime(_read(series, "(0008,0021/0031)"), "R2:SeriesDateTime")
    back = evidence.back
    if back is not None and evidence.back_spread_s <= thresholds.SPREAD_S:
        change = suv_change_pct(series, back, half_life_s)
        findings.add(
            Stage.REFERENCE,
            "W-REFTIME-CONFLICT",
            f"Counting back gives {back}, which was taken; {_words(series, change)}",
            change,
        )
        return ReferenceTime(_derived(back, "counted back from the frames"), "R2:backcomputed")
    letter, other = next(iter(others.items()))
    change = suv_change_pct(other, series, half_life_s)
    findings.add(
        Stage.REFERENCE,
        "W-REFTIME-CONFLICT",
        f"It was taken; candidate {letter}: {_words(other, change)}",
        change,
    )
    return ReferenceTime(_read(series, "(0008,0021/0031)"), "R2:SeriesDateTime")


def _without_series(evidence: Evidence, half_life_s: float, findings: Findings) -> ReferenceTime | None:
    back, decay = evidence.back, evidence.decay
    if back is not None and not (evidence.all_zero and decay is not None):
        if evidence.all_zero:
            findings.add(Stage.REFERENCE, "W-FRT-ZERO")
        if evidence.back_spread_s > thresholds.SPREAD_S:
            findings.add(Stage.REFERENCE, "W-BACKCOMP-SPREAD", f"They span {evidence.back_spread_s:.1f} s.")
        if decay is not None and not agree(back, decay, half_life_s):
            change = suv_change_pct(decay, back, half_life_s)
            findings.add(Stage.REFERENCE, "W-REFTIME-D", _words(decay, change), change)
        return ReferenceTime(_derived(back, "counted back from the frames"), "R3:backcomputed")
    if decay is not None:
        return ReferenceTime(_derived(decay, "from the decay factors"), "R3b:DecayFactor")
    if evidence.earliest is not None:
        findings.add(Stage.REFERENCE, "W-REFTIME-MINACQ")
        return ReferenceTime(_derived(evidence.earliest, "earliest acquisition"), "R4:minAcquisition")
    findings.add(Stage.REFERENCE, "E-REFTIME")
    return None


def _words(time: datetime, change_pct: float) -> str:
    return f"{time} would change the SUV by {change_pct:+.2f} %."


def _read(time: datetime, tag: str) -> Sourced[datetime]:
    return Sourced(time, Provenance.HEADER, tag)


def _derived(time: datetime, how: str) -> Sourced[datetime]:
    return Sourced(time, Provenance.INFERRED, how)
