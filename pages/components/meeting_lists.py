"""The lists, tables and pictures of a meeting's block, with what is behind them: all records as a file, and the records a cell counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from attribution.charts import formats
from attribution.charts import meeting as charts
from attribution.charts.theme import Palette
from attribution.meeting.agenda import Item
from attribution.meeting.block import Block, Context, Grid, Picture, Record
from attribution.meeting.pack import Part
from attribution.store import Meeting
from pages.components import cards, data, downloads, meeting_data, meeting_links, meeting_parts
from pages.components.meeting_desk import READING

MOST, ROWS = 14, 12  # records that fit one screen, and those that do above the way to all of them
SHORT = 130  # letters that are shown at once
BEHIND = "meeting_behind"


def records(block: Block, part: Part, held_on: date, is_alone: bool, more: Callable[[], None] | None = None) -> None:
    """The block's records: as many as fit, the others behind a button, and all of them as a file. ``more`` draws a further button."""
    listed, title = block.records, block.records_title or formats.counted(len(block.records), "record")
    shown = listed if len(listed) <= MOST else listed[:ROWS]
    if is_alone or not listed:
        st.markdown(f"**{formats.plain(title)}**")
    if not listed:
        return
    meeting_parts.records(shown, title, f"meeting_records_{part.key}")
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        if len(listed) > len(shown) and st.button(
            f"All {formats.count(len(listed))}",
            icon=":material/unfold_more:",
            type="tertiary",
            key=f"meeting_all_{part.key}",
            wrap=False,
        ):
            _all(listed, title, f"{part.key}_all")
        if not is_alone and block.records_title and more is None:
            st.markdown(f":gray[:small[{formats.plain(block.records_title)}]]", width="content")
        caption = f"{part.question} Meeting of {formats.day(held_on)}"
        st.download_button(
            "CSV", data=lambda: downloads.csv_bytes(table(listed), caption), file_name=f"meeting-{held_on}-{part.key}.csv", mime="text/csv",
            icon=":material/download:", type="tertiary", on_click="ignore", key=f"meeting_csv_{part.key}", help=f"All {len(listed)} as a file",
        )  # fmt: skip
        if more is not None:
            more()


def said(words: Sequence[str], label: str, short: int = SHORT) -> None:
    """What has to be said beside a picture or a table; where it is long, behind one word, so that the block fits one screen."""
    if not words:
        return
    if sum(map(len, words)) <= short:
        st.markdown(f":gray[:small[{' '.join(map(formats.plain, words))}]]")
        return
    with st.popover(label, icon=":material/info:", type="tertiary"):
        for one in words:
            st.markdown(f":small[{formats.plain(one)}]")


def table(listed: Sequence[Record]) -> pd.DataFrame:
    """Records with all their columns."""
    rows = [
        {"group": one.group, "name": one.name, "amount": one.amount, "detail": one.detail, "id": one.key, **dict(one.fields)}
        for one in listed
    ]
    return pd.DataFrame(rows)


@st.dialog("Records", width="large", position="right", on_dismiss="rerun")
def _all(listed: Sequence[Record], title: str, key: str) -> None:
    st.session_state[READING] = True
    meeting_links.follow()
    st.markdown(f"**{formats.plain(title)}**")
    meeting_parts.records(listed, title, f"meeting_{key}")
    st.download_button(
        "CSV", data=lambda: downloads.csv_bytes(table(listed), title), file_name=f"{downloads.file_name(title)}.csv", mime="text/csv",
        icon=":material/download:", type="tertiary", on_click="ignore", key=f"meeting_csv_{key}",
    )  # fmt: skip


def grid_of(shown: Grid, key: str) -> Callable[[str], None]:
    """A function: draw a small table under a title, with what its columns mean."""

    def draw(title: str) -> None:
        if title:
            st.markdown(f"**{formats.plain(title)}**")
        meeting_parts.grid(shown, key, lambda: _counted(key))
        said((shown.caption,) if shown.caption else (), "About this")

    return draw


def _counted(key: str) -> None:
    state = st.session_state.get(key)
    if state and state.behind:
        st.session_state[BEHIND] = str(state.behind)


