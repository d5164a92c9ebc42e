"""One box that finds any deal, account, person, campaign or piece of content, in a dialog that Ctrl K opens from every page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.views import state
from attribution.views.search import Found
from pages.components import data

# A dialog takes the focus to itself; who pressed Ctrl K wants to type.
_FOCUS = st.components.v2.component(
    "focus_box",
    html="<span></span>",
    js="""
const done = new WeakSet();
export default function ({ data, parentElement }) {
  if (done.has(parentElement)) return;
  done.add(parentElement);
  requestAnimationFrame(() => setTimeout(() => document.querySelector(`.st-key-${data.box} input`)?.focus(), 60));
}
""",
)
DEALS = "pages/revenue/deals.py"
CAMPAIGNS = "pages/revenue/campaigns.py"
CONTENT = "pages/content/content.py"
PEOPLE = "pages/revenue/people.py"


def search_button(ds: Any) -> None:
    """The button in the bar; Ctrl K (or Cmd K) presses it."""
    if st.button(
        "Find", icon=":material/search:", type="tertiary", shortcut="Mod+K", key="find", wrap=False,
        help="Find a deal, an account, a person, a campaign or content",
    ):  # fmt: skip
        _search(ds)


@st.dialog("Find", width="medium")
def _search(ds: Any) -> None:
    words = st.text_input(
        "What to find", type="search", placeholder="Name, id, e-mail address or domain", key="find_words", label_visibility="collapsed",
        live="150ms", autocomplete="off",
    )  # fmt: skip
    _FOCUS(key="focus_find", data={"box": "find_words"}, height=1, width=1)
    index = data.search_index(ds.version, ds)
    if not (words or "").strip():
        st.caption("Deals, accounts, people, campaigns and content. Tab goes to the results, Enter opens one.")
        return
    groups = data.found(ds.version, (words or "")[:1000], ds, index)
    if not groups:
        st.markdown(f"Nothing holds “{formats.plain(formats.short(' '.join((words or '').split()), 60))}”.")
        st.caption("Every word must be in the name, the id, the e-mail address or the domain. Try fewer or shorter words.")
    for group in groups:
        st.markdown(f":gray[:small[{group.head}{f' · the best {len(group.lines)}, more match' if group.has_more else ''}]]")
        with st.container(gap="xxsmall", key=f"found_{group.kind}"):
            for line in group.lines:
                _line(line)


def _line(line: Found) -> None:
    """One result as a link: it opens with Enter, or in a new tab."""
    fact = f" · {formats.plain(line.fact)}" if line.fact else ""
    page, query = place(line.kind, line.id)
    st.page_link(
        page, label=f"{formats.plain(formats.short(line.name, 60))} :gray[:small[{formats.plain(formats.short(line.id, 40))}{fact}]]",
        query_params=query, width="stretch",
    )  # fmt: skip


def place(kind: str, identity: str) -> tuple[str, dict[str, str]]:
    """Where a result opens: page and parameters."""
    if kind == "deal":
        return DEALS, {"deal": identity}
    if kind == "campaign":
        return CAMPAIGNS, {"one": identity}
    if kind == "asset":
        return CONTENT, {"one": identity}
    if kind == "person":
        return PEOPLE, {"person": identity}
    return DEALS, {"behind": state.behind_words({kind: identity})}
