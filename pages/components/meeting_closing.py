"""Closing a meeting: the button with its confirmation, the pack so far, and the files of a closed one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.errors import ClosedLoopError
from attribution.meeting import closing
from attribution.meeting.masked import masked
from attribution.meeting.pack import MeetingPack
from attribution.reports import address, pdf
from attribution.reports import meeting as files
from attribution.store import Meeting, MeetingClosed, Store
from attribution.store.records import NOBODY
from pages.components import file_downloads, meeting_data, older

NEWS, WRONG, MASKED = "meeting_closed_news", "meeting_closed_wrong", "meeting_masked"
Opened = Callable[[Path, str], Any]


def close(store: Store, ds: Any, meeting: Meeting, by: str, opened: Opened | None = None) -> None:
    """The button that closes an open meeting, after saying what that means. Once it is closed the page runs anew, with the closed one."""
    is_older = bool(older.asked_version())
    why_not = store.why_not or (
        "You see an older version of the data. Show the newest, then close the meeting." if is_older else ""
    )
    with st.popover(
        "Close the meeting", icon=":material/lock:", type="tertiary", key="close_meeting", disabled=bool(why_not),
        help=why_not or "Keeps everything as it is now",
    ):  # fmt: skip
        said, agreed = len(store.meetings.decisions(meeting.meeting_id)), len(store.meetings.actions(meeting.meeting_id))
        st.markdown(
            f"Keeps every block as it is now, with {counted(said, 'decision')}, {counted(agreed, 'action')} and all notes, and the data behind "
            "them. **Afterwards nothing in it changes**; only actions can be ticked off. The next meeting is compared with this one."
        )
        if by.strip() in ("", NOBODY):
            st.caption("Say your name beside the day first, so that the pack tells who closed it.")
        if st.button("Close it", key="close_meeting_now", type="primary"):
            _close(store, ds, meeting, by, opened)


def said() -> None:
    """What became of closing, once."""
    if wrong := st.session_state.pop(WRONG, ""):
        st.markdown(f":red[:material/error:] :small[{formats.plain(wrong)}]")
    if news := st.session_state.pop(NEWS, ""):
        st.markdown(f":green[:material/check_circle:] :small[{formats.plain(news)}]")


def so_far(store: Store | None, ds: Any, meeting_day: Any, opened: Opened | None = None) -> None:
    """The pack of a meeting that is not closed: made when it is asked for."""
    missing = pdf.is_available()

    def made() -> str:
        pack = closing.ahead(ds, store, meeting_day, opened)
        return files.html(masked(pack, ds) if is_masked else pack)

    with st.popover("Pack so far", icon=":material/download:", type="tertiary", key="pack_so_far"):
        st.caption("Every block as it is now, with what was written so far: to read beforehand. It takes a few seconds.")
        is_masked = _without_names()
        name = file_name(meeting_day, is_masked)
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "HTML", data=lambda: made().encode(), file_name=f"{name}.html", mime="text/html", icon=":material/download:",
                type="tertiary", on_click="ignore", key="pack_html", help="One file that opens anywhere, also on a phone and on paper",
            )  # fmt: skip
            st.download_button(
                "PDF", data=lambda: pdf.from_html(made()), file_name=f"{name}.pdf", mime="application/pdf",
                icon=":material/picture_as_pdf:", type="tertiary", on_click="ignore", key="pack_pdf", disabled=bool(missing),
                help=missing or "One page per block, A4",
            )  # fmt: skip


def downloads(ds: Any, made: MeetingPack, html: str, actions_csv: str) -> None:
    """The files of a closed meeting: as they were frozen, and what is made from that."""
    is_masked = _without_names()
    name = file_name(made.held_on, is_masked)
    if is_masked:
        made = meeting_data.masked_pack((ds.version, made.held_on, made.closed_at), made, ds)
        html, actions_csv = files.html(made), files.actions_csv(made)
    with st.container(horizontal=True, gap="small", width="content", key="meeting_files"):
        file_downloads.files(name, html, files.mail(made), files.text(made))
        _actions(name, actions_csv)
        st.download_button(
            "Records", data=lambda: _spreadsheet(files.records_csv(made)), file_name=f"{name}-records.csv", mime="text/csv",
            icon=":material/table_rows:", type="tertiary", on_click="ignore", key="meeting_records_csv", help="Every record of every block, as CSV",
        )  # fmt: skip


def kept_files(day: Any, html: str, actions_csv: str) -> None:
    """The two files that were frozen when a meeting was closed."""
    name = file_name(day)
    with st.container(horizontal=True, gap="small", width="content", key="meeting_files"):
        st.download_button(
            "HTML", data=html.encode(), file_name=f"{name}.html", mime="text/html", icon=":material/download:", type="tertiary", on_click="ignore",
            key="meeting_kept_html",
        )  # fmt: skip
        _actions(name, actions_csv)


def _actions(name: str, actions_csv: str) -> None:
    st.download_button(
        "Actions", data=_spreadsheet(actions_csv), file_name=f"{name}-actions.csv", mime="text/csv", icon=":material/checklist:", type="tertiary",
        on_click="ignore", key="meeting_actions_csv", help="Who does what by when, as CSV",
    )  # fmt: skip


def _without_names() -> bool:
    """The box for files without names, and how names become links."""
    is_masked = st.checkbox(
        "Companies and people as numbers",
        key=MASKED,
        persist_state="session",
        help="For those who need the figures and not the customers. Amounts stay.",
    )
    if not is_masked and (advice := address.advice()):
        st.caption(formats.plain(advice))
    return bool(is_masked)


def file_name(day: Any, is_masked: bool = False) -> str:
    """What the files of a meeting are called, without their endings."""
    return f"meeting-{day:%Y-%m-%d}{'-masked' if is_masked else ''}"


def _close(store: Store, ds: Any, meeting: Meeting, by: str, opened: Opened | None) -> None:
    try:
        with st.spinner("Computing and keeping every block"):
            done = closing.close(store, ds, meeting, by, opened)
    except MeetingClosed as error:
        st.session_state[NEWS] = f"{error.meeting.closed_by} closed it a moment before you. This is what was kept."
    except ClosedLoopError as error:
        st.session_state[WRONG] = f"The meeting was not closed. {error}"
    else:
        failed = [part.short for part in done.pack.parts if part.problem]
        kept = "" if done.is_pinned else " The version of the data could not be kept; the pack is complete without it."
        lost = f" Could not be computed: {', '.join(failed)}." if failed else ""
        st.session_state[NEWS] = f"Closed and kept as it is.{lost}{kept}"
    st.rerun()


def _spreadsheet(text: str) -> bytes:
    """CSV with a byte order mark, so that spreadsheets read names right."""
    return ("\ufeff" + text).encode()
