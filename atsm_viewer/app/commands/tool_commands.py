"""Taking tools in hand and setting them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.gate_commands import GATE_COMMANDS
from atsm_viewer.app.commands.remedies import run_remedy, why_no_remedy
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.commands.sphere_commands import SPHERE_COMMANDS
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.painting import tool_by_id
from atsm_viewer.domain.options import OptionValue, option_values
from atsm_viewer.tools import TOOLS, Tool, stepped_diameter
from atsm_viewer.tools.sphere import PROTOCOL_SPHERE

_LETTERS = {"window": "W"}
TOOLS_IN_ORDER = TOOLS
"""The tools, for a bar that shows them."""
# Sizes that tools share: switching between brush and eraser must not surprise.
_SHARED_SIZE = ("brush", "eraser")


def _take(tool: Tool, number: int) -> CommandSpec:
    letter = _LETTERS.get(tool.id)
    digits = (str(number % 10),) if number <= 10 else ()
    return CommandSpec(
        f"tool.{tool.id}",
        tool.title,
        "Tools",
        tool.tip,
        lambda ctx: ctx.view.set(tool_id=tool.id),
        (*digits, letter) if letter else digits,
        checked=lambda ctx: ctx.view.state.tool_id == tool.id,
    )


def step_brush(ctx: AppContext, steps: int) -> None:
    """Make the brush or shape in hand larger or smaller; nothing for tools without a size."""
    view = ctx.view.state
    tool = tool_by_id(view.tool_id)
    now = option_values(tool.options, view.tool_options.get(tool.id)).get("diameter_mm")
    if now is None or tool is PROTOCOL_SPHERE or not ctx.session.state.scans:
        return
    geometry = ctx.session.state.scan(view.scan_id).pet_geometry
    wanted = stepped_diameter(float(now), steps, geometry)
    set_tool_option(ctx, tool.id, "diameter_mm", wanted)


def set_tool_option(ctx: AppContext, tool_id: str, option_id: str, value: OptionValue) -> None:
    """Set an option of a tool, and of those that share it."""
    sharing = _SHARED_SIZE if tool_id in _SHARED_SIZE else (tool_id,)
    for other in sharing:
        ctx.view.set_tool_option(other, option_id, value)


def _step(steps: int) -> Callable[[AppContext], None]:
    return lambda ctx: step_brush(ctx, steps)


def _needs_size(ctx: AppContext) -> str:
    has_size = any(o.id == "diameter_mm" for o in tool_by_id(ctx.view.state.tool_id).options)
    return needs_scan(ctx) or ("" if has_size else "Take a brush or a shape first.")


def _needs_brush(ctx: AppContext) -> str:
    is_brush = ctx.view.state.tool_id in _SHARED_SIZE
    return needs_scan(ctx) or ("" if is_brush else "Take the brush or the eraser first.")


def _toggle_shape(ctx: AppContext) -> None:
    view = ctx.view.state
    tool = tool_by_id(view.tool_id)
    now = option_values(tool.options, view.tool_options.get(tool.id))["shape"]
    set_tool_option(ctx, tool.id, "shape", "disc" if now == "ball" else "ball")


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
                _step(1), ("]",), _needs_size, starts_group=True),
    CommandSpec("tool.smaller", "Smaller brush", "Tools", "Makes the brush smaller.",
                _step(-1), ("[",), _needs_size),
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
    *GATE_COMMANDS,
    *SPHERE_COMMANDS,
)  # fmt: skip
