"""Chooses window or command line. Importing this module imports neither."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    ``atsm-viewer`` and ``atsm-viewer open [PATH]`` show the window, everything else is headless.
    """
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] == "open":
        wanted = arguments[1:]
        if not any(a.startswith("-") for a in wanted) and len(wanted) <= 1:
            return _window([Path(a) for a in wanted])
    from atsm_viewer.cli.main import main as headless

    return headless(arguments)


def _window(paths: list[Path]) -> int:
    for path in paths:
        if not path.exists():
            sys.stderr.write(f"atsm-viewer: “{path}” does not exist.\n")
            return 1
    from atsm_viewer.ui.application import has_display, run_window

    if not has_display():
        sys.stderr.write(
            "atsm-viewer: there is no display to show a window on.\n"
            "  Without one, ‘atsm-viewer measure PATH’ prints the numbers; see ‘atsm-viewer --help’.\n"
        )
        return 1
    return run_window(paths)


if __name__ == "__main__":
    raise SystemExit(main())
