"""One-click isocontour: the connected voxels above a threshold, inside a bound."""

from __future__ import annotations

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.sketch import Sketch
from atsm_viewer.tools.base import Refusal, ToolContext
from atsm_viewer.tools.bounded import BOUND_OPTIONS, Bound, bound_around, drag_factor
from atsm_viewer.tools.shaped import Reached, ShapedTool, Track, Values

_FIXED_PERCENT = {"percent_40": 40.0, "percent_41": 41.0, "percent_50": 50.0, "percent_70": 70.0}
_MODES = (
    ("percent_40", "40 % of max"),
    ("percent_41", "41 % of max"),
    ("percent_50", "50 % of max"),
    ("percent_70", "70 % of max"),
    ("percent", "Own % of max"),
    ("adaptive", "Adaptive %"),
    ("suv", "SUV"),
    ("muscle", "× muscle"),
)


class Isocontour(ShapedTool):
    """Connected voxels (through faces) at or above a threshold.

    For shares of the maximum the tool climbs from the press to the top of the hill under it; the
    contour is that of the top. *Background-adapted*: threshold = bg + p (max - bg), with the median of
    the outermost voxels of the bound as background bg (metrics §6.5).
    """

    id = "isocontour"
    title = "Isocontour"
    tip = "Click takes the connected voxels above a threshold; drag right widens, left narrows."
    options: tuple[OptionSpec, ...] = (
        OptionSpec("mode", "Threshold", "percent_50", choices=_MODES),
        OptionSpec("percent", "Share", 50.0, "%", minimum=1.0, maximum=100.0, step=1.0,
                   shown_when=("mode", ("percent", "adaptive"))),
        OptionSpec("suv", "SUV", 2.5, "SUV", minimum=0.01, maximum=1000.0, step=0.1,
                   shown_when=("mode", ("suv",))),
        OptionSpec("muscle", "Multiple", 2.0, "×", minimum=0.1, maximum=1000.0, step=0.1,
                   shown_when=("mode", ("muscle",))),
        *BOUND_OPTIONS,
    )  # fmt: skip

    def reached(self, track: Track, ctx: ToolContext, values: Values) -> Reached | Refusal:
        """Return the contour of the hill under the press; its words tell threshold and bound."""
        bound = bound_around(track[0], ctx, values)
        if isinstance(bound, Refusal):
            return bound
        found = _threshold(bound, ctx, values, drag_factor(track, values))
        if isinstance(found, Refusal):
            return found
        threshold, seed, words = found
        passing = bound.values_kji >= threshold
        region = bound.connected(passing, seed)
        if not region.any():
            here = _shown(float(bound.values_kji[bound.seed_kji]), ctx)
            return Refusal(f"here {here}, below the threshold {_shown(threshold, ctx)}",
                           "Click a hotter spot or lower the threshold")  # fmt: skip
        if bound.goes_on(region, passing):
            words += " · touches the bound"
        return Reached(bound.box, region, Sketch(words=words))


def _threshold(
    bound: Bound, ctx: ToolContext, values: Values, wider: float
) -> tuple[float, tuple[int, int, int], str] | Refusal:
    """Threshold in stored values, the voxel that the region starts from, and words for both."""
    mode = str(values["mode"])
    if mode == "suv":
        if not ctx.suv_scale:
            return Refusal(
                "SUV is not known for this scan", "Fill the dose card or take a share of the maximum"
            )
        level = float(values["suv"]) / wider
        return level / ctx.suv_scale, bound.seed_kji, f"≥ {level:.2f} SUV"
    if mode == "muscle":
        if not ctx.muscle_mean:
            return Refusal("there is no muscle mean for this scan", "Draw a muscle ROI first")
        level = float(values["muscle"]) / wider
        return level * ctx.muscle_mean, bound.seed_kji, f"≥ {level:.2f} × muscle"
    top = bound.hill_top(bound.seed_kji)
    peak = float(bound.values_kji[top])
    if not peak > 0.0:
        return Refusal("there is no positive PET value here", "Click a hotter spot")
    percent = min(_FIXED_PERCENT.get(mode, float(values["percent"])) / wider, 100.0)
    base = 0.0
    words = f"{percent:.0f} % of {_shown(peak, ctx)}"
    if mode == "adaptive":
        rim = bound.rim_median()
        if rim is None or rim >= peak:
            return Refusal("the rim of the bound is as hot as the spot", "Change the bound or the mode")
        base = rim
        words += f" over background {_shown(base, ctx)}"
    return base + percent / 100.0 * (peak - base), top, words


def _shown(stored: float, ctx: ToolContext) -> str:
    if ctx.suv_scale:
        return f"{stored * ctx.suv_scale:.2f} SUV"
    unit = ctx.scan.pet.unit if ctx.scan.pet is not None else ""
    return f"{stored:.4g} {unit}".rstrip()


ISOCONTOUR = Isocontour()
