"""Scripts take turns: two at once, first come first served, and nobody waits for one that takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from pages.components import turns

PATIENCE = 30.0  # seconds until a test gives up; nothing here depends on how long something takes


def started(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def test_two_at_once_and_who_came_first_is_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST", PATIENCE)
    order: list[int] = []
    running, most = 0, 0
    leave = [threading.Event() for _ in range(6)]
    inside = [threading.Event() for _ in range(6)]

    def script(number: int) -> None:
        nonlocal running, most
        with turns.turn():
            order.append(number)
            running += 1
            most = max(most, running)
            inside[number].set()
            assert leave[number].wait(PATIENCE)
            running -= 1

    threads = []
    for number in range(6):
        threads.append(started(lambda number=number: script(number)))  # type: ignore[misc]
        if number < 2:
            assert inside[number].wait(PATIENCE)
        else:  # it stands in the queue before the next one comes
            while len(turns._waiting) < number - 1:
                threading.Event().wait(0.001)
    assert order == [0, 1]
    for number in range(6):
        leave[number].set()
        if number + 2 < 6:
            assert inside[number + 2].wait(PATIENCE)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [0, 1, 2, 3, 4, 5] and most == 2
    assert not turns._waiting and not turns._until


def test_nobody_waits_for_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.01)
    leave, done = threading.Event(), threading.Event()

    def long_one() -> None:
        with turns.turn():
            assert leave.wait(PATIENCE)

    def short_one() -> None:
        with turns.turn():
            done.set()

    threads = [started(long_one) for _ in range(4)]
    threads.append(started(short_one))
    assert done.wait(PATIENCE)
    leave.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not turns._waiting and not turns._until


def test_an_error_leaves_the_turn_to_the_next() -> None:
    for _ in range(5):
        with pytest.raises(ValueError, match="no"), turns.turn():
            raise ValueError("no")
    assert not turns._until
