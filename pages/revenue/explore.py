"""Any figures by one or two dimensions: a question made from boxes, answered as bars, lines, a heat table or a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from attribution import answers_explore as answers
from attribution.charts import explore as charts
from attribution.charts import formats, heat
from attribution.charts.explore import Form, Mark
from attribution.views import explore as explore_view
from attribution.views import explore_shown as shown
from attribution.views import explore_ways as ways
from attribution.views import state
from pages.components import cards, data, downloads, explore_boxes, notices

ds, names, choice = st.session_state["view"]
if "explore_way" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params=st.session_state.pop("explore_way"))

currency = ds.settings.reporting.currency
palette = cards.colours()
caption = state.caption(ds, choice)
METRICS = ways.metric_labels()


def _go(name: str, cells: list[tuple[str, Mark]]) -> None:
    """Open the deals behind a cell; the rest, totals and columns that the deals page cannot cut by lead nowhere."""
    if words := ways.to_deals(ds, name, cells):
        st.session_state["explore_way"] = words


def _clicked(key: str, dimensions: tuple[str, ...], name: str) -> Callable[[], None]:
    def open_deals() -> None:
        if point := cards.clicked(key):
            marks = [Mark(str(point[0]), str(point[1]), ""), Mark(str(point[2]), str(point[3]), "")]
            _go(name, list(zip(dimensions, marks, strict=False)))

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
    of = (ds.version, choice, question)
    slots = names.slots if "channel" in question.by else None
    row_slots = slots if question.rows == "channel" else None
    column_slots = slots if question.columns == "channel" else None
    text = answers.alt(
        view.title,
        [
            (row.label, explore_view.form_of(view.first, currency).words(value))
            for row, value in zip(view.rows, view.figures[name], strict=True)
        ],
    )
    upright = question.rows in explore_view.TIMES
    if view.look == "lines":
        other = question.columns if upright else question.rows
        time_first = question.by if upright else question.by[::-1]
        drawn = question.metrics[:1] if question.columns else question.metrics[: explore_view.PANELS]
        for metric in drawn:
            times, series = shown.series(view, metric, currency, names.slots if other == "channel" else None)
            unit = (
                series[0].form.unit([value for panel in series for value in panel.values])
                if series
                else charts.Form("count").unit([])
            )
            with _card(metric, unit.head, f"line_{metric}"):
                cards.picture(
                    lambda times=times, series=series, unit=unit: charts.lines(times, series, names.slots if other == "channel" else None, palette, unit),
                    text, f"line_{metric}", of, _clicked(f"line_{metric}", time_first, metric),
                )  # fmt: skip
        return
    if view.look == "heat" or (view.look == "bars" and question.columns and view.first.additive):
        grid = shown.grid(view, currency, view.look == "bars", column_slots)
        with _card(name, grid.unit.head, view.look):
            if view.look == "heat":
                with st.grid(1, min_column_width=heat.heat_width(len(grid.columns)), wrap=False):
                    cards.picture(lambda: heat.heat(grid, palette), text, "heat", of, _clicked("heat", question.by, name))
            else:
                cards.picture(
                    lambda: charts.stacked(grid, column_slots, palette, upright),
                    text,
                    "bars",
                    of,
                    _clicked("bars", question.by, name),
                )
        return
    if upright and len(question.metrics) == 1 and view.first.additive:
        grid = shown.grid(view, currency)
        with _card(name, grid.unit.head, "bars"):
            cards.picture(lambda: charts.columns(grid, palette), text, "bars", of, _clicked("bars", question.by, name))
        return
    panels = shown.panels(view, currency)
    alone = panels[0].form.unit(panels[0].values).head if len(panels) == 1 else ""
    with (
        _card(
            name,
            " · ".join(part for part in (alone, "share of the whole" if len(panels) == 1 and panels[0].shares else "") if part),
            "bars",
        ),
        st.grid(1, min_column_width=320 + 110 * (len(panels) - 1), wrap=False),
    ):
        cards.picture(
            lambda: charts.bars(view.rows, panels, row_slots, palette), text, "bars", of, _clicked("bars", question.by, name)
        )


def _card(metric: str, note: str, key: str) -> Any:
    explain = f"{explore_view.metric(metric).description} " + (
        "Click a mark to see its deals."
        if ways.to_deals(ds, metric, [(word, Mark("x", "value", "")) for word in view.question.by])
        else ""
    )
    query = lambda: state.query_text(ds, choice, view.question.metrics, view.question.by)  # noqa: E731
    return cards.card(formats.plain(METRICS[metric]), note, explain, f"explore_{key}", frame, caption, columns, query)


def numbers() -> None:
    """The table twin, down to its total, and the deals behind each row and cell."""
    with st.container(border=True, key="card_explore_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**In numbers** :gray[:small[{formats.plain(' '.join(view.notes))}]]", width="stretch")
            if view.cut and st.button("Everything as a file", icon=":material/table_rows:", type="tertiary", key="full_file"):
                everything()
            downloads.download(frame, view.title, caption, "explore", columns)
        opens = [["Deals"] if ways.to_deals(ds, view.first.name, _cells_of(place)) else [] for place in range(len(listed))]
        table = frame.copy()
        if any(opens):
            table.insert(1 if column_places else len(table.columns), "Open", opens)
        has_total = listed[-1][0].kind == "total"
        matrix = bool(column_places)
        st.dataframe(
            cards.last_row_strong(table) if has_total else table, hide_index=True, placeholder=formats.DASH, row_height=34,
            height="content" if len(table) <= 16 else 600, alt=f"{view.title}, in numbers", key="explore_table",
            on_select=_cell_clicked if matrix else "ignore", selection_mode="single-cell",
            column_config={
                **columns, frame.columns[0]: st.column_config.TextColumn(pinned=True, width=220),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="explore_row", on_click=_row_clicked, width=64),
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
    for word, places in (("cell_row", rows), ("cell_column", across)):
        if st.session_state.get(word) not in places:
            st.session_state[word] = places[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="cell_box"):
        st.markdown(":gray[:small[Deals behind one cell]]", width="content")
        row = st.selectbox(
            "Row",
            rows,
            format_func=lambda place: formats.short(view.rows[place].label, 60),
            key="cell_row",
            label_visibility="collapsed",
            width=240,
        )
        column = st.selectbox(
            "Column",
            across,
            format_func=lambda place: formats.short(view.columns[place].label, 60),
            key="cell_column",
            label_visibility="collapsed",
            width=240,
        )
        pair = [(view.question.rows, view.rows[row]), (view.question.columns, view.columns[column])]
        value = view.cells[view.first.name][row][column]
        words = explore_view.form_of(view.first, currency).words(value)
        st.button(
            f"{formats.plain(words)}: see its deals",
            key="open_cell",
            on_click=_open_cell,
            disabled=not value or not ways.to_deals(ds, view.first.name, pair),
        )


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


def _column(form: Form) -> Any:
    written = {
        "money": formats.money_column(currency),
        "share": "%.1f %%",
        "count": "%d",
        "deals": "%.1f",
        "days": "%d days",
        "times": "%.2f",
    }
    return st.column_config.NumberColumn(format=written[form.kind])


boxes = explore_boxes.Boxes(ds)
told = st.container()
question = boxes.asked()
head = st.container(gap="small")
question = boxes.looked(question, lambda asked: data.explore(ds.version, choice, asked, ds, names))
view = data.explore(ds.version, choice, question, ds, names)
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
    frame, forms, listed = shown.table(view, ds, currency)
    columns = {name: _column(form) for name, form in forms.items()}
    matrix_of_one = bool(view.columns) and len(view.question.metrics) == 1
    column_places = (
        {name: place for place, name in enumerate(list(frame.columns)[1 : 1 + len(view.columns)])} if matrix_of_one else {}
    )
    if view.look != "table":
        picture()
    numbers()
elif not view.refused:
    notices.designed_state(
        "Nothing to show here",
        f"No {formats.plain(answers.inner(METRICS[view.first.name]))} under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        ["Choose a longer period, or clear a filter above.", "Or begin with one of the starting points above."],
    )
