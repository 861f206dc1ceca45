"""Keys as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QKeySequence

from atsm_viewer.app.commands import CommandSpec


def keys_of(spec: CommandSpec, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of a command, in words of this system.

    Parameters
    ----------
    spec
        The command.
    chosen
        Command id to key sequence, where a person chose another one.
    """
    keys = (chosen[spec.id],) if spec.id in chosen else spec.shortcuts
    native = QKeySequence.SequenceFormat.NativeText
    return tuple(QKeySequence(k).toString(native) for k in keys if k)
