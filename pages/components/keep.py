"""What a page asks at every run, kept in memory: a hit costs microseconds, and everybody gets the same object, so nobody may change it.

st.cache_data takes half a millisecond a hit, to hash its arguments and to copy the answer; a page asks ten times. It stays where a
spinner shows that something takes long.
"""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class _Entry:
    """One answer, and the lock of whoever makes it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.made: list[Any] = []


def kept(max_entries: int) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """A function that is asked once for the same arguments; those that begin with ``_`` do not count. The oldest answers go first.

    Arguments must be hashable and given by position. Who asks while another makes the answer waits for it.
    """

    def decorate(make: Callable[..., Answer]) -> Callable[..., Answer]:
        counts = [not name.startswith("_") for name in inspect.signature(make).parameters]
        entries: OrderedDict[tuple[Any, ...], _Entry] = OrderedDict()
        lock = threading.Lock()

        @wraps(make)
        def ask(*given: Any) -> Answer:
            key = tuple(value for value, does in zip(given, counts, strict=True) if does)
            with lock:
                entry = entries.setdefault(key, _Entry())
                entries.move_to_end(key)
                if len(entries) > max_entries:
                    entries.popitem(last=False)
            with entry.lock:
                if not entry.made:
                    entry.made.append(make(*given))
            answer: Answer = entry.made[0]
            return answer

        return ask

    return decorate
