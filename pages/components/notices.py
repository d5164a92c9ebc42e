"""What the app says when something is missing, wrong or thin: where, what, what next. Never a traceback."""

from __future__ import annotations

import streamlit as st

from attribution.charts.formats import plain


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
            st.code(code, language="bash")


def link_notices(notices: list[str]) -> None:
    """What a link asked for and did not get, one quiet line each."""
    for notice in notices:
        st.markdown(f":orange[:material/link_off:] :small[{plain(notice)}]")


def thin_ice(messages: list[str]) -> None:
    """Where a figure stands on thin ice: few deals, poor coverage, unfinished periods."""
    if messages:
        st.markdown(f":orange[:material/info:] :gray[:small[{' '.join(plain(message) for message in messages)}]]")


def use_your_own() -> None:
    """Three steps from the sample to one's own data."""
    st.markdown("**Use your own data**")
    st.markdown(
        "1. Put your exports in one folder: deals and touches as CSV, XLSX or Parquet, named after the tables, "
        "or in any shape with a `mapping.toml`.\n"
        "2. Look at what is read and what is not:"
    )
    st.code("python -m attribution build --data my_folder", language="bash")
    st.markdown("3. Serve it. The app builds the folder if that has not been done:")
    st.code("CLOSED_LOOP_DATA=my_folder streamlit run app.py", language="bash")
