"""Any metrics by one or two dimensions: which combinations exist, ranked and cut in the database, with the rest and the totals.

Nothing here adds up what cannot be added: the rest ("Other") of a ratio is a ratio of sums, of a median or of deals that several
took part in a question of its own over the rest, or it is left out and named. Totals of ratios are questions of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from attribution.dataset import Dataset
from attribution.filters import FILTER_FIELDS, Filters
from attribution.metrics import Metric, metric
from attribution.query import UNATTRIBUTED, column_name, dimension

TIMES = ("month", "quarter")
FETCHED = 2_000  # values of a dimension that are ranked one by one; what lies behind them is known by its sum only
FULL_FILE = 100_000  # rows of the file with everything

Amounts = dict[str, float | None]


@dataclass(frozen=True)
class Member:
    """One value of a dimension. ``kind``: value, other (the rest), none (nothing recorded), unattributed."""

    key: str
    kind: str = "value"


OTHER = Member("", "other")
NONE = Member("", "none")
LEFTOVER = Member(UNATTRIBUTED, "unattributed")


@dataclass(frozen=True)
class Missing:
    """Why a metric does not exist for some dimensions and filters, with the word that stands in the way.

    ``reason``: whole_deals (a deal has several values of it), spend_dimension, spend_filter, no_close (open deals have no close date).
    """

    metric: str
    reason: str
    word: str


@dataclass(frozen=True)
class Axis:
    """The values of one dimension, ranked, with their figures. ``count``: how many values there are; more than ``members`` where it is long."""

    by: str
    members: tuple[Member, ...]
    figures: Mapping[Member, Amounts]
    count: int

    @property
    def complete(self) -> bool:
        """Whether every value was fetched."""
        return self.count <= len(self.of_kind("value"))

    def of_kind(self, kind: str) -> list[Member]:
        """Members of a kind, in order."""
        return [member for member in self.members if member.kind == kind]


@dataclass(frozen=True)
class Pivot:
    """Figures by rows and columns. ``row_figures`` has one entry per row, ``column_figures`` per column, ``cells`` per row and column.

    ``others``: how many values the rest holds, of rows and of columns. ``without_rest``: metrics whose rest is not known.
    """

    rows: tuple[Member, ...]
    columns: tuple[Member, ...]
    row_figures: tuple[Amounts, ...]
    column_figures: tuple[Amounts, ...]
    cells: tuple[tuple[Amounts, ...], ...]
    total: Amounts
    others: tuple[int, int] = (0, 0)
    without_rest: tuple[str, ...] = ()


def of_touch(ds: Dataset, by: str, filters: Filters) -> bool:
    """Whether a dimension cuts single touches, so that a deal is shared among its values."""
    return dimension(by, ds.extra_dimensions).level == "touch" or (by in TIMES and filters.date_basis == "touch")


def missing(ds: Dataset, name: str, by: Sequence[str], filters: Filters) -> Missing | None:
    """Why a metric does not exist here; None where it does."""
    entry = metric(name)
    if entry.source == "ratio":
        found = (missing(ds, part, by, filters) for part in (entry.numerator, entry.denominator))
        first = next((reason for reason in found if reason), None)
        return replace(first, metric=name) if first else None
    touches = [word for word in by if of_touch(ds, word, filters)]
    if entry.source == "deals" and touches:
        return Missing(name, "whole_deals", touches[0])
    if entry.source == "spend":
        if filters.select_deals_by_field:
            return Missing(name, "spend_filter", filters.select_deals_by_field[0])
        unknown = [word for word in by if not dimension(word, ds.extra_dimensions).spend]
        if unknown:
            return Missing(name, "spend_dimension", unknown[0])
    times = [word for word in by if word in TIMES]
    if times and entry.statuses == ("open",) and filters.date_basis == "closed":
        return Missing(name, "no_close", times[0])
    return None


def needed(names: Sequence[str], extra: Sequence[str] = ()) -> list[str]:
    """The metrics to ask for: those shown, what ratios are made of, and ``extra``."""
    parts = [
        part for name in names if metric(name).source == "ratio" for part in (metric(name).numerator, metric(name).denominator)
    ]
    return list(dict.fromkeys([*names, *parts, *extra]))


def is_ratio(entry: Metric) -> bool:
    """Whether a figure is one amount divided by another."""
    return entry.source == "ratio" or bool(entry.denominator)


def axis(
    ds: Dataset, names: Sequence[str], by: str, filters: Filters, model: str, order: tuple[str, bool], limit: int = FETCHED
) -> Axis:
    """The values of a dimension under filters, ranked by ``order``: (a metric or "" for the value itself, smallest first)."""
    ask = ds.question(names, [by], filters, model)
    key = _quoted(column_name(by, names))
    by_metric, ascending = order
    direction = "asc" if ascending else "desc"
    ranked = f"{by_metric} {direction} nulls last, {key}" if by_metric else f"{key} {direction}"
    there = " or ".join(_is_there(metric(name)) for name in names)
    columns = ", ".join(names)
    sql = (
        f"select {key}, is_unattributed, {columns}, sum(case when is_unattributed or {key} is null then 0 else 1 end) over () as value_count\n"
        f"from (\n{ask.sql}\n) as result\nwhere {there}\n"
        f"order by is_unattributed desc, case when {key} is null then 0 else 1 end, {ranked}\nlimit ?"
    )
    rows = ds.rows(sql, (*ask.parameters, limit + 2))
    touches = of_touch(ds, by, filters)
    figures: dict[Member, Amounts] = {}
    for row in rows:
        member = _member(row[0], row[1] and touches)
        _add(figures.setdefault(member, dict.fromkeys(names)), dict(zip(names, map(_number, row[2:-1]), strict=True)))
    places = {"value": 0, "none": 1, "unattributed": 2}
    members = sorted(figures, key=lambda member: places[member.kind])
    return Axis(by, tuple(members), figures, int(rows[0][-1]) if rows else 0)


def pivot(
    ds: Dataset, names: Sequence[str], by: Sequence[str], filters: Filters, model: str, orders: Sequence[tuple[str, bool]],
    most: Sequence[int], extra: Sequence[str] = (),
) -> Pivot:  # fmt: skip
    """Metrics by one or two dimensions. ``orders`` and ``most`` are of the rows and the columns; every metric has to exist here."""
    asked = needed(names, extra)
    whole = ds.metrics(asked, [], filters, model).iloc[0]
    total = {name: _number(whole[name]) for name in asked}
    axes = [axis(ds, asked, word, filters, model, order) for word, order in zip(by, orders, strict=True)]
    kept = [_kept(entry, limit, order) for entry, limit, order in zip(axes, most, orders, strict=True)]
    rests = [_rest(entry, members) for entry, members in zip(axes, kept, strict=True)]
    margins = [
        _margin(ds, asked, one, members, rest, total, filters, model)
        for one, members, rest in zip(axes, kept, rests, strict=True)
    ]
    cells: tuple[tuple[Amounts, ...], ...] = ()
    if len(by) == 2:
        cells = _cells(ds, asked, by, kept, rests, margins, filters, model)
    unknown = tuple(
        name for name in names if any(OTHER in one and one[OTHER].get(name) is None for one in margins) and total.get(name)
    )
    columns = kept[1] if len(by) == 2 else ()
    return Pivot(
        kept[0], columns, tuple(margins[0][member] for member in kept[0]), tuple(margins[1][member] for member in columns), cells,
        {name: value if metric(name).additive or is_ratio(metric(name)) else None for name, value in total.items()},
        (_behind(axes[0], kept[0]), _behind(axes[1], columns) if columns else 0), unknown,
    )  # fmt: skip


def everything(
    ds: Dataset, names: Sequence[str], by: Sequence[str], filters: Filters, model: str, limit: int = FULL_FILE
) -> pd.DataFrame:
    """Every combination as one row, largest first by the first metric, cut at ``limit`` rows. Columns: the dimensions, then the metrics."""
    ask = ds.question(names, by, filters, model)
    keys = [_quoted(column_name(word, names)) for word in by]
    there = " or ".join(_is_there(metric(name)) for name in names)
    sql = (
        f"select {', '.join([*keys, *names])}\nfrom (\n{ask.sql}\n) as result\nwhere {there}\n"
        f"order by {names[0]} desc nulls last, {', '.join(keys)}\nlimit ?"
    )
    return ds.frame(sql, (*ask.parameters, limit))


def _kept(entry: Axis, most: int, order: tuple[str, bool]) -> tuple[Member, ...]:
    """The members that are shown: the first of the ranking (of times: the latest, in order), the rest as one, then what has no value."""
    values = entry.of_kind("value")
    shown = values if len(values) == entry.count <= most + 1 else values[:most]  # a rest of one value would be no shorter
    if entry.by in TIMES and not order[0] and not order[1]:
        shown = shown[::-1]
    rest = [OTHER] if entry.count > len(shown) else []
    placed = [*rest, *shown] if entry.by in TIMES and not order[0] else [*shown, *rest]
    return (*placed, *entry.of_kind("none"), *entry.of_kind("unattributed"))


def _behind(entry: Axis, shown: Sequence[Member]) -> int:
    """How many values the rest holds."""
    return entry.count - len([member for member in shown if member.kind == "value"])


def _rest(entry: Axis, shown: Sequence[Member]) -> list[Member] | None:
    """The members behind "Other"; None where they are too many to know each."""
    return [member for member in entry.of_kind("value") if member not in shown] if entry.complete else None


def _margin(
    ds: Dataset, asked: Sequence[str], entry: Axis, shown: Sequence[Member], rest: list[Member] | None, total: Amounts,
    filters: Filters, model: str,
) -> dict[Member, Amounts]:  # fmt: skip
    """The figures of one axis, the rest among them."""
    found = {member: dict(entry.figures[member]) for member in shown if member != OTHER}
    if OTHER in shown:
        sums: Amounts = {}
        for name in asked:
            if metric(name).additive:
                taken = sum(figures.get(name) or 0.0 for figures in found.values())
                sums[name] = round((total[name] or 0.0) - taken, 6)
        own = [name for name in asked if not metric(name).additive and metric(name).source != "ratio"]
        narrowed = _only(ds, entry.by, rest, filters) if own else None
        if narrowed is not None:
            row = ds.metrics(own, [], narrowed, model).iloc[0]
            sums |= {name: _number(row[name]) for name in own}
        found[OTHER] = _with_ratios(asked, sums)
    return found


def _cells(
    ds: Dataset, asked: Sequence[str], by: Sequence[str], kept: Sequence[tuple[Member, ...]], rests: Sequence[list[Member] | None],
    margins: Sequence[dict[Member, Amounts]], filters: Filters, model: str,
) -> tuple[tuple[Amounts, ...], ...]:  # fmt: skip
    """The figures of every row and column. What is in the rest of either is the difference, or a question of its own."""
    found = _asked_cells(ds, asked, by, kept, filters, model)
    rows, columns = kept
    sums = [name for name in asked if metric(name).additive]
    own = [name for name in asked if not metric(name).additive and metric(name).source != "ratio"]
    if OTHER in columns:
        for row in (row for row in rows if row != OTHER):
            found[row, OTHER] = _left(
                sums, margins[0][row], [found.get((row, column), {}) for column in columns if column != OTHER]
            )
    if OTHER in rows:
        for column in (column for column in columns if column != OTHER):
            found[OTHER, column] = _left(sums, margins[1][column], [found.get((row, column), {}) for row in rows if row != OTHER])
        if OTHER in columns:
            found[OTHER, OTHER] = _left(sums, margins[0][OTHER], [found[OTHER, column] for column in columns if column != OTHER])
    if own:
        narrowed = [
            _only(ds, word, rest, filters) if OTHER in shown else None for word, rest, shown in zip(by, rests, kept, strict=True)
        ]
        if narrowed[0] is not None:
            for member, figures in axis(ds, own, by[1], narrowed[0], model, ("", False), FETCHED).figures.items():
                found.setdefault((OTHER, member), {}).update(figures)
        if narrowed[1] is not None:
            for member, figures in axis(ds, own, by[0], narrowed[1], model, ("", False), FETCHED).figures.items():
                found.setdefault((member, OTHER), {}).update(figures)
        both = _only(ds, by[1], rests[1], narrowed[0]) if narrowed[0] is not None and narrowed[1] is not None else None
        if both is not None:
            corner = ds.metrics(own, [], both, model).iloc[0]
            found.setdefault((OTHER, OTHER), {}).update({name: _number(corner[name]) for name in own})
    return tuple(tuple(_with_ratios(asked, found.get((row, column), {})) for column in columns) for row in rows)


def _asked_cells(
    ds: Dataset, asked: Sequence[str], by: Sequence[str], kept: Sequence[tuple[Member, ...]], filters: Filters, model: str
) -> dict[tuple[Member, Member], Amounts]:
    """The cells of the values that are shown, and of what has no value or is unattributed."""
    ask = ds.question(asked, by, filters, model)
    touches = [of_touch(ds, word, filters) for word in by]
    keys = [_quoted(column_name(word, asked)) for word in by]
    parameters: list[Any] = list(ask.parameters)
    conditions = []
    for key, members, touch in zip(keys, kept, touches, strict=True):
        values = [member.key for member in members if member.kind == "value"]
        listed = f" or {key} in ({', '.join('?' * len(values))})" if values else ""
        conditions.append(f"({'is_unattributed or ' if touch else ''}{key} is null{listed})")
        parameters += values
    sql = f"select {', '.join([*keys, 'is_unattributed', *asked])}\nfrom (\n{ask.sql}\n) as result\nwhere {' and '.join(conditions)}"
    found: dict[tuple[Member, Member], Amounts] = {}
    for row in ds.rows(sql, parameters):
        pair = _member(row[0], row[2] and touches[0]), _member(row[1], row[2] and touches[1])
        _add(found.setdefault(pair, dict.fromkeys(asked)), dict(zip(asked, map(_number, row[3:]), strict=True)))
    return found


def _only(ds: Dataset, by: str, rest: list[Member] | None, filters: Filters) -> Filters | None:
    """Filters that leave the rest of a dimension; None where there is no such filter or the rest is not known."""
    entry = next((entry for entry in FILTER_FIELDS if entry.word == by), None)
    if entry is None or not rest:
        return None
    known = set(ds.known_values[by])
    values = tuple(member.key for member in rest if member.key in known)
    return replace(filters, **{entry.attribute: values}) if values else None  # type: ignore[arg-type]


def _left(names: Sequence[str], whole: Amounts, parts: Sequence[Amounts]) -> Amounts:
    return {name: round((whole.get(name) or 0.0) - sum(part.get(name) or 0.0 for part in parts), 6) for name in names}


def _with_ratios(asked: Sequence[str], figures: Amounts) -> Amounts:
    """Figures with their ratios computed from sums; what is not known is None."""
    found: Amounts = {name: figures.get(name) for name in asked}
    for entry in (metric(name) for name in asked):
        if entry.source == "ratio":
            top, base = found.get(entry.numerator) or 0.0, found.get(entry.denominator) or 0.0
            found[entry.name] = ((top - base if entry.name == "roi" else top) / base) if base else None
    return found


def _is_there(entry: Metric) -> str:
    """SQL: whether a figure says anything. A rate of nothing is NULL, an amount of nothing is 0."""
    return f"{entry.name} is not null" if is_ratio(entry) or entry.format == "days" else f"abs({entry.name}) >= 0.0005"


def _member(value: Any, leftover: bool) -> Member:
    return LEFTOVER if leftover else NONE if value is None or value == "" else Member(str(value))


def _add(figures: Amounts, more: Amounts) -> None:
    """An empty text and a missing value are the same member: what can be added is added."""
    for name, value in more.items():
        there = figures.get(name)
        figures[name] = value if there is None else there + (value or 0.0) if metric(name).additive else there


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
