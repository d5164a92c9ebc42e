"""The explore page's view: any figures by one or two dimensions, put in order, tied out, and told in words.

Money that can be added up is rounded so that the cells, rows and columns on screen add up to the total in scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from attribution.answers import explore as answers
from attribution.answers.explore import Entry, inner
from attribution.answers.words import ENOUGH_DEALS
from attribution.charts import formats
from attribution.charts.marks import SO_FAR, Form, Mark
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import Metric, metric
from attribution.pivot import OTHER, TIMES, Amounts, Member, Pivot, axis, is_ratio, needed, pivot
from attribution.rounding import CENT, MILLIONTH, largest_remainder
from attribution.views.explore_marks import MOST_ROWS, filled, marks, running
from attribution.views.explore_ways import Question, Refused, codes, dimension_labels, metric_labels, refused, words_for
from attribution.views.state import Choice, Names, against_words, agreed_word, compared_with, rule_label

MOST_COLUMNS = 12
MOST_TIMES = 24
TOPS = (5, 12, 25, MOST_ROWS)
PANELS = 4  # small multiples side by side
LOOKS = {"bars": "Bars", "lines": "Lines", "heat": "Heat table", "table": "Table"}
# The deals that a rate stands on: with fewer than ten a row is not compared.
BASES = {
    "win_rate": ("won_deals", "lost_deals"), "mean_deal": ("won_deals",), "cycle_days": ("won_deals",), "sourced_share": ("won_deals",),
    "influenced_share": ("won_deals",), "attributed_share": ("won_deals",),
}  # fmt: skip


@dataclass(frozen=True)
class Explore:
    """All that the explore page shows. ``question``: what could be answered of the one that was asked; ``refused``: the rest.

    ``figures``: name of a metric → a value for each row; ``cells``: → for each row and column. ``few``: rows that stand on too few deals.
    """

    question: Question
    refused: tuple[Refused, ...]
    title: str
    answer: str = ""
    look: str = "table"
    rows: tuple[Mark, ...] = ()
    columns: tuple[Mark, ...] = ()
    figures: Mapping[str, tuple[float | None, ...]] | None = None
    cells: Mapping[str, tuple[tuple[float | None, ...], ...]] | None = None
    column_figures: tuple[float | None, ...] = ()
    total: Amounts | None = None
    before: tuple[float | None, ...] | None = None
    few: tuple[bool, ...] = ()
    against: str = ""
    notes: tuple[str, ...] = ()
    cut: bool = False

    @property
    def first(self) -> Metric:
        """The figure that is drawn, ranked and told."""
        return metric(self.question.metrics[0])


def form_of(entry: Metric, currency: str | None) -> Form:
    """How a metric's figures are written."""
    return Form("times" if entry.format == "ratio" else entry.format, currency)


def looks(question: Question) -> list[str]:
    """The looks that a question can have, the best one first."""
    in_time = any(word in TIMES for word in question.by)
    two, summed = bool(question.columns), metric(question.metrics[0]).additive
    best = (
        "heat"
        if two and question.rows not in TIMES
        else "bars"
        if (summed and len(question.metrics) == 1) or not in_time
        else "lines"
    )
    found = ["bars", *(["lines"] if in_time else []), *(["heat"] if two else []), "table"]
    return [best, *(look for look in found if look != best)]


def orders(question: Question) -> dict[str, str]:
    """The orders that rows can be put in: code → words. A column's own order is added by the page."""
    labels = metric_labels()
    natural = {"": "In time"} if question.rows in TIMES else {}
    found = {
        f"{name}:{way}": f"{labels[name]}, {words}"
        for name in question.metrics
        for way, words in (("down", "largest first"), ("up", "smallest first"))
    }
    return {**natural, **found, **({"name": "By name"} if question.rows not in TIMES else {})}


