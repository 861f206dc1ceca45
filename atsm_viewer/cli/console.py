"""Text and JSON on the console."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from atsm_viewer.domain.notices import Notice


def write_json(value: Any) -> None:
    """Print JSON; numbers that are not finite become null, because JSON has no word for them.

    Letters outside ASCII are escaped, so that the output survives pipes of any encoding.
    """
    sys.stdout.write(json.dumps(_plain(value), indent=1, allow_nan=False) + "\n")


def print_anything() -> None:
    """Let text reach consoles whose encoding lacks a letter: it is escaped instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def notice_json(notice: Notice) -> dict[str, Any]:
    """Return a notice as plain values."""
    return {**asdict(notice), "severity": notice.severity.value}


def write_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with aligned columns, numbers to the right."""
    widths = [max(len(h), *(len(r[c]) for r in rows)) if rows else len(h) for c, h in enumerate(heads)]
    for number, row in enumerate([heads, *rows]):
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)),
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
        if number == 0:
            sys.stdout.write("  ".join("-" * w for w in widths) + "\n")


def write_notices(notices: Sequence[Notice]) -> None:
    """Print notices to the error stream, the way a person reads them."""
    for notice in notices:
        sys.stderr.write(f"{notice.severity.value}: {notice.text} [{notice.code}]\n")
        if notice.remedy:
            sys.stderr.write(f"  {notice.remedy}\n")
