"""The one error that is meant for people."""

from __future__ import annotations


class AtsmError(Exception):
    """Something a person can understand and act on.

    Everything that can go wrong with data or files is raised as this type and handled exactly
    once, at the command or job boundary. Any other exception is a defect.

    Parameters
    ----------
    user_message
        What happened, in one sentence that names the file or value.
    hint
        What to do next, or what was kept.
    detail
        Technical detail for a report; may be long.
    """

    def __init__(self, user_message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(user_message)
        self.user_message = user_message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.user_message} {self.hint}".strip()


class OperationCancelled(AtsmError):
    """A person asked to stop; the work ended early and left nothing behind."""

    def __init__(self) -> None:
        super().__init__("Cancelled.", "Nothing was changed.")
