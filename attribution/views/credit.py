"""The attribution page's view: who or what earned the revenue, by any dimension, under one rule beside another.

Everything ties out: the rows of a table end in the total in scope, and at most twelve rows of a picture hold all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from attribution.answers import credit as answers
from attribution.answers.words import Credited
from attribution.charts import formats, tables
from attribution.charts.credit import Row, unit_of
from attribution.charts.formats import Unit
from attribution.charts.theme import UNATTRIBUTED
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import MEASURES as ROUNDED
from attribution.query import DIMENSIONS, column_name, dimension
from attribution.views.state import Choice, Names, against_words, agreed_word, compared_with, rule_label

MOST_ROWS = 12  # rows of a picture, the summary rows among them
MEASURES = {"revenue": "Revenue", "deals": "Deals", "pipeline": "Open deals"}
LEARNED_FROM = {"all": "counted from all deals", "filtered": "counted from the filtered deals"}
TOO_FINE = ("touch", "deal")  # single touches and deals are the deals page's
TIMES = ("month", "quarter")
# How a dimension is asked for, where its label in small letters and an s would not do: (one, many).
WORDS = {
    "asset": ("piece of content", "pieces of content"), "kind": ("kind of touch", "kinds of touches"), "actor": ("side", "sides"),
    "industry": ("industry", "industries"), "country": ("country", "countries"), "pipeline": ("CRM pipeline", "CRM pipelines"),
    "opened_by": ("opening team", "opening teams"),
}  # fmt: skip
# Dimensions whose values are words of ours; names that people gave (campaigns, countries, owners) stay as they are written.
CODES = ("channel", "topic", "kind", "actor", "phase", "segment", "deal_type", "opened_by")


@dataclass(frozen=True)
class Question:
    """What the page asks: credit of which ``measure``, by which dimension, beside which other rule; and from which deals learned rules
    are counted (LEARNED_FROM)."""

    by: str = "channel"
    measure: str = "revenue"
    second: str = "first_touch"
    learned_from: str = "all"


@dataclass(frozen=True)
class Credit:
    """All that the attribution page shows above its what-if.

    ``rows``: at most MOST_ROWS, as drawn; ``every``: all of them; ``total`` ends both. ``depends``: whether the rule can change the split; where it
    cannot (a segment belongs to whole deals), the second picture compares with the other period instead.
    """

    title: str
    answer: str
    one: str
    many: str
    head: str
    rows: tuple[Row, ...]
    every: tuple[Row, ...]
    total: Row
    unit: Unit
    depends: bool
    against: str
    compared: tuple[str, str] | None
    deals: int
    spent: bool
    months: tuple[str, ...]
    nothing_recorded: bool
    note: str

    @property
    def has_amounts(self) -> bool:
        """Whether there is anything to draw: without a won deal, money spent still stands in the table."""
        return any(row.amount or row.other for row in self.rows)

    @property
    def pictured(self) -> tuple[Row, ...]:
        """The rows that have something to draw (money spent on nothing recorded stands in the table only)."""
        return tuple(row for row in self.rows if row.amount or row.other or row.kind == "value")


def dimensions(ds: Dataset) -> dict[str, str]:
    """Dimension → label, in the order of the registry; further columns of deals at the end."""
    labels = {entry.name: entry.label for entry in DIMENSIONS if entry.name not in TOO_FINE}
    return labels | {name: formats.words(name) for name in ds.extra_dimensions}


def words_of(name: str, label: str) -> tuple[str, str]:
    """(one, many) of a dimension inside a sentence."""
    return WORDS.get(name) or (label[0].lower() + label[1:], f"{label[0].lower() + label[1:]}s")


def words_for(ds: Dataset, by: str) -> tuple[str, str]:
    """(one, many) of a dimension of this data."""
    return words_of(by, dimensions(ds)[by])


def is_of_touch(ds: Dataset, by: str, filters: Filters) -> bool:
    """Whether a dimension cuts single touches, so that a deal is shared among its values."""
    return dimension(by, ds.extra_dimensions).level == "touch" or (by in TIMES and filters.date_basis == "touch")


def credit(ds: Dataset, choice: Choice, question: Question, names: Names) -> Credit:
    """The attribution page under a choice of filters, for one question."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    before = compared_with(choice, ds) if question.measure != "pipeline" and question.by not in TIMES else None
    one, many = words_for(ds, question.by)
    touches = is_of_touch(ds, question.by, here)
    depends = touches or here.select_credits
    every = _every(ds, choice.model, question, here, before, touches, names, one)
    total = _total(ds, every, question, here, before)
    every = [replace(row, share=row.amount / total.amount if total.amount > 0 else None) for row in every]
    if not depends:
        every = [replace(row, other=row.before) for row in every]
        total = replace(total, other=total.before)
    rows = _drawn(every, question.by, many)
    unit = unit_of(
        question.measure,
        [value for row in rows if row.kind != "none" for value in (row.amount, row.other or 0.0)],
        ds.settings.reporting.currency,
    )
    against = against_words(choice) if before else ""
    rule, second = rule_label(ds, choice.model), rule_label(ds, question.second)
    compared = (rule, second) if depends else ("now", against) if against else None
    whole = ds.metric_rows(["won_deals", "open_deals"], [], here, choice.model)[0]
    deals = int(whole["open_deals" if question.measure == "pipeline" else "won_deals"] or 0)
    real = sorted((row for row in every if row.kind == "value"), key=lambda row: -row.amount)
    facts = answers.CreditFacts(
        currency=ds.settings.reporting.currency, measure=question.measure, many=many, total=total.amount, deals=deals,
        ranked=tuple(Credited(row.label, row.amount, row.other if depends else None, row.before) for row in real),
        unattributed=sum(row.amount for row in every if row.kind == "unattributed"), total_before=total.before, against=against,
        agreed=agreed_word(ds, choice.model), rule=rule, second=second if depends and choice.model != question.second else "",
        codes=question.by in CODES, of_touch=touches, parts=here.select_credits,
    )  # fmt: skip
    return Credit(
        title=answers.credit_title(many, question.measure, touches), answer=answers.credit(facts), one=one, many=many,
        head=dimensions(ds)[question.by], rows=tuple(rows), every=tuple(every), total=total, unit=unit, depends=depends,
        against=against, compared=compared, deals=deals, spent=any(row.spend for row in every),
        months=_month_keys(every, here, ds), nothing_recorded=not real and bool(every),
        note=answers.credit_note(total.amount, question.measure, ds.settings.reporting.currency, here.select_credits),
    )  # fmt: skip


