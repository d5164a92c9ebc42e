"""The paths page's view: the ways that journeys take, their steps, where they begin and end, and what is lost without a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attribution.answers import paths as answers
from attribution.answers.words import ENOUGH_DEALS
from attribution.charts import formats
from attribution.charts.marks import Form, Grid, Mark
from attribution.charts.paths import Effect, Spread, WayBar
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.paths import ways
from attribution.paths.effects import effects
from attribution.paths.journeys import Floats, Indices, Paths
from attribution.paths.of_deals import DealPaths, of_deals
from attribution.views.state import Choice, Names

DIMENSIONS: dict[str, str] = {"channel": "Channels", "kind": "Kinds of touch", "campaign": "Campaigns", "asset": "Content"}
ONE: dict[str, str] = {"channel": "channel", "kind": "kind of touch", "campaign": "campaign", "asset": "piece of content"}
REPEATS: dict[str, str] = {
    "once": "each counts once, where it first came",
    "row": "repeats in a row count once",
    "every": "every touch counts",
}
PARTS: dict[str, str] = {"whole": "the whole way", "first": "the first three steps", "last": "the last three steps"}
ORDERS: dict[str, str] = {"won": "most won deals", "lost": "most lost deals"}
STEPS_OF_A_PART = 3
# Dimensions that most touches have no value of: those touches are no steps.
_SPARSE = ("campaign", "asset")
MOST_VALUES = 12  # of the tables of steps; the rest is gathered in one
MOST_SOLVED = 60  # values of which each is taken out by itself; gathering changes the effects of the others a little
MOST_ENDS = 7  # of the table from first to last
MOST_BARS = 10
MOST_ROWS = 100
_OTHER = "\uffff"  # sorts last, and is no name that data has


@dataclass(frozen=True)
class Question:
    """What the page asks: ways over which dimension, what becomes of repeats, which part of the way, which first."""

    by: str = "channel"
    repeats: str = "once"
    part: str = "whole"
    order: str = "won"


@dataclass(frozen=True)
class Journeys:
    """The journeys of some deals. ``rows``: the deals of ``deals`` whose journeys are in ``paths``; ``days``: from the first touch to the end, per
    deal of ``paths``."""

    deals: DealPaths
    paths: Paths
    rows: Indices
    days: Floats

    def ids(self, places: Indices) -> tuple[str, ...]:
        """The deals of some journeys."""
        return tuple(self.deals.deal_ids[row] for row in self.rows[places])


@dataclass(frozen=True)
class PathsView:
    """All that the page shows. ``bars``: the ways of the picture; ``every``: those of the table; ``ranked``: whether there are enough won deals.

    ``values``, ``ends_values``: by number, the names of the rows and columns of ``steps`` and ``ends`` in the data, None for what is gathered.
    """

    answer: str
    notes: tuple[str, ...]
    won: int
    lost: int
    different: int
    ranked: bool
    bars: tuple[WayBar, ...]
    every: tuple[WayBar, ...]
    steps: Grid | None
    ends: Grid | None
    values: tuple[str | None, ...]
    ends_values: tuple[str | None, ...]
    effects: tuple[Effect, ...]
    spreads: tuple[Spread, ...]
    rests_on: str


def journeys(ds: Dataset, filters: Filters, by: str) -> Journeys:
    """The journeys that the filters select, by a dimension of the touch; touches without a value are left out where most have none."""
    found = of_deals(ds, filters, by)
    paths, rows = ways.without(found.paths, "") if by in _SPARSE else (found.paths, np.arange(len(found)))
    first = ds.arrays("select deal_id, days_before_end from marts.credits where is_first order by deal_id")
    keys, days = np.asarray(first["deal_id"], object), np.asarray(first["days_before_end"], float)
    ids = np.array(found.deal_ids, object)[rows]
    place = {key: number for number, key in enumerate(keys)}
    return Journeys(found, paths, rows, np.array([days[place[key]] for key in ids], float))


def shaped(paths: Paths, repeats: str, part: str) -> Paths:
    """The journeys with their repeats folded and cut to the part that is asked for."""
    folded = {"once": ways.first_meetings, "row": ways.folded, "every": lambda same: same}[repeats](paths)
    return folded if part == "whole" else ways.cut(folded, STEPS_OF_A_PART, part == "last")


def paths(ds: Dataset, choice: Choice, question: Question, known: Journeys, names: Names) -> PathsView:
    """The page under a choice of filters."""
    labels, statuses = names.labels.get(question.by, {}), known.deals.statuses
    shown = shaped(known.paths, question.repeats, question.part)
    won, lost = int(shown.total_conversions), int(shown.total_lost)
    ranked = won >= ENOUGH_DEALS
    found = ways.ways(shown)
    every = _rows(found, shown, known, question, labels, ranked)
    grouped = ways.gathered(shown, MOST_VALUES, _OTHER)
    whole = ways.gathered(known.paths, MOST_ENDS, _OTHER)
    bars = tuple(row for row in every[:MOST_BARS] if row.won + row.lost > 1 or len(every) <= MOST_BARS) if ranked else ()
    lost_without = _effects(known.paths, labels, ranked)
    spreads = _spreads(known)
    in_scope = int(ds.metric_rows(["won_deals"], [], choice.filters.resolved(ds.settings, ds.as_of))[0]["won_deals"] or 0)
    quiet = sum(statuses[row] == "open" for row in known.rows)
    begins, ends = (_most_won(known.paths, codes, labels) for codes in (known.paths.starts[:-1], known.paths.starts[1:] - 1))
    facts = answers.Facts(
        one=ONE[question.by], part=question.part, won=won, lost=lost, quiet=quiet, different=int((found.won > 0).sum()),
        first=(every[0].labels, every[0].won, every[0].lost) if ranked and every else None, begins=begins, ends=ends,
        spreads=tuple((spread.won, spread.lost) for spread in spreads), order=question.order,
        left_out=max(in_scope - won, 0), alike=len(bars), stale_days=ds.settings.models.markov.stale_days,
    )  # fmt: skip
    return PathsView(
        answer=answers.answer(facts), notes=answers.notes(facts), won=won, lost=lost, different=len(found), ranked=ranked,
        bars=bars, every=tuple(every), steps=_steps(grouped, labels, question) if len(shown) else None,
        ends=_ends(whole, labels) if won else None, values=tuple(None if name == _OTHER else name for name in grouped.names),
        ends_values=tuple(None if name == _OTHER else name for name in whole.names),
        effects=tuple(lost_without), spreads=spreads, rests_on=answers.rests_on(facts),
    )  # fmt: skip


def _most_won(of: Paths, touches: Indices, labels: Mapping[str, str]) -> tuple[str, int] | None:
    """The value that most won journeys have at these touches (one per journey), in words."""
    counts = np.bincount(of.codes[touches], of.conversions, minlength=len(of.names))
    if not counts.any():
        return None
    place = int(np.argmax(counts))
    return label_of(of.names[place], labels), int(counts[place])


def label_of(name: str, labels: Mapping[str, str]) -> str:
    """A value in words."""
    return "Other" if name == _OTHER else labels.get(name) or formats.words(name, "No value")


def _rows(
    found: ways.Ways, shown: Paths, known: Journeys, question: Question, labels: Mapping[str, str], ranked: bool
) -> list[WayBar]:
    """The ways of the table: the most frequent first; by their names where there are too few deals to rank."""
    counted = (found.lost, found.won) if question.order == "lost" else (found.won, found.lost)
    if ranked:
        order = np.lexsort((np.arange(len(found)), -found.value, -counted[1], -counted[0]))[:MOST_ROWS]
    else:
        order = np.arange(len(found))[:MOST_ROWS]
    wanted = set(order.tolist())
    members: dict[int, list[int]] = {place: [] for place in wanted}
    for row in np.flatnonzero(np.isin(found.group, order)):
        members[int(found.group[row])].append(int(row))
    amounts = known.deals.amounts[known.rows]
    rows = []
    for place in order:
        won, lost = int(found.won[place]), int(found.lost[place])
        way = ways.way_of(shown, int(found.first_row[place]))
        of_won = [row for row in members[int(place)] if shown.conversions[row]]
        rows.append(
            WayBar(
                way, tuple(label_of(name, labels) for name in way), won, lost, won / (won + lost) if won + lost >= ENOUGH_DEALS else None,
                float(amounts[of_won].sum()), float(np.median(known.days[of_won])) if of_won else None,
            )
        )  # fmt: skip
    return rows if ranked else sorted(rows, key=lambda row: row.labels)


def _steps(shown: Paths, labels: Mapping[str, str], question: Question) -> Grid:
    """What follows on what, as shares of what leaves each value. A row's key is its number; "start", "won" and "lost" stand for the ends."""
    table = ways.steps(shown)
    if question.part == "last":  # what is cut off in front is no start, what is cut off behind no end
        table = table[:-1]
    if question.part == "first":
        table = table[:, :-2]
    totals = table.sum(1)
    values = [
        Mark(str(place), "other" if name == _OTHER else "value", label_of(name, labels)) for place, name in enumerate(shown.names)
    ]
    order = sorted(range(len(shown.names)), key=lambda place: (shown.names[place] == _OTHER, -totals[place], values[place].label))
    size = len(order)
    listed = [(values[place], place) for place in order]
    rows = [(Mark("start", "value", "Start"), size), *listed] if question.part != "last" else listed
    ends = [(Mark("won", "value", "Won"), size), (Mark("lost", "value", "Lost"), size + 1)]
    columns = [*listed, *ends] if question.part != "first" else listed
    cells = tuple(
        tuple(float(table[row, column] / totals[row]) if table[row, column] else None for _, column in columns) for _, row in rows
    )
    form = Form("share")
    return Grid(tuple(mark for mark, _ in rows), tuple(mark for mark, _ in columns), cells, form, unit=form.unit([0.5]))


