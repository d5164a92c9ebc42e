"""Closing a meeting: kept whole with its data, by one of several, never without a line that was written; and on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import attribution
from attribution import store as stores
from attribution import versions
from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import closing, frozen
from attribution.meeting.agenda import Item
from attribution.meeting.block import Block, Context
from attribution.reports import meeting as files
from attribution.store import MeetingClosed, Store
from attribution.store.meeting_records import WrittenMeanwhile
from tests import meeting_blocks
from tests.app_page import text as said_by
from tests.app_page import words as words_of
from tests.meeting_blocks import DAY

# --- closing ----------------------------------------------------------------------------------------------------------

ITEMS = (
    Item("changes", "What changed since the last meeting?", "Changes", 8, lambda _: meeting_blocks.changes()),
    Item(
        "actions",
        "Who does what by when?",
        "Actions",
        4,
        lambda context: Block(f"{len(context.actions)} actions"),
        reads_store=True,
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return stores.open(str(tmp_path / "store.sqlite"))


def written(store: Store, ds: Any, day: date = DAY) -> stores.Meeting:
    """A meeting with a note, a decision and an action."""
    meeting = store.meetings.open(day, ds.version, "Ruth")
    store.meetings.save_note(stores.Note(meeting.meeting_id, "changes"), "Not a risk, a date.", "Ruth")
    store.meetings.add(stores.Decision(meeting.meeting_id, "changes", "We wait"), "Ruth")
    due = DAY + timedelta(days=8)
    action = stores.Action(
        meeting.meeting_id, "changes", "Call again", owner="Ann", due_on=due, metric="win_rate", metric_value=0.24
    )
    store.meetings.add(action, "Ruth")
    return meeting


def test_a_closed_meeting_is_kept_whole_with_its_data(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    meeting = written(store, ds)
    done = closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    assert done.is_pinned and versions.find_version(pinnable, ds.version).pinned_for[0].startswith(
        "meeting of 2026-11-19, closed"
    )
    there, stored = store.meetings.one(meeting.meeting_id), store.meetings.pack(meeting.meeting_id)
    assert there is not None and not there.is_open and there.closed_version == ds.version and there.closed_by == "Ruth"
    assert stored is not None and closing.reopened(stored) == done.pack
    assert stored.html == files.html(done.pack) and stored.actions_csv == files.actions_csv(done.pack)
    changed, read_back = done.pack.parts
    assert changed.note == "Not a risk, a date." and changed.decisions[0].text == "We wait"
    assert (changed.actions[0].metric, changed.actions[0].metric_then) == ("Win rate", f"24{formats.SPACE}%")
    assert read_back.block is not None and read_back.block.answer == "1 actions"
    with pytest.raises(MeetingClosed):
        store.meetings.save_note(stores.Note(meeting.meeting_id, "changes"), "later", "Ann")
    assert closing.pack_of(ds, store, DAY) == done.pack, "the command line gives the closed one as it was"
    ds.close()


def test_who_closes_second_is_told_and_pins_nothing(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    meeting = written(store, ds)
    closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    with pytest.raises(MeetingClosed, match="closed by Ruth"):
        closing.close(store, ds, meeting, "Ann", items=ITEMS)
    assert len(versions.find_version(pinnable, ds.version).pinned_for) == 1
    ds.close()


def test_only_the_data_of_the_newest_closed_meetings_stays_pinned(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    keeps_two = ds.settings.meeting.model_copy(update={"keep_versions": 2})
    ds.settings = ds.settings.model_copy(update={"meeting": keeps_two})
    versions.pin(pinnable, ds.version, "meeting of 2026-10-08, closed in another store")
    days = [DAY, DAY - timedelta(days=28), DAY - timedelta(days=14)]
    for day in days:
        closing.close(store, ds, store.meetings.open(day, ds.version), items=ITEMS)
    pinned = [why[:21] for why in versions.find_version(pinnable, ds.version).pinned_for]
    assert pinned == ["meeting of 2026-10-08", "meeting of 2026-11-19", "meeting of 2026-11-05"]
    assert all(store.meetings.pack(meeting.meeting_id) for meeting in store.meetings.all()), "what they saw stays"
    ds.close()


def test_of_several_who_close_at_once_one_does(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    meeting = written(store, ds)
    said: list[str] = []

    def close(who: str) -> None:
        try:
            said.append(f"closed by {closing.close(store, ds, meeting, who, items=ITEMS).meeting.closed_by}")
        except MeetingClosed as error:
            said.append(f"found closed by {error.meeting.closed_by}")

    threads = [Thread(target=close, args=(who,)) for who in ("Ann", "Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(one for one in said if one.startswith("closed")).removeprefix("closed by ")
    assert sorted(said) == sorted([f"closed by {winner}", *[f"found closed by {winner}"] * 2])
    assert len(versions.find_version(pinnable, ds.version).pinned_for) == 1
    ds.close()


def test_a_line_written_while_the_blocks_are_computed_is_in_the_pack(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    meeting = written(store, ds)
    late = iter(["The last word"])

    def slow(_context: Context) -> Block:
        for text in late:
            store.meetings.add(stores.Decision(meeting.meeting_id, "changes", text), "Ann")
        return Block("slow")

    done = closing.close(store, ds, meeting, "Ruth", items=(*ITEMS, Item("deals", "?", "Deals", 1, slow, reads_store=True)))
    assert [said.text for said in done.pack.decisions] == ["We wait", "The last word"]
    ds.close()


def test_the_store_refuses_a_pack_that_lacks_a_line(store_url: str) -> None:
    """On both engines: what was written after the pack was made is never left out silently."""
    store = stores.open(store_url)
    meetings = store.meetings
    meeting = meetings.open(DAY)
    made = stores.Pack(
        meeting.meeting_id,
        frozen.freeze(meeting_blocks.pack()),
        "<h1>",
        "a\n",
        "v",
        False,
        "Ruth",
        datetime(2026, 11, 19, tzinfo=UTC),
    )
    seen = meetings.newest()
    meetings.add(stores.Decision(meeting.meeting_id, "changes", "The last word"), "Ann")
    with pytest.raises(WrittenMeanwhile, match="others are still writing"):
        meetings.close(made, seen)
    there = meetings.one(meeting.meeting_id)
    assert there is not None and there.is_open and meetings.pack(meeting.meeting_id) is None
    assert not meetings.close(made, meetings.newest()).is_open
    stored = meetings.pack(meeting.meeting_id)
    assert stored is not None and closing.reopened(stored) == meeting_blocks.pack()
    store.close()


def test_what_cannot_be_stored_leaves_everything_as_it_was(store: Store, pinnable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = attribution.open(pinnable)
    meeting = written(store, ds)

    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(stores.Meetings, "close", full)
    with pytest.raises(StoreError, match="the disk is full"):
        closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    monkeypatch.undo()
    there = store.meetings.one(meeting.meeting_id)
    assert there is not None and there.is_open and store.meetings.pack(meeting.meeting_id) is None
    assert versions.find_version(pinnable, ds.version).pinned_for == ()
    ds.close()


def test_a_note_under_a_block_that_left_the_agenda_is_kept(store: Store, sample: Any) -> None:
    meeting = written(store, sample)
    store.meetings.save_note(stores.Note(meeting.meeting_id, "gone_block"), "Still true", "Ann")
    store.meetings.add(stores.Decision(meeting.meeting_id, "gone_block", "Decided there"), "Ann")
    made = closing.ahead(sample, store, DAY, items=ITEMS)
    assert made.parts[-1].note == "Gone block: Still true"
    assert [said.text for said in made.parts[-1].decisions] == ["Decided there"] and not made.closed_at


def test_open_actions_of_earlier_meetings_are_in_the_pack(store: Store, pinnable: Path) -> None:
    ds = attribution.open(pinnable)
    closing.close(store, ds, written(store, ds, date(2026, 11, 5)), "Ruth", items=ITEMS)
    made = closing.ahead(ds, store, DAY, items=ITEMS)
    assert [(todo.text, todo.meeting_on) for todo in made.earlier] == [("Call again", date(2026, 11, 5))]
    assert made.last_on == date(2026, 11, 5) and not made.actions
    assert closing.next_day(ds, store.meetings.all()) == date(2026, 11, 20), "a cadence later is before the data's last day"
    ds.close()


# --- on the page ------------------------------------------------------------------------------------------------------

PAGE = "pages/meeting/meeting.py"


def test_a_meeting_is_closed_on_the_page_and_reopens_as_it_was(
    page: Callable[..., Any], pinnable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "0")
    store, ds = stores.open(), attribution.open(pinnable)
    meeting = written(store, ds, date(2026, 11, 20))
    live = page(pinnable, block="changes")
    assert "Keeps every block as it is now, with 1\u00a0decision, 1\u00a0action and all notes" in said_by(live)
    answer = next(one.value for one in live.markdown if one.value.startswith("#### "))
    next(one for one in live.button if one.label == "Close it").click().run()
    said = said_by(live)
    assert "**As it was on 20 Nov 2026.** Closed" in said and "Closed and kept as it is." in said
    assert answer in said, "the frozen block says what the live one said"
    assert not [one for one in live.button if one.label in ("Close it", "Add action")], "a closed meeting is not written into"
    stored = store.meetings.pack(meeting.meeting_id)
    assert stored is not None and stored.is_pinned
    part = next(part for part in closing.reopened(stored).parts if part.key == "changes")
    assert part.block is not None and f"#### {formats.plain(part.block.answer)}" == answer
    broken = replace(stored, pack={"layout": 99})
    monkeypatch.setattr(stores.Meetings, "pack", lambda *_: replace(broken, closed_at=broken.closed_at + timedelta(seconds=1)))
    assert "newer Closed Loop" in words_of(live.run())
    ds.close()
