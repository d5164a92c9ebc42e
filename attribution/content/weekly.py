"""The weekly five: the five best pieces by traffic of a week, and the five that earn most and are read least; each with revenue, topic and reason.

Traffic is page views where a tool counts them by day or week, else buyers' recorded touches ("reads"; what marketing or sales send is no
traffic). Revenue is that of the Content page under the agreed rule, of the 12 whole months up to the week; so both pages say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from attribution.answers import weekly as answers
from attribution.answers.weekly import Reading, Source, Unread
from attribution.charts import formats
from attribution.content.assets import Asset, assets
from attribution.content.weeks import week_dates, week_key, week_of, week_words
from attribution.filters import Filters
from attribution.periods import add_months, month_end

if TYPE_CHECKING:
    from attribution.dataset import Dataset

FIVE = 5
BACK = 26  # weeks that are read, for streaks
QUARTER = 13  # weeks over which "read least" is judged: one week is too short
USUAL = 4  # weeks before, for what is usual


@dataclass(frozen=True)
class Piece:
    """One piece on a list. ``reads``: in the week, or for the least read in the last 13 weeks; ``part``: length of its bar, per mille of the longest."""

    place: int
    asset_id: str
    title: str
    url: str | None
    topic: str | None
    topic_label: str
    reads: int
    unit: str
    credited: float
    took_part: float
    won_deals: int
    why: str
    part: int


@dataclass(frozen=True)
class Weekly:
    """The weekly five, ready to be shown. ``missing``: what to supply, where a list could not be made."""

    week: str
    name: str
    first: date
    last: date
    headline: str
    sentence: str
    most: tuple[Piece, ...]
    hidden: tuple[Piece, ...]
    reads: int
    unit: str
    threshold: int
    credit_from: date
    credit_to: date
    rule: str
    currency: str | None
    data_version: str
    data_up_to: date
    missing: tuple[str, ...]

    @property
    def filters(self) -> Filters:
        """The filters under which the Content page shows the same amounts."""
        return Filters(date_from=self.credit_from, date_to=self.credit_to)


# Reads per content and week of the window; bound: first day of the window, first and last day again.
_READS = """
select asset_id, cast((occurred_on - cast(? as date)) // 7 as integer) as week, count(*)
from touches.touches
where asset_id is not null and actor = 'buyer' and occurred_on between ? and ?
group by asset_id, week
"""
_COUNTS = """
select asset_id, week, cast(max(views) as bigint)
from (
    select asset_id, cast((observed_on - cast(? as date)) // 7 as integer) as week, period, sum(value) as views
    from raw.activity_counts
    where metric = 'page_views' and coalesce(aggregation, 'sum') = 'sum' and period in ('day', 'week') and asset_id is not null
        and observed_on between ? and ?
    group by asset_id, week, period
) as by_period
group by asset_id, week
"""
# What led to some pieces in a span of days: by channel and campaign, and what sales sent.
_SOURCES = """
select asset_id, actor, channel, campaign_id, count(*)
from touches.touches
where list_contains(cast(? as varchar[]), asset_id) and actor in ('buyer', 'sales') and occurred_on between ? and ?
group by asset_id, actor, channel, campaign_id
"""
_ASKED = """
select questions.asset_id, count(*)
from raw.questions as questions
cross join (select time_zone from config.reporting) as reporting
where list_contains(cast(? as varchar[]), questions.asset_id) and to_local_date(questions.asked_at, reporting.time_zone) between ? and ?
group by questions.asset_id
"""
_LAST_READ = """
select max(day) from (
    select max(occurred_on) as day from touches.touches where asset_id is not null and actor = 'buyer' and occurred_on <= ?
    union all
    select max(observed_on) from raw.activity_counts
    where metric = 'page_views' and coalesce(aggregation, 'sum') = 'sum' and period in ('day', 'week') and asset_id is not null and observed_on <= ?
) as days
"""


def last_day(ds: Dataset) -> date:
    """The last day of the data, in the settings' time zone."""
    moment = ds.as_of.replace(tzinfo=ZoneInfo("UTC"))
    return moment.astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()


def latest_week(ds: Dataset) -> str:
    """The last complete week with traffic; where there is none, the last complete week of the data."""
    starts = ds.settings.reporting.week_starts
    today = last_day(ds)
    first, last = week_of(today, starts)
    if last > today:
        first, last = first - timedelta(days=7), last - timedelta(days=7)
    found = ds.rows(_LAST_READ, [last, last])[0][0]
    return week_key(week_of(found, starts)[0] if found else first)


def weekly(ds: Dataset, week: str | None = None) -> Weekly:
    """The weekly five of "2026-W46" (default: the last complete week with traffic). QueryError for what is no week."""
    starts = ds.settings.reporting.week_starts
    first, last = week_dates(week or latest_week(ds), starts)
    begin = first - timedelta(days=7 * (BACK - 1))
    credit_to = last if last == month_end(last) else last.replace(day=1) - timedelta(days=1)
    credit_from = add_months(credit_to.replace(day=1), -11)
    model = ds.settings.model(ds.settings.reporting.model)
    pieces = {asset.asset_id: asset for asset in assets(ds, Filters(date_from=credit_from, date_to=credit_to), (model.name,))}
    counted, touched = _by_week(ds, _COUNTS, begin, last), _by_week(ds, _READS, begin, last)
    traffic = {key: counted.get(key) or touched.get(key, {}) for key in {*counted, *touched} if key in pieces}
    titles = {key: piece.title for key, piece in pieces.items()}
    most = _ranked(traffic, BACK - 1, titles)
    unit = "view" if counted else "read"
    read, quarter = _in(traffic, BACK - 1, BACK), {key: sum(_window(weeks, QUARTER)) for key, weeks in traffic.items()}
    public = [piece for piece in pieces.values() if piece.is_public]
    threshold = int(median([quarter.get(piece.asset_id, 0) for piece in public])) if public else 0
    hidden = _hidden(public, quarter, threshold, model.name, most[:FIVE])
    shown_most = _most(ds, most[:FIVE], pieces, traffic, counted, titles, model.name, (first, last))
    shown_hidden = _least(ds, hidden, public, quarter, counted, model.name, last)
    all_read, all_quarter = sum(read.values()), sum(quarter.values())
    is_past = last <= last_day(ds)
    before = _ranked(traffic, BACK - 2, titles)
    return Weekly(
        week=week_key(first), name=week_words(first), first=first, last=last,
        headline=answers.headline([(piece.title, before[:1] == [piece.asset_id]) for piece in shown_most[:1]], [piece.title for piece in shown_hidden[:1]]),
        sentence=answers.sentence(
            (sum(piece.reads for piece in shown_most), all_read), (sum(piece.reads for piece in shown_hidden), all_quarter),
            [piece.credited for piece in shown_hidden], QUARTER, ds.settings.reporting.currency, unit,
        ),
        most=shown_most, hidden=shown_hidden, reads=all_read, unit=unit, threshold=threshold, credit_from=credit_from, credit_to=credit_to,
        rule=model.label, currency=ds.settings.reporting.currency, data_version=ds.version, data_up_to=last_day(ds),
        missing=tuple(_missing(pieces, bool(all_read), bool(shown_hidden), is_past)),
    )  # fmt: skip


def table(made: Weekly) -> pd.DataFrame:
    """Both lists as rows: for the command line and for downloads."""
    rows = [
        (made.week, name, piece.place, piece.asset_id, piece.title, piece.topic, piece.reads, weeks, piece.credited,
         piece.took_part, piece.won_deals, piece.why)
        for name, weeks, listed in (("most read", 1, made.most), ("earns most, read least", QUARTER, made.hidden))
        for piece in listed
    ]  # fmt: skip
    columns = [
        "week",
        "list",
        "place",
        "asset",
        "title",
        "topic",
        "reads",
        "in_weeks",
        "credited",
        "took_part",
        "won_deals",
        "why",
    ]
    return pd.DataFrame(rows, columns=columns).astype(object)


def _by_week(ds: Dataset, sql: str, begin: date, last: date) -> dict[str, dict[int, int]]:
    """Content → week of the window (0 is the oldest) → reads."""
    found: dict[str, dict[int, int]] = {}
    for asset_id, week, reads in ds.rows(sql, [begin, begin, last]):
        found.setdefault(asset_id, {})[week] = int(reads)
    return found


def _window(weeks: Mapping[int, int], length: int) -> list[int]:
    return [weeks.get(week, 0) for week in range(BACK - length, BACK)]


def _in(traffic: Mapping[str, Mapping[int, int]], start: int, end: int) -> dict[str, int]:
    return {key: sum(weeks.get(week, 0) for week in range(start, end)) for key, weeks in traffic.items()}


def _ranked(traffic: Mapping[str, Mapping[int, int]], week: int, titles: Mapping[str, str]) -> list[str]:
    """What was read in a week, most first; of two with as many reads the title decides."""
    read = {key: weeks.get(week, 0) for key, weeks in traffic.items() if weeks.get(week, 0) > 0}
    return sorted(read, key=lambda key: (-read[key], titles[key].lower(), key))


def _hidden(public: Sequence[Asset], quarter: Mapping[str, int], threshold: int, model: str, most: Sequence[str]) -> list[Asset]:
    """Among the half that is read least: those credited with most."""
    found = [
        piece
        for piece in public
        if quarter.get(piece.asset_id, 0) <= threshold and piece.credit[model] >= 0.005 and piece.asset_id not in most
    ]
    return sorted(found, key=lambda piece: (-piece.credit[model], piece.asset_id))[:FIVE]


def _most(
    ds: Dataset,
    ids: Sequence[str],
    pieces: Mapping[str, Asset],
    traffic: Mapping[str, Mapping[int, int]],
    counted: Mapping[str, Any],
    titles: Mapping[str, str],
    model: str,
    week: tuple[date, date],
) -> tuple[Piece, ...]:
    found = _sources(ds, ids, *week)
    earlier = [_ranked(traffic, place, titles)[:FIVE] for place in range(BACK - 2, -1, -1)]
    largest = max((traffic[key].get(BACK - 1, 0) for key in ids), default=1)
    shown = []
    for place, key in enumerate(ids, start=1):
        piece, reads = pieces[key], traffic[key].get(BACK - 1, 0)
        unit = "view" if key in counted else "read"
        source, sent, _ = found.get(key, (None, 0, 0))
        places = [listed.index(key) + 1 if key in listed else None for listed in earlier]
        usual = sum(traffic[key].get(BACK - 1 - back, 0) for back in range(1, USUAL + 1)) / USUAL
        is_new = piece.published_on is not None and week[0] <= piece.published_on <= week[1]
        # What led to page views is not in the counts: touches would name the source of a few of them.
        why = answers.why_read(Reading(place, reads, usual, places, is_new, None if unit == "view" else source, sent, unit))
        shown.append(_piece(ds, place, piece, reads, unit, model, why, reads / largest))
    return tuple(shown)


def _least(
    ds: Dataset,
    hidden: Sequence[Asset],
    public: Sequence[Asset],
    quarter: Mapping[str, int],
    counted: Mapping[str, Any],
    model: str,
    last: date,
) -> tuple[Piece, ...]:
    ids = [piece.asset_id for piece in hidden]
    since = last - timedelta(days=7 * QUARTER - 1)
    found = _sources(ds, ids, since, last)
    asked = dict(ds.rows(_ASKED, [ids, since, last]))
    by_credit = sorted((piece.credit[model] for piece in public), reverse=True)
    by_reads = sorted((quarter.get(piece.asset_id, 0) for piece in public), reverse=True)
    largest = max((piece.credit[model] for piece in hidden), default=1.0)
    shown = []
    for place, piece in enumerate(hidden, start=1):
        reads, credit = quarter.get(piece.asset_id, 0), piece.credit[model]
        _, sent, by_campaign = found.get(piece.asset_id, (None, 0, 0))
        why = answers.why_unread(
            Unread(
                by_credit.index(credit) + 1, by_reads.index(reads) + 1, len(public), reads, QUARTER, sent, by_campaign,
                asked.get(piece.asset_id, 0), piece.open_deals, piece.last_read_on if (piece.last_read_on or last) < since else None,
                piece.status == "to_revise",
            )
        )  # fmt: skip
        shown.append(
            _piece(ds, place, piece, reads, "view" if piece.asset_id in counted else "read", model, why, credit / largest)
        )
    return tuple(shown)


def _piece(ds: Dataset, place: int, piece: Asset, reads: int, unit: str, model: str, why: str, part: float) -> Piece:
    topic_label = ds.labels("topic").get(piece.topic or "") or formats.words(piece.topic, "No topic")
    return Piece(
        place, piece.asset_id, piece.title, piece.url, piece.topic, topic_label, reads, unit, piece.credit[model], piece.influenced_revenue,
        piece.won_deals, why,
        max(round(1000 * part), 4),
    )  # fmt: skip


def _sources(ds: Dataset, ids: Sequence[str], first: date, last: date) -> dict[str, tuple[Source | None, int, int]]:
    """Content → (where most reads came from, how often sales sent it, reads through campaigns) in a span of days."""
    if not ids:
        return {}
    campaigns, channels = ds.labels("campaign"), ds.labels("channel")
    counts: dict[str, dict[tuple[bool, str], int]] = {}
    sent: dict[str, int] = {}
    through: dict[str, int] = {}
    for asset_id, actor, channel, campaign_id, number in ds.rows(_SOURCES, [list(ids), first, last]):
        if actor == "sales":
            sent[asset_id] = sent.get(asset_id, 0) + number
            continue
        if campaign_id is not None:
            through[asset_id] = through.get(asset_id, 0) + number
        name = (
            campaigns.get(campaign_id, campaign_id)
            if campaign_id is not None
            else channels.get(channel) or formats.words(channel)
        )
        key = (campaign_id is not None, str(name))
        of_asset = counts.setdefault(asset_id, {})
        of_asset[key] = of_asset.get(key, 0) + number
    found = {}
    for asset_id in ids:
        best = min(counts.get(asset_id, {}).items(), key=lambda entry: (-entry[1], entry[0]), default=None)
        source = Source(best[0][1], best[1], best[0][0]) if best else None
        found[asset_id] = (source, sent.get(asset_id, 0), through.get(asset_id, 0))
    return found


def _missing(pieces: Mapping[str, Asset], any_read: bool, any_hidden: bool, is_past: bool) -> list[str]:
    """What to supply, in words, where a list is empty."""
    if not pieces:
        return [
            "No touch names a piece of content, and the table content_assets is not there. Add content_assets.csv (asset_id, title, url, topic, "
            "published_on) and build again: addresses of page views are matched to it."
        ]
    said = []
    if not is_past:
        said.append("This week is not complete in the data yet; load newer data for the rest of it.")
    elif not any_read:
        said.append(
            "No buyer's touch of content and no page view was recorded in this week. Choose another week, or load its data."
        )
    if not any_hidden:
        said.append("No piece among the half that is read least is credited with won revenue of these 12 months.")
    return said
