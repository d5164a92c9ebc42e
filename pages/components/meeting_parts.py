"""What a block of the meeting is drawn with: the agenda strip, the row of figures, lists and tables whose every name leads to its page, and the note.

Streamlit has no segments as wide as their minutes, no list that is grouped without headers, and no text that two people can write at
once; these four are components, in the colours and sizes of the theme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from attribution.meeting.block import Figure, Grid, Record
from pages.components import meeting_links

_HERE = Path(__file__)
_BASE = """
* { box-sizing: border-box; }
:host, table, button, a, textarea { font-family: var(--st-font); }
button, a { color: inherit; text-decoration: none; }
button { font: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: left; }
:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; border-radius: 3px; }
.defined { text-decoration: underline dotted color-mix(in srgb, currentColor 45%, transparent); text-underline-offset: 3px; cursor: help; }
"""
_STRIP = st.components.v2.component(
    "meeting_strip",
    html='<nav aria-label="Agenda"><ol></ol><div id="clock" aria-live="off"></div></nav>',
    css=_BASE
    + """
nav { display: flex; align-items: flex-start; gap: 1.5rem; }
ol { display: flex; flex: 1; gap: 4px; margin: 0; padding: 0; list-style: none; min-width: 0; }
li { flex-basis: 0; min-width: 0; }
li button { display: block; width: 100%; padding: 4px 0 2px; }
.bar { display: block; height: 6px; background: var(--st-border-color); overflow: hidden; }
.bar i { display: block; height: 100%; width: 0; }
.before .bar { background: var(--st-gray-color); }
.here .bar { background: color-mix(in srgb, var(--st-primary-color) 35%, var(--st-background-color)); }
.here .bar i { background: var(--st-primary-color); }
li button:hover .bar { filter: brightness(0.85); }
.name { display: block; margin-top: 4px; font-size: 0.8125rem; line-height: 1.2; color: var(--st-gray-color); white-space: nowrap; }
.here .name { color: var(--st-link-color); font-weight: 600; position: relative; z-index: 1; width: max-content; padding-right: 0.5rem;
  background: var(--st-background-color); }
.here:last-child { direction: rtl; } .here:last-child .name { direction: ltr; padding: 0 0 0 0.5rem; }
#clock { color: var(--st-gray-color); font-size: 0.875rem; white-space: nowrap; padding-top: 4px; font-variant-numeric: tabular-nums; }
#clock b { color: var(--st-text-color); font-weight: 600; font-size: 1.25rem; }
@media (max-width: 700px) {
  nav { flex-direction: column; gap: 4px; } ol { width: 100%; flex: none; }
  .here:nth-last-child(2) { direction: rtl; } .here:nth-last-child(2) .name { direction: ltr; padding: 0 0 0 0.5rem; }
}
""",
    js=_HERE.with_name("meeting_strip.js").read_text(encoding="utf-8"),
)
_FIGURES = st.components.v2.component(
    "meeting_figures",
    html='<div id="figures"></div>',
    css=_BASE
    + """
