"""Which won deals of a month are worth telling: ranked by value, content used, variety and whether the story is new, with reasons in words."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.errors import QueryError
from attribution.namesakes import told_apart
from attribution.periods import add_months, month_end

if TYPE_CHECKING:
    from attribution.dataset import Dataset

BEST = 3  # deals that a spotlight tells unless others are chosen
MANY_PIECES, MANY_PEOPLE, MANY_TOPICS = 8, 4, 4  # from here on more does not make a better story
NEW_MONTHS = 3  # a piece is new to the story where no deal won in so many months before used it

# One row per won deal of the month: its content, counted in the ledger.
_DEALS = """
with won as (
    select deal_id, name, account_name, amount, first_touch_us, closed_us, closed_on
    from marts.deals
    where status = 'won' and closed_on between ? and ?
),
used as (
    select
        uses.deal_id as deal_id,
        count(distinct uses.asset_id) as pieces,
        count(distinct case when uses.person_kind = 'contact' then uses.person_id end) as people,
        count(distinct uses.topic) as topics,
        count(distinct assets.format) as formats
    from journeys.deal_touches as uses
    inner join won on uses.deal_id = won.deal_id
    left join raw.content_assets as assets on uses.asset_id = assets.asset_id
    where uses.is_counted and uses.asset_id is not null
    group by uses.deal_id
)
select
    won.deal_id, coalesce(won.account_name, won.name, won.deal_id) as name, won.amount,
    to_local_date(from_us(won.first_touch_us), reporting.time_zone), won.closed_on,
    coalesce(used.pieces, 0), coalesce(used.people, 0), coalesce(used.topics, 0), coalesce(used.formats, 0), coalesce(won.name, '')
from won
cross join config.reporting as reporting
left join used on won.deal_id = used.deal_id
order by won.amount desc, won.deal_id
"""

# One row per deal: how many of its pieces no deal won in the months before used.
_NEW = """
with month_deals as (
    select deal_id from marts.deals where status = 'won' and closed_on between ? and ?
),
earlier_deals as (
    select deal_id from marts.deals where status = 'won' and closed_on between ? and ?
),
earlier as (
    select distinct credits.asset_id as asset_id
    from marts.credits_by_asset as credits
    inner join earlier_deals on credits.deal_id = earlier_deals.deal_id
    where credits.asset_id is not null
)
select credits.deal_id, count(distinct credits.asset_id)
from marts.credits_by_asset as credits
inner join month_deals on credits.deal_id = month_deals.deal_id
left join earlier on credits.asset_id = earlier.asset_id
where credits.asset_id is not null and earlier.asset_id is null
group by credits.deal_id
"""


@dataclass(frozen=True)
class Candidate:
    """One won deal of the month. ``days``: from its first recorded touch to the close; ``people``: known by name who used content.

    ``reasons``: why it is worth telling, in words, the strongest first (or why not). ``score``: 0 to 1, only to rank.
    """

    deal_id: str
    name: str
    amount: Decimal
    pieces: int
    people: int
    days: int | None
    reasons: tuple[str, ...]
    score: float


def month_dates(month: str) -> tuple[date, date]:
    """First and last day of "2026-10". QueryError for anything else."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month) and month[:4] != "0000":
        first = date(int(month[:4]), int(month[5:]), 1)
        return first, month_end(first)
    raise QueryError(f"month {month!r}: it must be a year and a month. Write it like 2026-03.")


def month_name(month: str) -> str:
    """ "2026-10" in words: "October 2026"."""
    return f"{calendar.month_name[int(month[5:])]} {month[:4]}"


def latest_month(ds: Dataset) -> str:
    """The last complete month with a won deal; without one the last complete month of the data."""
    today = ds.as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()
    last = today if today == month_end(today) else today.replace(day=1) - timedelta(days=1)
    found = ds.rows("select max(closed_on) from marts.deals where status = 'won' and closed_on <= ?", [last])[0][0]
    return (found or last).strftime("%Y-%m")


def months(ds: Dataset) -> tuple[str, ...]:
    """Every month with a won deal, the latest first."""
    rows = ds.rows(
        "select distinct strftime(closed_on, '%Y-%m') as month from marts.deals where status = 'won' and closed_on is not null "
        "order by month desc"
    )
    return tuple(row[0] for row in rows)


def candidates(ds: Dataset, month: str, told: Collection[str] = ()) -> tuple[Candidate, ...]:
    """The month's won deals, the best story first. ``told``: deals that an earlier spotlight has told; they come after the others."""
    first, last = month_dates(month)
    rows = ds.rows(_DEALS, [first, last])
    new = dict(ds.rows(_NEW, [first, last, add_months(first, -NEW_MONTHS), first - timedelta(days=1)]))
    if not rows:
        return ()
    most = {"amount": max(row[2] for row in rows), "pieces": max(row[5] for row in rows), "people": max(row[6] for row in rows)}
    names = told_apart((row[0], row[1], (row[-1],)) for row in rows)  # several of one company have their own names behind it
    found = [
        _candidate((row[0], names.get(row[0], row[1]), *row[2:-1]), new.get(row[0], 0), most, row[0] in told) for row in rows
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.score, -entry.amount, entry.deal_id)))


def _candidate(row: tuple[Any, ...], new: int, most: dict[str, Any], is_told: bool) -> Candidate:
    deal_id, name, amount, first_on, closed_on, pieces, people, topics, kinds = row
    days = (closed_on - first_on).days if first_on is not None and closed_on is not None else None
    value = float(amount / most["amount"]) if most["amount"] > 0 else 0.0
    content = min(pieces / MANY_PIECES, 1) * 0.7 + min(people / MANY_PEOPLE, 1) * 0.3
    variety = min((topics + kinds) / (2 * MANY_TOPICS), 1)
    novelty = new / pieces if pieces else 0.0
    score = 0.4 * value + 0.35 * content + 0.15 * variety + 0.1 * novelty
    if not pieces:
        score *= 0.1  # a spotlight on content needs content
    if is_told:
        score *= 0.2
    reasons = []
    if amount > 0 and amount == most["amount"]:
        reasons.append("largest deal of the month")
    if pieces:
        reasons.append(
            f"{counted(pieces, 'piece')} of content"
            + (", the most of the month" if pieces == most["pieces"] and pieces > 1 else "")
            + (f", {counted(people, 'person', 'people')}" if people else "")
        )
    else:
        reasons.append("no content used: there is nothing to tell yet")
    if topics > 1 or kinds > 2:
        reasons.append(f"{counted(topics, 'topic')} and {counted(kinds, 'format')}")
    if new:
        reasons.append(f"{counted(new, 'piece')} that no deal of the {NEW_MONTHS} months before used")
    if amount <= 0:
        reasons.append("no amount is known")
    if is_told:
        reasons.append("told before")
    return Candidate(
        deal_id, str(name), amount, pieces, people, days, tuple(formats.short(reason, 120) for reason in reasons), score
    )
