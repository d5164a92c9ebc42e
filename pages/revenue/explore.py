"""Any figures by one or two dimensions: a question made from boxes, answered as bars, lines, a heat table or a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from attribution.answers import explore as answers
from attribution.charts import explore as charts
from attribution.charts import formats, heat
from attribution.charts.marks import Form, Mark
from attribution.views import explore as explore_view
from attribution.views import explore_shown as shown
from attribution.views import explore_ways as ways
from attribution.views import state
from attribution.views.explore import Explore
from attribution.views.explore_ways import Question
from pages.components import cards, data, downloads, explore_boxes, notices, present, styled

ds, names, choice = st.session_state["view"]
if "explore_way" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params=st.session_state.pop("explore_way"))

currency = ds.settings.reporting.currency
palette = cards.colours()
caption = state.caption(ds, choice)
METRICS = ways.metric_labels()
LONG_NAME = 24  # characters of a column's name


def _go(name: str, cells: list[tuple[str, Mark]]) -> None:
    """Open the deals behind a cell; the rest, totals and columns that the deals page cannot cut by lead nowhere."""
    if words := ways.to_deals(ds, name, cells):
        st.session_state["explore_way"] = words


def _clicked(key: str, dimensions: tuple[str, ...], name: str) -> Callable[[], None]:
    def open_deals() -> None:
        if point := cards.clicked(key):
            panel = next(
                (other for other in view.question.metrics if METRICS[other] == point[5]), name
            )  # figures stand side by side
            marks = [Mark(str(point[0]), str(point[1]), ""), Mark(str(point[2]), str(point[3]), "")]
            _go(panel if not view.question.columns else name, list(zip(dimensions, marks, strict=False)))

    return open_deals


def _row_clicked() -> None:
    if click := st.session_state["explore_row"]:
        row, column = listed[click.row]
        _go(view.first.name, [(view.question.rows, row), *([(view.question.columns, column)] if column else [])])


def _cell_clicked() -> None:
    selected = st.session_state["explore_table"].selection.cells
    if selected and selected[0][1] in column_places:
        st.session_state["cell_row"], st.session_state["cell_column"] = int(selected[0][0]), column_places[selected[0][1]]


def _open_cell() -> None:
    row, column = view.rows[st.session_state["cell_row"]], view.columns[st.session_state["cell_column"]]
    _go(view.first.name, [(view.question.rows, row), (view.question.columns, column)])


def refusals() -> None:
    """What does not exist here, why, and what works instead."""
    for place, entry in enumerate(view.refused):
        with st.container(border=not view.rows, key=f"refused_{place}", gap="small"):
            st.markdown(
                f":orange[:material/info:] {formats.plain(entry.why)}"
                if not view.rows
                else f":orange[:material/info:] :small[{formats.plain(entry.why)}]"
            )
            with st.container(horizontal=True, gap="xsmall"):
                for number, way in enumerate(entry.ways):
                    st.button(formats.plain(way.label), key=f"way_{place}_{number}", on_click=explore_boxes.take, args=(way,))


def picture() -> None:
    """The question as a picture."""
    name, question = view.first.name, view.question
    upright = question.rows in explore_view.TIMES
    if view.look == "lines":
        return over_time(upright)
    if view.look == "heat":
        grid = shown.grid(view, currency)
        with (
            _card(METRICS[name], grid.unit.head, "heat"),
            st.grid(1, min_column_width=heat.heat_width(grid), wrap=False),
        ):
            return _drawn(lambda: heat.heat(grid, palette), "heat", name, question.by)
    if question.columns and view.first.additive:
        stack = shown.grid(view, currency, True, slots_of(question.columns))
        with _card(METRICS[name], stack.unit.head, "bars"):
            return _drawn(lambda: charts.stacked(stack, slots_of(question.columns), palette, upright), "bars", name, question.by)
    if upright and len(question.metrics) == 1 and view.first.additive:
        alone = shown.grid(view, currency)
        with _card(METRICS[name], alone.form.unit(alone.row_totals).head, "bars"):
            return _drawn(lambda: charts.columns(alone, palette), "bars", name, question.by)
    panels = shown.panels(view, currency)
    heading, note = "Side by side", "each with its own scale"
    if len(panels) == 1:
        unit = charts.panel_unit(view.rows, panels[0])
        heading, note = (
            METRICS[name],
            " · ".join(part for part in (unit.head, "share of the whole" if panels[0].shares else "") if part),
        )
    elif question.columns:
        many = ways.words_for(ds, question.columns)[1]
        drawn = f"{len(panels)} of {len(view.columns)} {many}, all in the table; " if len(panels) < len(view.columns) else ""
        heading, note = METRICS[name], f"{drawn}one scale for all"
    with _card(heading, note, "bars"), st.grid(1, min_column_width=430 + 120 * (len(panels) - 1), wrap=False):
        return _drawn(
            lambda: charts.bars(view.rows, panels, slots_of(question.rows), palette, bool(question.columns)),
            "bars",
            name,
            question.by,
        )


def over_time(upright: bool) -> None:
    """Lines: one picture a figure, or the values of the other dimension in one."""
    question = view.question
    other = question.columns if upright else question.rows
    drawn = question.metrics[:1] if question.columns else question.metrics[: explore_view.PANELS]
    height = charts.TALL if len(drawn) == 1 else charts.LOW
    for metric in drawn:
        times, series = shown.series(view, metric, currency, slots_of(other))
        unit = (
            Form.unit(series[0].form, [value for panel in series for value in panel.values])
            if series
            else formats.Unit(1.0, "", None, 0)
        )
        make = partial(charts.lines, times, series, slots_of(other), palette, unit, height)
        with _card(METRICS[metric], unit.head, f"line_{metric}"):
            _drawn(make, f"line_{metric}", metric, question.by if upright else question.by[::-1])


def slots_of(by: str) -> Any:
    """Channels have colours of their own."""
    return names.slots if by == "channel" else None


def _drawn(make: Callable[[], Any], key: str, name: str, dimensions: tuple[str, ...]) -> None:
    form = explore_view.form_of(view.first, currency)
    rows = [(row.label, form.words(value)) for row, value in zip(view.rows, view.figures[view.first.name], strict=True)]
    cards.picture(
        make,
        answers.alt(view.title, rows),
        f"explore_{key}",
        (ds.version, choice, view.question),
        _clicked(f"explore_{key}", dimensions, name),
    )


def _card(heading: str, note: str, key: str) -> Any:
    told = [f"**{formats.plain(METRICS[name])}**: {explore_view.metric(name).description}" for name in view.question.metrics]
    if ways.to_deals(ds, view.first.name, [(word, Mark("x", "value", "")) for word in view.question.by]):
        told.append("Click a mark to see its deals.")
    return cards.card(
        formats.plain(heading), formats.plain(note), "\n\n".join(told), f"explore_{key}", frame, caption, columns,
        lambda: state.query_text(ds, choice, view.question.metrics, view.question.by),
    )  # fmt: skip


def numbers() -> None:
    """The table twin, down to its total, and the deals behind each row and cell."""
    with st.container(border=True, key="card_explore_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**In numbers**", width="stretch")
            if view.cut and st.button("Everything as a file", icon=":material/table_rows:", type="tertiary", key="full_file"):
                everything()
            downloads.download(frame, view.title, caption, "explore", columns)
        if view.notes:
            st.markdown(f":gray[:small[{formats.plain(' '.join(view.notes))}]]")
        word = "Open" if "deal" in view.question.by else "Deals"
        matrix, opener = bool(column_places), shown.free("Open", list(frame.columns))

        def laid_out() -> Any:
            opens = [[word] if ways.to_deals(ds, view.first.name, _cells_of(place)) else [] for place in range(len(listed))]
            table = frame.copy()
            if any(opens):
                table.insert(1 if matrix else len(table.columns), opener, opens)
            return styled.last_row_strong(table) if listed[-1][0].kind == "total" else table

        table = data.laid_out((ds.version, choice, view.question, "numbers"), laid_out)
        st.dataframe(
            table, hide_index=True, placeholder=formats.DASH, row_height=34,
            height=styled.height(len(frame), 16, 34), alt=f"{view.title}, in numbers", key="explore_table",
            on_select=_cell_clicked if matrix else "ignore", selection_mode="single-cell",
            column_config={
                **columns, frame.columns[0]: st.column_config.TextColumn(pinned=True, width=220),
                opener: st.column_config.ButtonColumn("", type="tertiary", key="explore_row", on_click=_row_clicked, width=64),
            },
        )  # fmt: skip
        if matrix:
            cell_box()


def _cells_of(place: int) -> list[tuple[str, Mark]]:
    row, column = listed[place]
    return [(view.question.rows, row), *([(view.question.columns, column)] if column else [])]


def cell_box() -> None:
    """One cell, by two boxes: the way to its deals without a mouse."""
    rows = [place for place, mark in enumerate(view.rows) if mark.kind != "other"]
    across = [place for place, mark in enumerate(view.columns) if mark.kind != "other"]
    cells = view.cells[view.first.name]
    filled = next(((row, column) for row in rows for column in across if cells[row][column]), (rows[0], across[0]))
    for word, places, first in (("cell_row", rows, filled[0]), ("cell_column", across, filled[1])):
        if st.session_state.get(word) not in places:
            st.session_state[word] = first
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="cell_box"):
        st.markdown(":gray[:small[Deals behind one cell]]", width="content")
        row = st.selectbox(
            "Row of the cell",
            rows,
            format_func=lambda place: _short(view.rows, place),
            key="cell_row",
            label_visibility="collapsed",
            width=240,
        )
        column = st.selectbox(
            "Column of the cell", across, format_func=lambda place: _short(view.columns, place), key="cell_column", label_visibility="collapsed", width=240
        )  # fmt: skip
        pair = [(view.question.rows, view.rows[row]), (view.question.columns, view.columns[column])]
        value = cells[row][column]
        words = explore_view.form_of(view.first, currency).words(value)
        st.button(
            f"{formats.plain(words)}: see its deals",
            key="open_cell",
            on_click=_open_cell,
            disabled=not value or not ways.to_deals(ds, view.first.name, pair),
        )


def _short(marks: tuple[Mark, ...], place: int) -> str:
    return formats.short(marks[place].label, 60) if place < len(marks) else ""


@st.dialog("Everything as a file", width="medium")
def everything() -> None:
    """All combinations, one a row, up to a stated number of rows."""
    with st.spinner("Collecting all rows", show_time=True):
        full, cut = data.explore_file(ds.version, choice, replace(view.question, look="", sort="", top=0), ds, names)
    st.markdown(f"**{formats.plain(view.title)}**")
    st.markdown(
        f"The {formats.count(len(full))} rows with the largest {formats.plain(answers.inner(METRICS[view.first.name]))}; a file holds no more."
        if cut
        else f"All {formats.counted(len(full), 'row')}, one for each combination."
    )
    st.caption(formats.plain(caption))
    downloads.download(full, f"{view.title}, everything", caption, "explore_everything")


def _column(name: str, form: Form) -> Any:
    """A column of figures. A long name does not widen it: it is cut, and stands whole behind the question mark."""
    is_long = len(name) > LONG_NAME
    written = {
        "money": formats.money_column(currency),
        "share": "%.1f %%",
        "count": "%d",
        "deals": "%.1f",
        "days": "%d",
        "times": "%.2f",
    }
    return st.column_config.NumberColumn(
        format=written[form.kind], width=150 if is_long else None, help=formats.plain(name) if is_long else None
    )


def answered(asked: Question) -> Explore:
    """The view of a question: the same numbers for every look."""
    found = data.explore(ds.version, choice, replace(asked, look=""), ds, names)
    return replace(found, look=asked.look if asked.look in explore_view.looks(found.question) else found.look)


boxes = explore_boxes.Boxes(ds)
told = st.container()
question = boxes.asked()
head = st.container(gap="small")
question = boxes.looked(question, answered)
view = answered(question)
with told:
    notices.link_notices(boxes.told())
with head:
    st.title(view.title, anchor=False)
    if view.answer:
        st.markdown(f"#### {view.answer}")
    st.markdown(state.rule_line(ds, choice.model))
    notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
    refusals()

if view.rows:
    frame, forms, listed = data.laid_out((ds.version, choice, view.question), lambda: shown.table(view, ds, currency))
    columns = {name: _column(name, form) for name, form in forms.items()}
    matrix_of_one = bool(view.columns) and len(view.question.metrics) == 1
    column_places = (
        {name: place for place, name in enumerate(list(frame.columns)[1 : 1 + len(view.columns)])} if matrix_of_one else {}
    )
    if view.look != "table":
        picture()
        present.main_message_ends()
    numbers()
elif not view.refused:
    notices.designed_state(
        "Nothing to show here",
        f"No {formats.plain(answers.inner(METRICS[view.first.name]))} under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        ["Choose a longer period, or clear a filter above.", "Or begin with one of the starting points above."],
    )
