"""What the app says when something is missing, wrong or thin: where, what, what next. Never a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from attribution.answers.health import NO_TOUCHES
from attribution.charts.formats import plain, short
from pages.components import present

SOURCES = "pages/data/sources.py"


def designed_state(
    title: str, body: str, steps: list[str] | None = None, code: str | None = None, icon: str = ":material/info:"
) -> None:
    """A page without data: what would be here, what is missing, and how to supply it."""
    with st.container(border=True):
        st.markdown(f"### {icon} {title}")
        st.markdown(body)
        for number, step in enumerate(steps or [], start=1):
            st.markdown(f"{number}. {step}")
        if code:
            st.code(code, language=None)


def build_progress() -> Callable[[str], None]:
    """What a build reports its steps to: stages stay in sight, the files under a stage share one quieter line."""
    slots: list[Any] = []

    def step(message: str) -> None:
        if message.endswith("…"):
            st.markdown("Reading the files …" if message.startswith("Reading ") else plain(message))
            slots.clear()
            return
        if not slots:
            slots.append(st.empty())
        file = re.match(r"\w+ ← (?P<file>[^:]+): (?P<rows>[\d,]+) rows in .* (?P<bad>[\d,]+) quarantined", message)
        if file:
            message = f"{file['file']}: {file['rows']} rows" + (
                f", {file['bad']} could not be read" if file["bad"] != "0" else ""
            )
        slots[0].markdown(f":gray[:small[{plain(message)}]]")

    return step


def top() -> None:
    """The place above the page where all that is to say about the address stands; it takes no room while nothing is."""
    st.session_state["link_notices"] = st.container(gap="xsmall")


def link_notices(notices: list[str]) -> None:
    """What a link asked for and did not get, one quiet line each."""
    with st.session_state["link_notices"]:
        for notice in notices:
            st.markdown(f":orange[:material/link_off:] :small[{plain(notice)}]")


def no_such_deal(deal_id: str, instead: str) -> None:
    """A link asks for a deal that this data does not have."""
    link_notices(
        [
            f"The link asks for the deal “{short(deal_id, 60)}”, which is not in this data; {instead} is shown. Find looks for deals by name or id."
        ]
    )


def last_good_version(notice: str) -> None:
    """Why another version is shown than the one that should serve; nothing where all is well."""
    if notice:
        st.warning(plain(notice), icon=":material/database:")


def thin_ice(messages: list[str]) -> None:
    """Where a figure stands on thin ice: few deals, poor coverage, unfinished periods."""
    if messages:
        present.note_drawn(" ".join(messages))
        st.markdown(f":orange[:material/info:] :gray[:small[{' '.join(plain(message) for message in messages)}]]")


def coverage(messages: tuple[str, ...]) -> None:
    """Where the numbers above rest on poor coverage: one quiet line, with the way to what is missing. Nothing where all is well."""
    if not messages:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="coverage"):
        words = " ".join(plain(message) for message in messages)
        st.markdown(f":orange[:material/info:] :gray[:small[Thin ice: {words}]]", width="content")
        if NO_TOUCHES in messages:
            st.page_link(SOURCES, label=":small[Connect touches]", width="content")
        else:
            st.page_link("pages/data/health.py", label=":small[Can we trust these numbers?]", width="content")


def no_touches(page: str, folder: str) -> None:
    """A page that rests on touches, over data that has none: a CRM's export alone. ``page``: what would be here."""
    designed_state(
        "No touch is in this data yet",
        f"{page} For that it needs touches: what buyers, marketing and sales did, and when. The data has none, whatever the filters.",
        [
            "Export them from the marketing tool, web analytics or the CRM: visits, forms, clicks, events, calls, meetings, one row each.",
            "Name the file `touches.csv`, with `touch_id`, `occurred_at`, `channel` and `kind`, and who it was: `contact_id`, `account_id` or `deal_id`. "
            "Put it beside the deals, and build again. Columns of other names are matched on *Use your own data*.",
        ],
        f"python -m attribution build --data {Path(folder).name or 'my_folder'}",
    )
    st.page_link(SOURCES, label="Use your own data", icon=":material/upload_file:")


def use_your_own() -> None:
    """From the sample to one's own data: the page that does it, and the same from a shell."""
    st.markdown("**Use your own data** in three steps: choose a folder or upload files, match their columns, check and switch.")
    st.page_link(SOURCES, label="Use your own data", icon=":material/upload_file:")
    st.markdown("The same from a shell, with files named after the tables or a `mapping.toml` beside them:")
    st.code("python -m attribution build --data my_folder", language=None)  # colours of options have too little contrast
