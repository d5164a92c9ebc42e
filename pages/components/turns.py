"""Whose script runs now. Python runs one thread at a time: twenty scripts at once all finish late, two by turns finish early."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2  # while one waits for the database, another one draws
LONGEST = 0.5  # seconds after which a script no longer counts: nobody waits for a what-if of somebody else

_lock = threading.Lock()
_until: list[float] = []  # per script that counts: when it no longer does
_waiting: deque[threading.Condition] = deque()  # who came first is next


@contextmanager
def turn() -> Iterator[None]:
    """Wait until few enough scripts run, then be one of them."""
    with _lock:
        me = threading.Condition(_lock)
        _waiting.append(me)
        while (wait := _wait_of(me)) is None or wait > 0:
            me.wait(wait)
        _waiting.popleft()
        mine = time.monotonic() + LONGEST
        _until.append(mine)
        _call_next()
    try:
        yield
    finally:
        with _lock:
            if mine in _until:
                _until.remove(mine)
            _call_next()


def _wait_of(me: threading.Condition) -> float | None:
    """Seconds until there is room, 0 for now; None: others are first, and will call."""
    if _waiting[0] is not me:
        return None
    now = time.monotonic()
    _until[:] = [moment for moment in _until if moment > now]
    return 0 if len(_until) < AT_ONCE else min(_until) - now


def _call_next() -> None:
    if _waiting:
        _waiting[0].notify()