def _every(
    ds: Dataset, model: str, question: Question, here: Filters, before: Filters | None, touches: bool, names: Names, one: str
) -> list[Row]:
    """All rows: values by size (times in order), then what has no value, then what is unattributed."""
    by, measure = question.by, question.measure
    counted = {"revenue": "deals", "pipeline": "pipeline_deals"}.get(measure)
    now = _amounts(ds, model, [measure, *([counted] if counted else [])], by, here)
    other = _amounts(ds, question.second, [measure], by, here)
    past = _amounts(ds, model, [measure], by, before) if before else {}
    part = {"pipeline": "influenced_pipeline"}.get(measure, "influenced_deals")
    took = _amounts(ds, model, [part], by, here) if touches else {}
    spend = (
        _amounts(ds, model, ["spend", "roas"], by, here)
        if measure == "revenue" and dimension(by, ds.extra_dimensions).spend and not here.select_deals_by_field
        else {}
    )
    labels = names.labels.get(by, {})
    rows = []
    for key in dict.fromkeys([*now, *other, *past, *spend]):
        value = {measure: 0.0, **now.get(key, {})}
        figures = [value[measure], other.get(key, {}).get(measure, 0.0), past.get(key, {}).get(measure, 0.0)]
        spent = spend.get(key, {}).get("spend") or None
        if not any(abs(figure) >= 0.0005 for figure in figures) and not spent and not took.get(key, {}).get(part):
            continue
        kind, label = _kind_and_label(key, by, touches, labels, one)
        rows.append(
            Row(
                key=key, label=label, amount=value[measure], kind=kind, other=other.get(key, {}).get(measure, 0.0),
                deals=value.get(counted, 0.0) if counted else None,
                took_part=took.get(key, {}).get(part) if touches and kind != "unattributed" else None,
                before=past.get(key, {}).get(measure, 0.0) if before else None, spend=spent,
                per_spend=spend.get(key, {}).get("roas") if spent and kind == "value" else None,
            )
        )  # fmt: skip
    last = {"value": 0, "none": 1, "unattributed": 2}
    in_time = by in TIMES
    return sorted(
        rows, key=lambda row: (last[row.kind], row.key if in_time else "", -row.amount, -(row.other or 0.0), row.label, row.key)
    )


def every_row(ds: Dataset, model: str, question: Question, here: Filters, names: Names) -> list[Row]:
    """Each value with what is credited to it under a model, and nothing else."""
    by, measure = question.by, question.measure
    touches, labels, one = is_of_touch(ds, by, here), names.labels.get(by, {}), words_for(ds, by)[0]
    rows = []
    for key, values in _amounts(ds, model, [measure], by, here).items():
        if abs(values[measure]) >= 0.0005:
            kind, label = _kind_and_label(key, by, touches, labels, one)
            rows.append(Row(key=key, label=label, amount=values[measure], kind=kind))
    return rows


def _kind_and_label(key: str, by: str, touches: bool, labels: Mapping[str, str], one: str) -> tuple[str, str]:
    """What a row stands for (a value, none, unattributed), and its name on screen."""
    if key == UNATTRIBUTED and touches:
        return "unattributed", UNATTRIBUTED
    return ("value", labels.get(key) or _name(by, key)) if key else ("none", f"No {one}")


def _amounts(ds: Dataset, model: str, measures: Sequence[str], by: str, filters: Filters) -> dict[str, dict[str, float]]:
    """Key → measure → value; a missing key is "". Money adds up to its rounded total."""
    rows = (
        ds.credit_rows(model, [by], measures, filters)
        if set(measures) <= set(ROUNDED)
        else ds.metric_rows(measures, [by], filters, model)
    )
    column = column_name(by, measures)
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        values = found.setdefault(row[column] or "", dict.fromkeys(measures, 0.0))
        for measure in measures:
            values[measure] += row[measure] or 0.0
    return found


