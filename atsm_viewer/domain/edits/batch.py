"""Several edits as one step."""

from __future__ import annotations

from dataclasses import dataclass

from atsm_viewer.domain.edits.base import Edit
from atsm_viewer.domain.state import SessionState


@dataclass(frozen=True, slots=True)
class Batch:
    """Edits that are applied, undone and recorded together.

    Parameters
    ----------
    edits
        In order; if one fails none takes effect.
    """

    edits: tuple[Edit, ...]

    def apply(self, state: SessionState) -> SessionState:
        """Return the state after all edits."""
        for edit in self.edits:
            state = edit.apply(state)
        return state
