"""Which wins shall everybody see? The monthly spotlight: choose deals, write, look at the very file, publish; and the archive."""

from __future__ import annotations

from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import QueryError, StoreError
from attribution.spotlight.candidates import latest_month, month_name
from attribution.spotlight.masks import PRESETS
from attribution.spotlight.words import Words
from attribution.views import spotlight_form as form
from pages.components import boxes, content_data, file_downloads, meeting_data, notices, present, spotlight_archive, writer
from pages.components import spotlight_draft as drafts
from pages.components import spotlight_maker as maker

ds, names, choice = st.session_state["view"]
currency = ds.settings.reporting.currency


def the_store() -> Any:
    """The store; None after saying what is wrong with it. The figures need none."""
    try:
        return meeting_data.store()
    except StoreError as error:
        st.warning(
            f"What was written cannot be read, and nothing can be saved: {formats.plain(error)}", icon=":material/database:"
        )
        return None


def issues_of(store: Any) -> tuple[Any, ...]:
    """The archive; empty after saying what is wrong."""
    try:
        return store.issues() if store else ()
    except StoreError as error:
        st.warning(f"The archive cannot be read: {formats.plain(error)}", icon=":material/database:")
        return ()


def issue_asked(store: Any) -> Any:
    """The issue that the address asks for; None, with a notice, where there is none."""
    asked = st.query_params.get("issue")
    if not asked or store is None:
        return None
    found = store.issue(int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    if found is None:
        notices.link_notices(
            [f"The link asks for the published spotlight “{formats.short(asked, 40)}”, which is not in the archive."]
        )
    return found


def make(store: Any, month: str) -> None:
    """Choose and write on the left, the very file on the right."""
    found = content_data.candidates(ds.version, month, ds)
    if not found:
        notices.designed_state(
            f"No deal was won in {month_name(month)}",
            "A spotlight tells how two or three deals were won and which content took part. This month has none.",
            ["Choose another month above.", "If deals were won, load newer data: the month's won deals come from `deals.csv`."],
            icon=":material/auto_stories:",
        )
        return
    writing = drafts.writing(month, store)
    words = form.words_of(writing.base)
    if words is None:
        st.warning(
            "This month was written with a newer Closed Loop. It is shown without its words; update to change it.",
            icon=":material/update:",
        )
    listed = [entry.deal_id for entry in found]
    left, right = st.columns([5, 8], gap="medium")
    with left:
        with st.container(border=True, key="card_choose", gap="small"):
            st.markdown("**1  Choose two or three deals**")
            ticked = maker.choose(found, writing, currency)
        words = words or Words()
        of = (ds.version, month, ticked, words.model_dump_json(), preset)
        view = content_data.spotlight(*of, ds)
        with st.container(border=True, key="card_write", gap="small"):
            st.markdown("**2  Write what the numbers cannot say**")
            maker.clash(writing, {entry.deal_id: entry.name for entry in found})
            maker.write(view, words, writing, listed)
    with right, st.container(border=True, key="card_look", gap="small"):
        name = f"spotlight-{month}-{preset}"
        files = content_data.spotlight_files(view, of)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**3  Look, and let it go out**", width="stretch")
            file_downloads.files(name, *files)
            maker.publish(view, words, files, writing)
        maker.look(view, files, f"Spotlight of {month_name(month)}")
    said(writing)


def said(writing: drafts.Writing) -> None:
    """What became of the last change."""
    with status_slot:
        if wrong := drafts.said(drafts.WRONG):
            st.markdown(f":red[:material/error:] :small[{formats.plain(wrong)}]", width="content")
        elif waiting := drafts.clash(writing.month):
            st.markdown(
                f":orange[:material/merge:] :small[Not saved yet: {formats.plain(waiting[0].saved_by)} wrote the same part. Choose below.]",
                width="content",
            )
        elif not writing.may_write:
            reason = writing.store.why_not if writing.store else "The store of what people write cannot be read."
            st.markdown(
                f":orange[:material/lock:] :gray[:small[{formats.plain(reason)} Texts cannot be changed.]]", width="content"
            )
        else:
            news = drafts.said(drafts.NEWS)
            st.markdown(
                f":gray[:small[:material/cloud_done: {formats.plain(f'{drafts.status(writing.base)} {news}'.strip())}]]",
                width="content",
            )


store = the_store()
issue = issue_asked(store)
if issue is not None:
    with present.tools_of_page("question"):
        st.button(
            "All spotlights",
            icon=":material/arrow_back:",
            type="tertiary",
            key="all_issues",
            on_click=spotlight_archive.close_issue,
        )
    spotlight_archive.one(issue, store)
    st.stop()

with present.tools_of_page("question"):
    months = content_data.won_months(ds.version, ds)
    default = latest_month(ds)
    options = {one: month_name(one) for one in dict.fromkeys((*months, default))}
    st.markdown(":gray[:small[Month]]", width="content")
    month = boxes.box("month", "Month", options, default, 170)
    st.markdown(":gray[:small[for]]", width="content")
    preset = boxes.box("preset", "Who may read it", {entry.name: entry.label for entry in PRESETS}, "inside", 130)
    st.markdown(":gray[:small[written by]]", width="content")
    writer.box()
    status_slot = st.container(width="content")

st.title("Which wins shall everybody see?", anchor=False)
may_read = next(entry for entry in PRESETS if entry.name == preset)
st.markdown(
    f":gray[Two or three deals of a month with every piece of content on the way, as a file that anybody can open. {may_read.stamp} {may_read.advice}]"
)
issues = issues_of(store)
try:
    make(store, month)
except QueryError as error:
    notices.designed_state("This spotlight cannot be made", formats.plain(error), ["Choose another month.", "Reload the page."])
if store is not None:
    spotlight_archive.listing(issues)
