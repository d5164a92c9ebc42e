"""Meetings in the store, on both engines: what several people write at once, what is refused and kept, and closing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from attribution import store as stores
from attribution.errors import StoreError
from attribution.store import Action, Decision, Dismissal, EntryRefused, MeetingClosed, Meetings, Note, Pack
from attribution.store.meetings import last_closed
from attribution.store.merging import merged_lines

DAY = date(2026, 11, 19)


def pack(meeting_id: int, **changes: object) -> Pack:
    """A pack as it is frozen."""
    row = {
        "meeting_id": meeting_id, "pack": {"blocks": [{"answer": "Since 5 Nov …"}]}, "html": "<h1>", "actions_csv": "text\n", "data_version": "v2",
        "is_pinned": True, "closed_by": "Anna", "closed_at": datetime(2026, 11, 19, 10, tzinfo=UTC),
    }  # fmt: skip
    return Pack(**(row | changes))  # type: ignore[arg-type]


@pytest.fixture
def meetings(store_url: str) -> Iterator[Meetings]:
    store = stores.open(store_url)
    yield store.meetings
    store.close()


def test_a_day_has_one_meeting_whoever_opens_it(meetings: Meetings) -> None:
    assert (meetings.all(), meetings.newest(), meetings.on(DAY)) == ((), (0, 0), None)
    first = meetings.open(DAY, "v1", " Anna\n")
    assert (first.held_on, first.state, first.opened_version, first.opened_by) == (DAY, "open", "v1", "Anna")
    assert meetings.open(DAY, "v2", "Bo") == first
    later = meetings.open(date(2026, 12, 3), "v3")
    assert meetings.all() == (later, first)
    assert meetings.one(first.meeting_id) == meetings.on(DAY) == first
    assert [meetings.one(number) for number in (0, -1, 99, 2**40)] == [None] * 4


def test_lines_that_two_people_add_at_once_are_both_in_the_note(meetings: Meetings) -> None:
    meeting = meetings.open(DAY)
    empty = Note(meeting.meeting_id, "changes")
    first, merged = meetings.save_note(empty, "Hafen Elbe: board meets in January", "Anna")
    assert (first.text, first.version, merged) == ("Hafen Elbe: board meets in January", 1, False)
    meetings.save_note(first, first.text + "\nNot a risk, a date", "Anna")
    now, merged = meetings.save_note(first, "Ask finance\n" + first.text, "Bo")
    assert (now.text, merged) == ("Ask finance\nHafen Elbe: board meets in January\nNot a risk, a date", True)
    both, _ = meetings.save_note(first, "Hafen Elbe: board meets in March", "Cai")
    assert "January" not in both.text
    assert {"Hafen Elbe: board meets in March", "Ask finance", "Not a risk, a date"} <= set(both.text.splitlines())
    assert meetings.notes(meeting.meeting_id) == {"changes": both}
    kept = [(save.saved_by, save.is_refused) for save in meetings.saves(meeting.meeting_id) if save.kind == "note"]
    assert kept == [("Cai", False), ("Cai", True), ("Bo", False), ("Bo", True), ("Anna", False), ("Anna", False)]


def test_the_first_note_of_two_people_keeps_both(meetings: Meetings) -> None:
    empty = Note(meetings.open(DAY).meeting_id, "plan")
    meetings.save_note(empty, "Anna's", "Anna")
    now, merged = meetings.save_note(empty, "Bo's", "Bo")
    assert (now.text, merged) == ("Anna's\nBo's", True)
    again, merged = meetings.save_note(empty, "Anna's\nBo's", "Cai")
    assert (again, merged) == (now, False), "saving what is there changes nothing"


LINES = some.lists(some.sampled_from("abcdef"), max_size=6)


@settings(max_examples=300, deadline=None)
@given(LINES, LINES, LINES)
def test_a_merge_loses_no_line_that_somebody_added(base: list[str], mine: list[str], theirs: list[str]) -> None:
    was = "\n".join(base)
    both = merged_lines(was, "\n".join([*mine, "m"]), "\n".join([*theirs, "t"])).splitlines()
    assert both.count("m") == both.count("t") == 1
    assert (set(mine) | set(theirs)) - set(base) <= set(both)
    assert merged_lines(was, was, "\n".join(theirs)) == "\n".join(theirs)
    assert merged_lines(was, "\n".join(mine), was) == "\n".join(mine)
    assert merged_lines(was, "\n".join(mine), "\n".join(mine)) == "\n".join(mine)


def test_entries_are_appended_changed_and_taken_back(meetings: Meetings) -> None:
    meeting = meetings.open(DAY)
    decision = meetings.add(Decision(meeting.meeting_id, "plan", "Q4 without the two slipped deals"), "Anna")
    action = meetings.add(
        Action(
            meeting.meeting_id, "changes", "Call Pine & Co again", owner="Mara Koch", due_on=date(2027, 2, 2), metric="won_revenue",
            metric_definition="Sum of won deals", metric_value=1234.56, metric_from=date(2026, 8, 21), metric_to=DAY, about="D-17", about_name="Pine",
        ),
        "Bo",
    )  # fmt: skip
    assert (decision.entry_id, decision.version, decision.written_by) == (1, 1, "Anna")
    assert meetings.actions() == (action,) == meetings.actions(meeting.meeting_id)
    done = meetings.set_done(action.entry_id, date(2027, 1, 30), "Anna")
    assert (done.done_on, done.done_by, done.is_done, done.written_by) == (date(2027, 1, 30), "Anna", True, "Bo")
    assert not meetings.set_done(action.entry_id, None).is_done
    changed = meetings.change(replace(decision, text="Q4 with them"), "Bo")
    assert meetings.decisions(meeting.meeting_id) == (changed,)
    assert meetings.change(changed, "Cai") == changed
    meetings.change(replace(changed, is_removed=True), "Bo")
    assert meetings.decisions() == ()
    assert [save.written["text"] for save in meetings.saves(meeting.meeting_id) if save.kind == "decision"][-1].startswith(
        "Q4 without"
    )
    assert meetings.decisions(99) == ()


def test_a_change_over_somebody_elses_is_refused_and_both_are_kept(meetings: Meetings) -> None:
    meeting = meetings.open(DAY)
    action = meetings.add(Action(meeting.meeting_id, "stuck", "Push D-9"), "Anna")
    meetings.change(replace(action, owner="Bo Lind"), "Anna")
    with pytest.raises(EntryRefused, match="Anna changed this while you were writing") as refused:
        meetings.change(replace(action, owner="Cai Ray"), "Cai")
    assert (refused.value.theirs.owner, refused.value.mine.owner) == ("Bo Lind", "Cai Ray")
    last = meetings.saves(meeting.meeting_id)[0]
    assert (last.is_refused, last.written["owner"], last.saved_by) == (True, "Cai Ray", "Cai")
    assert meetings.set_done(action.entry_id, DAY, "Cai").owner == "Bo Lind", "ticking off needs no newest version"


def test_dismissals_hold_until_their_day(meetings: Meetings) -> None:
    meeting = meetings.open(DAY)
    entry = meetings.add(
        Dismissal(meeting.meeting_id, "stuck", "on leave", about="D-4", about_name="Corvo", until_on=date(2026, 12, 1))
    )
    assert meetings.dismissals(DAY) == (entry,) == meetings.dismissals(date(2026, 12, 1))
    assert meetings.dismissals(date(2026, 12, 2)) == ()
    assert len(meetings.dismissals()) == 1


def test_closing_freezes_the_pack_and_refuses_what_comes_after_but_keeps_it(meetings: Meetings) -> None:
    meeting = meetings.open(DAY, "v1")
    note, _ = meetings.save_note(Note(meeting.meeting_id, "plan"), "before")
    action = meetings.add(Action(meeting.meeting_id, "plan", "Do it"))
    closed = meetings.close(pack(meeting.meeting_id))
    assert (closed.state, closed.closed_version, closed.closed_by, closed.is_open) == ("closed", "v2", "Anna", False)
    assert meetings.pack(meeting.meeting_id) == pack(meeting.meeting_id)
    with pytest.raises(MeetingClosed):
        meetings.close(pack(meeting.meeting_id, closed_by="Bo"))
    with pytest.raises(MeetingClosed, match="was closed by Anna"):
        meetings.save_note(note, "before\nafter", "Bo")
    with pytest.raises(MeetingClosed):
        meetings.add(Decision(meeting.meeting_id, "plan", "after all"), "Bo")
    with pytest.raises(MeetingClosed):
        meetings.change(replace(action, text="Do it not"), "Bo")
    assert meetings.notes(meeting.meeting_id)["plan"].text == "before"
    assert [save.written["text"] for save in meetings.saves(meeting.meeting_id) if save.is_refused] == [
        "Do it not",
        "after all",
        "before\nafter",
    ]
    assert meetings.set_done(action.entry_id, DAY, "Bo").is_done, "an action is ticked off after its meeting"
    with pytest.raises(StoreError, match="no such meeting"):
        meetings.close(pack(99))
    assert last_closed(meetings.all(), date(2026, 12, 3)) == closed
    assert last_closed(meetings.all(), DAY) is None
    assert meetings.pack(2**40) is None


def test_every_save_is_told_by_the_stamp(meetings: Meetings) -> None:
    seen = [meetings.newest()]
    meeting = meetings.open(DAY)
    seen.append(meetings.newest())
    note, _ = meetings.save_note(Note(meeting.meeting_id, "plan"), "x")
    seen.append(meetings.newest())
    action = meetings.add(Action(meeting.meeting_id, "plan", "y"))
    seen.append(meetings.newest())
    meetings.set_done(action.entry_id, DAY)
    seen.append(meetings.newest())
    meetings.save_note(note, "x")
    assert meetings.newest()[1] >= seen[-1][1]
    meetings.close(pack(meeting.meeting_id))
    seen.append(meetings.newest())
    assert len(set(seen)) == len(seen)


def test_hostile_text_comes_back_as_text(meetings: Meetings) -> None:
    meeting = meetings.open(DAY)
    text = "'); drop table meetings; --\x00 <script>🏭\ud800"
    kept = "'); drop table meetings; -- <script>🏭?"
    assert meetings.save_note(Note(meeting.meeting_id, "plan"), text, text)[0].text == kept
    assert meetings.add(Action(meeting.meeting_id, "plan", text, owner=text), text).owner == kept
    assert meetings.actions()[0].text == kept


WRITER = """
import sys
from datetime import date
from attribution import store as stores
from attribution.store import Action, Note
url, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
meetings = stores.open(url).meetings
sys.stdin.readline()
meeting = meetings.open(date(2026, 11, 19), "v1", who)
base = meetings.notes(meeting.meeting_id).get("plan") or Note(meeting.meeting_id, "plan")
text = base.text
for number in range(count):
    base, _ = meetings.save_note(base, base.text + f"\\n{who}{number}", who)
    meetings.add(Action(meeting.meeting_id, "plan", f"{who}{number}"), who)
"""


def test_people_who_write_at_once_lose_nothing(store_url: str) -> None:
    """Three processes open an empty store and one meeting at once, write into one note and add actions: all of it is there."""
    each, people = 8, "abc"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url, who, str(each)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for who in people
    ]
    said = [process.communicate("go\n", timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * len(people), said
    meetings = stores.open(store_url).meetings
    (meeting,) = meetings.all()
    wanted = sorted(f"{who}{number}" for who in people for number in range(each))
    assert sorted(filter(None, meetings.notes(meeting.meeting_id)["plan"].text.splitlines())) == wanted
    assert sorted(action.text for action in meetings.actions()) == wanted


def test_a_server_for_reading_only_says_why(tmp_path: Path) -> None:
    nothing = stores.open(str(tmp_path / "s.sqlite"), read_only=True).meetings
    assert (nothing.all(), nothing.actions(), nothing.notes(1), nothing.newest()) == ((), (), {}, (0, 0))
    with pytest.raises(StoreError, match="for reading only"):
        nothing.open(DAY)
    stores.open(str(tmp_path / "s.sqlite")).meetings.open(DAY)
    assert len(nothing.all()) == 1
