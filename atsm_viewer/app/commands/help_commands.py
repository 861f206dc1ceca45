"""Finding one's way."""

from __future__ import annotations

from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext


def _theme(theme: str, title: str) -> CommandSpec:
    def run(ctx: AppContext) -> None:
        ctx.settings.change(theme=theme)
        ctx.port.apply_theme(theme)

    return CommandSpec(
        f"view.theme.{theme}", title, "View/Theme", f"Uses the {title.lower()} theme.", run,
        checked=lambda ctx: ctx.settings.settings.theme == theme,
    )  # fmt: skip


def _guide(ctx: AppContext) -> None:
    ctx.settings.change(guide_visible=not ctx.settings.settings.guide_visible)
    ctx.port.show_guide(ctx.settings.settings.guide_visible)


HELP_COMMANDS = (
    *(_theme(t, title) for t, title in (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))),
    CommandSpec("help.palette", "Find command…", "Help", "Lists every command; type to find one.",
                lambda ctx: ctx.port.show_palette(), ("Ctrl+K",)),
    CommandSpec("help.shortcuts", "Keys and mouse", "Help", "Lists every key and mouse action.",
                lambda ctx: ctx.port.show_shortcuts(), ("F1",)),
    CommandSpec("help.guide", "Guide strip", "Help", "Shows where one is on the way from images to numbers.",
                _guide, (), checked=lambda ctx: ctx.settings.settings.guide_visible),
    CommandSpec("help.about", "About ATSM Viewer", "Help", "Version, licence and intended use.",
                lambda ctx: ctx.port.show_about()),
)  # fmt: skip
