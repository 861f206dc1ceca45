"""Keys that a newer version wrote and this one does not know: carried along, not lost."""

from __future__ import annotations

from typing import Any


def unknown_keys(stored: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return what ``stored`` holds beyond ``own``.

    Dictionaries are compared key by key; lists item by item where items carry an ``id``, and the
    result then has a dictionary from id to the unknown keys of that item.
    """
    extra: dict[str, Any] = {}
    for key, value in stored.items():
        if key not in own:
            extra[key] = value
            continue
        mine = own[key]
        if isinstance(value, dict) and isinstance(mine, dict):
            below = unknown_keys(value, mine)
        elif isinstance(value, list) and isinstance(mine, list):
            by_id = _by_id(mine)
            pairs = {i: unknown_keys(item, by_id[i]) for i, item in _by_id(value).items() if i in by_id}
            below = {i: found for i, found in pairs.items() if found}
        else:
            below = {}
        if below:
            extra[key] = below
    return extra


def with_unknown(own: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Return ``own`` with the unknown keys put back; what ``own`` says wins.

    Items that are gone lose their unknown keys with them.
    """
    merged = dict(own)
    for key, value in extra.items():
        mine = own.get(key)
        if key not in own:
            merged[key] = value
        elif isinstance(mine, dict) and isinstance(value, dict):
            merged[key] = with_unknown(mine, value)
        elif isinstance(mine, list) and isinstance(value, dict):
            merged[key] = [
                with_unknown(item, value[item["id"]])
                if isinstance(item, dict) and isinstance(value.get(item.get("id")), dict)
                else item
                for item in mine
            ]
    return merged


def _by_id(items: list[Any]) -> dict[str, dict[str, Any]]:
    return {i["id"]: i for i in items if isinstance(i, dict) and isinstance(i.get("id"), str)}
