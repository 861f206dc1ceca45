"""How things are looked at."""

from __future__ import annotations

from collections.abc import Callable

from atsm_viewer.app.commands.conditions import needs_scan
from atsm_viewer.app.commands.spec import CommandSpec
from atsm_viewer.app.context import AppContext
from atsm_viewer.app.opening import default_pet_window
from atsm_viewer.app.pet_display import UNIT_TITLES, pet_scales, shown_scale
from atsm_viewer.render.colour_maps import COLOUR_MAPS
from atsm_viewer.render.window import CT_PRESETS

LAYOUTS = (
    ("four", "Four panes", "Axial, coronal, sagittal and results of the projection side by side."),
    ("axial", "Axial large", "The axial plane large, the others beside it."),
    ("row", "One row", "The three planes in one row."),
    ("compare", "PET, CT and fused", "The axial plane as PET, as CT and fused."),
)


def _toggle(field: str) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        ctx.view.set(**{field: not getattr(ctx.view.state, field)})

    return run


def _is_on(field: str) -> Callable[[AppContext], bool]:
    return lambda ctx: bool(getattr(ctx.view.state, field))


def _layout(layout_id: str, title: str, tip: str) -> CommandSpec:
    def run(ctx: AppContext) -> None:
        ctx.view.set(layout=layout_id, maximised="")

    return CommandSpec(
        f"view.layout.{layout_id}", title, "View/Layout", tip, run,
        checked=lambda ctx: ctx.view.state.layout == layout_id,
    )  # fmt: skip


def _colour_map(map_id: str, title: str) -> CommandSpec:
    return CommandSpec(
        f"view.colours.{map_id}", title, "View/PET colours", f"Draws the PET in the colour map “{title}”.",
        lambda ctx: ctx.view.set(colour_map=map_id),
        checked=lambda ctx: ctx.view.state.colour_map == map_id,
    )  # fmt: skip


def _ct_preset(title: str, centre: float, width: float) -> CommandSpec:
    return CommandSpec(
        f"view.ct.{title.lower().replace(' ', '_')}", title, "View/CT window",
        f"CT window {centre:g} / {width:g} HU.",
        lambda ctx: ctx.view.set(ct_centre_hu=centre, ct_width_hu=width),
        checked=lambda ctx: (ctx.view.state.ct_centre_hu, ctx.view.state.ct_width_hu) == (centre, width),
    )  # fmt: skip


def set_pet_unit(ctx: AppContext, unit: str) -> None:
    """Show the PET in another unit; the picture stays the same, the numbers of the bar change."""
    state, view = ctx.session.state, ctx.view.state
    scan = state.scan(view.scan_id)
    old = shown_scale(state, scan, view.pet_unit)
    new = shown_scale(state, scan, unit)
    ratio = new.factor_at(view.frame, 0) / old.factor_at(view.frame, 0)
    ctx.view.set(pet_unit=new.unit, pet_lo=view.pet_lo * ratio, pet_hi=view.pet_hi * ratio)


def _pet_unit(unit: str, title: str) -> CommandSpec:
    def why_not(ctx: AppContext) -> str:
        reason = needs_scan(ctx)
        if reason:
            return reason
        scan = ctx.session.state.scan(ctx.view.state.scan_id)
        return (
            ""
            if unit in pet_scales(ctx.session.state, scan)
            else "Not available for this scan; see the dose card."
        )

    return CommandSpec(
        f"view.unit.{unit}", title, "View/PET unit", f"Shows the PET as {title}.",
        lambda ctx: set_pet_unit(ctx, unit), why_not=why_not,
        checked=lambda ctx: ctx.view.state.pet_unit == unit,
    )  # fmt: skip


def _opacity(step: float) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        ctx.view.set(pet_opacity=round(min(1.0, max(0.0, ctx.view.state.pet_opacity + step)), 2))

    return run


def _auto_window(ctx: AppContext) -> None:
    state, view = ctx.session.state, ctx.view.state
    lo, hi = default_pet_window(state, state.scan(view.scan_id), view.pet_unit, view.frame)
    ctx.view.set(pet_lo=lo, pet_hi=hi)


