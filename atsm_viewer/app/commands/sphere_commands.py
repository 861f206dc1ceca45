"""Choosing the sphere protocol of a study; the tool then places its spheres."""

from __future__ import annotations

import re
from dataclasses import replace

from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.domain.edits import SetProtocol
from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.sphere_protocol import SPHERE_PRESETS, SphereProtocol

_NUMBER_SIZE = re.compile(r"\s*(\d+)\s*[x×*]\s*(\d+(?:[.,]\d+)?)\s*(?:mm)?\s*")


def choose_spheres(ctx: AppContext, spheres: SphereProtocol) -> None:
    """Make a sphere protocol that of the session, and take the tool that places it."""
    protocol = replace(ctx.session.state.protocol, spheres=spheres)
    ctx.session.apply(SetProtocol(protocol), f"Choose spheres {spheres.words}")
    ctx.view.set(tool_id="protocol_sphere")


def _chooser(preset_id: str) -> CommandSpec:
    preset = SPHERE_PRESETS[preset_id]

    def run(ctx: AppContext) -> None:
        choose_spheres(ctx, preset)

    def checked(ctx: AppContext) -> bool:
        return ctx.session.state.protocol.spheres == preset

    place = f"{preset.where}, {preset.side}" if preset.side else preset.where
    return CommandSpec(
        f"protocol.spheres.{preset_id}", preset.words, "Tools/Protocol spheres",
        f"Clicks place {preset.number} spheres of {preset.diameter_mm:g} mm in {place}.",
        run, (), needs_scan, checked,
    )  # fmt: skip


def parsed_spheres(text: str) -> SphereProtocol:
    """Read “3 × 4.5 mm”; raises AtsmError for anything else."""
    match = _NUMBER_SIZE.fullmatch(text)
    if match is None:
        raise AtsmError(f"“{text}” is not a number of spheres and a size.", "Write for example 3 × 4.5 mm.")
    return SphereProtocol("Own", int(match.group(1)), float(match.group(2).replace(",", ".")))


def _own(ctx: AppContext) -> None:
    now = ctx.session.state.protocol.spheres or SPHERE_PRESETS["mouse"]
    text = ctx.port.ask_text(
        "Protocol spheres", "Number × diameter in mm", f"{now.number} × {now.diameter_mm:g} mm"
    )
    if text is not None:
        choose_spheres(ctx, parsed_spheres(text))


def _is_own(ctx: AppContext) -> bool:
    spheres = ctx.session.state.protocol.spheres
    return spheres is not None and spheres not in SPHERE_PRESETS.values()


SPHERE_COMMANDS = (
    *(_chooser(preset_id) for preset_id in SPHERE_PRESETS),
    CommandSpec("protocol.spheres.own", "Own number and size…", "Tools/Protocol spheres",
                "Asks for number and diameter of the muscle spheres.", _own, (), needs_scan, _is_own),
)  # fmt: skip
