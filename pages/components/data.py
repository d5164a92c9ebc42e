"""Where the app gets its numbers: every cache is here, keyed by the version of the data, so that a new build is seen at once.

A page asks for one view (all it shows under the filters that are set) and lays it out. Small aggregates are cached, never
the tables under them; the database itself is opened once per version and shared.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import attribution
from attribution import answers
from attribution.bridge import STEPS
from attribution.charts import deals as deals_words
from attribution.charts import formats, tables, theme, touches
from attribution.charts.revenue import BridgeStep, Part
from attribution.charts.theme import UNATTRIBUTED
from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.metrics import metric

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
LIMIT_OPTIONS = 2000


def database_path() -> Path:
    """The database the app serves: CLOSED_LOOP_DB, else build/ beside app.py."""
    return Path(os.environ.get("CLOSED_LOOP_DB") or _repository() / "build")


def data_path() -> Path:
    """The data folder that a first run builds: CLOSED_LOOP_DATA, else sample_data/ beside app.py."""
    return Path(os.environ.get("CLOSED_LOOP_DATA") or _repository() / "sample_data")


def _repository() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def version_in_service(path: Path) -> str:
    """What tells one version of the database from the next, without opening it; empty where there is none."""
    try:
        if path.suffix == ".duckdb":
            stat = path.stat()
            return f"{stat.st_mtime_ns}-{stat.st_size}"
        return (path / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@st.cache_resource(max_entries=2, show_spinner=False)
def dataset(path: str, version: str) -> Any:
    """The database of one version. Raises DatabaseError where it is damaged."""
    return attribution.open(path)


@dataclass(frozen=True)
class Choice:
    """What the filter bar holds: which rows, compared with what, under which model."""

    filters: Filters
    compare: str
    model: str


@dataclass(frozen=True)
class Names:
    """Names for ids and codes, and all values a filter can take. ``channels``: biggest first, over all data."""

    channels: tuple[str, ...]
    channel_labels: dict[str, str]
    campaigns: dict[str, str]
    assets: dict[str, str]
    owners: dict[str, str]
    values: dict[str, tuple[str, ...]]
    slots: dict[str, int | None]


@st.cache_data(max_entries=4, show_spinner=False)
def names(version: str, _ds: Any) -> Names:
    """Names, filter values and the colour of each channel: of all data, so that no filter changes them."""
    house = _ds.settings.reporting.model
    by_channel = _ds.credit(model=house, by=["channel"], measures=["deals", "pipeline_deals"], filters=Filters())
    by_channel["size"] = by_channel["deals"].astype(float) + by_channel["pipeline_deals"].astype(float) * 0.001
    by_channel = by_channel[by_channel["channel"] != UNATTRIBUTED].sort_values(["size", "channel"], ascending=[False, True])
    channels = tuple(str(name) for name in by_channel["channel"])
    labels = {name: _label(_ds.settings.channels, name) for name in channels}
    labels = {
        **labels,
        **{name: _label(_ds.settings.channels, name) for name in _ds.known_values["channel"] if name not in labels},
    }
    channels = (*channels, *(name for name in labels if name not in channels))
    values = {word: tuple(listed[:LIMIT_OPTIONS]) for word, listed in _ds.known_values.items()}
    values["channel"] = channels[:LIMIT_OPTIONS]
    own = [name for name, entry in _ds.settings.channels.items() if entry.team == "sales"]
    return Names(
        channels,
        labels,
        _ds.labels("campaign"),
        _ds.labels("asset"),
        _ds.labels("owner"),
        values,
        theme.channel_slots(channels, own),
    )


def _label(entries: dict[str, Any], name: str) -> str:
    entry = entries.get(name)
    return (entry.label if entry is not None else None) or formats.words(name)


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


@st.cache_data(max_entries=128, show_spinner=False)
def overview(version: str, choice: Choice, _ds: Any, _names: Names) -> Overview:
    """The overview under a choice of filters."""
    settings, filters, model = _ds.settings, choice.filters, choice.model
    here = filters.resolved(settings, _ds.as_of)
    before = compared_with(choice, _ds)
    currency = settings.reporting.currency
    wanted = [*BIG_FIGURES, *MORE_FIGURES]
    now_row = _row(_ds.metrics(wanted, [], here, model=model))
    before_row = _row(_ds.metrics(wanted, [], before, model=model)) if before else {}
    trends = _trends(_ds, here, model, wanted)
    figures = {
        name: Figure(
            name, now_row.get(name), None if name in ("open_deals", "open_amount") else before_row.get(name), trends[name]
        )
        for name in wanted
    }

    def credit(by: list[str], which: Filters) -> pd.DataFrame:
        frame: pd.DataFrame = _ds.credit(model=model, by=by, measures=["revenue", "deals"], filters=which)
        return frame.astype({"revenue": float, "deals": float})

    def with_deals(frame: pd.DataFrame, key: str) -> pd.DataFrame:
        """The frame with the deals in which each value took part."""
        took = _ds.credit(model=model, by=[key], measures=["influenced_deals"], filters=here)
        counts = dict(zip(took[key].astype(str), took["influenced_deals"].astype(float), strict=True))
        return frame.assign(took_part=[counts.get(str(value)) for value in frame[key]])

    by_channel = credit(["channel"], here)
    by_channel_before = credit(["channel"], before) if before else None
    periods, months, running = _months(credit(["month", "channel"], here), here, _ds)
    parts = tables.parts(by_channel, "channel", "revenue", _names.channel_labels)
    won, deals = float(now_row.get("won_revenue") or 0), int(now_row.get("won_deals") or 0)
    unattributed = sum(part.amount for part in parts if part.key == UNATTRIBUTED)
    shown = float(by_channel["revenue"].sum()) if here.select_credits else won
    against = against_words(choice)
    facts = answers.OverviewFacts(
        currency=currency, won=shown, deals=deals, won_before=before_row.get("won_revenue") if before else None,
        deals_before=int(before_row.get("won_deals") or 0) if before else None, against=against, basis=filters.date_basis,
        agreed=model == settings.reporting.model, rule=rule_label(_ds, model), unattributed=unattributed,
        channels=tuple(answers.Credited(part.label, part.amount) for part in parts if part.key != UNATTRIBUTED),
        won_in_all=won if here.select_credits else None, lost=int(now_row.get("lost_deals") or 0), opened=int(now_row.get("open_deals") or 0),
    )  # fmt: skip
    if here.select_credits and by_channel_before is not None:
        facts = replace(facts, won_before=float(by_channel_before["revenue"].sum()))
    order = [*(part.key for part in parts if part.key != UNATTRIBUTED), *([UNATTRIBUTED] if unattributed else [])]
    by_campaign = credit(["campaign", "channel"], here)
    by_asset = credit(["asset"], here)
    channel_table = tables.ranking(
        with_deals(by_channel, "channel"), by_channel_before, "channel", _names.channel_labels, "Channel", limit=60
    )
    return Overview(
        figures=figures,
        answer=answers.overview(facts),
        against=against,
        span=formats.span(here.date_from, here.date_to),
        periods=tuple(periods),
        running=running,
        months=months,
        months_table=tables.months_table(months, periods, order, _names.channel_labels),
        bridge=[]
        if here.select_credits
        else tables.bridge_steps(
            _ds.reconcile(model, here),
            settings.journeys.lookback_days,
            "Closed at other times" if not filters.active() else "Outside the filters",
        ),
        opened_by=tables.parts(
            _ds.metrics(["won_revenue"], ["opened_by"], here, model=model),
            "opened_by",
            "won_revenue",
            tables.TEAMS,
            list(tables.TEAMS),
        ),
        phases=tables.parts(credit(["phase"], here), "phase", "revenue", tables.PHASES, [*tables.PHASES, UNATTRIBUTED]),
        moved=tables.changes(by_channel, by_channel_before, "channel", _names.channel_labels)
        if by_channel_before is not None
        else [],
        channels=channel_table,
        campaigns=tables.ranking(
            with_deals(_biggest_channel(by_campaign, "campaign"), "campaign"),
            credit(["campaign"], before) if before else None,
            "campaign",
            _names.campaigns,
            "Campaign",
        ),
        assets=tables.ranking(
            with_deals(by_asset, "asset"), credit(["asset"], before) if before else None, "asset", _names.assets, "Content"
        ),
        ranking_note=f"credited revenue, {formats.span(here.date_from, here.date_to)}",
        nothing_moved="Choose something to compare with in the bar above."
        if before is None
        else f"Nothing moved against {against}.",
        definitions="\n\n".join(f"**{metric(name).label}**: {metric(name).description}" for name in MORE_FIGURES),
        thin=_thin_ice(figures, choice, running),
    )


def compared_with(choice: Choice, ds: Any) -> Filters | None:
    """The filters of the period that figures are compared with; None where there is none."""
    if choice.compare == "before":
        found: Filters | None = choice.filters.before(ds.settings, ds.as_of)
    elif choice.compare == "year":
        found = choice.filters.year_before(ds.settings, ds.as_of)
    else:
        found = None
    return found


def against_words(choice: Choice) -> str:
    """What figures are compared with, in words."""
    return {"before": "the period before", "year": "the year before"}.get(choice.compare, "")


def caption(ds: Any, choice: Choice) -> str:
    """What a file was made under: filters, rule, data."""
    resolved = choice.filters.resolved(ds.settings, ds.as_of)
    return f"{resolved.caption(ds.settings)}; credit rule {rule_label(ds, choice.model)}; data up to {formats.day(ds.as_of)}, version {ds.version}"


def query_text(ds: Any, choice: Choice, metrics: Sequence[str], by: Sequence[str]) -> str:
    """The statement behind a figure with its values in place, as it can be run on the database file."""
    question = ds.question(metrics, by, choice.filters.resolved(ds.settings, ds.as_of), choice.model)
    pieces = question.sql.split("?")
    values = ["'" + str(value).replace("'", "''") + "'" for value in question.parameters]
    return "".join(piece + value for piece, value in zip(pieces, [*values, ""], strict=True))


@st.cache_resource(max_entries=256, show_spinner=False)
def drawn(of: tuple[Any, ...], _make: Callable[[], dict[str, Any]]) -> Any:
    """A figure, made and checked by Plotly once per ``of``: checking costs ten times more than sending."""
    import plotly.graph_objects

    return plotly.graph_objects.Figure(_make())


def filter_words(ds: Any, choice: Choice) -> str:
    """The filters alone, for sentences."""
    return str(choice.filters.resolved(ds.settings, ds.as_of).caption(ds.settings))


def behind_words(what: dict[str, str]) -> str:
    """What was clicked, as one URL parameter."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"))