def _frame(step: int) -> Callable[[AppContext], None]:
    def run(ctx: AppContext) -> None:
        pet = ctx.session.state.scan(ctx.view.state.scan_id).pet
        if pet is not None:
            ctx.view.set(frame=min(max(0, ctx.view.state.frame + step), pet.n_frames - 1))

    return run


def _needs_frames(ctx: AppContext) -> str:
    reason = needs_scan(ctx)
    if reason:
        return reason
    pet = ctx.session.state.scan(ctx.view.state.scan_id).pet
    return "" if pet is not None and pet.n_frames > 1 else "The scan has one frame."


VIEW_COMMANDS = (
    *(_layout(*row) for row in LAYOUTS),
    CommandSpec("view.maximise", "Maximise pane", "View",
                "Fills the window with the pane in use, or brings the others back.",
                lambda ctx: ctx.port.maximise_pane(), ("X",),
                needs_scan, _is_on("maximised")),
    CommandSpec("view.fit", "Fit images", "View", "Brings the whole image back into every pane.",
                lambda ctx: ctx.port.fit_views(), ("Ctrl+0",), needs_scan),
    CommandSpec("view.pet", "Show PET", "View", "Shows or hides the PET; hold the key to blink it.",
                _toggle("pet_visible"), ("B",), needs_scan, _is_on("pet_visible"), starts_group=True),
    CommandSpec("view.ct", "Show CT", "View", "Shows or hides the CT.",
                _toggle("ct_visible"), ("C",), needs_scan, _is_on("ct_visible")),
    CommandSpec("view.opacity.more", "More PET", "View", "Draws the PET more opaque.",
                _opacity(0.1), ("+", "="), needs_scan),
    CommandSpec("view.opacity.less", "Less PET", "View", "Draws the PET less opaque.",
                _opacity(-0.1), ("-",), needs_scan),
    CommandSpec("view.window.auto", "Automatic PET window", "View", "Sets the PET window from the image.",
                _auto_window, ("A",), needs_scan),
    CommandSpec("view.window.edit", "PET and CT window…", "View", "Sets the windows by numbers.",
                lambda ctx: ctx.port.edit_windows(), (), needs_scan),
    *(_colour_map(m.id, m.title) for m in COLOUR_MAPS.values()),
    *(_pet_unit(unit, title) for unit, title in (*UNIT_TITLES.items(), ("stored", "Stored unit"))),
    *(_ct_preset(title, window.centre, window.width) for title, window in CT_PRESETS.items()),
    CommandSpec("view.rois", "Show ROIs", "View", "Shows or hides all ROIs.",
                _toggle("rois_visible"), ("V",), needs_scan, _is_on("rois_visible"), starts_group=True),
    CommandSpec("view.roi.outline", "ROI outlines", "View", "Draws the outlines of ROIs.",
                _toggle("roi_outline"), ("O",), needs_scan, _is_on("roi_outline")),
    CommandSpec("view.roi.fill", "ROI fill", "View", "Fills ROIs with their colour.",
                lambda ctx: ctx.view.set(roi_fill_opacity=0.0 if ctx.view.state.roi_fill_opacity else 0.25),
                ("F",), needs_scan, lambda ctx: ctx.view.state.roi_fill_opacity > 0),
    CommandSpec("view.crosshair", "Show crosshair", "View", "Shows or hides the linked crosshair.",
                _toggle("crosshair_visible"), ("K",), needs_scan, _is_on("crosshair_visible")),
    CommandSpec("view.interpolate", "Smooth pictures", "View",
                "Smooths pictures between voxels; numbers always come from the voxels themselves.",
                _toggle("interpolate"), ("I",), needs_scan, _is_on("interpolate")),
    CommandSpec("view.frame.next", "Next frame", "View", "Shows the next frame of a dynamic scan.",
                _frame(1), ("Ctrl+Right",), _needs_frames, starts_group=True),
    CommandSpec("view.frame.previous", "Previous frame", "View",
                "Shows the previous frame of a dynamic scan.", _frame(-1), ("Ctrl+Left",), _needs_frames),
)  # fmt: skip
