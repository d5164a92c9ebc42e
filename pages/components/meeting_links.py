"""Ways from the meeting to the pages behind its figures, and back to the block that was open."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import streamlit as st

PAGE = "pages/meeting/meeting.py"
ASKED, LEFT = "meeting_asked", "meeting_left"
_FOLDER = Path(__file__).resolve().parent.parent


def asked(key: str) -> None:
    """Called when something with a link was clicked; the page follows it once it runs."""
    state = st.session_state.get(key)
    if state and state.go:
        st.session_state[ASKED] = str(state.go)


def follow() -> None:
    """Go where a click led; the way back keeps the meeting and the block."""
    link = st.session_state.pop(ASKED, None)
    if not link:
        return
    path, query = target(str(link))
    if not path:
        return
    if path != PAGE:
        st.session_state[LEFT] = {word: st.query_params[word] for word in ("meeting", "block", "date") if word in st.query_params}
    else:
        for word in ("meeting", "block", "date"):
            st.session_state.pop(f"meeting_{word}", None)
    st.switch_page(path, query_params=query)


def target(link: str) -> tuple[str, dict[str, list[str]]]:
    """(the page's file, its parameters) of a link like "deals?deal=D-0001"; ("", {}) where there is no such page."""
    parts = urlsplit(link.lstrip("/"))
    name = parts.path.strip("/") or "overview"
    found = [path for path in _FOLDER.glob(f"*/{name}.py") if path.parent.name != "components"] if name.isidentifier() else []
    return (str(found[0].relative_to(_FOLDER.parent)), parse_qs(parts.query)) if found else ("", {})


def back(page: str) -> None:
    """The way back to the meeting, on the page that a click in it led to; nothing elsewhere."""
    if page == "meeting":
        st.session_state.pop(LEFT, None)
        return
    if LEFT in st.session_state and st.button(
        "Back to the meeting", icon=":material/groups:", type="tertiary", key="back_to_meeting", wrap=False,
        help="To the block you came from",
    ):  # fmt: skip
        st.switch_page(PAGE, query_params=st.session_state.pop(LEFT))