def behind(context: Context, item: Item) -> None:
    """The records that the clicked cell counts, at the side."""
    word = st.session_state.pop(BEHIND, "")
    if word and (found := meeting_data.meeting_behind(context, item, word)):
        _all(found, formats.counted(len(found), "record"), f"{item.key}_behind")


def beside(context: Context, item: Item, listed: Sequence[Record]) -> None:
    """The button for two records side by side."""
    if len([one for one in listed if one.key]) > 1 and st.button(
        "Two side by side", icon=":material/compare:", type="tertiary", key=f"meeting_beside_{item.key}", wrap=False
    ):
        _beside(context, item, listed)


@st.dialog("Side by side", width="large", on_dismiss="rerun")
def _beside(context: Context, item: Item, listed: Sequence[Record]) -> None:
    st.session_state[READING] = True
    meeting_links.follow()
    names = {one.key: f"{one.name}, {one.amount}" for one in listed if one.key}
    left, right = st.columns(2)
    keys = list(names)
    first = left.selectbox("One", keys, format_func=lambda key: names.get(key, key), key="meeting_beside_left")
    second = right.selectbox("Other", keys, index=1, format_func=lambda key: names.get(key, key), key="meeting_beside_right")
    if item.beside is None or first is None or second is None:
        return
    shown = item.beside(context, first, second)
    # sentences beside each other: from the left, on as many lines as they need
    meeting_parts.grid(replace(shown, name_columns=len(shown.columns)), "meeting_beside_grid", lambda: None)


def picture_of(shown: Picture, of: tuple[Any, ...], key: str, palette: Palette) -> Callable[[str], None]:
    """A function: draw a picture under a title, with its twin behind the table icon, and its caption."""

    def draw(title: str) -> None:
        if title:
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
                st.markdown(f"**{formats.plain(title)}**", width="stretch")
                _twin_button(shown, key)
        st.plotly_chart(
            data.drawn((*of, key, palette.name), lambda: charts.picture(shown, palette)), config=cards.CONFIG, alt=shown.alt, key=f"{key}_picture",
            on_select=lambda: _marked(f"{key}_picture"), selection_mode="points",
        )  # fmt: skip
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
            said((shown.caption,) if shown.caption else (), "About this")
            if not title:
                _twin_button(shown, key)

    return draw


def _twin_button(shown: Picture, key: str) -> None:
    if st.button("", icon=":material/table:", type="tertiary", help="Show as a table", key=f"{key}_table"):
        _twin(shown)


def _marked(key: str) -> None:
    if (point := cards.clicked(key)) and point[0]:
        st.session_state[meeting_links.ASKED] = str(point[0])


@st.dialog("In numbers", width="large", position="right", on_dismiss="rerun")
def _twin(shown: Picture) -> None:
    st.session_state[READING] = True
    st.markdown(f"**{formats.plain(shown.title)}**")
    st.dataframe(charts.table(shown), hide_index=True, placeholder=formats.DASH, alt=f"{shown.title}, as a table")
    if shown.caption:
        st.caption(formats.plain(shown.caption))


def chooser(meetings: Sequence[Meeting], held_on: date, turn: Callable[..., None]) -> None:
    """Which meeting: past ones, the one that is prepared, or another day."""
    with st.popover(f"Meeting of {formats.day(held_on)}", icon=":material/event:", type="tertiary", key="meeting_chooser"):
        st.date_input(
            "Prepare another day", value=held_on, key="meeting_day", format="YYYY-MM-DD",
            on_change=lambda: turn(date=str(st.session_state["meeting_day"] or ""), meeting=""),
        )  # fmt: skip
        if not meetings:
            st.caption("No meeting was kept yet. The first line that somebody writes keeps this one.")
        for one in meetings[:12]:
            state = "open" if one.is_open else f"closed by {one.closed_by}"
            st.button(
                f"{formats.day(one.held_on)} · {formats.plain(state)}", type="tertiary", key=f"meeting_choose_{one.meeting_id}",
                disabled=one.held_on == held_on, on_click=turn, kwargs={"meeting": str(one.meeting_id), "date": ""},
            )  # fmt: skip
