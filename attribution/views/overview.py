"""The overview's view: figures with their twelve months, revenue by month and channel, the bridge, who opened, what moved.

What earned most is a view of its own, ``ranking``: a page shows one of its three tables at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from attribution.answers import overview as answers
from attribution.answers.words import Credited
from attribution.charts import formats, tables
from attribution.charts.revenue import BridgeStep, Part
from attribution.charts.theme import UNATTRIBUTED
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import metric
from attribution.views.state import Choice, Names, against_words, agreed_word, compared_with, rule_label

BIG_FIGURES = ("won_revenue", "won_deals", "win_rate", "cycle_days", "attributed_share")
MORE_FIGURES = (
    "mean_deal",
    "sourced_revenue",
    "influenced_revenue",
    "attributed_revenue",
    "lost_deals",
    "open_deals",
    "open_amount",
)
SPARK_MONTHS = 12


@dataclass(frozen=True)
class Figure:
    """One figure with what it is compared with and its last twelve full months."""

    name: str
    value: float | None
    before: float | None
    trend: tuple[float, ...]


@dataclass(frozen=True)
class Overview:
    """All that the overview shows."""

    figures: dict[str, Figure]
    answer: str
    against: str
    span: str
    periods: tuple[str, ...]
    running: str | None
    months: pd.DataFrame
    months_table: pd.DataFrame
    bridge: list[BridgeStep]
    opened_by: list[Part]
    phases: list[Part]
    moved: list[tuple[Part, float]]
    ranking_note: str
    nothing_moved: str
    definitions: str
    thin: tuple[str, ...]


def overview(ds: Dataset, choice: Choice, names: Names) -> Overview:
    """The overview under a choice of filters."""
    settings, filters, model = ds.settings, choice.filters, choice.model
    here = filters.resolved(settings, ds.as_of)
    before = compared_with(choice, ds)
    currency = settings.reporting.currency
    wanted = [*BIG_FIGURES, *MORE_FIGURES]
    now_row = ds.metric_rows(wanted, [], here, model)[0]
    before_row = ds.metric_rows(wanted, [], before, model)[0] if before else {}
    trends = _trends(ds, here, model, wanted)
    figures = {
        name: Figure(
            name, now_row.get(name), None if name in ("open_deals", "open_amount") else before_row.get(name), trends[name]
        )
        for name in wanted
    }

    def credit(by: list[str], which: Filters) -> list[dict[str, Any]]:
        return ds.credit_rows(model=model, by=by, measures=["revenue", "deals"], filters=which)

    by_channel = credit(["channel"], here)
    by_channel_before = credit(["channel"], before) if before else None
    periods, months, running = _months(credit(["month", "channel"], here), here, ds)
    parts = tables.parts(by_channel, "channel", "revenue", names.channel_labels)
    won, deals = float(now_row.get("won_revenue") or 0), int(now_row.get("won_deals") or 0)
    unattributed = sum(part.amount for part in parts if part.key == UNATTRIBUTED)
    shown = sum(row["revenue"] for row in by_channel) if here.select_credits else won
    against = against_words(choice)
    facts = answers.OverviewFacts(
        currency=currency, won=shown, deals=deals, won_before=before_row.get("won_revenue") if before else None,
        deals_before=int(before_row.get("won_deals") or 0) if before else None, against=against, basis=filters.date_basis,
        agreed=agreed_word(ds, model), rule=rule_label(ds, model), unattributed=unattributed,
        channels=tuple(Credited(part.label, part.amount) for part in parts if part.key != UNATTRIBUTED),
        won_in_all=won if here.select_credits else None, lost=int(now_row.get("lost_deals") or 0), opened=int(now_row.get("open_deals") or 0),
    )  # fmt: skip
    if here.select_credits and by_channel_before is not None:
        facts = replace(facts, won_before=sum(row["revenue"] for row in by_channel_before))
    order = [*(part.key for part in parts if part.key != UNATTRIBUTED), *([UNATTRIBUTED] if unattributed else [])]
    return Overview(
        figures=figures,
        answer=answers.overview(facts),
        against=against,
        span=formats.span(here.date_from, here.date_to),
        periods=tuple(periods),
        running=running,
        months=months,
        months_table=tables.months_table(months, periods, order, names.channel_labels),
        bridge=[]
        if here.select_credits
        else tables.bridge_steps(
            ds.reconcile(model, here),
            settings.journeys.lookback_days,
            "Closed at other times" if not filters.active() else "Outside the filters",
        ),
        opened_by=tables.parts(
            ds.metric_rows(["won_revenue"], ["opened_by"], here, model),
            "opened_by",
            "won_revenue",
            tables.TEAMS,
            list(tables.TEAMS),
        ),
        phases=tables.parts(credit(["phase"], here), "phase", "revenue", tables.PHASES, [*tables.PHASES, UNATTRIBUTED]),
        moved=tables.changes(by_channel, by_channel_before, "channel", names.channel_labels)
        if by_channel_before is not None
        else [],
        ranking_note=f"credited revenue, {formats.span(here.date_from, here.date_to)}",
        nothing_moved=f"Nothing moved against {against}."
        if before is not None
        else "All of the time has nothing before it to compare with. Choose a period in the bar above."
        if choice.compare in ("before", "year") and here.date_from is None
        else "Choose something to compare with in the bar above.",
        definitions="\n\n".join(f"**{metric(name).label}**: {metric(name).description}" for name in MORE_FIGURES),
        thin=_thin_ice(choice, running),
    )


RANKED = {"channel": ("Channel", 60), "campaign": ("Campaign", 8), "asset": ("Content", 8)}


def ranking(ds: Dataset, choice: Choice, by: str, names: Names) -> pd.DataFrame:
    """What earned most, by channel, campaign or asset: ``tables.ranking`` under a choice of filters."""
    here, before = choice.filters.resolved(ds.settings, ds.as_of), compared_with(choice, ds)
    keys = ["campaign", "channel"] if by == "campaign" else [by]
    rows = ds.credit_rows(choice.model, keys, ["revenue", "deals"], here)
    if by == "campaign":
        rows = _biggest_channel(rows, "campaign")
    took = {row[by]: row["influenced_deals"] for row in ds.credit_rows(choice.model, [by], ["influenced_deals"], here)}
    labels = {"channel": names.channel_labels, "campaign": names.campaigns, "asset": names.assets}[by]
    then = ds.credit_rows(choice.model, [by], ["revenue"], before) if before else None
    head, limit = RANKED[by]
    return tables.ranking([{**row, "took_part": took.get(row[by])} for row in rows], then, by, labels, head, limit)


def _trends(ds: Dataset, here: Filters, model: str, wanted: list[str]) -> dict[str, tuple[float, ...]]:
    """The last twelve full months up to the end of the period, from the first one in which a deal ended; a month without a value has no point, and
    a figure that is always nothing has no line."""
    if here.date_basis == "touch":  # whole deals have no month of a touch
        return dict.fromkeys(wanted, ())
    today = ds.as_of.date()
    end = min(here.date_to or today, today)
    last = end if (end + timedelta(days=1)).day == 1 else end.replace(day=1) - timedelta(days=1)
    first_index = last.year * 12 + last.month - SPARK_MONTHS
    first = date(first_index // 12, first_index % 12 + 1, 1)
    year = replace(here, period="custom", date_from=first, date_to=last)
    rows = {row["month"]: row for row in ds.metric_rows(wanted, ["month"], year, model) if row["month"]}
    months = tables.complete_periods(min(rows), f"{last:%Y-%m}") if rows else []
    trends: dict[str, tuple[float, ...]] = {}
    for name in wanted:
        additive = name in (
            "won_revenue",
            "won_deals",
            "sourced_revenue",
            "influenced_revenue",
            "attributed_revenue",
            "lost_deals",
        )
        found = [rows.get(month, {}).get(name) for month in months]
        values = [0.0 if value is None else value for value in found if additive or value is not None]
        trends[name] = tuple(values) if len(values) > 1 and any(values) and name not in ("open_deals", "open_amount") else ()
    return trends


def _months(rows: list[dict[str, Any]], here: Filters, ds: Dataset) -> tuple[list[str], pd.DataFrame, str | None]:
    """Revenue by period and channel, all periods of the axis, and the one that has not ended yet."""
    rows = [row for row in rows if row["month"] and (row["revenue"] or row["deals"])]
    today = ds.as_of.date()
    columns = ["period", "channel", "revenue", "deals"]
    if not rows:
        return [], pd.DataFrame(columns=columns), None
    seen = sorted(row["month"] for row in rows)
    first = f"{here.date_from:%Y-%m}" if here.date_from else seen[0]
    last = f"{min(here.date_to, today):%Y-%m}" if here.date_to else seen[-1]
    periods = tables.complete_periods(min(first, seen[0]), max(last, seen[-1]))
    by_quarter = "Q" in periods[0]
    ended = (today + timedelta(days=1)).day == 1 and (today.month % 3 == 0 or not by_quarter)
    sums: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        period = tables.quarter(row["month"]) if by_quarter else row["month"]
        cell = sums.setdefault((period, row["channel"]), [0.0, 0.0])
        cell[0] += row["revenue"]
        cell[1] += row["deals"]
    grouped = pd.DataFrame([(*key, *sums[key]) for key in sorted(sums)], columns=columns)
    running = tables.quarter(f"{today:%Y-%m}") if by_quarter else f"{today:%Y-%m}"
    return periods, grouped, running if running in periods and not ended else None


def _biggest_channel(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """One row per value of ``key`` with its totals and the channel that holds most of it."""
    found: dict[str | None, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: -row["revenue"]):
        if first := found.get(row[key]):
            first["revenue"] += row["revenue"]
            first["deals"] += row["deals"]
        else:
            found[row[key]] = dict(row)
    return list(found.values())


def _thin_ice(choice: Choice, running: str | None) -> tuple[str, ...]:
    messages = []
    if choice.filters.date_basis == "created":
        messages.append("A cohort by opening date: its latest deals have had little time to close.")
    if running:
        messages.append(f"{formats.month(running)} is not over.")
    return tuple(messages)
