"""The picture and tables of the data page: coverage as bars, the load report in words, rows as people read them. Pure.

What was detected in a file is a JSON object in the load report; here it becomes a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

ROW = 42  # px of one bar
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space", ":": "colon"}
DATE_ORDERS = {
    "ymd": "year-month-day", "dmy": "day-month-year", "mdy": "month-day-year",
}  # fmt: skip
DECIMALS = {".": "decimal point", ",": "decimal comma"}
WHOLE_ROW = "(whole row)"
BLANK = "(blank)"


@dataclass(frozen=True)
class CoverageBar:
    """One bar: ``count`` of ``whole`` lack something. ``group``: what the whole is; ``limit``: the share from which it is thin ice
    (None: no limit); ``check``: the check that lists the rows, empty where there is none."""

    group: str
    label: str
    count: int
    whole: int
    limit: float | None = None
    check: str = ""

    @property
    def share(self) -> float:
        """The part of the whole that lacks it, 0–1."""
        return self.count / self.whole if self.whole else 0.0

    @property
    def is_thin(self) -> bool:
        """At or beyond its limit."""
        return self.limit is not None and self.share >= self.limit


def coverage(bars: Sequence[CoverageBar], colours: Palette) -> Figure:
    """What the data does not cover, as shares of a whole (0–100 %) under a head per group. Clicking a bar gives [check].

    Beyond its limit a bar is in the accent and its number bold; the limit is a thin line across its track.
    """
    heads, places, place = {}, [], 0
    for bar in bars:
        if bar.group not in heads:
            heads[bar.group] = place
            place += 1
        places.append(place)
        place += 1
    data = [
        [
            bar.check,
            formats.chart_text(bar.label, 60),
            formats.share(bar.share),
            formats.count(bar.count),
            formats.count(bar.whole),
        ]
        for bar in bars
    ]
    common = {
        "type": "bar", "orientation": "h", "y": places, "customdata": data, "width": 0.42,
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[3]} of %{customdata[4]} · %{customdata[2]}<extra></extra>",
    }  # fmt: skip
    fills = [colours.accent if bar.is_thin else colours.step for bar in bars]
    track = theme.selectable({**common, "x": [1.0] * len(bars), "marker": {"color": colours.grid}})
    share = theme.selectable({**common, "x": [bar.share for bar in bars], "marker": {"color": fills}})
    annotations = [
        {
            "xref": "paper", "x": 1, "y": at, "xanchor": "left", "xshift": 10, "showarrow": False, "align": "left",
            "text": f"{_strong(formats.share(bar.share), bar.is_thin)}  {formats.count(bar.count)}",
            "font": {"size": 12, "color": colours.ink},
        }
        for bar, at in zip(bars, places, strict=True)
    ]  # fmt: skip
    annotations += [
        {
            "xref": "paper", "x": 0, "y": at, "xanchor": "left", "yshift": -4, "showarrow": False, "text": f"<b>{formats.chart_text(head, 60)}</b>",
            "font": {"size": 12, "color": colours.mute},
        }
        for head, at in heads.items()
    ]  # fmt: skip
    limits = [
        {
            "type": "line", "x0": bar.limit, "x1": bar.limit, "y0": at - 0.34, "y1": at + 0.34,
            "line": {"width": 1.5, "color": colours.ink},
        }
        for bar, at in zip(bars, places, strict=True)
        if bar.limit is not None
    ]  # fmt: skip
    return {
        "data": [track, share],
        "layout": theme.layout(
            colours,
            max(360, ROW * place),
            barmode="overlay",
            annotations=annotations,
            shapes=limits,
            margin={"r": 92, "t": 0, "b": 0},  # the numbers stand in one column, in the margin
            xaxis={"visible": False, "range": [0, 1]},
            yaxis={
                "tickvals": places, "ticktext": [formats.chart_text(bar.label, 24) for bar in bars], "range": [place - 0.5, -0.5],
                "showgrid": False, "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 8,
            },
        ),
    }  # fmt: skip


def coverage_table(bars: Sequence[CoverageBar]) -> pd.DataFrame:
    """The picture's table twin: what of, what is missing, how many, of how many, share and limit in percent."""
    rows = [
        (bar.group, bar.label, bar.count, bar.whole, bar.share * 100, None if bar.limit is None else bar.limit * 100)
        for bar in bars
    ]
    return pd.DataFrame(rows, columns=["Of", "Missing", "Rows", "Of how many", "Share", "Thin ice from"])


