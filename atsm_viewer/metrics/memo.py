"""Results kept for as long as the objects they were computed from live."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class IdentityCache(Generic[T]):
    """A bounded cache keyed by the identity of objects and by plain values.

    Entries go when one of their objects dies, or, oldest first, when the budget is exceeded.
    Identity is right as a key because volumes and masks are immutable.

    Parameters
    ----------
    budget
        Largest sum of the sizes of the entries; the newest entry always stays.
    size
        Size of one entry, in the unit of the budget.
    """

    def __init__(self, budget: int, size: Callable[[T], int]) -> None:
        self._budget = budget
        self._size = size
        self._used = 0
        self._lock = threading.RLock()
        self._entries: OrderedDict[Hashable, tuple[tuple[weakref.ref[object], ...], T, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, objects: tuple[object, ...], values: Hashable, make: Callable[[], T]) -> T:
        """Return the entry for these very objects and these values, made when it is missing."""
        key = (tuple(id(o) for o in objects), values)
        with self._lock:
            found = self._entries.get(key)
            # An id can be taken again after its object died, so the references decide.
            if found is not None and all(r() is o for r, o in zip(found[0], objects, strict=True)):
                self._entries.move_to_end(key)
                return found[1]
        made = make()
        with self._lock:
            self._drop(key)
            refs = tuple(weakref.ref(o, self._forget(key)) for o in objects)
            size = self._size(made)
            self._entries[key] = (refs, made, size)
            self._used += size
            while self._used > self._budget and len(self._entries) > 1:
                self._drop(next(iter(self._entries)))
        return made

    def _forget(self, key: Hashable) -> Callable[[weakref.ref[object]], None]:
        me = weakref.ref(self)

        def gone(dead: weakref.ref[object]) -> None:
            cache = me()
            if cache is None:
                return
            with cache._lock:
                entry = cache._entries.get(key)
                if entry is not None and any(r is dead for r in entry[0]):
                    cache._drop(key)

        return gone

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry[2]
