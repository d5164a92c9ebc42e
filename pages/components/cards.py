"""Cards: a head with what is shown and in which unit, its table twin behind an icon, a download, and a word of explanation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette
from attribution.views.state import Names
from pages.components import data, downloads, pictures, present

CONFIG = {"displayModeBar": False, "responsive": True}
Table = pd.DataFrame | Callable[[], pd.DataFrame] | None


@contextmanager
def card(
    title: str, note: str, explain: str, key: str, table: Table = None, caption: str = "",
    columns: Mapping[str, Any] | None = None, query: Callable[[], str] | None = None,
) -> Iterator[None]:  # fmt: skip
    """A bordered card. ``table`` is the picture's twin, or makes it: behind the table icon, with its download; ``explain`` is behind
    "?", with the ``query`` that was asked."""
    with st.container(border=True, key=f"card_{key}", gap="small", height="stretch"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{title}** :gray[:small[{note}]]" if note else f"**{title}**", width="stretch")
            if table is not None and st.button(
                "", icon=":material/table:", type="tertiary", help="Show as a table, save table or picture", key=f"table_{key}"
            ):
                _show_table(title, note, table() if callable(table) else table, caption, key, columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key=f"explain_{key}"):
                explanation(title, explain, caption, query, key if table is None else "")
        yield


@st.dialog("In numbers", width="large", position="right")
def _show_table(title: str, note: str, table: pd.DataFrame, caption: str, key: str, columns: Mapping[str, Any] | None) -> None:
    st.markdown(f"**{title}**")
    st.dataframe(
        table, hide_index=True, column_config=columns, placeholder=formats.DASH, alt=f"{title}, as a table",
        height="content" if len(table) <= 24 else 720,
    )  # fmt: skip
    st.caption(formats.plain(caption))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        downloads.download(table, title, caption, key, columns)
        pictures.save_picture(key, title, note, caption)


@st.dialog("Explained", width="medium", position="right")
def explanation(title: str, explain: str, caption: str, query: Callable[[], str] | None, picture_of: str = "") -> None:
    """What a card shows, under which filters, and the query behind it, at the side. ``picture_of``: a card whose picture can be saved here."""
    st.markdown(f"**{title}**")
    st.markdown(explain)
    if caption:
        st.caption(f"Under: {formats.plain(caption)}")
    if query is not None:
        with st.expander("Show query", icon=":material/code:"):
            st.code(query(), language="sql")
    if picture_of:
        pictures.save_picture(picture_of, title, "", caption)


def picture(make: Callable[[], Figure], alt: str, key: str, of: tuple[Any, ...], on_select: Any = "ignore") -> None:
    """A chart with its message as accessible name; ``on_select`` is called when a mark is clicked.

    ``of`` names all that the figure depends on: it is made once per such tuple and theme.
    """
    figure = data.drawn((*of, key, colours().name), make)
    height: int | Literal["content"] = present.picture_height(figure.height) or "content"
    st.plotly_chart(figure, config=CONFIG, alt=alt, key=key, on_select=on_select, selection_mode="points", height=height)


def clicked(key: str) -> list[Any]:
    """The customdata of the mark that was clicked in a picture; empty where none is."""
    state = st.session_state.get(key)
    points = state.selection.points if state else []
    return list(points[0].get("customdata") or []) if points else []


def colours() -> Palette:
    """The palette of the theme the visitor sees."""
    return theme.palette(st.context.theme.type)


@dataclass(frozen=True)
class Chips:
    """A table whose channel column shows chips."""

    frame: pd.DataFrame
    chips: Any


def with_chips(frame: pd.DataFrame, names: Names, palette: Palette, column: str = "Channel") -> Chips:
    """A table with pale chips in each channel's colour (full colours would be louder than the money beside them).

    A table whose first column is the channel itself stays text: a chip there would lose its place as the row's name.
    """
    if column not in frame or frame.columns[0] == column:
        return Chips(frame, st.column_config.TextColumn())
    keys = [str(value) for value in frame[column].dropna().unique()]
    labels = {key: formats.short(names.channel_labels.get(key) or formats.words(key), 28) for key in keys}
    tints = [theme.tint(theme.channel_colour(key, names.slots, palette), palette) for key in keys]
    shown = frame.copy()
    shown[column] = [[labels[str(value)]] if isinstance(value, str) else [] for value in frame[column]]
    return Chips(shown, st.column_config.MultiselectColumn(column, options=list(labels.values()), color=tints or None))
