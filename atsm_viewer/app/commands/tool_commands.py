"""Taking tools in hand and setting them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.remedies import run_remedy, why_no_remedy
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import tool_by_id
from atsm_viewer.domain.options import option_values
from atsm_viewer.tools import TOOLS, Tool, stepped_diameter

_LETTERS = {"window": "W"}


def _take(tool: Tool, number: int) -> CommandSpec:
    letter = _LETTERS.get(tool.id)
    return CommandSpec(
        f"tool.{tool.id}",
        tool.title,
        "Tools",
        tool.tip,
        lambda ctx: ctx.view.set(tool_id=tool.id),
        (str(number), letter) if letter else (str(number),),
        checked=lambda ctx: ctx.view.state.tool_id == tool.id,
    )


def step_brush(ctx: AppContext, steps: int) -> None:
    """Make the brush in hand larger or smaller."""
    view = ctx.view.state
    tool = tool_by_id(view.tool_id)
    if not tool.is_painting or not ctx.session.state.scans:
        return
    now = option_values(tool.options, view.tool_options.get(tool.id))["diameter_mm"]
    geometry = ctx.session.state.scan(view.scan_id).pet_geometry
    wanted = stepped_diameter(float(now), steps, geometry)
    # Brush and eraser share their size: switching between them must not surprise.
    for other in TOOLS:
        if other.is_painting:
            ctx.view.set_tool_option(other.id, "diameter_mm", wanted)


def _step(steps: int) -> Callable[[AppContext], None]:
    return lambda ctx: step_brush(ctx, steps)


def _needs_brush(ctx: AppContext) -> str:
    return needs_scan(ctx) or ("" if ctx.painter.is_painting_tool else "Take a painting tool first.")


def _toggle_shape(ctx: AppContext) -> None:
    view = ctx.view.state
    tool = tool_by_id(view.tool_id)
    now = option_values(tool.options, view.tool_options.get(tool.id))["shape"]
    for other in TOOLS:
        if other.is_painting:
            ctx.view.set_tool_option(other.id, "shape", "disc" if now == "ball" else "ball")


def _is_ball(ctx: AppContext) -> bool:
    view = ctx.view.state
    tool = tool_by_id(view.tool_id)
    return option_values(tool.options, view.tool_options.get(tool.id)).get("shape") == "ball"


def _toggle_gate(ctx: AppContext) -> None:
    gate = ctx.view.state.pet_gate
    ctx.view.set(pet_gate=replace(gate, on=not gate.on))


TOOL_COMMANDS = (
    *(_take(tool, number) for number, tool in enumerate(TOOLS, start=1)),
    CommandSpec("tool.larger", "Larger brush", "Tools", "Makes the brush larger.",
                _step(1), ("]",), _needs_brush, starts_group=True),
    CommandSpec("tool.smaller", "Smaller brush", "Tools", "Makes the brush smaller.",
                _step(-1), ("[",), _needs_brush),
    CommandSpec("tool.ball", "Ball brush", "Tools", "Paints a ball in space instead of a disc in the plane.",
                _toggle_shape, ("D",), _needs_brush, _is_ball),
    CommandSpec("tool.gate.pet", "PET gate", "Tools", "Paints only voxels within the PET range.",
                _toggle_gate, ("P",), needs_scan, lambda ctx: ctx.view.state.pet_gate.on),
    CommandSpec("tool.remedy", "Do what the note at the cursor offers", "Tools",
                "Runs the remedy that the last refusal offered, for example unlocks the ROI.",
                run_remedy, ("Return", "Enter"), why_no_remedy),
    CommandSpec("tool.gate.others", "Not over other ROIs", "Tools", "Leaves the voxels of other ROIs alone.",
                lambda ctx: ctx.view.set(not_over_others=not ctx.view.state.not_over_others), ("E",),
                needs_scan, lambda ctx: ctx.view.state.not_over_others),
)  # fmt: skip