#figures { display: grid; grid-template-columns: repeat(var(--count), minmax(0, 1fr)); gap: 1rem; }
.card { display: flex; flex-direction: column; padding: 0.45rem 0.9rem 0.5rem; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  min-width: 0; color: var(--st-text-color); }
a.card:hover { border-color: var(--st-primary-color); }
.label { font-size: 0.875rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.value { font-size: 1.6rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.long { font-size: 1.2rem; line-height: 1.67; }
.note { font-size: 0.8125rem; line-height: 1.3; color: var(--st-gray-color); min-height: 1.3em; }
@media (max-width: 700px) { #figures { grid-template-columns: 1fr 1fr; gap: 0.5rem; } .value { font-size: 1.3rem; }
  .label { white-space: normal; } }
""",
    js=_HERE.with_name("meeting_figures.js").read_text(encoding="utf-8"),
)
_LINES = st.components.v2.component(
    "meeting_lines",
    html='<div id="scroll"><table></table></div>',
    css=_BASE
    + """
#scroll { overflow-x: auto; container-type: inline-size; }
table { width: 100%; border-collapse: collapse; color: var(--st-text-color); font-size: 0.9rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
td, th { padding: 0.28rem 0.6rem 0.28rem 0; border-bottom: 1px solid var(--st-border-color); text-align: left; font-weight: 400; vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
td:last-child, th:last-child { padding-right: 0; }
thead th { color: var(--st-gray-color); font-size: 0.8125rem; border-bottom-color: var(--st-gray-color); vertical-align: bottom; }
.number, .amount { text-align: right; white-space: nowrap; }
a, td button, th button { color: inherit; }
a:hover, td button:hover { color: var(--st-link-color); text-decoration: underline; }
.grid td.number button, .grid td.number a { text-decoration: underline; text-decoration-color: var(--st-border-color); text-underline-offset: 3px; }
.grid { font-size: 0.8125rem; }
.grid th[scope="row"] { min-width: 5rem; }
.grid td, .grid th { padding-right: 0.55rem; }
.good { color: var(--st-green-color); } .bad { color: var(--st-red-color); } .moved { color: var(--st-orange-color); } .new { color: var(--st-link-color); }
.records { display: grid; grid-template-columns: fit-content(9rem) fit-content(42%) fit-content(8rem) minmax(0, 1fr); }
.records tbody { display: contents; }
.records tr { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; border-bottom: 1px solid var(--st-border-color); }
.records tr:last-child { border-bottom: 0; }
.records tr:has(+ tr.first) { border-bottom-color: var(--st-gray-color); }
.records td { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; border: 0; }
.records td.group, .records td.detail { color: var(--st-gray-color); }
.records td.detail { font-size: 0.8125rem; line-height: 1.4; }
.records td:empty { padding: 0; }
.records tr.first td.group { font-weight: 600; }
.records tr.first td.group.good { color: var(--st-green-color); } .records tr.first td.group.bad { color: var(--st-red-color); }
.records tr.first td.group.moved { color: var(--st-orange-color); } .records tr.first td.group.new { color: var(--st-link-color); }
.records tr.first td.group.plain { color: var(--st-text-color); }
@container (max-width: 460px) {
  .records { grid-template-columns: minmax(0, 1fr) fit-content(9rem); }
  .records tr { padding: 0.4rem 0; }
  .records td { padding: 0; }
  .records td.group { grid-column: 1 / -1; font-size: 0.8125rem; }
  .records tr:not(.first) td.group { display: none; }
  .records td.name { white-space: normal; padding-right: 0.6rem; }
  .records td.detail { grid-column: 1 / -1; white-space: normal; }
}
""",
    js=_HERE.with_name("meeting_lines.js").read_text(encoding="utf-8"),
)
_NOTE = st.components.v2.component(
    "meeting_note",
    html="<textarea aria-label='Notes of this block' spellcheck='true'></textarea>",
    css=_BASE
    + """
textarea { width: 100%; height: 6.4rem; resize: vertical; padding: 0.6rem 0.7rem; font-size: 0.9375rem; line-height: 1.4; color: var(--st-text-color);
  background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); display: block; }
textarea:focus { outline: 0; border-color: var(--st-primary-color); }
textarea::placeholder { color: var(--st-gray-color); opacity: 1; }
""",
    js=_HERE.with_name("meeting_note.js").read_text(encoding="utf-8"),
)


def strip(items: Sequence[Any], running: str, of: str, ticks: bool, on_move: Callable[[], None], key: str) -> None:
    """The agenda: a segment per block, as wide as its minutes. ``ticks``: the running one counts down; ``of`` names the meeting. ``on_move``: a segment was
    clicked (``go``), or the browser went back or forward (``back``)."""
    listed = [
        {"key": item.key, "number": str(place), "short": item.short, "question": item.question, "minutes": item.minutes}
        for place, item in enumerate(items, start=1)
    ]
    _STRIP(
        key=key,
        data={"items": listed, "running": running, "of": of, "ticks": ticks},
        on_go_change=on_move,
        on_back_change=on_move,
    )


def figures(shown: Sequence[Figure], key: str) -> None:
    """At most five figures; a click on one goes to its page."""
    cards = [{"label": one.label, "value": one.value, "note": one.note, "help": one.help, "link": one.link} for one in shown[:5]]
    _FIGURES(key=key, data={"figures": cards}, on_go_change=lambda: meeting_links.asked(key))


def records(shown: Sequence[Record], label: str, key: str) -> None:
    """Records as a list: the first of each group says it in bold and colour, the others in grey."""
    rows, group = [], None
    for one in shown:
        is_first = one.group != group
        group = one.group
        rows.append(
            {
                "first": is_first,
                "cells": [
                    {"words": one.group, "kind": "group", "tone": one.tone},
                    {"words": one.name, "kind": "name", "link": one.link, "tone": ""},
                    {"words": one.amount, "kind": "amount", "tone": ""},
                    {"words": one.detail, "kind": "detail", "tone": ""},
                ],
            }
        )
    _LINES(
        key=key, data={"kind": "records", "label": label, "rows": rows, "names": 4}, on_go_change=lambda: meeting_links.asked(key)
    )


def grid(shown: Grid, key: str, on_behind: Callable[[], None]) -> None:
    """A small table; cells that count records list them on a click."""
    helps = dict(shown.help)
    data = {
        "kind": "grid",
        "label": shown.title,
        "names": shown.name_columns,
        "head": [{"label": column, "help": helps.get(column, "")} for column in shown.columns],
        "rows": [
            {
                "cells": [
                    {"words": cell.words, "link": cell.link, "tone": cell.tone, "behind": cell.behind, "kind": ""} for cell in row
                ]
            }
            for row in shown.rows
        ],
    }
    _LINES(key=key, data=data, on_go_change=lambda: meeting_links.asked(key), on_behind_change=on_behind)


def note(
    text: str,
    version: int,
    ack: int,
    failed: bool,
    closed: bool,
    label: str,
    placeholder: str,
    key: str,
    on_draft: Callable[[], None],
) -> None:
    """The note of a block; what is written comes to ``on_draft`` while it is written."""
    _NOTE(
        key=key,
        data={
            "of": key, "text": text, "version": version, "ack": ack, "failed": failed, "closed": closed, "label": label,
            "placeholder": placeholder,
        },
        on_draft_change=on_draft,
    )  # fmt: skip
