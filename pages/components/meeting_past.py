"""Past meetings: the list, and one as it was. The page draws its frozen blocks with what draws the live ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.errors import ClosedLoopError
from attribution.meeting.pack import MeetingPack
from attribution.store import Meeting, Pack, Store
from pages.components import data, meeting_closing, meeting_data, notices


def opened(store: Store, meeting: Meeting) -> tuple[Pack, MeetingPack] | None:
    """A closed meeting as it was: its files and its blocks. None, after saying why, where it cannot be read."""
    stored = None
    try:
        stored = store.meetings.pack(meeting.meeting_id)
        if stored is None:
            raise ClosedLoopError("Nothing was kept of it in the store.")
        return stored, meeting_data.past_meeting((store.url, meeting.meeting_id, stored.closed_at), stored)
    except ClosedLoopError as error:
        rest = " Its file is kept beside it: download it here." if stored and stored.html else ""
        notices.designed_state(
            f"The meeting of {formats.day(meeting.held_on)} cannot be shown on this page",
            f"What was kept of it can no longer be read.{rest} Other meetings are not touched.",
            [f"For whoever keeps the store: {formats.plain(error)}"],
        )
        if stored and stored.html:
            meeting_closing.kept_files(meeting.held_on, stored.html, stored.actions_csv)
        return None


def banner(ds: Any, stored: Pack, made: MeetingPack) -> None:
    """One quiet line above a closed meeting, with its files and the way to the pages as they were."""
    kept = data.version_path(data.database_path(), stored.data_version) is not None
    gone = "" if kept else " The version of the data is no longer kept; what you see is complete without it."
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="past_tools"):
        st.markdown(
            f":orange[:material/history:] :small[**As it was on {formats.day(made.held_on)}.** Closed {formats.day(stored.closed_at)}, "
            f"{stored.closed_at:%H:%M} UTC by {formats.plain(formats.short(stored.closed_by, 60))}, with data up to {formats.day(made.data_up_to)}. "
            f"Nothing in it changes.{gone}]",
            width="content",
        )
        with st.popover("Files", icon=":material/download:", type="tertiary", key="past_files"):
            meeting_closing.downloads(ds, made, stored.html, stored.actions_csv)
        if kept:
            st.page_link(
                "pages/revenue/overview.py", label="The pages with the data of then", icon=":material/history:",
                query_params={"data": stored.data_version},
            )  # fmt: skip


def listing(meetings: Sequence[Meeting], on_open: Callable[[Meeting], None], shown: int = 12) -> None:
    """Closed meetings, the newest first; the first twelve, then all on a click."""
    past = sorted((meeting for meeting in meetings if not meeting.is_open), key=lambda meeting: meeting.held_on, reverse=True)
    with st.container(border=True, key="card_past_meetings", gap="small"):
        st.markdown("**Past meetings**")
        if not past:
            st.markdown(":gray[None yet. A meeting that you close stays here as it was, also when the data changes.]")
            return
        everything = len(past) <= shown or st.session_state.get("all_past_meetings", False)
        for meeting in past if everything else past[:shown]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"past_{meeting.meeting_id}"):
                closed = f"closed by {formats.plain(formats.short(meeting.closed_by, 40))}" if meeting.closed_by else "closed"
                st.markdown(f"**{formats.day(meeting.held_on)}**  \n:gray[:small[{closed}]]", width="stretch")
                st.button("Open", key=f"open_past_{meeting.meeting_id}", on_click=on_open, args=(meeting,))
        if not everything:
            st.checkbox(f"All {counted(len(past), 'meeting')}", key="all_past_meetings")
