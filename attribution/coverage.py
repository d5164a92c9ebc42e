"""How much of reality the data covers: won deals with people, touches and amounts; touches with a channel and a person; rows read.

Reads marts.deals, journeys.deal_touches, touches.touches and what the loader wrote down, through ``Dataset.rows`` and ``frame``;
returns counts, amounts in the reporting currency and small frames. Shares are 0–1, and None where there is nothing to share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attribution import cubes
from attribution.filters import ALL_TIME, Condition, Filters
from attribution.query import deal_condition
from attribution.schema import TABLE_NAMES, TABLES

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# From these shares on a picture stands on thin ice, and says so where it stands. Each is a judgement: change it here, with a reason.
# Charts show three digits: from a hundredth on, the won total on screen is visibly not the CRM's.
THIN_UNREAD_DEALS = 0.01
# With a tenth of the won deals missing, no total on any page is the CRM's.
DARK_UNREAD_DEALS = 0.1
# Of won revenue, or of won deals. A channel of this size is in the middle of most rankings: what is missing could change their order.
THIN_WITHOUT_TOUCHES = 0.05
# With a third of the revenue in the dark no ranking of channels means anything.
DARK_REVENUE_WITHOUT_TOUCHES = 0.33
# Deals without an amount earn nothing for anybody: from one in twenty on, counts and money tell different stories.
THIN_DEALS_WITHOUT_AMOUNT = 0.05
# Their journeys take everybody at the company, which credits people who had no part in the deal.
THIN_DEALS_WITHOUT_CONTACTS = 0.25
# Direct and unknown say how a visit arrived, not what caused it: from a third on they may outweigh what tells channels apart.
THIN_TOUCHES_WITHOUT_ORIGIN = 0.33
# Visitors who never become known are normal; where they are most of the touches, identities are probably missing.
THIN_TOUCHES_OF_NOBODY = 0.5

UNKNOWN_CHANNEL = "unknown"  # what the loader makes of a missing channel


@dataclass(frozen=True)
class WonDeals:
    """Won deals under some filters. ``…_without_…``: how many lack it; ``revenue…`` in the reporting currency."""

    deals: int
    revenue: float
    without_contacts: int
    without_touches: int
    without_amount: int
    revenue_without_touches: float

    @property
    def share_without_contacts(self) -> float | None:
        """Of won deals: nobody is named on the deal."""
        return share_of(self.without_contacts, self.deals)

    @property
    def share_without_touches(self) -> float | None:
        """Of won deals: no touch in the journey."""
        return share_of(self.without_touches, self.deals)

    @property
    def share_without_amount(self) -> float | None:
        """Of won deals: amount 0 or blank."""
        return share_of(self.without_amount, self.deals)

    @property
    def revenue_share_without_touches(self) -> float | None:
        """Of won revenue: no touch in the journey."""
        return share_of(self.revenue_without_touches, self.revenue)


@dataclass(frozen=True)
class TouchCoverage:
    """Touches and how many of them have no channel, came directly, or belong to no person, company or deal that is known."""

    touches: int
    unknown: int
    direct: int
    nobody: int = 0

    @property
    def share_unknown(self) -> float | None:
        """Of touches: no channel."""
        return share_of(self.unknown, self.touches)

    @property
    def share_direct(self) -> float | None:
        """Of touches: came directly."""
        return share_of(self.direct, self.touches)

    @property
    def share_without_origin(self) -> float | None:
        """Of touches: no channel, or direct."""
        return share_of(self.unknown + self.direct, self.touches)

    @property
    def share_of_nobody(self) -> float | None:
        """Of touches: matched to no person, company or deal."""
        return share_of(self.nobody, self.touches)

    @property
    def share_matched(self) -> float | None:
        """Of touches: matched to a person, company or deal."""
        return share_of(self.touches - self.nobody, self.touches)


@dataclass(frozen=True)
class Unread:
    """Won rows of the CRM that could not be read or converted. ``revenue``: of the ``priced`` ones, whose amount could be told.

    ``won_rows``: all won rows of the CRM, read or not: an unread row has no date, so its share is one of all data.
    """

    deals: int
    revenue: float
    priced: int
    won_rows: int


@dataclass(frozen=True)
class Rows:
    """What became of all rows of all files: rows_in = left_out + loaded + duplicates + unread."""

    rows_in: int
    left_out: int
    loaded: int
    duplicates: int
    unread: int


@dataclass(frozen=True)
class DealCoverage:
    """What one deal's journey rests on. ``touches``: those that count."""

    has_contacts: bool
    amount: float
    touches: TouchCoverage


@dataclass(frozen=True)
class Need:
    """A table, or a column of it, that is not required but that something shows. ``page``: where it is missed, ``shows``: what."""

    table: str
    column: str
    page: str
    shows: str