def explore(ds: Dataset, choice: Choice, asked: Question, names: Names) -> Explore:
    """The explore page under a choice of filters, for one question."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    no = refused(ds, asked, here)
    shown = tuple(name for name in asked.metrics if name not in {entry.metric for entry in no})
    labels, dimensions = metric_labels(), dimension_labels(ds)
    title = answers.title([labels[name] for name in shown or asked.metrics], [dimensions[word] for word in asked.by])
    if not shown:
        return Explore(asked, no, title)
    question = replace(asked, metrics=shown)
    bases = BASES.get(shown[0], ())
    found = pivot(
        ds, shown, question.by, here, choice.model, [_order(question, 0), _order(question, 1)][: len(question.by)],
        [MOST_ROWS if question.rows in TIMES else question.top, MOST_TIMES if question.columns in TIMES else MOST_COLUMNS][: len(question.by)], bases,
    )  # fmt: skip
    rows = filled(found.rows, question.rows, question.sort)
    columns = filled(found.columns, question.columns, "")
    row_marks, column_marks = (
        marks(ds, names, question.rows, rows, found.others[0]),
        marks(ds, names, question.columns, columns, found.others[1]),
    )
    figures, cells = _figures(question, found, rows, columns)
    places = _sorted(question, row_marks, column_marks, cells)
    before, against = _before(ds, choice, question, rows)
    base = [
        sum(dict(zip(found.rows, found.row_figures, strict=True)).get(row, {}).get(name) or 0.0 for name in bases)
        if bases
        else None
        for row in rows
    ]
    view = Explore(
        question=question, refused=no, title=title, rows=tuple(row_marks[place] for place in places), columns=tuple(column_marks),
        figures={name: tuple(values[place] for place in places) for name, values in figures.items()},
        cells={name: tuple(lines[place] for place in places) for name, lines in cells.items()},
        column_figures=_column_figures(found, columns, shown[0], cells), total=_total(found, figures, shown),
        before=tuple(before[place] for place in places) if before else None, against=against if before else "",
        few=tuple(_is_few(base[place]) and row_marks[place].kind == "value" for place in places),
        look=question.look if question.look in looks(question) else looks(question)[0], cut=any(found.others),
    )  # fmt: skip
    facts = _facts(ds, choice, view, here, [base[place] for place in places])
    return replace(view, answer=answers.answer(facts), notes=_notes(ds, view, found))


def _order(question: Question, place: int) -> tuple[str, bool]:
    """How an axis is ranked: times in time, else by the figure that is asked for, largest first."""
    by = question.by[place] if place < len(question.by) else ""
    name, _, way = question.sort.partition(":")
    if place == 0 and name in question.metrics and way in ("up", "down"):
        return name, way == "up"
    return ("", False) if by in TIMES else (question.metrics[0], False)


def _figures(
    question: Question, found: Pivot, rows: Sequence[Member], columns: Sequence[Member]
) -> tuple[dict[str, list[float | None]], dict[str, list[tuple[float | None, ...]]]]:
    """Values by row, and by row and column, rounded so that what can be added up adds up to its total."""
    by_row = dict(zip(found.rows, found.row_figures, strict=True))
    by_cell = {row: dict(zip(found.columns, line, strict=True)) for row, line in zip(found.rows, found.cells, strict=False)}
    figures: dict[str, list[float | None]] = {}
    cells: dict[str, list[tuple[float | None, ...]]] = {}
    for name in question.metrics:
        entry = metric(name)
        if not columns:
            figures[name] = _tied(entry, [by_row.get(row, {}).get(name) for row in rows])
            if entry.source != "credits":  # what no touch earned is a matter of credit alone
                figures[name] = [
                    None if row.kind == "unattributed" else value for row, value in zip(rows, figures[name], strict=True)
                ]
            continue
        flat = _tied(entry, [by_cell.get(row, {}).get(column, {}).get(name) for row in rows for column in columns])
        cells[name] = [tuple(flat[place * len(columns) : (place + 1) * len(columns)]) for place in range(len(rows))]
        if entry.additive:
            figures[name] = [round(sum(value or 0.0 for value in line), 6) for line in cells[name]]
        else:
            figures[name] = [by_row.get(row, {}).get(name) for row in rows]
    return figures, cells


def _tied(entry: Metric, values: Sequence[float | None]) -> list[float | None]:
    """Values that add up to their rounded total; what cannot be added up as it is."""
    if not entry.additive:
        return list(values)
    if entry.format == "count":
        return [round(value or 0.0, 6) for value in values]
    unit = CENT if entry.format == "money" else MILLIONTH
    return [
        float(value)
        for value in largest_remainder(
            [value or 0.0 for value in values], [(str(place),) for place in range(len(values))], unit=unit
        )
    ]


def _column_figures(
    found: Pivot, columns: Sequence[Member], name: str, cells: Mapping[str, Sequence[tuple[float | None, ...]]]
) -> tuple[float | None, ...]:
    """What stands under each column: sums, or ratios of their own totals."""
    if not columns:
        return ()
    if metric(name).additive:
        return tuple(round(sum(line[place] or 0.0 for line in cells[name]), 6) for place in range(len(columns)))
    known = dict(zip(found.columns, found.column_figures, strict=True))
    return tuple(known.get(column, {}).get(name) if is_ratio(metric(name)) else None for column in columns)


def _total(found: Pivot, figures: Mapping[str, Sequence[float | None]], names: Sequence[str]) -> Amounts:
    """The last row: sums of the rows on screen, or ratios of totals; None for what has none."""
    return {
        name: round(sum(value or 0.0 for value in figures[name]), 6) if metric(name).additive else found.total[name]
        for name in names
    }


def _sorted(
    question: Question, rows: Sequence[Mark], columns: Sequence[Mark], cells: Mapping[str, Sequence[tuple[float | None, ...]]]
) -> list[int]:
    """The order of the rows: as they are ranked, by name, or by one column; what is no value stays last."""
    places = list(range(len(rows)))
    column = next((place for place, mark in enumerate(columns) if f"@{mark.key}" == question.sort), None)
    values = [place for place in places if rows[place].kind == "value"]
    if question.sort == "name":
        values.sort(key=lambda place: rows[place].label.lower())
    elif column is not None:
        line = cells[question.metrics[0]]
        values.sort(key=lambda place: -(line[place][column] or 0.0))
    else:
        return places
    return [*values, *(place for place in places if rows[place].kind != "value")]


def _before(ds: Dataset, choice: Choice, question: Question, rows: Sequence[Member]) -> tuple[list[float | None] | None, str]:
    """The first figure of each row in the other period; None where there is none, or a rate stood on too few deals then."""
    before = compared_with(choice, ds)
    name = question.metrics[0]
    if before is None or any(word in (*TIMES, "deal", "touch") for word in question.by) or metric(name).statuses == ("open",):
        return None, ""
    bases = BASES.get(name, ())
    then = axis(ds, needed([name], bases), question.rows, before, choice.model, (name, False))
    nothing = 0.0 if metric(name).additive and then.complete else None
    found: list[float | None] = []
    for row in rows:
        figures = then.figures.get(row, {})
        enough = not bases or sum(figures.get(base) or 0.0 for base in bases) >= ENOUGH_DEALS
        found.append(figures.get(name, nothing) if row != OTHER and enough else None)
    return found, against_words(choice)


def _facts(ds: Dataset, choice: Choice, view: Explore, here: Filters, base: Sequence[float | None]) -> answers.ExploreFacts:
    """What the answer says, of the first figure."""
    name, entry, question = view.first.name, view.first, view.question
    assert view.figures is not None and view.total is not None and view.cells is not None
    kind = "sum" if entry.additive else "rate" if is_ratio(entry) or entry.format == "days" else "part"
    values = view.figures[name]
    ranked = [
        Entry(mark.label, value, view.before[place] if view.before else None, base[place])
        for place, (mark, value) in enumerate(zip(view.rows, values, strict=True))
        if mark.kind == "value" and value is not None and (value or kind == "rate" or question.rows in TIMES)
    ]  # fmt: skip
    if not any(entry.value for entry in ranked):
        ranked = []
    cells = [
        (row.label, column.label, value)
        for row, line in zip(view.rows, view.cells.get(name, ()), strict=False)
        for column, value in zip(view.columns, line, strict=True)
        if value and row.kind == column.kind == "value"
    ]
    one, many = words_for(ds, question.rows)
    by_rule = any(metric(part).source == "credits" for part in needed([name]))
    counted = "open_deals" if entry.statuses == ("open",) else "won_deals"
    deals = (
        ds.metric_rows([counted], [], here, choice.model)[0][counted]
        if kind != "rate" and "lost" not in entry.statuses and entry.source != "spend"
        else None
    )
    in_time = question.rows in TIMES and not question.sort
    return answers.ExploreFacts(
        what=inner(metric_labels()[name]), form=form_of(entry, ds.settings.reporting.currency), one=one, many=many, kind=kind, total=view.total.get(name),
        ranked=tuple(ranked), cell=max(cells, key=lambda cell: cell[2]) if cells and kind == "sum" and len(cells) > 1 else None,
        deals=None if deals is None else int(deals or 0), by_rule=by_rule, agreed=agreed_word(ds, choice.model),
        rule=rule_label(ds, choice.model), against=view.against, times=in_time, running=f"{formats.month(running(ds, question.rows))}{SO_FAR}",
        codes=codes(ds, question.rows), codes_across=bool(question.columns) and codes(ds, question.columns),
    )  # fmt: skip


def _notes(ds: Dataset, view: Explore, found: Pivot) -> tuple[str, ...]:
    """What is cut, left out or has no total, in plain words."""
    labels, question = metric_labels(), view.question
    notes = []
    for by, listed, others in ((question.rows, view.rows, found.others[0]), (question.columns, view.columns, found.others[1])):
        if others:
            many = words_for(ds, by)[1]
            known = len([mark for mark in listed if mark.kind == "value"])
            which = "latest" if by in TIMES else "first"
            notes.append(f"The {which} {known} of {formats.count(known + others)} {many} are shown.")
    unsummed = [inner(labels[name]) for name in question.metrics if not metric(name).additive and not is_ratio(metric(name))]
    if unsummed:
        notes.append(f"{formats.capital(' and '.join(unsummed))} cannot be added up, so there is no total.")
    if found.without_rest:
        notes.append(
            f"Of the others, {' and '.join(inner(labels[name]) for name in found.without_rest)} is left out: it cannot be made from its parts."
        )
    if any(view.few):
        notes.append(f"Pale: fewer than {ENOUGH_DEALS} deals.")
    return tuple(notes)


def _is_few(deals: float | None) -> bool:
    return deals is not None and deals < ENOUGH_DEALS
