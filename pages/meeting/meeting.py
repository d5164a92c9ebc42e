"""The revenue team's meeting: timed blocks over live data, each with its answer, its records, its picture, and what people write under it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import agenda
from attribution.meeting.block import Block, Context
from attribution.meeting.context import day_of, usual_day
from attribution.meeting.pack import Part
from attribution.store import Meeting, Store
from pages.components import (
    cards,
    meeting_closing,
    meeting_data,
    meeting_desk,
    meeting_links,
    meeting_lists,
    meeting_parts,
    meeting_past,
    notices,
    present,
    writer,
)
from pages.components import meeting_writing as writing

ds, names, choice = st.session_state["view"]
meeting_links.follow()
st.session_state[meeting_desk.READING] = False
palette = cards.colours()


LATE_SECONDS = 6  # that a message of the browser may be on its way with the address of before


def the_store() -> Store | None:
    """The store; None after saying what is wrong with it. The blocks need none."""
    try:
        found: Store = meeting_data.store()
        found.meetings.newest()
        return found
    except StoreError as error:
        st.warning(
            f"What was written cannot be read, and nothing can be saved: {formats.plain(error)}", icon=":material/database:"
        )
        return None


def asked(word: str) -> str:
    """A word of the address; without one, what this session had last. A note that is saved in the moment of a click still brings the address
    of before: what was just left is not gone back to."""
    said = st.query_params.get(word)
    left, moment = st.session_state.get(f"meeting_{word}_left", ("", 0.0))
    is_late = said == left and time.monotonic() - moment < LATE_SECONDS
    if said and not is_late:
        st.session_state[f"meeting_{word}"] = said
    return str(st.session_state.get(f"meeting_{word}") or "")


def chosen_day(meetings: tuple[Meeting, ...]) -> tuple[date, Meeting | None]:
    """The day that the address asks for (by the meeting's number, or a date), else the usual one; and its meeting where there is one."""
    number, day = asked("meeting"), asked("date")
    found = next((one for one in meetings if str(one.meeting_id) == number), None)
    if number and found is None:
        notices.link_notices([f"The link asks for the meeting “{formats.short(number, 40)}”, which is not in the store."])
        turn(meeting="")
    if found is None and day:
        try:
            held_on = day_of(day)
        except ValueError:
            notices.link_notices(
                [f"The link has the date “{formats.short(day, 40)}”, which is not a date like 2026-03-31; it was left out."]
            )
            turn(date="")
        else:
            return held_on, next((one for one in meetings if one.held_on == held_on), None)
    if found is not None:
        return found.held_on, found
    usual = usual_day(ds, meetings)
    return usual, next((one for one in meetings if one.held_on == usual), None)


def turn(**words: str) -> None:
    """Write words into the address and the session; an empty one is taken out."""
    for word, value in words.items():
        if (before := st.session_state.get(f"meeting_{word}")) and before != value:
            st.session_state[f"meeting_{word}_left"] = (before, time.monotonic())
        st.session_state[f"meeting_{word}"] = value
        if value:
            st.query_params[word] = value
        elif word in st.query_params:
            del st.query_params[word]


def strip_moved() -> None:
    """A segment of the agenda was clicked; or the browser went back, then its address is what is asked for and not a late one."""
    if key := st.session_state["meeting_strip"].go:
        turn(block=str(key))
    elif st.session_state["meeting_strip"].back:
        for word in ("meeting", "date", "block"):
            st.session_state.pop(f"meeting_{word}_left", None)


def head(part: Part, block: Block | None) -> None:
    """The question, marks of poor data, and the answer."""
    st.title(part.question, anchor=False)
    if block is None:
        notices.designed_state(
            "This block could not be computed",
            formats.plain(part.problem),
            ["Go on with the next block."],
            icon=":material/error:",
        )
        return
    if block.marks:
        first, more = block.marks[0], block.marks[1:]
        is_short = len(" ".join(block.marks)) <= 170
        shown = " ".join(block.marks) if is_short else f"{first} And {formats.count(len(more))} more." if more else first
        st.markdown(
            f":orange[:material/info:] :gray[:small[{formats.plain(shown)}]]",
            help=None if is_short else "  \n".join(map(formats.plain, block.marks)),
        )
    if block.answer:
        st.markdown(f"#### {formats.plain(block.answer)}")


def missing(block: Block) -> None:
    """What would be here, and how to supply it."""
    st.markdown("**:material/pending: Nothing to show here yet**")
    st.markdown(formats.plain(block.missing))


Pieces = list[tuple[str, Any]]  # a title, and a function that draws under a title


def pieces(part: Part, block: Block, leads_with: str, beside: Callable[[], None] | None) -> tuple[Pieces, Pieces]:
    """What stands on the left (records, wide tables) and in the middle (the picture, narrow tables)."""
    if block.missing:
        return [("", lambda _: missing(block))], []
    of = (ds.version, held_on, block.answer, part.key)
    wide = [one for one in block.grids if len(one.columns) > 3 or (not block.records and one is block.grids[0])]
    tables = [(one.title, meeting_lists.grid_of(one, f"meeting_{part.key}_{number}")) for number, one in enumerate(block.grids)]
    left = [table for table, one in zip(tables, block.grids, strict=True) if one in wide]
    middle = [table for table, one in zip(tables, block.grids, strict=True) if one not in wide]
    if block.picture:
        middle.insert(0, (block.picture.title, meeting_lists.picture_of(block.picture, of, f"meeting_{part.key}", palette)))
    if block.records or (block.records_title and not left):
        place = len(left) if leads_with == "grids" else 0
        name = formats.counted(len(block.records), "record")
        left.insert(place, (name, lambda title: meeting_lists.records(block, part, held_on, bool(title), beside)))
    is_too_wide = leads_with == "records" and wide and len(wide[-1].columns) > 4  # its last columns would be cut beside others
    if not middle and len(left) > 1 and not is_too_wide:
        middle = [left.pop()]
    return left, middle


def stacked(drawn: Pieces, notes: tuple[str, ...]) -> None:
    """Pieces of one card: one is shown with its title, of several one at a time, so that the block fits one screen."""
    if len(drawn) == 1:
        title, draw = drawn[0]
        draw(title)
    elif drawn:  # in grey: the accent, in which Streamlit writes the chosen one, is too dark for small type in the dark theme
        for tab, (_, draw) in zip(
            st.tabs([f":gray[{formats.plain(formats.short(title, 27))}]" for title, _ in drawn]), drawn, strict=True
        ):
            with tab:
                draw("")
    meeting_lists.said(notes, "How this is counted", 80)


def body(part: Part, block: Block, context: Context, desk: meeting_desk.Desk, item: agenda.Item | None) -> None:
    """Records or tables, the picture, and what people write. ``item`` is None for a meeting as it was: nothing more is computed for it."""
    if block.figures and not block.missing:
        meeting_parts.figures(block.figures, f"meeting_figures_{part.key}")
    beside = partial(meeting_lists.beside, context, item, block.records) if item and item.beside else None
    left, middle = pieces(part, block, item.leads_with if item else "records", beside)
    widths = [13, 7, 6] if item and item.leads_with == "grids" else [11, 8, 6]
    columns = list(st.columns(widths if left and middle else [19, 6], gap="small"))
    if left:
        with columns.pop(0).container(border=True, height="stretch", key="card_meeting_left", gap="xsmall"):
            stacked(left, () if middle else block.notes)
    if middle:
        with columns.pop(0).container(border=True, height="stretch", key="card_meeting_middle", gap="xsmall"):
            stacked(middle, block.notes)
    with columns.pop(0).container(border=True, height="stretch", key="card_meeting_writing", gap="xsmall"):
        writing.panel(desk)
    if item is not None:
        meeting_lists.behind(context, item)


def footer(items: tuple[Any, ...], place: int, words: str) -> None:
    """Previous and next by name, and what is looked at."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small", key="meeting_footer"
    ):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        st.button(
            f"{place} {before.short}" if before else "Start", key="meeting_previous", shortcut="Left", disabled=before is None,
            on_click=turn, kwargs={"block": before.key if before else ""}, wrap=False,
        )  # fmt: skip
        st.markdown(f":gray[:small[{formats.plain(words)}]]", width="content")
        st.button(
            f"{place + 2} {after.short}" if after else "End", key="meeting_next", shortcut="Right",
            type="primary", disabled=after is None, on_click=turn, kwargs={"block": after.key if after else ""}, wrap=False,
        )  # fmt: skip


def source(context: Context) -> str:
    """What the blocks rest on."""
    words = f"Meeting of {formats.day(context.held_on)}. Data up to {formats.day(ds.as_of)}"
    if context.before is not None:
        return f"{words}, compared with the data that the meeting of {formats.day(context.last_on)} saw."
    if context.last_on is not None:
        return f"{words}; since the meeting of {formats.day(context.last_on)}."
    return f"{words}; the first meeting, so the {formats.days(ds.settings.meeting.cadence_days)} before it are looked at."


def still_open(meetings: tuple[Meeting, ...]) -> None:
    """A meeting before this one that nobody closed: its notes are safe, but the next one is not compared with it."""
    waiting = [one for one in meetings if one.is_open and one.held_on < held_on]
    for one in waiting[:1]:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="meeting_waiting"):
            st.markdown(
                f":orange[:material/pending_actions:] :small[The meeting of {formats.day(one.held_on)} is still open. What was written is kept; "
                "until it is closed, no meeting is compared with it.]",
                width="content",
            )
            st.button(
                "Go to it",
                type="tertiary",
                key="meeting_go_waiting",
                on_click=turn,
                kwargs={"meeting": str(one.meeting_id), "date": ""},
            )


store = the_store()
try:
    meetings = store.meetings.all() if store else ()
except StoreError:
    store, meetings = None, ()
held_on, meeting = chosen_day(meetings)
items = agenda.shown(ds.settings)
with present.tools_of_page("question"):
    meeting_lists.chooser(meetings, held_on, turn)
    writer.box(disabled=not (store and store.is_writable))
    closing_slot = st.container(width="content", horizontal=True)
if not items:
    notices.designed_state(
        "No block is left in the agenda", "`[meeting.minutes]` in `attribution.toml` gives every block 0 minutes.",
        ["Give at least one block its minutes, or remove the section."], icon=":material/groups:",
    )  # fmt: skip
    st.stop()
context = meeting_data.meeting_context(ds, store, held_on)
past = None
if meeting is not None and not meeting.is_open and store is not None:
    past = meeting_past.opened(store, meeting)
    if past is None:
        st.stop()
    meeting_past.banner(ds, *past)
listed: tuple[Any, ...] = past[1].parts if past else items
key = asked("block")
if key and key not in [one.key for one in listed]:
    notices.link_notices([f"The link asks for the block “{formats.short(key, 40)}”, which is not in this agenda."])
    turn(block="")
    key = ""
place = next((place for place, one in enumerate(listed) if one.key == key), 0)
turn(block=listed[place].key, meeting=str(meeting.meeting_id) if meeting else "")
item = None if past else items[place]
part = meeting_data.meeting_part(context, item, store.meetings.newest() if store else (0, 0)) if item else listed[place]
block = part.block or Block("")
if past is None:
    with closing_slot:
        meeting_closing.so_far(store, ds, held_on, meeting_data.meeting_before)
        if store is not None and meeting is not None:
            meeting_closing.close(store, ds, meeting, writer.by(), meeting_data.meeting_before)
    still_open(meetings)
meeting_closing.said()
with st.container(gap="xsmall"):
    with present.on_top():
        meeting_parts.strip(listed, part.key, f"{held_on}", present.is_on() and past is None, strip_moved, "meeting_strip")
    head(part, part.block)
    desk = meeting_desk.Desk(
        context, store, meeting, part.key, block.records, item is not None and item.reads_store, item is not None and item.puts_aside
    )  # fmt: skip
    body(part, block, context, desk, item)
    footer(listed, place, source(context) if past is None else f"Meeting of {formats.day(held_on)}, as it was.")
writing.watch(desk)
if not present.is_on():
    meeting_past.listing(meetings, lambda one: turn(meeting=str(one.meeting_id), date="", block=""))