def behind_from(text: str | None) -> dict[str, str]:
    """What was clicked, from a URL; nothing where that is not understood."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    known = ("step", "period", "channel", "campaign", "asset", "opened_by", "phase")
    what = {word: str(found[word])[:500] for word in known if word in found} if isinstance(found, dict) else {}
    return {} if what.get("step", "in_scope") not in STEPS else what


def rule_label(ds: Any, model: str) -> str:
    """A model by its shares, for sentences."""
    return str(ds.settings.model(model).label)


def rule_line(ds: Any, model: str) -> str:
    """The line that names the rule: its shares, who agreed on it, what counts."""
    entry, reporting, journeys = ds.settings.model(model), ds.settings.reporting, ds.settings.journeys
    return answers.rule_line(
        tuple(entry.shares.items()), entry.label, model == reporting.model, reporting.agreed_by, reporting.agreed_on,
        answers.what_counts(journeys.lookback_days, journeys.actors),
    )  # fmt: skip


def _row(frame: pd.DataFrame) -> dict[str, float | None]:
    if frame.empty:
        return {}
    return {str(name): None if value is None or value != value else float(value) for name, value in frame.iloc[0].items()}


def _trends(ds: Any, here: Filters, model: str, wanted: list[str]) -> dict[str, tuple[float, ...]]:
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


def _months(frame: pd.DataFrame, here: Filters, ds: Any) -> tuple[list[str], pd.DataFrame, str | None]:
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


def _thin_ice(figures: dict[str, Figure], choice: Choice, running: str | None) -> tuple[str, ...]:
    messages = []
    credited = figures["attributed_share"].value
    if credited is not None and credited < 0.7 and not choice.filters.select_credits:
        messages.append(f"Only {formats.share(credited)} of won revenue meets a recorded touch: read the channels with care.")
    if choice.filters.date_basis == "created":
        messages.append("A cohort by opening date: its latest deals have had little time to close.")
    if running:
        messages.append(f"{formats.month(running)} is not over.")
    return tuple(messages)


@st.cache_data(max_entries=64, show_spinner=False)
def deals(version: str, filters: Filters, status: str | None, search: str, _ds: Any) -> pd.DataFrame:
    """Deals under the filters, biggest first."""
    return _ds.deals(filters=filters.resolved(_ds.settings, _ds.as_of), status=status, search=search)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Explained:
    """One deal as the deals page shows it."""

    deal_id: str
    name: str
    status: str
    amount: float
    label: str
    answer: str
    about: str
    alt: str
    rule: str
    query: str
    touches: pd.DataFrame
    lanes: pd.DataFrame
    stages: pd.DataFrame
    milestones: pd.DataFrame
    unattributed: list[dict[str, Any]]

    def describe(self, touch_id: str, currency: str | None) -> str:
        """One touch in a line: when, who, what, what it earned, where it is in the files."""
        for row, lane in zip(self.touches.to_dict("records"), self.lanes.to_dict("records"), strict=True):
            if lane["touch_id"] == touch_id:
                credit = formats.exact(row["credit"], currency) if lane["counts"] else f"does not count: {lane['why']}"
                source = f"{row['source_file']}, row {row['source_row']}"
                text = f"{formats.day(row['occurred_at'])}, {lane['lane']}, {lane['what']}, {formats.words(lane['channel'])}: {credit} ({source})"
                return formats.plain(text)
        return ""


@st.cache_data(max_entries=64, show_spinner=False)
def explained(version: str, deal_id: str, model: str, _ds: Any) -> Explained:
    """One deal's journey under a model, with its answer. Raises QueryError for an unknown deal."""
    found = _ds.explain(deal_id, model)
    deal, currency = found.deal, _ds.settings.reporting.currency
    name = str(deal["name"] or deal["account_name"] or deal_id)
    status = str(deal["status"])
    frame = touches.lanes(found.touches)
    counting = frame[frame["counts"]]
    end = deal["closed_at"] if status != "open" else _ds.as_of
    first = frame.iloc[0] if len(frame) else None
    before_end = [moment for moment in frame["occurred_at"] if end is None or moment <= end]
    reasons = [str(entry["reason"]) for entry in found.unattributed if entry["model"] == model]
    facts = answers.DealFacts(
        name=name, status=status, amount=float(deal["amount"]), currency=currency, on=deal["closed_on"] or deal["closed_at"],
        opened_on=deal["created_on"] or deal["created_at"],
        days_since_first=(end - min(before_end)).days if before_end and end is not None else None,
        touches=len(frame), counted=len(counting),
        first=formats.plain(touches.first_words(first)) if first is not None else "",
        agreed=model == _ds.settings.reporting.model, rule=rule_label(_ds, model), earners=touches.earners(found.touches),
        reason=tables.reason_label(reasons[0], _ds.settings.journeys.lookback_days).lower() if reasons else "",
    )  # fmt: skip
    return Explained(
        deal_id=deal_id, name=name, status=status, amount=float(deal["amount"]), label=deals_words.deal_label(deal | {"deal_id": deal_id}, currency),
        answer=answers.deal(facts), about=deals_words.about(deal), alt=f"Journey of {name}: {formats.counted(len(frame), 'touch', 'touches')} of "
        f"{formats.counted(frame['lane'].nunique(), 'person', 'people')}, {len(counting)} count", rule=found.rule, query=found.query,
        touches=found.touches, lanes=frame, stages=found.stages, milestones=found.milestones, unattributed=found.unattributed,
    )  # fmt: skip


