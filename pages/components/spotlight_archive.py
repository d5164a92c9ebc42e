"""The archive of published spotlights: the list, and one issue as it went out, whatever became of the data."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from attribution.charts import formats
from attribution.errors import ClosedLoopError
from attribution.spotlight.candidates import month_name
from attribution.store import Issue, Store
from pages.components import data, file_downloads, preview

LABELS = {"inside": "Inside", "partner": "Partner", "public": "Public"}


def open_issue(issue_id: int) -> None:
    """Show an issue; the address holds it."""
    st.query_params["issue"] = str(issue_id)


def close_issue() -> None:
    """Back to the one that is being written."""
    if "issue" in st.query_params:
        del st.query_params["issue"]


def listing(issues: Sequence[Issue]) -> None:
    """Every published spotlight, the newest first."""
    with st.container(border=True, key="card_archive", gap="small"):
        st.markdown("**Published**")
        if not issues:
            st.markdown(":gray[Nothing yet. What you publish stays here as it went out, also when the data changes.]")
        for issue in issues:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"issue_{issue.issue_id}"):
                st.markdown(f"**{month_name(issue.month)}**  \n:gray[:small[{_preset(issue)}]]", width=150)
                st.markdown(
                    f"{formats.plain(formats.short(issue.headline, 110))}  \n:gray[:small[{formats.day(issue.published_at)} by "
                    f"{formats.plain(formats.short(issue.published_by, 40))}, {formats.counted(len(issue.deal_ids), 'deal')}]]",
                    width="stretch",
                )
                st.button("Open", key=f"open_issue_{issue.issue_id}", on_click=open_issue, args=(issue.issue_id,))


def one(issue: Issue, store: Store) -> None:
    """One issue as it went out."""
    st.title(f"The spotlight of {month_name(issue.month)}, as it went out", anchor=False)
    built = data.built_words(issue.data_version)
    st.markdown(
        f"Published {formats.day(issue.published_at)}, {issue.published_at:%H:%M} UTC by {formats.plain(issue.published_by)}. **{_preset(issue)}**. "
        + (f"Made from the data built {built}." if built else "")
    )
    kept = data.version_path(data.database_path(), issue.data_version) is not None
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="issue_tools"):
        file_downloads.files(f"spotlight-{issue.month}-{issue.preset}", issue.html, issue.mail, issue.plain)
        if kept:
            st.page_link(
                "pages/revenue/overview.py", label="The pages with the data of then", icon=":material/history:",
                query_params={"data": issue.data_version},
            )  # fmt: skip
        if store.is_writable:
            with st.popover("Withdraw", icon=":material/delete:", type="tertiary"):
                st.markdown(
                    "Takes it out of the archive for good, and gives its version of the data free. Copies that were sent stay where they are."
                )
                st.button("Withdraw it", key="withdraw", on_click=_withdraw, args=(issue, store))
    if not kept:
        st.markdown(":gray[:small[The version of the data it was made from is no longer kept. The file is complete without it.]]")
    preview.show(issue.html, f"Spotlight of {month_name(issue.month)}", 1100)


def _withdraw(issue: Issue, store: Store) -> None:
    from attribution.store.publishing import withdraw

    try:
        withdraw(store, data.database_path(), issue)
    except ClosedLoopError as error:
        st.session_state["spotlight_wrong"] = str(error)
        return
    close_issue()


def _preset(issue: Issue) -> str:
    return LABELS.get(issue.preset, formats.plain(issue.preset))
