"""What the explore page draws and lists: panels, grids and series of a picture, and the table twin with its total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from attribution.charts.marks import SERIES, Form, Grid, Mark, Panel, Slots
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import metric
from attribution.pivot import FULL_FILE, TIMES, everything, is_ratio
from attribution.query import column_name
from attribution.views.explore import PANELS, Explore, form_of
from attribution.views.explore_ways import Question, dimension_labels, metric_labels
from attribution.views.state import Names


def panels(view: Explore, currency: str | None) -> list[Panel]:
    """The figures of a question by one dimension, or the first columns of a figure that cannot be stacked, side by side."""
    assert view.figures is not None and view.cells is not None and view.total is not None
    labels, name = metric_labels(), view.first.name
    if view.columns:
        form = form_of(view.first, currency)
        listed = [place for place, mark in enumerate(view.columns) if mark.kind == "value"][
            -PANELS if view.question.columns in TIMES else 0 :
        ][:PANELS]
        return [
            Panel(view.columns[place].label, form, tuple(line[place] for line in view.cells[name]), column=view.columns[place])
            for place in listed
        ]
    found = []
    for name in view.question.metrics[:PANELS]:
        whole = view.total.get(name) if metric(name).additive else None
        shares = tuple(value / whole if value is not None else None for value in view.figures[name]) if whole else ()
        found.append(Panel(labels[name], form_of(metric(name), currency), view.figures[name], shares, view.few))
    return found


def grid(view: Explore, currency: str | None, folded: bool = False, slots: Slots | None = None) -> Grid:
    """Rows by columns of the first figure. ``folded``: at most as many columns as colours can be told apart."""
    assert view.figures is not None and view.cells is not None and view.total is not None
    name, form = view.first.name, form_of(view.first, currency)
    columns: Sequence[Mark] = view.columns
    cells: Sequence[Sequence[float | None]] = view.cells.get(name, [() for _ in view.rows])
    totals: tuple[float | None, ...] = view.figures[name]
    if folded:
        columns, cells = _folded(columns, cells, view.first.additive, slots)
    known = [value for line in cells for value in line if value is not None]
    summed = view.first.additive
    if not (summed or is_ratio(view.first)):
        totals = ()
    sizes = [*known, *(value for value in totals if value is not None)] if folded else known
    return Grid(
        view.rows,
        tuple(columns),
        tuple(tuple(line) for line in cells),
        form,
        totals,
        view.column_figures,
        view.total.get(name),
        form.unit(sizes) if folded else form.unit_of_cells(sizes),
    )


def series(view: Explore, name: str, currency: str | None, slots: Slots | None) -> tuple[tuple[Mark, ...], list[Panel]]:
    """(times, one panel a line): the other dimension's values over time, at most as many as colours can be told apart."""
    assert view.figures is not None and view.cells is not None
    form = form_of(metric(name), currency)
    if not view.columns:
        return _times(view.rows), [Panel(metric_labels()[name], form, _at(view.rows, view.figures[name]))]
    cells = [list(line) for line in view.cells[name]]
    times, others = view.rows, view.columns
    if view.question.rows not in TIMES:
        times, others = view.columns, view.rows
        cells = [list(line) for line in zip(*cells, strict=True)]
    marks, folded = _folded(others, cells, metric(name).additive, slots)
    return _times(times), [
        Panel(mark.label, form, _at(times, [line[place] for line in folded]), column=mark) for place, mark in enumerate(marks)
    ]


def _times(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.kind == "value")