@st.cache_data(max_entries=64, show_spinner=False)
def touch_table(version: str, deal_id: str, model: str, others: tuple[str, ...], _ds: Any) -> tuple[list[str], pd.DataFrame]:
    """(heads of the rules, table): what each touch of a deal earned under the chosen rule and others."""
    found = explained(version, deal_id, model, _ds)
    models = models_shown(_ds, model, others)
    lookback = _ds.settings.journeys.lookback_days
    return [head for _, head in models], touches.touch_table(found.touches, models, found.unattributed, found.amount, lookback)


def models_shown(ds: Any, model: str, others: tuple[str, ...]) -> list[tuple[str, str]]:
    """(name, column head) of the rules in the table of touches: the chosen one, the agreed one, the second one, and some others."""
    reporting = ds.settings.reporting
    listed = list(dict.fromkeys([model, reporting.model, reporting.second_model, *others]))
    heads = {reporting.model: "Agreed rule", "last_touch": "Last contact", "first_touch": "First contact"}
    return [(name, heads.get(name) or formats.short(ds.settings.model(name).label, 28)) for name in listed]


def status_of(ds: Any, deal_id: str | None) -> str | None:
    """The status of a deal that a link asks for; None where there is no such deal."""
    if not deal_id:
        return None
    try:
        return explained(ds.version, deal_id, ds.settings.reporting.model, ds).status
    except QueryError:
        return None


