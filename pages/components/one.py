"""What the pages of one campaign and of one piece of content share: what they know, the head with its chooser, and tables with a way to each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from attribution.charts import formats
from attribution.views import state
from attribution.views.state import Choice
from pages.components import downloads, notices, styled

DAYS = st.column_config.DateColumn(format="D MMM YYYY")
DEAL = 230  # px of a deal's name: its amount has room beside it on a phone


@dataclass(frozen=True)
class Shown:
    """What such a page knows. ``columns``: how the tables of its list are written; ``of``: what its pictures depend on."""

    ds: Any
    choice: Choice
    columns: Mapping[str, Any]
    second_head: str
    caption: str
    of: tuple[Any, ...]

    @property
    def currency(self) -> str | None:
        """The reporting currency."""
        currency: str | None = self.ds.settings.reporting.currency
        return currency

    @property
    def money(self) -> Any:
        """How amounts are written in tables."""
        return st.column_config.NumberColumn(format=formats.money_column(self.currency))


def head(shown: Shown, one: Any, entries: Sequence[Any], what: str, key: str, care: Sequence[str]) -> None:
    """Question, chooser of another one, answer, rule, what it is, and why to be careful. ``one`` has title, answer, about and entry."""

    def picked() -> None:
        st.query_params["one"] = st.session_state[key]

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(one.title, anchor=False, width="stretch")
        labels = {entry.key: entry.label for entry in entries}
        st.session_state[key] = one.entry.key
        st.selectbox(
            what, list(labels), format_func=lambda chosen: labels.get(chosen, str(chosen)), key=key, label_visibility="collapsed", width=340,
            on_change=picked,
        )  # fmt: skip
    st.markdown(f"#### {one.answer}")
    st.markdown(state.rule_line(shown.ds, shown.choice.model))
    st.markdown(f":gray[:small[{one.about}]]")
    notices.thin_ice(list(care))


def listed(
    key: str, title: str, note: str, file_name: str, caption: str, every: pd.DataFrame, empty: str, alt: str, columns: Mapping[str, Any],
    shown: pd.DataFrame | None = None, opened: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """A card with a table and its download. ``shown``: the rows on screen where they are not all; ``opened`` gets the row whose button is
    clicked; ``empty`` stands where there is none."""
    with st.container(border=True, key=f"card_{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{title}** :gray[:small[{note}]]", width="stretch")
            downloads.download(every, file_name, caption, key)
        if every.empty:
            st.markdown(f":gray[{empty}]")
            return
        frame = every if shown is None else shown
        if "Amount" in frame:
            frame = with_amount_first(frame)
        if opened is not None:
            frame, columns = with_button(frame, columns, f"{key}_row", opened)
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(frame), 12, 32), alt=alt,
            column_config=dict(columns),
        )  # fmt: skip


def with_amount_first(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of deals with the amount beside the name, where a phone shows it."""
    names = list(frame.columns)
    return frame[[names[0], "Amount", *(name for name in names[1:] if name != "Amount")]]


def with_button(
    frame: pd.DataFrame, columns: Mapping[str, Any], key: str, opened: Callable[[int], None]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A table with a column "Open" behind its first, or behind the amount beside it, and how its columns are written."""

    def clicked() -> None:
        if click := st.session_state[key]:
            opened(click.row)

    frame = frame.copy()
    frame.insert(2 if "Amount" in frame.columns[:2] else 1, "Open", [["Open"]] * len(frame))
    button = st.column_config.ButtonColumn("", type="tertiary", key=key, on_click=clicked, width=64)
    return frame, {**columns, "Open": button}


def deal_columns(shown: Shown) -> dict[str, Any]:
    """How a table of deals is written."""
    return {
        "Deal": st.column_config.TextColumn(pinned=True, width=DEAL),
        **dict.fromkeys(("Amount", "Credited", "Credited, open", shown.second_head), shown.money),
        **dict.fromkeys(("Opened", "Closed"), DAYS),
    }


def open_person(people: pd.DataFrame) -> Callable[[int], None]:
    """What opens the person of a row."""

    def opened(row: int) -> None:
        st.session_state["open_person"] = str(people["contact_id"].iloc[row])

    return opened


def open_deal(deals: pd.DataFrame) -> Callable[[int], None]:
    """What opens the deal of a row."""

    def opened(row: int) -> None:
        st.session_state["open_deal"] = str(deals["deal_id"].iloc[row])

    return opened
