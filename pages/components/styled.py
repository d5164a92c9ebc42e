"""Tables with bold and tinted cells. Working a style out cell by cell, as pandas and Streamlit do, is ten milliseconds of a page; here the
cells are known, so it is one, once per table."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes
from streamlit.elements import arrow

from attribution.charts import theme
from attribution.charts.theme import Palette

STRONG = "font-weight: 600"
TOTAL = "font-weight: 600; background-color: rgba(127, 127, 140, 0.08)"

HEAD = 34  # px of a table's head and its borders
TALL = 58  # px of a row in which texts take up to three lines: lower ones are not wrapped

_marshall = arrow.marshall_styler
_LOCK = threading.Lock()


def styled(frame: pd.DataFrame, rules: Mapping[str, list[tuple[int, int]]]) -> Any:
    """A frame for st.dataframe whose cells look as the rules say: CSS → places (row, column)."""
    styler = frame.style
    styler.rules = {css: places for css, places in rules.items() if places}
    return styler


def last_row_strong(frame: pd.DataFrame) -> Any:
    """A table whose last row is its total: semibold on a tint."""
    return styled(frame, {TOTAL: [(len(frame) - 1, column) for column in range(len(frame.columns))] if len(frame) else []})


def tinted(frame: pd.DataFrame, columns: list[str], whole: float, palette: Palette) -> Any:
    """Money columns tinted with the accent by their share of a whole, so that the eye finds what earned most; the last row is a total."""
    rules: dict[str, list[tuple[int, int]]] = {}
    for name in columns:
        place = frame.columns.get_loc(name)
        *values, _ = frame[name]
        rules.setdefault(STRONG, []).append((len(values), place))
        for row, value in enumerate(values):
            part = float(value) / whole if whole and value == value and value is not None else 0.0
            if part > 0:
                tint = theme.tint(palette.accent, palette, min(0.42, 0.05 + 0.9 * part))
                rules.setdefault(f"background-color: {tint}", []).append((row, place))
    return styled(frame, rules)


def height(rows: int, most: int, row_height: int) -> int | Literal["content"]:
    """The height of a table: all of its rows; of more than ``most`` so many and half of the next, which says that it scrolls."""
    return "content" if rows <= most else HEAD + row_height * most + row_height // 2


def _marshall_known(proto: Any, styler: Any, default_uuid: str) -> None:
    """Streamlit's own step, for tables of ``styled`` shorter."""
    if not hasattr(styler, "rules"):
        _marshall(proto, styler, default_uuid)
        return
    with _LOCK:
        if not hasattr(styler, "sent"):
            styler.sent = _sent(styler)
    proto.styler.MergeFromString(styler.sent)


def _sent(styler: Any) -> bytes:
    """What the browser gets of a style: the rules, and every cell as text."""
    sent = arrow.DataframeProto().arrow_data.styler
    sent.uuid = styler.uuid
    sent.styles = "\n".join(
        ", ".join(f"#T_{styler.uuid}_row{row}_col{column}" for row, column in places) + " { " + css + " }"
        for css, places in styler.rules.items()
    )
    frame = styler.data
    words = {name: [f"{cell:.6f}" if isinstance(cell, float) else str(cell) for cell in frame[name]] for name in frame.columns}
    sent.display_values = convert_pandas_df_to_arrow_bytes(
        pd.DataFrame(words, index=frame.index, columns=frame.columns, dtype=str)
    )
    return bytes(sent.SerializeToString())


arrow.marshall_styler = _marshall_known
