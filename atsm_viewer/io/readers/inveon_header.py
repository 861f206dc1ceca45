"""The text header of Inveon and Concorde images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from atsm_viewer.domain.errors import AtsmError
from atsm_viewer.domain.suv.header_values import number
from atsm_viewer.io.readers.frame_facts import plausible

_MAX_FRAMES = 10_000
_TIME = "%a %b %d %H:%M:%S %Y"


@dataclass(frozen=True, slots=True)
class InveonHeader:
    """Keys of the file and of every frame, as text.

    Parameters
    ----------
    main
        Keys before the first frame.
    frames
        Keys of each frame.
    """

    main: dict[str, str]
    frames: tuple[dict[str, str], ...]

    def number(self, key: str) -> float | None:
        """Return a finite number, or None."""
        return number(self.main.get(key))

    def whole(self, key: str) -> int | None:
        """Return a whole number, or None."""
        value = self.number(key)
        return None if value is None else int(value)

    def time(self, key: str) -> datetime | None:
        """Return a time such as ``Sun Sep 16 01:03:52 1973``, or None."""
        words = " ".join(self.main.get(key, "").split())
        try:
            moment = datetime.strptime(words, _TIME)
        except ValueError:
            return None
        return plausible(moment)  # 1 January 1970 stands for “not set”


def parse_inveon(text: str, path: Path) -> InveonHeader:
    """Split a header into its keys.

    Lines are ``key value``; ``#`` starts a comment; ``end_of_header`` ends the main part and each
    frame, and ``frame N`` starts one.

    Raises
    ------
    AtsmError
        When there are absurdly many frames.
    """
    main: dict[str, str] = {}
    frames: list[dict[str, str]] = []
    current = main
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, _, value = stripped.partition(" ")
        if key == "end_of_header":
            continue
        if key == "frame":
            if len(frames) >= _MAX_FRAMES:
                raise AtsmError(f"“{path.name}” describes more than {_MAX_FRAMES:,} frames.")
            current = {}
            frames.append(current)
        current.setdefault(key, value.strip())
    # A CT written without frame blocks has one frame.
    return InveonHeader(main, tuple(frames) or ({},))
