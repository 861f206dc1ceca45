"""What a tool gets to know when the pointer moves: session, options and gates."""

from __future__ import annotations

from atsm_viewer.app.pet_display import shown_scale
from atsm_viewer.app.view_state import ViewState
from atsm_viewer.domain.options import option_values
from atsm_viewer.domain.scan import Scan
from atsm_viewer.domain.state import SessionState
from atsm_viewer.metrics.muscle_mean import muscle_mean
from atsm_viewer.tools import TOOLS, Tool, ToolContext
from atsm_viewer.tools.gates import CtRangeGate, Gate, InsideRoi, InsideSlot, NotOverOtherRois, PetRangeGate


def tool_by_id(tool_id: str) -> Tool:
    """Return a registered tool; raises KeyError for an unknown one."""
    for tool in TOOLS:
        if tool.id == tool_id:
            return tool
    raise KeyError(tool_id)


def tool_context(state: SessionState, view: ViewState, grab_mm: float) -> ToolContext | None:
    """Return the context of the tool in hand; None while nothing is open."""
    scan = next((s for s in state.scans if s.id == view.scan_id), None)
    if scan is None:
        return None
    tool = tool_by_id(view.tool_id)
    options = option_values(tool.options, view.tool_options.get(view.tool_id))
    scale = shown_scale(state, scan, "suv")
    asks_muscle = "muscle" in options.values() or (view.pet_gate.on and view.pet_gate.unit == "muscle")
    muscle = muscle_mean(state, scan, view.frame) if asks_muscle else None
    return ToolContext(
        state=state,
        roi=state.find_roi(view.active_roi_id),
        scan=scan,
        frame=view.frame,
        options=options,
        gates=gates_of(scan, view, muscle),
        suv_scale=scale.uniform if scale.unit == "suv" else None,
        muscle_mean=muscle,
        grab_mm=grab_mm,
    )


def gates_of(scan: Scan, view: ViewState, muscle: float | None) -> tuple[Gate, ...]:
    """Return the gates that are on.

    Parameters
    ----------
    scan
        The scan shown; the limit to one animal means something only where several lie in it.
    view
        Which gates are on.
    muscle
        Mean of the muscle reference in stored units, for a PET gate in its multiples.
    """
    gates: list[Gate] = []
    if view.pet_gate.on:
        unit = view.pet_gate.unit
        gates.append(
            PetRangeGate(view.pet_gate.lo, view.pet_gate.hi, unit, muscle if unit == "muscle" else None)
        )
    if view.ct_gate_on:
        gates.append(CtRangeGate(view.ct_gate_lo_hu, view.ct_gate_hi_hu))
    if view.not_over_others:
        gates.append(NotOverOtherRois())
    if view.inside_roi_id:
        gates.append(InsideRoi(view.inside_roi_id))
    if view.inside_slot:
        gates.append(InsideSlot())
    return tuple(gates)
