"""Keep the voxels of a ROI at or above a share of its maximum."""

from __future__ import annotations

from atsm_viewer.domain.box import Box
from atsm_viewer.domain.mask import Mask
from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.operations.base import (
    BoolArray,
    Operation,
    OperationContext,
    OperationResult,
    Values,
    number,
)
from atsm_viewer.operations.connected import labelled
from atsm_viewer.operations.extent import EXTENT, by_parts
from atsm_viewer.operations.pet_units import at_or_above, maximum


def _run(ctx: OperationContext, values: Values) -> OperationResult:
    chosen = str(values["percent"])
    percent = number(values, "typed_percent") if chosen == "typed" else float(chosen)
    levels: list[float] = []

    def part(block: BoolArray, box: Box, flat_axis: int | None) -> BoolArray:
        pet = ctx.pet(box)
        top = maximum(pet, block)
        levels.append(percent / 100.0 * top)
        kept = block & at_or_above(pet, levels[-1])
        if values["connected"]:
            # Numbering parts is what takes time: only where anything is left.
            tight = Mask.from_block(Box.of_shape(kept.shape), kept)
            labels, _ = labelled(tight.block_kji, "26")
            hottest = labels[tight.block_kji & (pet[tight.box.slices] == top)][0]
            kept = Mask(tight.box, labels == hottest).block_in(Box.of_shape(kept.shape))
        return kept

    mask = by_parts(ctx, str(values["extent"]), ctx.roi.mask.box, part)
    level = f"{levels[0]:.6g}" if len(levels) == 1 else "per slice"
    return OperationResult(mask, params=(("used_percent", f"{percent:g}"), ("level_stored", level)))


PERCENT_OF_MAX = Operation(
    id="percent_of_max",
    title="Percent of maximum inside the ROI",
    tip="Keeps the voxels of the ROI at or above a share of its highest PET value.",
    group="PET",
    run=_run,
    options=(
        OptionSpec(
            "percent", "Share of the maximum", "41",
            choices=(*((p, f"{p} %") for p in ("40", "41", "50", "70")), ("typed", "as typed below")),
        ),
        OptionSpec(
            "typed_percent", "Typed share", 45.0, "%", 0.0, 100.0, 1.0, shown_when=("percent", ("typed",))
        ),
        OptionSpec("connected", "Only the part around the hottest voxel", False),
        EXTENT,
    ),
    needs_pet=True,
)  # fmt: skip
