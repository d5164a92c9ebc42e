"""Who writes: a name that is said once on any page where people write, and that this browser keeps."""

from __future__ import annotations

from urllib.parse import quote, unquote

import streamlit as st

NAME = "writer_name"
CHANGES = "writer_changes"  # how often the name was changed in this session
COOKIE, LONGEST = "closed_loop_writer", 80
_KEPT = st.components.v2.component(
    "writer_name",
    html="<span></span>",
    js="""
// Kept for a year by this browser alone; an empty name is forgotten. Only what was typed here is written: another tab may know a newer name.
let written = 0;
export default function ({ data }) {
  if (data.changes <= written) return;
  written = data.changes;
  document.cookie = `${data.cookie}=${data.name}; path=/; max-age=${data.name ? 31536000 : 0}; samesite=strict`;
}
""",
)


def box(disabled: bool = False) -> None:
    """The box for the name; a page that is opened anew starts with what this browser kept."""
    if NAME not in st.session_state:
        kept = st.context.cookies.get(COOKIE)
        st.session_state[NAME] = unquote(kept)[:LONGEST] if isinstance(kept, str) else ""
    name = st.text_input(
        "Your name", key=NAME, label_visibility="collapsed", placeholder="Your name", max_chars=LONGEST, width=150, persist_state="session",
        disabled=disabled, on_change=_changed,
    )  # fmt: skip
    kept_name = {"cookie": COOKIE, "name": quote(name or ""), "changes": st.session_state.get(CHANGES, 0)}
    _KEPT(key="writer_kept", data=kept_name, height=1, width=1)


def _changed() -> None:
    st.session_state[CHANGES] = st.session_state.get(CHANGES, 0) + 1


def by() -> str:
    """Who writes, as she says."""
    return str(st.session_state.get(NAME) or "")
