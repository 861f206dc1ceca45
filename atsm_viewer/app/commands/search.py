"""Find commands by what a person types."""

from __future__ import annotations

from collections.abc import Sequence

from atsm_viewer.app.commands.spec import CommandSpec


def find_commands(commands: Sequence[CommandSpec], typed: str) -> tuple[CommandSpec, ...]:
    """Return the commands that match, the best first; all of them, in order, for an empty text.

    A command matches when each word that was typed occurs in its title, menu or tip, or when the
    letters of a word occur in its title in this order. Words at the beginning of the title count most.
    """
    words = typed.casefold().split()
    if not words:
        return tuple(commands)
    found: list[tuple[int, int, CommandSpec]] = []
    for place, spec in enumerate(commands):
        scores = [_score(spec, word) for word in words]
        if all(scores):
            found.append((-sum(scores), place, spec))
    found.sort(key=lambda row: row[:2])
    return tuple(spec for _, _, spec in found)


def _score(spec: CommandSpec, word: str) -> int:
    """How well a word fits; 0 when it does not."""
    title, menu = spec.title.casefold(), spec.menu.casefold()
    if title.startswith(word):
        return 100
    if any(part.startswith(word) for part in title.split()):
        return 80
    if word in title:
        return 60
    if any(part.startswith(word) for part in menu.replace("/", " ").split()):
        return 40
    if any(part.startswith(word) for part in spec.tip.casefold().split()):
        return 20
    letters = iter(title)
    return 10 if all(letter in letters for letter in word) else 0