NEEDS: tuple[Need, ...] = (
    Need("touches", "", "Every page", "channels, journeys and credit: without touches the whole amount is unattributed"),
    Need("deals", "", "Every page", "won revenue and everything that is shared out"),
    Need("fx_rates", "", "Every page", "amounts in other currencies: without rates those rows are in no figure"),
    Need("contacts", "", "Deals", "names of people, and when a lead was created"),
    Need("contacts", "created_at", "Every page", "credit for the touch that made the lead"),
    Need("contacts", "email", "Every page", "people matched to their company by e-mail domain"),
    Need("identities", "", "Every page", "visits before somebody was known, and merged contacts"),
    Need("deal_contacts", "", "Every page", "journeys of the people on the deal, not of everybody at the company"),
    Need("touch_links", "", "Deals", "meetings with several people"),
    Need("accounts", "", "Every page", "company names, and the filters by segment, industry and country"),
    Need("accounts", "segment", "Every page", "the filter by segment"),
    Need("accounts", "industry", "Every page", "the filter by industry"),
    Need("accounts", "country", "Every page", "the filter by country"),
    Need("accounts", "domain", "Every page", "people matched to their company by e-mail domain"),
    Need("touches", "campaign_id", "Overview, Attribution, Paths, Campaigns", "what campaigns earned"),
    Need("touches", "actor", "Every page", "who acted: buyers or our own people (missing counts as buyer)"),
    Need("deals", "amount", "Every page", "money: deals without an amount earn nothing"),
    Need("deals", "account_id", "Every page", "journeys of deals whose people are not named"),
    Need("deals", "owner_id", "Every page", "the filter by owner"),
    Need("deals", "deal_type", "Every page", "the filter by deal type"),
    Need("deals", "pipeline", "Every page", "the filter by pipeline"),
    Need("campaigns", "", "Overview, Attribution, Campaigns", "campaigns by name, their start and their parents"),
    Need("content_assets", "", "Every page", "what content earned, by title"),
    Need("content_assets", "cost", "Content", "what each piece cost, its return and its payback"),
    Need("content_assets", "topic", "Topics", "the five topics that buyers ask about: what is there and what is missing"),
    Need("activity_counts", "", "Content", "page views by readers whom nobody knows by name"),
    Need("asset_urls", "", "Every page", "content found by its address"),
    Need("deal_stage_changes", "", "Deals, Sales content", "the deal's stages, and before which one content was sent"),
    Need("questions", "", "Buyers' questions, Sales content", "what buyers ask, what has no answer, what to send next"),
    Need("content_feedback", "", "Sales content, Unused", "ratings and comments of sales, and why a piece is not used"),
    Need("people", "", "Every page", "owners by name"),
    Need("partners", "", "Deals", "partners by name"),
    Need("spend", "", "Attribution, Campaigns", "what was spent beside what was earned"),
    Need("finance_totals", "", "Overview", "finance's total beside the CRM's in the bridge"),
)


def share_of(part: float, whole: float) -> float | None:
    """A part of a whole (0–1); None where there is no whole."""
    return part / whole if whole else None


def won_deals(dataset: Dataset, filters: Filters = ALL_TIME) -> WonDeals:
    """Coverage of the won deals that the filters select."""
    where = _won(dataset, filters)
    row = dataset.rows(
        f"""
        select
            count(*), coalesce(sum(deals.amount), 0), count(*) filter (where people.deal_id is null),
            count(*) filter (where deals.touch_count = 0), count(*) filter (where deals.amount = 0),
            coalesce(sum(deals.amount) filter (where deals.touch_count = 0), 0)
        from marts.deals as deals
        left join (select distinct deal_id from identity.deal_contacts) as people on deals.deal_id = people.deal_id
        where {where.sql}
        """,
        where.parameters,
    )[0]
    return WonDeals(row[0], float(row[1]), row[2], row[3], row[4], float(row[5]))


def journey_touches(dataset: Dataset, filters: Filters = ALL_TIME) -> TouchCoverage:
    """Coverage of the touches that count in the journeys of the won deals that the filters select (once per deal)."""
    where = _won(dataset, filters)
    row = dataset.rows(
        f"""
        select
            count(*), count(*) filter (where touches.channel = ?),
            count(*) filter (where list_contains(cast(? as varchar[]), touches.channel))
        from journeys.deal_touches as touches
        inner join marts.deals as deals on touches.deal_id = deals.deal_id
        where touches.is_counted and {where.sql}
        """,
        [UNKNOWN_CHANNEL, _direct(dataset), *where.parameters],
    )[0]
    return TouchCoverage(*row)


def all_touches(dataset: Dataset) -> TouchCoverage:
    """Coverage of all touches that were loaded."""
    row = dataset.rows(
        """
        select
            count(*), count(*) filter (where touches.channel = ?),
            count(*) filter (where list_contains(cast(? as varchar[]), touches.channel)),
            count(*) filter (where touches.is_of_nobody)
        from touches.touches as touches
        """,
        [UNKNOWN_CHANNEL, _direct(dataset)],
    )[0]
    return TouchCoverage(*row)


