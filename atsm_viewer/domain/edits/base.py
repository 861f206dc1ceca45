"""What every edit can do."""

from __future__ import annotations

from typing import Protocol

from atsm_viewer.domain.state import SessionState


class Edit(Protocol):
    """A frozen value that says what changes."""

    def apply(self, state: SessionState) -> SessionState:
        """Return the state after the change; ``state`` itself when nothing changes.

        Raises
        ------
        AtsmError
            When the change is not possible; the state is untouched.
        """
        ...
