"""What a person looks at and with what: saved as a convenience, never alters a number."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from atsm_viewer.domain.options import OptionValue

Vec3 = tuple[float, float, float]


@dataclass(frozen=True)
class PetGateSetting:
    """The PET gate of the painting tools.

    Parameters
    ----------
    on
        Whether it restricts painting.
    lo, hi
        Inclusive range in ``unit``.
    unit
        ``suv``, ``stored`` or ``muscle`` (multiples of the muscle mean).
    """

    on: bool = False
    lo: float = 0.0
    hi: float = 1000.0
    unit: str = "suv"


@dataclass(frozen=True)
class ViewState:
    """Everything about looking and pointing.

    Parameters
    ----------
    scan_id, frame
        The scan and the frame shown.
    cursor_lps
        Where the crosshair is, LPS mm.
    active_roi_id
        The ROI that painting writes to; empty when there is none.
    tool_id
        The tool in hand.
    tool_options
        Option values per tool id.
    pet_gate, not_over_others
        Gates of the painting tools.
    ct_gate_on, ct_gate_lo_hu, ct_gate_hi_hu
        Whether painting keeps to a range of HU, and which.
    inside_roi_id
        The ROI that painting keeps to; empty for none.
    inside_slot
        Whether painting keeps to the animal of the ROI.
    pet_unit
        Unit of the PET display: ``suv``, ``kbq_ml`` or ``stored``.
    pet_lo, pet_hi
        PET window in that unit.
    colour_map, pet_opacity, pet_visible
        How the PET is drawn over the CT.
    ct_centre_hu, ct_width_hu, ct_visible
        How the CT is drawn.
    interpolate
        Whether pictures are smoothed between voxels.
    rois_visible, roi_outline, roi_fill_opacity
        How ROIs are drawn.
    crosshair_visible
        Whether the linked crosshair is drawn.
    layout
        ``four``, ``axial``, ``row`` or ``compare``.
    maximised
        Name of the pane that fills the window; empty for none.
    """

    scan_id: str = ""
    frame: int = 0
    cursor_lps: Vec3 = (0.0, 0.0, 0.0)
    active_roi_id: str = ""
    tool_id: str = "crosshair"
    tool_options: Mapping[str, Mapping[str, OptionValue]] = field(default_factory=dict)
    pet_gate: PetGateSetting = PetGateSetting()
    not_over_others: bool = True
    ct_gate_on: bool = False
    ct_gate_lo_hu: float = -30.0
    ct_gate_hi_hu: float = 150.0
    inside_roi_id: str = ""
    inside_slot: bool = False
    pet_unit: str = "suv"
    pet_lo: float = 0.0
    pet_hi: float = 5.0
    colour_map: str = "hot"
    pet_opacity: float = 0.6
    pet_visible: bool = True
    ct_centre_hu: float = 40.0
    ct_width_hu: float = 400.0
    ct_visible: bool = True
    interpolate: bool = True
    rois_visible: bool = True
    roi_outline: bool = True
    roi_fill_opacity: float = 0.25
    crosshair_visible: bool = True
    layout: str = "four"
    maximised: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for the project file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ViewState:
        """Build from plain values; anything unknown or of the wrong type is left at its default.

        The view is a convenience: a damaged one must never keep a project from opening.
        """
        default = cls()
        good: dict[str, Any] = {}
        for f in dataclasses.fields(cls):
            value = plain.get(f.name)
            now = getattr(default, f.name)
            if f.name == "pet_gate" and isinstance(value, Mapping):
                good[f.name] = _gate_from(value)
            elif f.name == "cursor_lps" and isinstance(value, list | tuple) and len(value) == 3:
                if all(_is_number(v) for v in value):
                    good[f.name] = tuple(float(v) for v in value)
            elif f.name == "tool_options" and isinstance(value, Mapping):
                good[f.name] = {str(k): dict(v) for k, v in value.items() if isinstance(v, Mapping)}
            elif isinstance(now, bool | str) and isinstance(value, type(now)):
                good[f.name] = value
            elif isinstance(now, float) and _is_number(value):
                good[f.name] = float(value)  # type: ignore[arg-type]  # _is_number says so
            elif type(now) is int and type(value) is int:
                good[f.name] = max(0, value)
        return replace(default, **good)


def _is_number(value: object) -> bool:
    """Whether JSON gave a finite number that fits a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Python reads integers of any length; those beyond the largest float cannot be compared as one.
    return abs(value) <= sys.float_info.max


def _gate_from(plain: Mapping[str, Any]) -> PetGateSetting:
    default = PetGateSetting()
    on, lo, hi, unit = (plain.get(k) for k in ("on", "lo", "hi", "unit"))
    numbers = _is_number(lo) and _is_number(hi)
    if not isinstance(on, bool) or not numbers or unit not in ("suv", "stored", "muscle"):
        return default
    return PetGateSetting(on, float(lo or 0.0), float(hi or 0.0), str(unit))


ViewListener = Callable[[ViewState, ViewState], None]


class ViewStore:
    """Holds the current view state and tells listeners *(old, new)*."""

    def __init__(self, state: ViewState | None = None) -> None:
        self._state = state or ViewState()
        self._listeners: list[ViewListener] = []

    @property
    def state(self) -> ViewState:
        """The view state that holds now."""
        return self._state

    def subscribe(self, listener: ViewListener) -> Callable[[], None]:
        """Call ``listener(old, new)`` after every change; returns the function that ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def set(self, **changes: Any) -> None:
        """Change some fields."""
        self.move_to(replace(self._state, **changes))

    def set_tool_option(self, tool_id: str, option_id: str, value: OptionValue) -> None:
        """Change one option of one tool."""
        options = {k: dict(v) for k, v in self._state.tool_options.items()}
        options.setdefault(tool_id, {})[option_id] = value
        self.set(tool_options=options)

    def move_to(self, state: ViewState) -> None:
        """Replace the whole view state."""
        old, self._state = self._state, state
        if old != state:
            for listener in tuple(self._listeners):
                listener(old, state)
