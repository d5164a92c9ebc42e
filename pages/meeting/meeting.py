"""The revenue team's meeting: timed blocks over live data, each with its answer, its records, its picture, and what people write under it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import agenda
from attribution.meeting.block import Block, Context
from attribution.meeting.context import usual_day
from attribution.meeting.pack import Part
from attribution.store import Meeting, Store
from pages.components import cards, data, meeting_links, meeting_lists, meeting_parts, notices, present
from pages.components import meeting_writing as writing

ds, names, choice = st.session_state["view"]
meeting_links.follow()
palette = cards.colours()


def the_store() -> Store | None:
    """The store; None after saying what is wrong with it. The blocks need none."""
    try:
        found: Store = data.store()
        found.meetings.newest()
        return found
    except StoreError as error:
        st.warning(
            f"What was written cannot be read, and nothing can be saved: {formats.plain(error)}", icon=":material/database:"
        )
        return None


def asked(word: str) -> str:
    """A word of the address; without one, what this session had last."""
    said = st.query_params.get(word)
    if said:
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
            held_on = date.fromisoformat(day)
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
        st.session_state[f"meeting_{word}"] = value
        if value:
            st.query_params[word] = value
        elif word in st.query_params:
            del st.query_params[word]


def strip_clicked() -> None:
    """A segment of the agenda was clicked."""
    if key := st.session_state["meeting_strip"].go:
        turn(block=str(key))


def head(part: Part, block: Block | None, place: int) -> None:
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
        st.markdown(f":orange[:material/info:] :gray[:small[{' '.join(formats.plain(mark) for mark in block.marks)}]]")
    if block.missing:
        notices.designed_state("Nothing to show here yet", formats.plain(block.missing), icon=":material/pending:")
    elif block.answer:
        st.markdown(f"#### {formats.plain(block.answer)}")


def middle(block: Block, key: str) -> None:
    """The picture, tables that did not find room beside it, and what has to be said."""
    if block.picture is not None:
        meeting_lists.picture(block.picture, (ds.version, held_on, context.last_on, key), f"meeting_{key}", palette)
    for number, grid in enumerate(grids_in_the_middle(block)):
        meeting_lists.grid(grid, f"meeting_{key}_middle_{number}")
    for words in block.notes:
        st.markdown(f":gray[:small[{formats.plain(words)}]]")


def grids_on_the_left(block: Block) -> tuple[Any, ...]:
    """Tables stand on the left where a block lists no records."""
    return () if block.records else block.grids[: 1 if block.picture is None and len(block.grids) > 1 else len(block.grids)]


def grids_in_the_middle(block: Block) -> tuple[Any, ...]:
    """The other tables."""
    return block.grids[len(grids_on_the_left(block)) :]


def body(part: Part, block: Block, context: Context, desk: writing.Desk, item: agenda.Item) -> None:
    """Records or tables, the picture, and what people write."""
    if block.figures and not block.missing:
        meeting_parts.figures(block.figures, f"meeting_figures_{part.key}")
    has_left = bool(block.records or grids_on_the_left(block) or block.records_title) and not block.missing
    has_middle = bool(block.picture or grids_in_the_middle(block) or block.notes) and not block.missing
    widths = [5, 4, 3] if has_left and has_middle else [9, 3] if has_left or has_middle else [3]
    columns = list(st.columns(widths, gap="small"))
    if has_left:
        with columns.pop(0).container(border=True, height="stretch", key="card_meeting_left", gap="small"):
            if block.records or block.records_title:
                meeting_lists.records(block, part, context.held_on)
            for number, grid in enumerate(grids_on_the_left(block)):
                meeting_lists.grid(grid, f"meeting_{part.key}_left_{number}")
            meeting_lists.behind(context, item)
    if has_middle:
        with columns.pop(0).container(border=True, height="stretch", key="card_meeting_middle", gap="small"):
            middle(block, part.key)
    with columns.pop(0).container(border=True, height="stretch", key="card_meeting_writing", gap="small"):
        writing.panel(desk)


def footer(items: tuple[agenda.Item, ...], place: int, context: Context) -> None:
    """Previous and next by name, and what is looked at."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small", key="meeting_footer"
    ):
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        st.button(
            f"{place} {before.short}" if before else "Start", icon=":material/arrow_back:", key="meeting_previous", shortcut="Left", disabled=before is None,
            on_click=turn, kwargs={"block": before.key if before else ""}, wrap=False,
        )  # fmt: skip
        st.markdown(f":gray[:small[{formats.plain(source(context))}]]", width="content")
        st.button(
            f"{place + 2} {after.short}" if after else "End", icon=":material/arrow_forward:", icon_position="right", key="meeting_next", shortcut="Right",
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
    st.text_input(
        "Your name", key=writing.NAME, label_visibility="collapsed", placeholder="Your name", max_chars=80, width=150, persist_state="session",
        disabled=not (store and store.is_writable),
    )  # fmt: skip
    closing_slot = st.container(width="content", horizontal=True)
if not items:
    notices.designed_state(
        "No block is left in the agenda", "`[meeting.minutes]` in `attribution.toml` gives every block 0 minutes.",
        ["Give at least one block its minutes, or remove the section."], icon=":material/groups:",
    )  # fmt: skip
    st.stop()
context = data.meeting_context(ds, store, held_on)
key = asked("block")
if key and key not in [item.key for item in items]:
    notices.link_notices([f"The link asks for the block “{formats.short(key, 40)}”, which is not in this agenda."])
    turn(block="")
    key = ""
place = next((place for place, item in enumerate(items) if item.key == key), 0)
item = items[place]
turn(block=item.key, meeting=str(meeting.meeting_id) if meeting else "")
part = data.meeting_part(context, item, store.meetings.newest() if store else (0, 0))
block = part.block or Block("")
still_open(meetings)
meeting_parts.strip(items, item.key, f"{held_on}", present.is_on(), strip_clicked, "meeting_strip")
head(part, part.block, place)
desk = writing.Desk(ds, store, meeting, held_on, item.key, block.records, item.reads_store)
body(part, block, context, desk, item)
footer(items, place, context)
writing.watch(desk)
