"""What the results panel shows: one row per ROI of the scan and frame shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from atsm_viewer.app.context import AppContext
from atsm_viewer.app.stored_results import STORED, with_stored
from atsm_viewer.domain.results import Cell
from atsm_viewer.domain.roi import Roi, Role


@dataclass(frozen=True)
class ResultRow:
    """The numbers of one ROI.

    Parameters
    ----------
    roi
        Which ROI.
    numbers
        Column name to value: the columns of both CSV tables.
    provisional
        Whether a stroke in progress is counted in; exact numbers follow on release.
    """

    roi: Roi
    numbers: Mapping[str, Cell]
    provisional: bool

    @property
    def stored(self) -> bool:
        """Whether the numbers are those of the last save, because the image is missing."""
        return STORED in str(self.numbers.get("status") or "").split(";")

    def text(self, column: str, digits: int = 4) -> str:
        """Return a number for people; a dash where there is none."""
        value = self.numbers.get(column)
        if value is None or value == "":
            return "–"
        if isinstance(value, float):
            return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"
        return str(value)


def result_rows(ctx: AppContext) -> tuple[ResultRow, ...]:
    """Return the rows of the scan and frame shown, in the order of the ROI list."""
    view, state = ctx.view.state, ctx.session.state
    latest, provisional = ctx.live.latest, ctx.live.provisional
    if latest is not None and ctx.live.is_current:
        latest = with_stored(latest, ctx.document.stored, state)
    rows: list[ResultRow] = []
    for roi in state.rois_of(view.scan_id):
        numbers: dict[str, Cell] = {}
        if latest is not None:
            for table in (latest.rois, latest.tm):
                for row in table.rows:
                    if row.get("roi_id") == roi.id and row.get("frame_index") == view.frame:
                        numbers.update(row)
        fresh: Mapping[str, Cell] | None = None
        if provisional is not None and provisional.frame == view.frame:
            fresh = provisional.rois.get(roi.id)
            if fresh is not None:
                numbers.update(fresh)
            ratios = provisional.tm.get(roi.id)
            if ratios is not None:
                numbers.update(ratios)
                fresh = fresh or ratios
        rows.append(ResultRow(roi, numbers, fresh is not None))
    return tuple(rows)


def headline_row(ctx: AppContext, rows: tuple[ResultRow, ...]) -> ResultRow | None:
    """Return the tumour whose ratio is shown largest: the one in hand, else the first."""
    tumours = [r for r in rows if r.roi.role is Role.TUMOUR]
    chosen = [r for r in tumours if r.roi.id == ctx.view.state.active_roi_id]
    return next(iter(chosen or tumours), None)


STATUS_WORDS: Mapping[str, str] = {
    "empty_roi": "no voxels yet",
    "clipped_fov": "partly outside the image",
    "fov_edge": "touches the first or last slices",
    "single_voxel": "one voxel: no SD",
    "few_voxels": "few voxels",
    "nonfinite": "voxels without a value",
    "all_nonfinite": "no voxel has a value",
    "negative_voxels": "negative voxels",
    "no_muscle": "no muscle ROI",
    "muscle_nonpositive": "muscle mean not above 0",
    "muscle_unreliable": "muscle mean uncertain",
    "roi_overlap": "tumour and muscle overlap",
    "multi_component": "several parts",
    "cross_animal": "crosses into another animal",
    "reference_mismatch": "muscle of another scan",
    "decay_unknown": "decay between slices unknown",
    "suv_unavailable": "no SUV, see the dose card",
    "time_suspect": "time after injection doubtful",
    "half_life_mismatch": "half-life differs from the table",
    "unit_unknown": "unit unknown",
    "closure_suspect": "activity balance doubtful",
    "pve_risk": "small against the resolution",
    "peak_exceeds_roi": "peak sphere larger than the ROI",
    "peak_clipped": "peak sphere cut by the image edge",
    "hf_circular": "hypoxic fraction is circular",
    "tm_ci_unbounded": "interval unbounded",
    "no_image": "image missing",
    "stored_results": "stored, image missing",
}
# Said by nearly every small ROI; they stay in the CSV and the tooltip.
QUIET = frozenset({"peak_exceeds_roi", "negative_voxels", "pve_risk"})


def status_in_words(row: ResultRow) -> str:
    """Return what is doubtful about a row, in words; empty when nothing is."""
    codes = [c for c in str(row.numbers.get("status") or "").split(";") if c]
    return ", ".join(STATUS_WORDS.get(c, c.replace("_", " ")) for c in dict.fromkeys(codes) if c not in QUIET)
