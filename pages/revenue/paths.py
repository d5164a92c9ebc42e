"""Which ways lead to a won deal? The most frequent ways, what follows on what, where journeys begin and end, and what is lost without a step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from attribution.answers import paths as answers
from attribution.charts import formats, heat
from attribution.charts import paths as charts
from attribution.charts.marks import Grid
from attribution.paths.ways import LOST, START, WON
from attribution.views import path_deals, path_tables, state
from attribution.views.paths import DIMENSIONS, ONE, ORDERS, PARTS, REPEATS, Question
from pages.components import boxes, cards, data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})

currency = ds.settings.reporting.currency
palette = cards.colours()
ENDS = {"start": START, "won": WON, "lost": LOST}

RESTS = (
    "Journeys of deals that were won, were lost, or are open without activity for a long time (they count as lost); other open deals may still become "
    "either. "
    "All filters apply; a filter on channels or campaigns keeps deals that touched them, with their whole journeys."
)
NO_CAUSE = (
    "**This is no cause.** A step that comes late in every deal, or follows a decision that has been made, looks indispensable here. *Trust* in the "
    "menu shows how far that "
    "can lead astray in a world whose truth is known."
)


def _go(**what: str | int | list[str]) -> None:
    """Open exactly the deals behind what was clicked."""
    st.session_state["behind"] = state.behind_words({"way": path_deals.link(question, **what)})


def _way_clicked() -> None:
    if point := cards.clicked("ways"):
        _go(way=list(view.bars[int(point[0])].names))


def _row_clicked() -> None:
    if click := st.session_state["way_row"]:
        _go(way=list(view.every[click.row].names))


def _effect_clicked() -> None:
    if (point := cards.clicked("without")) and (name := view.effects[int(point[0])].name) is not None:
        _go(touching=name)


def _end(key: str) -> str | int | None:
    """A row or column of the table of steps, as it is in the data; None for what is gathered."""
    return ENDS[key] if key in ENDS else view.values[int(key)]


def _step_clicked() -> None:
    if point := cards.clicked("steps"):
        before, after = _end(str(point[0])), _end(str(point[2]))
        if before is not None and after is not None:
            _go(before=before, after=after)


def _ends_clicked() -> None:
    if point := cards.clicked("ends"):
        first, last = view.ends_values[int(point[0])], view.ends_values[int(point[2])]
        if first is not None and last is not None:
            _go(first=first, last=last)


def the_ways() -> None:
    """The most frequent ways as bars."""
    title = {"whole": "Most frequent ways", "first": "How they begin", "last": "How they end"}[question.part]
    note = f"filled: won, hollow: lost · {ORDERS[question.order]} first, {REPEATS[question.repeats]}"
    explain = (
        f"Each row is a way: the {ONE[question.by]}s of a journey in their order. The win rate stands only where at least ten deals are decided. {RESTS} "
        "Click a bar to see its deals."
    )
    with cards.card(title, note, explain, "ways", path_tables.way_table(view.every, money_head), caption, columns):
        alt = answers.ways_alt([(" → ".join(row.labels), row.won, row.lost) for row in view.bars])
        cards.picture(lambda: charts.ways(view.bars, slots, palette), alt, "ways", of, _way_clicked)


def without() -> None:
    """What is lost without each value, with its likely range."""
    explain = (
        f"How much of the won deals the paths say would be lost if journeys ended where this {ONE[question.by]} came (Markov, order 1, over all "
        f"touches, whatever the boxes above say). "
        "The thin line is the likely range: nine of ten times, deals drawn anew give a value within it. The parts overlap, so they do not add up. "
        f"{NO_CAUSE} {RESTS} Click a bar to see its deals."
    )
    table = path_tables.effect_table(view.effects, head)
    with cards.card(
        "Lost without it", "of won deals, as paths count it · line: likely range", explain, "without", table, caption, columns
    ):
        alt = answers.effects_alt([(row.label, row.effect, row.low, row.high) for row in view.effects])
        cards.picture(lambda: charts.effects(view.effects, slots, palette), alt, "without", of, _effect_clicked)


def steps(grid: Grid) -> None:
    """What follows on what."""
    explain = (
        "Of all journeys, won and lost, that are at the step of a row: where they go next. Each row adds up to 100 %. "
        f"{RESTS} Click a cell to see the deals that made this step."
    )
    table = path_tables.grid_table(grid, "From")
    shares = dict.fromkeys(list(table.columns)[1:], percent)
    with (
        cards.card(
            "What follows on what",
            f"% of what leaves a step · {REPEATS[question.repeats]}",
            explain,
            "steps",
            table,
            caption,
            shares,
        ),
        st.grid(1, min_column_width=heat.heat_width(grid), wrap=False),
    ):
        alt = answers.steps_alt(_largest(grid))
        cards.picture(lambda: heat.heat(grid, palette), alt, "steps", of, _step_clicked)


def first_to_last(grid: Grid) -> None:
    """Where won journeys begin and end."""
    explain = f"Won deals by the first {ONE[question.by]} of their journey (rows) and the last (columns). {RESTS} Click a cell to see its deals."
    table = path_tables.grid_table(grid, "First")
    whole = dict.fromkeys(list(table.columns)[1:], st.column_config.NumberColumn(format="%,d"))
    with (
        cards.card("From first to last", "won deals · rows: first step, columns: last", explain, "ends", table, caption, whole),
        st.grid(1, min_column_width=heat.heat_width(grid), wrap=False),
    ):
        cards.picture(lambda: heat.heat(grid, palette), answers.ends_alt(_largest(grid)), "ends", of, _ends_clicked)


def lengths() -> None:
    """How long won and lost journeys are."""
    explain = (
        "The dot is the median, the thick line holds half of the journeys, the thin one eight of ten. Days count from the first touch that counts to "
        "the close; "
        f"deals without a close have none. {RESTS}"
    )
    table = path_tables.spread_table(view.spreads)
    with cards.card(
        "How long journeys are",
        "won over lost",
        explain,
        "lengths",
        table,
        caption,
        dict.fromkeys(list(table.columns)[1:], numbers_of),
    ):
        alt = answers.spreads_alt([(row.label, row.won, row.lost) for row in view.spreads])
        cards.picture(lambda: charts.spreads(view.spreads, palette), alt, "lengths", of)


def _largest(grid: Grid) -> list[tuple[str, str, float]]:
    """The largest cells of a table in words."""
    cells = [
        (row.label, column.label, value)
        for row, line in zip(grid.rows, grid.cells, strict=True)
        for column, value in zip(grid.columns, line, strict=True)
        if value
    ]
    return sorted(cells, key=lambda cell: -cell[2])


def numbers() -> None:
    """The table twin: every way, with its deals."""
    table = path_tables.way_table(view.every, money_head)
    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            size = (
                f"the first {len(view.every)} of {formats.count(view.different)}" if view.different > len(view.every) else "all"
            )
            st.markdown(f"**Every way in numbers** :gray[:small[{size} · {formats.plain(view.rests_on)}]]", width="stretch")
            downloads.download(table, "Ways to won and lost deals", caption, "ways_table", columns)
        frame = table.assign(Open=[["Deals"]] * len(table))
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(frame), 14, 34), alt="Every way in numbers",
            column_order=["Won", "Lost", *(name for name in frame if name not in ("Won", "Lost"))],  # a phone shows them beside the way
            column_config={
                **columns, "Way": st.column_config.TextColumn(width=520),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="way_row", on_click=_row_clicked, width=64),
            },
        )  # fmt: skip


with present.tools_of_page("question"):
    st.markdown(":gray[:small[Ways over]]", width="content")
    if "by" in st.query_params:  # as links to other pages call it
        st.query_params.setdefault("ways_over", st.query_params.pop("by"))
    by = boxes.box("ways_over", "Steps", DIMENSIONS, "channel", 140)
    st.markdown(":gray[:small[where]]", width="content")
    repeats = boxes.box("repeats", "Repeats", REPEATS, "once", 292)
    st.markdown(":gray[:small[show]]", width="content")
    part = boxes.box("part", "Part of the way", PARTS, "whole", 180)
    st.markdown(":gray[:small[first those with]]", width="content")
    order = boxes.box("ways_by", "Order", ORDERS, "won", 150)

question = Question(by, repeats, part, order)
view = data.paths(ds.version, choice, question, ds, names)
of: tuple[Any, ...] = (ds.version, choice, question)
slots = names.slots if by == "channel" else None
head = ONE[by].capitalize()
money_head = f"Won, {formats.symbol(currency)}" if currency else "Won amount"
percent = st.column_config.NumberColumn(format="%.1f %%")
numbers_of = st.column_config.NumberColumn(format="%.0f")
columns = {
    "Won": st.column_config.NumberColumn(format="%,d", help="Won deals on this way"),
    "Lost": st.column_config.NumberColumn(format="%,d", help="Lost deals on this way"),
    "Win rate": percent,
    money_head: st.column_config.NumberColumn(format=formats.money_column(currency)), "Steps": st.column_config.NumberColumn(format="%,d"),
    "Days, median": st.column_config.NumberColumn(format="%,d", help="From the first touch to the close, of the won deals"),
    "Lost without it": percent, "Likely from": percent, "Likely to": percent,
}  # fmt: skip
caption = f"{state.caption(ds, choice, is_credited=False)}; ways over {DIMENSIONS[by].lower()}, {REPEATS[repeats]}, {PARTS[part]}; {view.rests_on}"

st.title("Which ways lead to a won deal?", anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(f":gray[Rests on {formats.plain(view.rests_on)}. No credit rule changes this page.]")
notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
notices.thin_ice(list(view.notes))

if not view.won and not view.lost and not data.has_touches(ds.version, ds):
    notices.no_touches("This page shows the ways of deals that were won or lost.", ds.data_folder)
elif not view.won and not view.lost:
    notices.designed_state(
        "No journey here",
        f"This page shows the ways of deals that were won or lost. No such deal has {'a touch' if by in ('channel', 'kind') else 'a ' + ONE[by]} in "
        f"its journey under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        [
            "Choose a longer period, or clear a filter above.",
            {
                "campaign": "If there should be some: `campaign_id` of the touches says which campaign each belongs to. Channels work without it.",
                "asset": "If there should be some: `asset_id` (or `url`) of the touches says which content each belongs to. Channels work without it.",
            }.get(by, "If there should be journeys: touches reach a deal through its people, its account, or its own id."),
        ],
    )  # fmt: skip
else:
    if view.bars:
        left, right = st.columns([1.45, 1], gap="small")
        with left:
            the_ways()
        with right:
            without()
        present.main_message_ends()
    elif view.effects:
        without()
        present.main_message_ends()
    if view.steps:
        steps(view.steps)
    if not view.ranked:
        present.main_message_ends()
    if view.ends:
        left, right = st.columns([1.75, 1], gap="small")
        with left:
            first_to_last(view.ends)
        with right:
            lengths()
    else:
        lengths()
    numbers()