def detected_words(text: str | None) -> str:
    """What was detected in a file, in words: "comma · UTF-8 · year-month-day · Europe/Berlin"."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    words = []
    if mark := found.get("separator"):
        words.append(SEPARATORS.get(str(mark), str(mark)))
    if sheet := found.get("sheet"):
        words.append(f"sheet “{sheet}”")
    if others := found.get("other_sheets"):
        words.append(f"not read: {_many(others, 'sheet')}")
    if encoding := found.get("encoding"):
        words.append(str(encoding).upper())
    if found.get("header") is False:
        words.append("no header")
    if order := found.get("date_order"):
        words.append(DATE_ORDERS.get(str(order), str(order)))
    if mark := found.get("decimal"):
        words.append(DECIMALS.get(str(mark), f"decimal mark {mark}"))
    if zone := found.get("time_zone"):
        words.append(str(zone))
    if days := found.get("dates_only"):
        words.append(f"{_listed(days)}: days only")
    return " · ".join(words)


def load_table(report: pd.DataFrame) -> pd.DataFrame:
    """The load report per file, the total in the last row: rows in = left out + loaded + duplicates + not read."""
    columns = {
        "rows_in": "Rows in", "loaded": "Loaded", "duplicates": "Duplicates", "left_out": "Left out", "quarantined": "Not read",
    }  # fmt: skip
    frame = pd.DataFrame({"Table": [formats.words(name) for name in report["table_name"]], "File": report["file"].astype(str)})
    for name, head in columns.items():
        frame[head] = report[name].astype("int64").to_numpy()
    frame["How it was read"] = [detected_words(text) for text in report["detected"]]
    total = {"Table": "Total", "File": "", **{head: int(frame[head].sum()) for head in columns.values()}, "How it was read": ""}
    return pd.concat([frame, pd.DataFrame([total])], ignore_index=True)


def rows_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Offending rows for the screen: heads in words, tables and columns in words, the raw record left out."""
    shown = frame.drop(columns=[name for name in ("record",) if name in frame])
    for name in ("table_name", "column_name"):
        if name in shown:
            shown[name] = [WHOLE_ROW if _is_empty(value) else formats.words(str(value)) for value in shown[name]]
    if "value" in shown:
        shown["value"] = [BLANK if _is_empty(value) else value for value in shown["value"]]
    return shown.rename(columns={name: HEADS.get(name) or formats.words(name) for name in shown.columns})


HEADS = {
    "table_name": "Table", "column_name": "Column", "line": "Line", "reason": "Why", "source_file": "File", "source_row": "Line", "count_rows": "Rows",
    "message": "What was noticed", "row_count": "Rows", "severity": "Gravity", "deal_id": "Deal", "touch_id": "Touch", "contact_id": "Contact",
    "account_id": "Company", "visitor_id": "Visitor", "campaign_id": "Campaign", "asset_id": "Content",
}  # fmt: skip


def _strong(text: str, is_strong: bool) -> str:
    return f"<b>{text}</b>" if is_strong else text


def _many(value: Any, noun: str) -> str:
    return formats.counted(len(value), noun) if isinstance(value, list) else str(value)


def _listed(value: Any) -> str:
    names = [formats.words(str(name)).lower() for name in value] if isinstance(value, list) else [str(value)]
    return formats.listed(names)


def _is_empty(value: object) -> bool:
    return value is None or value != value or str(value) == ""
