"""Do we write about what buyers ask? The five topics by funnel stage and segment: pieces, cost, credit, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from attribution.answers import topics as answers
from attribution.charts import formats, heat
from attribution.charts import topics as charts
from attribution.charts.marks import Grid
from attribution.views import state
from attribution.views import topics as view
from attribution.views.choices import EVERY
from pages.components import boxes, cards, content_data, data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "open_piece" in st.session_state:
    st.switch_page("pages/content/content.py", query_params={"one": st.session_state.pop("open_piece")})

settings = ds.settings
currency = settings.reporting.currency
palette = cards.colours()
models = {entry.name: entry.label for entry in settings.all_models()}
money = st.column_config.NumberColumn(format=formats.money_column(currency))
GAPS = {
    "Topic": st.column_config.TextColumn(width=68), "Funnel stage": st.column_config.TextColumn("Stage", width=60),
    "Segment": st.column_config.TextColumn(width=98), "What is missing": st.column_config.TextColumn(width=128),
    "Asked for or in production": st.column_config.NumberColumn("Coming", width=64, help="Pieces asked for or in production"),
    "Questions on the topic": st.column_config.NumberColumn("Asked", width=58, help="Buyers' questions on the topic"),
    "Without an answer": st.column_config.NumberColumn("No answer", width=78, help="Questions for which nobody named a piece"),
}  # fmt: skip

WORDS = (
    "The five topics are those that buyers want answered before they talk to sales: **cost**, **problems**, **versus** (compared with others), **reviews** "
    "and **best** of its kind (Marcus Sheridan's Big 5). Topic and funnel stage are those of content_assets; the segment is that of the deal. **Credit** "
    "follows the filters, as on *Content* and *Attribution*. **Pieces** are those published now; **cost**, and what was **earned per unit** of it, are "
    "since publication, whatever the filters. A piece is made for one topic and stage but not for one segment: by segment its cost is shared among the "
    "deals in which it was used, and a piece counts in every segment that used it."
)


def _clicked(key: str) -> Callable[[], None]:
    """A cell was clicked: list its pieces."""

    def choose() -> None:
        if point := cards.clicked(key):
            st.query_params["cell"] = f"{point[0]} {point[2]}" if key == "stages" else f"{point[0]} *"

    return choose


def _table_card(grid: Grid, title: str, note: str, key: str) -> None:
    head = " · ".join(part for part in (grid.unit.head, note) if part)
    columns = {column.label: money for column in grid.columns} if grid.form.kind == "money" else {}
    columns = {**columns, "Total": money} if grid.form.kind == "money" else columns
    with cards.card(title, head, WORDS, key, view.grid_table(grid, "Topic"), caption, columns):
        cells = [
            (row.label, column.label, value)
            for row, line in zip(grid.rows, grid.cells, strict=True)
            for column, value in zip(grid.columns, line, strict=True)
        ]
        if not any(value for _, _, value in cells):
            st.markdown(":gray[There is nothing in any cell under these filters. Choose *Pieces* above for what is there.]")
            return
        alt = answers.heat_alt(title, cells, currency if grid.form.kind == "money" else None)
        with st.grid(1, min_column_width=heat.heat_width(grid), wrap=False):
            cards.picture(lambda: heat.heat(grid, palette), alt, key, (*of, measure, segment), _clicked(key))


def tables() -> None:
    """Topics by stage, and beside it by segment."""
    head = view.MEASURES[measure]
    where = "" if segment == EVERY else f" · {formats.plain(shown.segments[segment])}"
    if len(shown.found.segments) > 1:
        left, right = st.columns(2, gap="small")
        with left:
            _table_card(
                view.by_stage(shown, measure, segment, currency), f"{head} by funnel stage", f"click a cell{where}", "stages"
            )
        with right:
            _table_card(view.by_segment(shown, measure, currency), f"{head} by segment", "all stages", "segments")
    else:
        _table_card(view.by_stage(shown, measure, segment, currency), f"{head} by funnel stage", f"click a cell{where}", "stages")


def pieces_of_cell() -> None:
    """The pieces of the cell that was clicked."""
    topic, _, stage = (st.query_params.get("cell") or "").partition(" ")
    if topic not in shown.labels:
        return
    listed = view.pieces_of(shown, topic, None if stage == "*" else stage, choice.model)

    def opened() -> None:
        if click := st.session_state["piece_row"]:
            st.session_state["open_piece"] = listed[click.row].asset_id

    def closed() -> None:
        if "cell" in st.query_params:
            del st.query_params["cell"]

    where = (
        shown.labels[topic]
        if stage == "*"
        else f"{shown.labels[topic]}, {formats.words(stage, view.NO_STAGE).lower()} of the funnel"
    )
    with st.container(border=True, key="card_cell", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{formats.plain(where)}** :gray[:small[{formats.counted(len(listed), 'piece')}]]", width="stretch")
            st.button("", icon=":material/close:", type="tertiary", help="Close the list", key="close_cell", on_click=closed)
        if not listed:
            st.markdown(":gray[There is no piece here: a gap.]")
            return
        frame = view.pieces_table(listed, choice.model)
        frame.insert(1, "Open", [["Open"]] * len(frame))
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(frame), 10, 34), alt="Pieces of the cell",
            column_config={
                "Piece": st.column_config.TextColumn(pinned=True, width=340), "Credited": money, "Cost": money,
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="piece_row", on_click=opened, width=62),
            },
        )  # fmt: skip


def gaps() -> None:
    """What is missing, most asked first."""
    frame = view.gaps_table(shown)
    with st.container(border=True, key="card_gaps", gap="small", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            note = f"{formats.counted(len(frame), 'gap')} on the five topics, nothing published first"
            st.markdown(f"**What is missing** :gray[:small[{note}]]", width="stretch")
            downloads.download(frame, "What is missing on the five topics", caption, "gaps")
        if frame.empty:
            st.markdown(":gray[Every topic has something at every stage, used in every segment.]")
            return
        st.dataframe(
            frame,
            hide_index=True,
            placeholder=formats.DASH,
            row_height=styled.TALL,
            height=styled.height(len(frame), 5, styled.TALL),
            alt="What is missing on the five topics",
            column_config=GAPS,
        )


def production() -> None:
    """What was published by quarter: pieces, with the share of the five topics."""
    made = shown.made
    note = f"pieces by quarter of publication{', the last twelve' if len(shown.found.made) > len(made) else ''} · above: % on the five"
    with cards.card(
        "Share of production",
        note,
        WORDS,
        "made",
        view.made_table(made),
        caption,
        {"Cost, five topics": money, "Cost, others": money},
    ):
        if not made:
            st.markdown(":gray[No piece has a day of publication (`published_on` in content_assets).]")
            return
        rows = [(entry.quarter, float(entry.on_five), float(entry.others)) for entry in made]
        alt = answers.made_alt([(formats.month(entry.quarter), entry.on_five, entry.others) for entry in made])
        cards.picture(lambda: charts.made(rows, palette, ("The five topics", "Others")), alt, "made", of)


def numbers() -> None:
    """Every topic, stage and segment."""
    frame = view.cells_table(shown, second_head)
    columns = {
        **dict.fromkeys(("Credited", second_head, "Earned since publication", "Credited, open deals"), money),
        "Earned per unit of cost": st.column_config.NumberColumn(f"Per {formats.symbol(currency) or 'unit'} of cost", format="%.2f"),
        "Cost, its share": st.column_config.NumberColumn(
            format=formats.money_column(currency), help="A piece's cost, shared among segments by the deals that used it"
        ),
    }  # fmt: skip
    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                f"**Topic, funnel stage and segment** :gray[:small[{formats.counted(len(frame), 'cell')} with something in it]]",
                width="stretch",
            )
            downloads.download(frame, "Topics by funnel stage and segment", caption, "numbers", columns)
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(frame), 12, 32),
            alt="Topics by funnel stage and segment", column_config=columns,
        )  # fmt: skip


if not any(row[4] for row in content_data.known_content(ds.version, ds).rows):
    st.title("Do we write about what buyers ask?", anchor=False)
    notices.designed_state(
        "No topics in this data",
        "This page sets the five topics that buyers ask about (cost, problems, versus, reviews, best) against the funnel: what is there, what it cost and "
        "earned, and what is missing. No piece of content has a topic.",
        [
            "Add `topic` (cost, problems, versus, reviews, best or other) and `funnel_stage` (top, middle, bottom) to `content_assets.csv`.",
            "`cost` and `published_on` make more of this page work; `questions.csv` says what buyers ask. Then build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/topic:",
    )
    st.page_link("pages/content/content.py", label="Which content earns its cost?", icon=":material/article:")
    st.stop()

second = settings.reporting.second_model
shown = content_data.topics(ds.version, choice, second, ds, names)
with present.tools_of_page("question"):
    st.markdown(":gray[:small[Show]]", width="content")
    measure = boxes.box("measure", "Measure", view.MEASURES, "revenue", 230)
    st.markdown(":gray[:small[by stage in]]", width="content")
    segment = boxes.box("in_segment", "Segment of the stages", shown.segments, EVERY, 190)

of = (ds.version, choice, second)
second_head = formats.short(models[second], 28)
caption = state.caption(ds, choice)

st.title("Do we write about what buyers ask?", anchor=False)
st.markdown(f"#### {shown.answer}")
present.answer_drawn(shown.answer)
st.markdown(state.rule_line(ds, choice.model))
notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
tables()
pieces_of_cell()
present.main_message_ends()
left, right = st.columns([1, 1.2], gap="small")
with left:
    production()
with right:
    gaps()
numbers()
