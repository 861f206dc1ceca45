"""Tools that look and point but never change a voxel."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.options import OptionSpec
from atsm_viewer.domain.patch import Patch
from atsm_viewer.domain.pointer import PointerEvent
from atsm_viewer.tools.base import Cursor, Gesture, Refusal, ToolContext


@dataclass(frozen=True, slots=True)
class ViewTool:
    """The name and tooltip of a tool whose movements the window carries out itself."""

    id: str
    title: str
    tip: str
    cursor: Cursor
    options: tuple[OptionSpec, ...] = ()
    is_painting: bool = False

    def _refusal(self) -> Refusal:
        return Refusal(f"the {self.title.lower()} tool does not paint", "Take the brush")

    def footprint(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Refuse: a press changes no voxel."""
        return self._refusal()

    def reach(self, event: PointerEvent, ctx: ToolContext) -> Patch | Refusal:
        """Refuse: there are no voxels under it."""
        return self._refusal()

    def begin(self, event: PointerEvent, ctx: ToolContext) -> Gesture | Refusal:
        """Refuse: there is no gesture of voxels."""
        return self._refusal()
