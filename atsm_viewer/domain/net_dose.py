"""The net injected activity: syringe minus what stayed behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from atsm_viewer.domain.decay import decayed


@dataclass(frozen=True, slots=True)
class Measured:
    """An activity and when it was measured.

    Parameters
    ----------
    activity_bq
        Activity in Bq.
    time
        When, on the clock of the scan; None means at the injection itself.
    """

    activity_bq: float
    time: datetime | None = None

    def at(self, moment: datetime, half_life_s: float) -> float:
        """Return the activity at another moment, in Bq."""
        if self.time is None:
            return self.activity_bq
        return decayed(self.activity_bq, (moment - self.time).total_seconds(), half_life_s)


def net_injected_activity(
    assay: Measured,
    injection: datetime,
    half_life_s: float,
    residual: Measured | None = None,
    extravasated: Measured | None = None,
) -> float:
    """Return the activity that entered the circulation, at the time of injection, in Bq.

    D = A_syringe·2^(-(t_inj - t_assay)/T½) - A_residual·2^((t_residual - t_inj)/T½) - A_tail, the
    last also brought to the time of injection (Lasnon 2015, EJNMMI Research 5).
    The result may be zero or negative when the numbers contradict each other: the caller refuses.
    """
    net = assay.at(injection, half_life_s)
    for lost in (residual, extravasated):
        if lost is not None:
            net -= lost.at(injection, half_life_s)
    return net
