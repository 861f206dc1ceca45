"""What every registered thing says about itself."""

from __future__ import annotations

from typing import Protocol

from atsm_viewer.domain.options import OptionSpec


class Spec(Protocol):
    """A registered tool, operation, reader or exporter, as the windows and the CLI see it.

    Attributes
    ----------
    id
        Stable short name.
    title
        Words on screen.
    tip
        One sentence for the tooltip and the help page.
    options
        Declared parameters; one generic form renders them.
    """

    @property
    def id(self) -> str:
        """Stable short name."""
        ...

    @property
    def title(self) -> str:
        """Words on screen."""
        ...

    @property
    def tip(self) -> str:
        """One sentence for the tooltip and the help page."""
        ...

    @property
    def options(self) -> tuple[OptionSpec, ...]:
        """Declared parameters."""
        ...
