"""Present mode (?present=1): one page fills the screen, without menu and in larger type, with the arrow keys to the next and the previous."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from attribution.charts import formats

_LARGER = st.components.v2.component(
    "larger_type",
    html="<span></span>",
    js="""
// Everything on the page is sized by the root's type: present mode sets it, leaving puts it back.
export default function ({ data }) {
  const root = document.documentElement;
  root.style.fontSize = data.size;
  return () => { root.style.fontSize = ""; };
}
""",
)
SIZE = "16px"  # the app's own is 14px
ROOM = 471  # pixels for the main picture at 1440 × 900, under question, answer, rule and one line on coverage
FIGURES = 131  # what a row of figures takes of it
NOT_FOR_MEETINGS = ("sources", "glossary", "spotlight")  # pages that the arrows pass over
OWN_ARROWS = ("meeting",)  # pages whose arrows turn something of their own
ANSWER_LINES, ANSWER_LETTERS = 2, 115  # lines of the answer that ROOM has, and the letters in one
LINE, LETTERS = 24, 165  # height of a further line of notes, and the letters in it


def is_on() -> bool:
    """Whether this session presents. The link says so once, then the session does, and the address follows on every page."""
    if "presenting" not in st.session_state:
        st.session_state["presenting"] = st.query_params.get("present") in ("1", "true", "yes")
    on = bool(st.session_state["presenting"])
    if on and st.query_params.get("present") != "1":
        st.query_params["present"] = "1"
    return on


def button() -> None:
    """The way in, in the bar."""
    st.button(
        "Present", icon=":material/slideshow:", type="tertiary", key="present", on_click=_switch, args=(True,), wrap=False,
        help="This page on the whole screen, in larger type; the arrow keys turn pages",
    )  # fmt: skip


def controls(pages: Sequence[Any], current: Any) -> Any:
    """Previous, next and the way out; returns the page to go to, or None. To be followed once the filters are drawn."""
    st.session_state["present_room"] = ROOM
    _LARGER(key="larger_type", data={"size": SIZE}, height=1, width=1)
    pages = [page for page in pages if page.url_path not in NOT_FOR_MEETINGS or page.url_path == current.url_path]
    place = next((number for number, page in enumerate(pages) if page.url_path == current.url_path), 0)
    target = None
    if current.url_path in OWN_ARROWS:
        _leave()
        return None
    if st.button(
        "Previous",
        icon=":material/chevron_left:",
        type="tertiary",
        shortcut="Left",
        key="previous_page",
        disabled=place == 0,
        wrap=False,
    ):
        target = pages[max(0, place - 1)]
    st.markdown(f":gray[:small[{place + 1} of {len(pages)}]]", width="content")
    if st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", type="tertiary", shortcut="Right", key="next_page",
        disabled=place == len(pages) - 1, wrap=False,
    ):  # fmt: skip
        target = pages[min(len(pages) - 1, place + 1)]
    _leave()
    return target


def _leave() -> None:
    """The way out."""
    st.button(
        "Leave",
        icon=":material/close:",
        type="tertiary",
        shortcut="Esc",
        key="leave",
        on_click=_switch,
        args=(False,),
        wrap=False,
    )


def words(filters: str) -> None:
    """Under which filters the page stands, where the bar was."""
    st.markdown(f":gray[:small[{formats.plain(filters)}]]", width="stretch")


def tools_of_page(key: str) -> Any:
    """The row of a page's own boxes above its question; in present mode it goes to the filters, out of the picture's way."""
    if not is_on():
        return st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=key)
    return st.session_state["present_filters_slot"].container(key=key)


def on_top() -> Any:
    """Where a page with its own arrows draws what stands above its question: in present mode the row of tools, so that it costs no height."""
    return st.session_state["present_words_slot"].container() if is_on() else st.container()


def figures_drawn() -> None:
    """Called by the row of figures: there is less room for the picture below."""
    _take(FIGURES)


def note_drawn(words: str) -> None:
    """Called by a further line of notes: it takes its lines, and the gap above it."""
    _take(LINE * (1 + len(words) // LETTERS) + 16)


def answer_drawn(words: str) -> None:
    """Called with an answer that may be longer than the two lines there is room for."""
    letters = len(words.replace("*", "").replace("\\", ""))
    _take(LINE * max(0, -(-letters // ANSWER_LETTERS) - ANSWER_LINES))


def _take(height: int) -> None:
    st.session_state["present_room"] = int(st.session_state.get("present_room", ROOM)) - height


def picture_height(own: float | None) -> int | None:
    """The height that lets a picture end on the screen; None where its own does."""
    room = int(st.session_state.get("present_room", ROOM))
    return room if is_on() and own and own > room else None


def main_message_ends() -> None:
    """Called by a page after its main picture: in present mode the page ends here."""
    if is_on():
        st.stop()


def _switch(on: bool) -> None:
    st.session_state["presenting"] = on
    if not on and "present" in st.query_params:
        del st.query_params["present"]
