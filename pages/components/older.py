"""A link made with an older version of the data: shown as it was while that version is kept, with the way to the newest; said when it is gone."""

from __future__ import annotations

import logging
from typing import Any

import streamlit as st

from attribution.charts import formats
from pages.components import data


def asked_version() -> str:
    """The version that the link asks for and the session keeps; empty for the one in service."""
    if "older" not in st.session_state:
        st.session_state["older"] = str(st.query_params.get("data") or "")
    return str(st.session_state["older"])


def dataset(current: Any) -> tuple[Any, list[str]]:
    """The dataset to show, the one in service or the older one that is asked for, and what to say where that is gone."""
    asked = asked_version()
    if not asked or asked == current.version:
        forget()
        return current, []
    path = data.version_path(data.database_path(), asked)
    try:
        if path is not None:
            older = data.dataset(str(path), asked)
            data.names(older.version, older)  # a version that another release of the program built may lack what this one asks
            if st.query_params.get("data") != asked:
                st.query_params["data"] = asked
            return older, []
    except Exception:  # what cannot be read any more, for whatever reason, is as good as gone
        logging.getLogger("closed_loop").warning("version %s cannot be shown", asked, exc_info=True)
    forget()
    built = data.built_words(asked)
    what = f"the data built {built}" if built else "another version of the data"
    return current, [
        f"This link was made with {what}, which is no longer there to be shown. You see the newest data; figures may differ from what its sender saw."
    ]


def banner(shown: Any, current: Any) -> None:
    """One quiet line above an older version, with the way to the newest; nothing otherwise."""
    if shown.version == current.version:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="older_data"):
        newer = "Newer data exists" if current.version > shown.version else "Other data is in service"
        st.markdown(
            f":orange[:material/history:] :small[You see the data as it was built {data.built_words(shown.version)}, as the link asks. "
            f"{newer}, up to {formats.day(current.as_of)}.]",
            width="content",
        )
        st.button("Show the newest", type="tertiary", key="newest", on_click=forget)


def forget() -> None:
    """The version in service from now on."""
    st.session_state["older"] = ""
    if "data" in st.query_params:
        del st.query_params["data"]