def of_deal(dataset: Dataset, deal_id: str) -> DealCoverage:
    """What the journey of one deal rests on; nothing for a deal that is not there."""
    people, amount = dataset.rows(
        "select (select count(*) from identity.deal_contacts where deal_id = ?), "
        "(select cast(max(amount) as double) from marts.deals where deal_id = ?)",
        [deal_id, deal_id],
    )[0]
    row = dataset.rows(
        "select count(*), count(*) filter (where channel = ?), count(*) filter (where list_contains(cast(? as varchar[]), channel)) "
        "from journeys.deal_touches where is_counted and deal_id = ?",
        [UNKNOWN_CHANNEL, _direct(dataset), deal_id],
    )[0]
    return DealCoverage(people > 0, amount or 0.0, TouchCoverage(*row))


def unread_won_deals(dataset: Dataset) -> Unread:
    """Won rows of the CRM that are in no figure: the bridge's step of the same name."""
    frame = dataset.bridge_deals("quarantined")
    amounts = [float(value) for value in frame["revenue"]]
    read: int = dataset.rows("select count(*) from marts.deals where status = 'won'")[0][0]
    return Unread(len(amounts), sum(amounts), len([amount for amount in amounts if amount]), read + len(amounts))


def rows_read(dataset: Dataset) -> Rows:
    """What became of all rows of all files."""
    return Rows(
        *dataset.rows(
            "select cast(coalesce(sum(rows_in), 0) as bigint), cast(coalesce(sum(left_out), 0) as bigint), "
            "cast(coalesce(sum(loaded), 0) as bigint), cast(coalesce(sum(duplicates), 0) as bigint), "
            "cast(coalesce(sum(quarantined), 0) as bigint) from staging.load_report"
        )[0]
    )


def unread_by_table(dataset: Dataset) -> dict[str, int]:
    """Table → rows that could not be read, most first."""
    return dict(
        dataset.rows(
            "select table_name, count(*) as rows from staging.quarantine group by table_name order by rows desc, table_name"
        )
    )


def unread_rows(dataset: Dataset, table: str = "", limit: int = 1000) -> pd.DataFrame:
    """The first rows that could not be read, of one table or of all: table_name, file, line, column_name, value, reason, record."""
    return dataset.frame(
        "select table_name, file, line, column_name, value, reason, record from staging.quarantine "
        "where ? in ('', table_name) order by table_name, file, line, column_name limit ?",
        [table, limit],
    )


def noticed(dataset: Dataset) -> pd.DataFrame:
    """What the loader noticed: severity, table_name, column_name, message, row_count; gravest first.

    Left out is that rows could not be read: those are listed one by one (``unread_rows``).
    """
    return dataset.frame(
        "select severity, table_name, column_name, message, row_count from raw.notices where message not like '%are in quarantine' "
        "order by case severity when 'error' then 1 when 'warning' then 2 else 3 end, row_count desc, table_name, message"
    )


def missing(dataset: Dataset) -> tuple[Need, ...]:
    """What is not supplied and missed by a page: tables without a row, and columns that are empty in every row of their table."""
    tables = list(dict.fromkeys(need.table for need in NEEDS))
    counts = dict(dataset.rows(" union all ".join(f"select '{table}', count(*) from raw.{table}" for table in tables)))
    columns = [need for need in NEEDS if need.column]
    filled = dataset.rows(
        "select " + ", ".join(f"exists (select 1 from raw.{need.table} where {need.column} is not null)" for need in columns)
    )[0]
    empty = {need for need, is_filled in zip(columns, filled, strict=True) if not is_filled and counts[need.table]}
    foreign = dataset.rows("select count(distinct upper(currency)) from raw.deals where currency is not null")[0][0] > 1
    return tuple(
        need
        for need in NEEDS
        if need in empty or (not need.column and not counts[need.table] and (need.table != "fx_rates" or foreign))
    )


def unused_tables(dataset: Dataset) -> tuple[str, ...]:
    """Tables that are not supplied and that no page asks for yet."""
    supplied = {row[0] for row in dataset.rows("select distinct table_name from raw.load_report")}
    asked = {need.table for need in NEEDS}
    return tuple(name for name in TABLE_NAMES if name not in supplied | asked)


def how_to_supply(need: Need) -> str:
    """The file or column to add, with the required columns by name."""
    table = next(table for table in TABLES if table.name == need.table)
    if need.column:
        return f"{need.column} in {need.table}.csv"
    return f"{need.table}.csv with {', '.join(table.required)}"


def _direct(dataset: Dataset) -> list[str]:
    return list(dataset.settings.journeys.direct_channels)


def _won(dataset: Dataset, filters: Filters) -> Condition:
    """Won deals that the filters select; with filters of touches, those that such a touch helped to win."""
    resolved = dataset.resolve(filters)
    where = deal_condition(resolved) & Condition("deals.status = 'won'", ())
    if not resolved.select_credits:
        return where
    credits = resolved.where_credits()
    exists = (
        f"exists (select 1 from {cubes.source(credits.sql)} as credits where credits.deal_id = deals.deal_id and {credits.sql})"
    )
    return where & Condition(exists, credits.parameters)
