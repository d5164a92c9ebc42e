"""Mine: a person says once who she is, and every page keeps what she owns. Kept in the address (?mine=<owner id>) and for the session."""

from __future__ import annotations

from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.views.state import Names
from pages.components import data

NOBODY = ""


def read_link(names: Names) -> list[str]:
    """On a session's first run: who the link says I am; a notice where nobody has that id or name."""
    if "mine" in st.session_state:
        return []
    asked = st.query_params.get("mine")
    people = _people(names)
    found = asked if asked in people else next((owner for owner, name in people.items() if name == asked), NOBODY)
    st.session_state["mine"] = found or NOBODY
    if asked and not found:
        return [f"The link asks for what “{formats.short(asked, 60)}” owns; nobody in this data has that id. It was left out."]
    return []


def chooser(names: Names) -> None:
    """The button in the bar, with the list of who owns something. Nothing where the data names no owners."""
    people = _people(names)
    if not people:
        return
    mine = owner()
    label = f"Mine: {formats.plain(formats.short(people.get(mine, mine), 20))}" if mine else "Mine"
    with st.popover(label, icon=":material/person:", type="tertiary", key="mine_chooser", help="Keep what I own"):
        st.session_state["mine_choice"] = mine
        st.selectbox(
            "Who are you?", [NOBODY, *people], format_func=lambda one: people.get(one, str(one)) if one else "Everybody's", key="mine_choice",
            on_change=_chosen,
        )  # fmt: skip
        st.caption("Keeps the deals you own; on Campaigns the campaigns you own. The link keeps it.")


def owner() -> str:
    """The owner whose things are kept; empty for everybody's. The address says so on every page."""
    mine = str(st.session_state.get("mine") or NOBODY)
    if mine and st.query_params.get("mine") != mine:
        st.query_params["mine"] = mine
    return mine


def forget() -> None:
    """Everybody's things again."""
    _set(NOBODY)


def filters_of(page: str, ds: Any, names: Names) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """What Mine sets on a page: filter attribute → values, and what to say where she owns nothing of the page's kind."""
    mine = owner()
    if not mine:
        return {}, []
    who = names.owners.get(mine, mine)
    if page == "campaigns":
        owned = data.campaigns_of(ds.version, mine, ds)
        return ({"campaigns": owned}, []) if owned else ({}, [f"{who} owns no campaign in this data, so all are shown."])
    if mine not in names.values.get("owner", ()):
        return {}, [f"{who} owns no deal in this data, so all are shown."]
    return {"owners": (mine,)}, []


def _people(names: Names) -> dict[str, str]:
    """Owner id → name of everybody who may own something, by name; the id behind names that occur twice."""
    listed = {**names.owners, **{one: names.owners.get(one, one) for one in names.values.get("owner", ())}}
    twice = {name for name in listed.values() if list(listed.values()).count(name) > 1} if len(listed) < 5000 else set()
    labels = {one: f"{name} ({one})" if name in twice else name for one, name in listed.items()}
    return dict(sorted(labels.items(), key=lambda entry: (entry[1].casefold(), entry[0])))


def _chosen() -> None:
    _set(str(st.session_state["mine_choice"] or NOBODY))


def _set(mine: str) -> None:
    st.session_state["mine"] = mine
    if mine:
        st.query_params["mine"] = mine
    elif "mine" in st.query_params:
        del st.query_params["mine"]
