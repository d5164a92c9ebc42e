"""The overview's view: figures with their twelve months, revenue by month and channel, the bridge, who opened, what moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from attribution import answers
from attribution.charts import formats, tables
from attribution.charts.revenue import BridgeStep, Part
from attribution.charts.theme import UNATTRIBUTED
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import metric
from attribution.views.state import Choice, Names, against_words, compared_with, rule_label

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
    channels: pd.DataFrame
    campaigns: pd.DataFrame
    assets: pd.DataFrame
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
    now_row = _row(ds.metrics(wanted, [], here, model=model))
    before_row = _row(ds.metrics(wanted, [], before, model=model)) if before else {}
    trends = _trends(ds, here, model, wanted)
    figures = {
        name: Figure(
            name, now_row.get(name), None if name in ("open_deals", "open_amount") else before_row.get(name), trends[name]
        )
        for name in wanted
    }

    def credit(by: list[str], which: Filters) -> pd.DataFrame:
        frame: pd.DataFrame = ds.credit(model=model, by=by, measures=["revenue", "deals"], filters=which)
        return frame.astype({"revenue": float, "deals": float})

    def with_deals(frame: pd.DataFrame, key: str) -> pd.DataFrame:
        """The frame with the deals in which each value took part."""
        took = ds.credit(model=model, by=[key], measures=["influenced_deals"], filters=here)
        counts = dict(zip(took[key].astype(str), took["influenced_deals"].astype(float), strict=True))
        return frame.assign(took_part=[counts.get(str(value)) for value in frame[key]])

    by_channel = credit(["channel"], here)
    by_channel_before = credit(["channel"], before) if before else None
    periods, months, running = _months(credit(["month", "channel"], here), here, ds)
    parts = tables.parts(by_channel, "channel", "revenue", names.channel_labels)
    won, deals = float(now_row.get("won_revenue") or 0), int(now_row.get("won_deals") or 0)
    unattributed = sum(part.amount for part in parts if part.key == UNATTRIBUTED)
    shown = float(by_channel["revenue"].sum()) if here.select_credits else won
    against = against_words(choice)
    facts = answers.OverviewFacts(
        currency=currency, won=shown, deals=deals, won_before=before_row.get("won_revenue") if before else None,
        deals_before=int(before_row.get("won_deals") or 0) if before else None, against=against, basis=filters.date_basis,
        agreed=model == settings.reporting.model, rule=rule_label(ds, model), unattributed=unattributed,
        channels=tuple(answers.Credited(part.label, part.amount) for part in parts if part.key != UNATTRIBUTED),
        won_in_all=won if here.select_credits else None, lost=int(now_row.get("lost_deals") or 0), opened=int(now_row.get("open_deals") or 0),
    )  # fmt: skip
    if here.select_credits and by_channel_before is not None:
        facts = replace(facts, won_before=float(by_channel_before["revenue"].sum()))
    order = [*(part.key for part in parts if part.key != UNATTRIBUTED), *([UNATTRIBUTED] if unattributed else [])]
    by_campaign = credit(["campaign", "channel"], here)
    by_asset = credit(["asset"], here)
    channel_table = tables.ranking(
        with_deals(by_channel, "channel"), by_channel_before, "channel", names.channel_labels, "Channel", limit=60
    )
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
            ds.metrics(["won_revenue"], ["opened_by"], here, model=model),
            "opened_by",
            "won_revenue",
            tables.TEAMS,
            list(tables.TEAMS),
        ),
        phases=tables.parts(credit(["phase"], here), "phase", "revenue", tables.PHASES, [*tables.PHASES, UNATTRIBUTED]),
        moved=tables.changes(by_channel, by_channel_before, "channel", names.channel_labels)
        if by_channel_before is not None
        else [],
        channels=channel_table,
        campaigns=tables.ranking(
            with_deals(_biggest_channel(by_campaign, "campaign"), "campaign"),
            credit(["campaign"], before) if before else None,
            "campaign",
            names.campaigns,
            "Campaign",
        ),
        assets=tables.ranking(
            with_deals(by_asset, "asset"), credit(["asset"], before) if before else None, "asset", names.assets, "Content"
        ),
        ranking_note=f"credited revenue, {formats.span(here.date_from, here.date_to)}",
        nothing_moved=f"Nothing moved against {against}."
        if before is not None
        else "All of the time has nothing before it to compare with. Choose a period in the bar above."
        if choice.compare in ("before", "year") and here.date_from is None
        else "Choose something to compare with in the bar above.",
        definitions="\n\n".join(f"**{metric(name).label}**: {metric(name).description}" for name in MORE_FIGURES),
        thin=_thin_ice(choice, running),
    )


def _row(frame: pd.DataFrame) -> dict[str, float | None]:
    if frame.empty:
        return {}
    return {str(name): None if value is None or value != value else float(value) for name, value in frame.iloc[0].items()}


def _trends(ds: Dataset, here: Filters, model: str, wanted: list[str]) -> dict[str, tuple[float, ...]]:
    """The last twelve full months up to the end of the period; months without a value repeat the one before."""
    if here.date_basis == "touch":  # whole deals have no month of a touch
        return dict.fromkeys(wanted, ())
    today = ds.as_of.date()
    end = min(here.date_to or today, today)
    last = end if (end + timedelta(days=1)).day == 1 else end.replace(day=1) - timedelta(days=1)
    first_index = last.year * 12 + last.month - SPARK_MONTHS
    first = date(first_index // 12, first_index % 12 + 1, 1)
    window = replace(here, period="custom", date_from=first, date_to=last)
    frame = ds.metrics(wanted, ["month"], window, model=model)
    months = tables.complete_periods(f"{first:%Y-%m}", f"{last:%Y-%m}")
    rows = {str(row["month"]): row for row in frame.to_dict("records")}
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
        values, latest = [], None
        for month in months:
            value = rows.get(month, {}).get(name)
            latest = float(value) if value is not None and value == value else 0.0 if additive else latest
            values.append(latest)
        known = next((value for value in values if value is not None), None)
        enough = known is not None and name not in ("open_deals", "open_amount")
        trends[name] = tuple(known if value is None else value for value in values) if enough and known is not None else ()
    return trends


def _months(frame: pd.DataFrame, here: Filters, ds: Dataset) -> tuple[list[str], pd.DataFrame, str | None]:
    """Revenue by period and channel, all periods of the axis, and the one that has not ended yet."""
    frame = frame[frame["month"].notna() & ((frame["revenue"] != 0) | (frame["deals"] != 0))].copy()
    today = ds.as_of.date()
    if frame.empty:
        return [], frame.assign(period=[]), None
    seen = sorted(str(month) for month in frame["month"])
    first = f"{here.date_from:%Y-%m}" if here.date_from else seen[0]
    last = f"{min(here.date_to, today):%Y-%m}" if here.date_to else max(seen[-1], seen[-1])
    first, last = min(first, seen[0]), max(last, seen[-1])
    periods = tables.complete_periods(first, last)
    if "Q" in periods[0]:
        frame["period"] = [tables.quarter(str(month)) for month in frame["month"]]
        key, ended = tables.quarter(f"{today:%Y-%m}"), (today + timedelta(days=1)).day == 1 and today.month % 3 == 0
    else:
        frame["period"] = frame["month"].astype(str)
        key, ended = f"{today:%Y-%m}", (today + timedelta(days=1)).day == 1
    grouped = frame.groupby(["period", "channel"], as_index=False)[["revenue", "deals"]].sum()
    return periods, grouped, key if key in periods and not ended else None


def _biggest_channel(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row per value of ``key`` with its totals and the channel that holds most of it."""
    ordered = frame.sort_values("revenue", ascending=False)
    grouped = ordered.groupby(key, dropna=False, sort=False).agg(
        revenue=("revenue", "sum"), deals=("deals", "sum"), channel=("channel", "first")
    )
    return grouped.reset_index()


def _thin_ice(choice: Choice, running: str | None) -> tuple[str, ...]:
    messages = []
    if choice.filters.date_basis == "created":
        messages.append("A cohort by opening date: its latest deals have had little time to close.")
    if running:
        messages.append(f"{formats.month(running)} is not over.")
    return tuple(messages)