def _ends(shown: Paths, labels: Mapping[str, str]) -> Grid:
    """Won deals by the first value (rows) and the last (columns)."""
    table = ways.ends(shown)
    marks = [
        Mark(str(place), "other" if name == _OTHER else "value", label_of(name, labels)) for place, name in enumerate(shown.names)
    ]
    gathered = [place for place, name in enumerate(shown.names) if name == _OTHER]
    rows, columns = (
        sorted(np.flatnonzero(totals), key=lambda place: (place in gathered, -totals[place]))
        for totals in (table.sum(1), table.sum(0))
    )
    cells = tuple(tuple(float(table[row, column]) or None for column in columns) for row in rows)
    form = Form("count")
    return Grid(
        tuple(marks[row] for row in rows), tuple(marks[column] for column in columns), cells, form, tuple(float(table[row].sum()) for row in rows),
        tuple(float(table[:, column].sum()) for column in columns), float(table.sum()), form.unit([1.0]),
    )  # fmt: skip


def _effects(whole: Paths, labels: Mapping[str, str], ranked: bool) -> list[Effect]:
    """What is lost without each value, the largest first. Repeats make no difference, and the part that is shown none either."""
    if not ranked:
        return []
    found = effects(ways.gathered(whole, MOST_SOLVED, _OTHER))
    rows = [
        Effect(None if name == _OTHER else name, label_of(name, labels), float(effect), float(low), float(high))
        for name, effect, low, high in zip(found.names, found.effects, found.low, found.high, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.name is None, -row.effect, row.label))[:MOST_VALUES]


def _spreads(known: Journeys) -> tuple[Spread, ...]:
    """Touches and days of won and of lost journeys. A deal that has gone quiet has not ended, so it has no days."""
    statuses = np.array(known.deals.statuses, object)[known.rows] if len(known.rows) else np.zeros(0, object)
    touches = np.diff(known.paths.starts).astype(float)
    return tuple(
        Spread(label, unit, _quantiles(numbers[statuses == "won"]), _quantiles(numbers[statuses == "lost"]))
        for label, unit, numbers in (("Touches", "", touches), ("Days to close", "days", known.days))
    )


def _quantiles(numbers: Floats) -> tuple[float, ...]:
    """10 %, 25 %, the median, 75 %, 90 %; empty without numbers."""
    return tuple(float(value) for value in np.quantile(numbers, [0.1, 0.25, 0.5, 0.75, 0.9])) if len(numbers) else ()