def _total(ds: Dataset, every: Sequence[Row], question: Question, here: Filters, before: Filters | None) -> Row:
    """The last row: sums of what can be added up, and ratios of totals. What a channel took part in cannot be added up."""
    spend = sum(row.spend or 0.0 for row in every) or None
    amount = round(sum(row.amount for row in every), 6)
    return Row(
        key="", label="Total", amount=amount, kind="total", share=1.0 if amount else None, other=round(sum(row.other or 0.0 for row in every), 6),
        deals=sum(row.deals or 0.0 for row in every) if question.measure != "deals" else None,
        before=round(sum(row.before or 0.0 for row in every), 6) if before else None, spend=spend,
        per_spend=amount / spend if spend and question.measure == "revenue" else None,
    )  # fmt: skip


def _drawn(every: Sequence[Row], by: str, many: str) -> list[Row]:
    """At most MOST_ROWS rows: the largest (of times: the latest), the rest in one row, then the summary rows."""
    values = [row for row in every if row.kind == "value"]
    summary = [row for row in every if row.kind != "value"]
    room = MOST_ROWS - len(summary)
    if len(values) <= room:
        return list(every)
    kept, rest = (values[-(room - 1) :], values[: -(room - 1)]) if by in TIMES else (values[: room - 1], values[room - 1 :])
    other = gathered(rest, f"Earlier {many}" if by in TIMES else f"{formats.count(len(rest))} other {many}")
    return [other, *kept, *summary] if by in TIMES else [*kept, other, *summary]


def gathered(rows: Sequence[Row], label: str) -> Row:
    """Several rows in one. What they took part in is left out: it cannot be added up."""
    spend = sum(row.spend or 0.0 for row in rows) or None
    amount = sum(row.amount for row in rows)
    return Row(
        key="", label=label, amount=round(amount, 6), kind="other", share=sum(row.share or 0.0 for row in rows),
        other=round(sum(row.other or 0.0 for row in rows), 6) if any(row.other is not None for row in rows) else None,
        deals=sum(row.deals or 0.0 for row in rows) if any(row.deals is not None for row in rows) else None,
        before=round(sum(row.before or 0.0 for row in rows), 6) if any(row.before is not None for row in rows) else None, spend=spend,
        per_spend=sum(row.amount for row in rows) / spend if spend else None,
    )  # fmt: skip


def _name(by: str, key: str) -> str:
    return formats.month(key) if by in TIMES else formats.words(key)


def _month_keys(every: Sequence[Row], here: Filters, ds: Dataset) -> tuple[str, ...]:
    """The months of the filter; empty where its start is not known or there is only one."""
    if not here.date_from or not every:
        return ()
    last = min(here.date_to or ds.as_of.date(), ds.as_of.date())
    first, end = f"{here.date_from:%Y-%m}", f"{last:%Y-%m}"
    return tuple(tables.complete_periods(first, end)) if first < end else ()


def monthly(ds: Dataset, choice: Choice, question: Question, months: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Key → its credit in each month, for the small lines of the table."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    column = column_name(question.by, [question.measure])
    quarterly = any("Q" in month for month in months)
    places = {month: place for place, month in enumerate(months)}
    found: dict[str, list[float]] = {}
    for row in ds.credit_rows(choice.model, [question.by, "month"], [question.measure], here):
        month = row["month"]
        place = places.get(tables.quarter(month) if quarterly and month else month)
        if place is not None:
            found.setdefault(row[column] or "", [0.0] * len(months))[place] += row[question.measure] or 0.0
    return {key: tuple(values) for key, values in found.items()}


def table(
    view: Credit, rows: Sequence[Row], question: Question, second: str, monthly: Mapping[str, Sequence[float]] | None = None
) -> pd.DataFrame:
    """Rows in numbers, with the total last. Columns that this question does not have are left out."""
    listed = [*rows, view.total]
    heads: dict[str, list[object]] = {
        view.head: [row.label for row in listed],
        "Credited": [row.amount for row in listed],
        "Share": [tables.percent(row.share) for row in listed],
    }
    if monthly is not None:
        heads["By month"] = [list(monthly.get(row.key, ())) if row.kind not in ("other", "total") else [] for row in listed]
    if view.depends:
        heads[second] = [row.other for row in listed]
        heads["Difference"] = [None if row.other is None else round(row.other - row.amount, 6) for row in listed]
    if any(row.took_part is not None for row in rows):
        heads["Took part in"] = [row.took_part for row in listed]
    if any(row.deals is not None for row in rows):
        heads["Deals"] = [row.deals for row in listed]
    if view.against:
        heads["Change"] = [tables.growth(row.amount, row.before) for row in listed]
    if view.spent:
        heads["Spend"] = [row.spend for row in listed]
        heads["Per unit spent"] = [row.per_spend for row in listed]
    return pd.DataFrame(heads)
