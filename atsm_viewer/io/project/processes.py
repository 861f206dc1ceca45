"""Whether a process of this machine still runs, and whether it is still the same one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_STILL_ACTIVE = 259
_QUERY_LIMITED_INFORMATION = 0x1000


def this_host() -> str:
    """Return the name of this machine."""
    return socket.gethostname() or "unknown"


def boot_id() -> str:
    """Return what tells two starts of this machine apart; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def process_start(pid: int) -> str:
    """Return when a process started, in the system's own ticks; empty where it does not say.

    A pid is used again sooner or later; pid and start together are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets, which may itself hold brackets and blanks.
    fields = stat.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def is_running(pid: int) -> bool:
    """Whether a process of that number runs on this machine."""
    if pid <= 0:
        return False
    if os.name == "nt":
        return _is_running_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's process; or a number that says nothing
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """A killed process keeps its number until its parent asks; it holds nothing any more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]


def _is_running_windows(pid: int) -> bool:
    import ctypes  # os.kill would end the process there

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return bool(kernel.GetLastError() == 5)  # access denied: it is there
    try:
        code = ctypes.c_ulong()
        return bool(kernel.GetExitCodeProcess(handle, ctypes.byref(code))) and code.value == _STILL_ACTIVE
    finally:
        kernel.CloseHandle(handle)