def _at(times: Sequence[Mark], values: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(value for mark, value in zip(times, values, strict=True) if mark.kind == "value")


def _folded(
    marks: Sequence[Mark], cells: Sequence[Sequence[float | None]], additive: bool, slots: Slots | None
) -> tuple[tuple[Mark, ...], list[list[float | None]]]:
    """Columns with a colour of their own; the others are added to one grey column, or left out where they cannot be added."""
    coloured = [
        place for place, mark in enumerate(marks) if mark.kind == "value" and (slots is None or slots.get(mark.key) is not None)
    ]
    own = coloured if len(coloured) <= SERIES else coloured[: SERIES - 1]
    rest = [place for place, mark in enumerate(marks) if mark.kind == "other" or (mark.kind == "value" and place not in own)]
    last = [place for place, mark in enumerate(marks) if mark.kind in ("none", "unattributed")]
    rest = rest if additive else []
    found = [*(marks[place] for place in own), *([Mark("", "other", "Other")] if rest else []), *(marks[place] for place in last)]
    lines: list[list[float | None]] = []
    for line in cells:
        summed: list[float | None] = [sum(line[place] or 0.0 for place in rest)] if rest else []
        lines.append([*(line[place] for place in own), *summed, *(line[place] for place in last)])
    return tuple(found), lines


def table(
    view: Explore, ds: Dataset, currency: str | None
) -> tuple[pd.DataFrame, dict[str, Form], list[tuple[Mark, Mark | None]]]:
    """(table with its total last, column → how it is written, what each row stands for). Shares and rates are percentages."""
    assert view.figures is not None and view.cells is not None and view.total is not None
    labels, dimensions = metric_labels(), dimension_labels(ds)
    head = dimensions[view.question.rows]
    if view.columns and len(view.question.metrics) == 1:
        return _matrix(view, head, currency)
    forms: dict[str, Form] = {}
    heads: dict[str, list[Any]] = {}
    pairs: list[tuple[Mark, Mark | None]] = [(row, None) for row in view.rows]
    if view.columns:
        pairs = [
            (row, column) for place, row in enumerate(view.rows) for other, column in enumerate(view.columns)
            if any(view.cells[name][place][other] for name in view.question.metrics)
        ]  # fmt: skip
    with_total = any(value is not None for value in view.total.values()) and bool(pairs)
    last = [Mark("", "total", "Total")] if with_total else []
    heads[head] = [mark.label for mark in (*(row for row, _ in pairs), *last)]
    if view.columns:
        second = dimensions[view.question.columns]
        heads[second] = [column.label if column else "" for _, column in pairs] + ([""] if last else [])
    where = {mark: place for place, mark in enumerate(view.rows)}
    across = {mark: place for place, mark in enumerate(view.columns)}
    for name in view.question.metrics:
        form, label = form_of(metric(name), currency), free(labels[name], heads)
        values = [
            view.cells[name][where[row]][across[column]] if column else view.figures[name][where[row]] for row, column in pairs
        ]
        heads[label] = [_percent(value, form) for value in [*values, *([view.total.get(name)] if last else [])]]
        forms[label] = form
    first = view.first.name
    if not view.columns and view.first.additive and view.total.get(first):
        whole = view.total[first] or 1.0
        share = free("Share", heads)
        heads[share] = [None if value is None else value / whole * 100 for value in view.figures[first]] + (
            [100.0] if last else []
        )
        forms[share] = Form("share")
    if not view.columns and view.before:
        then = free(view.against.removeprefix("the ").capitalize(), heads)
        heads[then] = [_percent(value, form_of(view.first, currency)) for value in view.before] + ([None] if last else [])
        forms[then] = form_of(view.first, currency)
    rows = [*pairs, *((mark, None) for mark in last)]
    return pd.DataFrame(heads), forms, rows


def _matrix(
    view: Explore, head: str, currency: str | None
) -> tuple[pd.DataFrame, dict[str, Form], list[tuple[Mark, Mark | None]]]:
    """One figure, a column for each value of the second dimension, with totals where there are any."""
    assert view.figures is not None and view.cells is not None and view.total is not None
    name, form = view.first.name, form_of(view.first, currency)
    has_total = any(value is not None for value in view.column_figures) or view.total.get(name) is not None
    heads: dict[str, list[Any]] = {head: [row.label for row in view.rows] + (["Total"] if has_total else [])}
    forms: dict[str, Form] = {}
    for place, column in enumerate(view.columns):
        label = free(column.label, heads)
        under = [view.column_figures[place]] if has_total else []
        heads[label] = [
            _percent(value or None if view.first.additive else value, form)
            for value in [*(line[place] for line in view.cells[name]), *under]
        ]
        forms[label] = form
    if has_total:
        label = free("Total", heads)
        heads[label] = [_percent(value, form) for value in (*view.figures[name], view.total.get(name))]
        forms[label] = form
    rows: list[tuple[Mark, Mark | None]] = [(row, None) for row in view.rows]
    return pd.DataFrame(heads), forms, [*rows, *([(Mark("", "total", "Total"), None)] if has_total else [])]


def full_file(ds: Dataset, filters: Filters, model: str, question: Question, names: Names) -> tuple[pd.DataFrame, bool]:
    """(every combination as a row, with ids beside names; whether it was cut)."""
    frame = everything(ds, question.metrics, question.by, filters, model, FULL_FILE + 1)
    cut = len(frame) > FULL_FILE
    frame = frame.head(FULL_FILE)
    labels, dimensions = metric_labels(), dimension_labels(ds)
    columns: dict[str, object] = {}
    for by in question.by:
        keys = frame[column_name(by, question.metrics)]
        known = ds.labels("deal") if by == "deal" else names.labels.get(by, {})
        columns[dimensions[by]] = [known.get(str(key), str(key)) if key is not None and key == key else "" for key in keys]
        if by in ("campaign", "asset", "owner", "partner", "deal"):
            columns[f"{dimensions[by]} id"] = ["" if key is None or key != key else str(key) for key in keys]
    for name in question.metrics:
        columns[free(labels[name], columns)] = frame[name].astype(float)
    return pd.DataFrame(columns), cut


def _percent(value: float | None, form: Form) -> float | None:
    return None if value is None else value * 100 if form.kind == "share" else value


def free(label: str, taken: object) -> str:
    """A column's name that no other column has."""
    found = label
    while found in taken:  # type: ignore[operator]
        found += " "
    return found