@st.cache_data(max_entries=64, show_spinner=False)
def behind(version: str, choice: Choice, what: tuple[tuple[str, str], ...], _ds: Any) -> pd.DataFrame:
    """The deals behind one number: ``what`` are (dimension, value) pairs, or ("step", a step of the bridge)."""
    here = choice.filters.resolved(_ds.settings, _ds.as_of)
    asked = dict(what)
    if "step" in asked:
        return _ds.bridge_deals(asked["step"], choice.model, here)  # type: ignore[no-any-return]
    periods = asked.pop("period", None)
    by = ["deal", *asked, *(["month"] if periods else [])]
    frame = _ds.credit(model=choice.model, by=by, measures=["revenue"], filters=here)
    for name, value in asked.items():
        column = frame[name].astype(object).where(frame[name].notna(), "")
        frame = frame[column == value]
    if periods:
        months = frame["month"].astype(str)
        frame = frame[(months == periods) | (months.map(lambda month: len(month) == 7 and tables.quarter(month)) == periods)]
    credited = frame.groupby("deal")["revenue"].sum()
    listed: pd.DataFrame = _ds.deals(filters=here, status="won")
    listed = listed[listed["deal_id"].isin(credited.index)].copy()
    listed["credited"] = listed["deal_id"].map(credited).astype(float)
    return listed.sort_values("credited", ascending=False).reset_index(drop=True)


def is_sample(folder: str) -> bool:
    """Whether a database was built from the generated sample that comes with the repository."""
    return Path(folder).resolve() == (_repository() / "sample_data").resolve()


def footer_words(ds: Any) -> tuple[str, str]:
    """What the numbers stand on: how far the data reaches, and which build they come from."""
    return f"Data up to {formats.day(ds.as_of)}", f"Built {formats.day(ds.built_at, year=False)}, {ds.built_at:%H:%M} UTC"


_BUILDING = threading.Lock()


def build_first(progress: Callable[[str], None]) -> None:
    """Build the data folder into the database; a second visitor waits for the first one's build. Raises ClosedLoopError."""
    from attribution.build import build

    with _BUILDING:
        if not version_in_service(database_path()):
            build(data_path(), database_path(), progress=progress)
