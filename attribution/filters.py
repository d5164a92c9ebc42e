"""One frozen object for the filters: it gives the WHERE, its parameters, the English caption and the URL form.

The same words in the app, its URLs and the command line. What a link says is read and checked by the widgets of the app's filter bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attribution.config import Settings
from attribution.errors import QueryError, near_name
from attribution.periods import add_months, month_end, period_dates, since_last_meeting
from attribution.periods import day as day

MISSING_LABEL = "(none)"
SHOWN = 12  # values that a message lists

PERIODS: dict[str, str] = {
    "all": "all time",
    "this_month": "this month",
    "last_month": "last month",
    "this_quarter": "this quarter",
    "last_quarter": "last quarter",
    "this_fiscal_year": "this fiscal year",
    "last_fiscal_year": "last fiscal year",
    "last_90_days": "last 90 days",
    "last_12_months": "last 12 months",
    "since_last_meeting": "since the last meeting",
    "custom": "own dates",
}

DATE_BASES: dict[str, str] = {"closed": "by close date", "created": "by the date the deal was opened", "touch": "by touch date"}


@dataclass(frozen=True)
class FilterField:
    """One list filter: its attribute, URL and command-line word, the column it tests, and whether it selects credits or deals."""

    attribute: str
    word: str
    column: str
    label: str

    @property
    def selects_credits(self) -> bool:
        """Whether it keeps touches of a deal (and so leaves Unattributed out) instead of whole deals."""
        return self.column.startswith("credits.")


FILTER_FIELDS: tuple[FilterField, ...] = (
    FilterField("channels", "channel", "credits.channel", "channel"),
    FilterField("campaigns", "campaign", "credits.campaign_id", "campaign"),
    FilterField("segments", "segment", "deals.segment", "segment"),
    FilterField("industries", "industry", "deals.industry", "industry"),
    FilterField("countries", "country", "deals.country", "country"),
    FilterField("owners", "owner", "deals.owner_id", "owner"),
    FilterField("deal_types", "deal_type", "deals.deal_type", "deal type"),
    FilterField("pipelines", "pipeline", "deals.pipeline", "pipeline"),
)


@dataclass(frozen=True)
class Condition:
    """A piece of SQL with its bound parameters; ``true`` where nothing is filtered."""

    sql: str
    parameters: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        parts = [condition for condition in (self, other) if condition.sql != "true"]
        if not parts:
            return Condition("true")
        return Condition(" and ".join(part.sql for part in parts), tuple(value for part in parts for value in part.parameters))


@dataclass(frozen=True)
class Filters:
    """Which deals and credits a figure is about. Dates are inclusive and in the settings' time zone; empty tuples filter nothing.

    ``meeting_on``: the meeting that "since the last meeting" counts from; None for ``last_meeting_on`` of the settings.
    """

    period: str = "all"
    date_from: date | None = None
    date_to: date | None = None
    date_basis: str = "closed"
    channels: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    deal_types: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    meeting_on: date | None = None

    def __post_init__(self) -> None:
        if self.date_basis not in DATE_BASES:
            raise QueryError(f"date basis {self.date_basis!r}: it must be one of {', '.join(DATE_BASES)}.")
        if self.period not in PERIODS:
            raise QueryError(f"period {self.period!r}: it must be one of {', '.join(PERIODS)}.")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise QueryError(f"The dates are reversed: from {self.date_from} to {self.date_to}. Swap them.")
        if self.period == "all" and (self.date_from or self.date_to):
            object.__setattr__(self, "period", "custom")

    # -- dates -----------------------------------------------------------------------------------------------------------

    def resolved(self, settings: Settings, as_of: datetime) -> Filters:
        """The same filters with the dates of a named period, relative to the data's as-of (UTC), never to the clock."""
        if self.period in ("all", "custom"):
            return self
        today = as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(settings.reporting.time_zone)).date()
        if self.period == "since_last_meeting":
            first, last = since_last_meeting(self.meeting_on or settings.reporting.last_meeting_on, today)
        else:
            first, last = period_dates(self.period, today, settings.reporting.fiscal_year_starts)
        return replace(self, date_from=first, date_to=last)

    def before(self, settings: Settings, as_of: datetime) -> Filters | None:
        """The period before: of a calendar period the previous one; of a running one as many days of the previous one; of own dates
        the same length ending the day before. None without both dates."""
        here = self.resolved(settings, as_of)
        if here.date_from is None or here.date_to is None:
            return None
        first, last = here.date_from, here.date_to
        months = {
            "this_month": 1,
            "last_month": 1,
            "this_quarter": 3,
            "last_quarter": 3,
            "this_fiscal_year": 12,
            "last_fiscal_year": 12,
            "last_12_months": 12,
        }.get(self.period)
        if months is None:
            length = (last - first).days + 1
            if (first - date.min).days < length:
                return None  # before the calendar begins
            return replace(here, period="custom", date_from=first - timedelta(days=length), date_to=first - timedelta(days=1))
        previous_first = add_months(first, -months)
        if self.period.startswith("this_"):
            elapsed = (last - first).days
            previous_last = min(previous_first + timedelta(days=elapsed), first - timedelta(days=1))
        else:
            previous_last = first - timedelta(days=1)
        return replace(here, period="custom", date_from=previous_first, date_to=previous_last)

    def year_before(self, settings: Settings, as_of: datetime) -> Filters | None:
        """The same dates a year earlier. None without both dates."""
        here = self.resolved(settings, as_of)
        if here.date_from is None or here.date_to is None or here.date_from.year == date.min.year:
            return None
        last = here.date_to
        whole_months = here.date_from.day == 1 and last == month_end(last)
        earlier_last = add_months(last, -12)
        return replace(
            here,
            period="custom",
            date_from=add_months(here.date_from, -12),
            date_to=month_end(earlier_last) if whole_months else earlier_last,
        )

    # -- SQL -------------------------------------------------------------------------------------------------------------

    @property
    def select_credits(self) -> bool:
        """Whether the filters keep single credits, so that Unattributed is left out."""
        return self.date_basis == "touch" or any(
            getattr(self, entry.attribute) for entry in FILTER_FIELDS if entry.selects_credits
        )

    @property
    def select_deals_by_field(self) -> tuple[str, ...]:
        """The words of the filters that select whole deals (spend knows none of them)."""
        return tuple(entry.word for entry in FILTER_FIELDS if getattr(self, entry.attribute) and not entry.selects_credits)

    def where_deals(self, dated: bool = True) -> Condition:
        """The condition on ``deals`` (marts.deals). ``dated=False`` leaves out the close date (open deals have none)."""
        condition = self._where_fields(credits=False)
        if self.date_basis == "created":
            return condition & self._between("deals.created_on")
        if self.date_basis == "closed" and dated:
            return condition & self._between("deals.closed_on")
        return condition

    def where_credits(self) -> Condition:
        """The condition on ``credits`` (marts.credits)."""
        condition = self._where_fields(credits=True)
        return condition & self._between("credits.occurred_on") if self.date_basis == "touch" else condition

    def where_spend(self) -> Condition:
        """The condition on ``spend`` (staging.spend): its own day, channel and campaign."""
        return self._of_its_own("spend", "spent_on")

    def where_touches(self) -> Condition:
        """The condition on ``touches`` (touches.touches), whatever the date basis: their own day, channel and campaign."""
        return self._of_its_own("touches", "occurred_on")

    def _of_its_own(self, table: str, day_column: str) -> Condition:
        condition = self._between(f"{table}.{day_column}")
        return condition & one_of(f"{table}.channel", self.channels) & one_of(f"{table}.campaign_id", self.campaigns)

    def _where_fields(self, credits: bool) -> Condition:
        condition = Condition("true")
        for entry in FILTER_FIELDS:
            if entry.selects_credits == credits:
                condition = condition & one_of(entry.column, getattr(self, entry.attribute))
        return condition

    def _between(self, column: str) -> Condition:
        condition = Condition("true")
        if self.date_from:
            condition = condition & Condition(f"{column} >= ?", (self.date_from,))
        if self.date_to:
            condition = condition & Condition(f"{column} <= ?", (self.date_to,))
        return condition

    # -- words and links -------------------------------------------------------------------------------------------------

    def caption(self, settings: Settings) -> str:
        """The filters in words, for every chart, file and download."""
        if self.date_from and self.date_to:
            dates = f"{day(self.date_from)} to {day(self.date_to)}"
        elif self.date_from:
            dates = f"from {day(self.date_from)}"
        elif self.date_to:
            dates = f"up to {day(self.date_to)}"
        else:
            dates = PERIODS[self.period]
        basis = "" if dates == PERIODS["all"] else f", {DATE_BASES[self.date_basis]}"
        listed = [
            f"{entry.label} {' or '.join(value or MISSING_LABEL for value in getattr(self, entry.attribute))}"
            for entry in FILTER_FIELDS
            if getattr(self, entry.attribute)
        ]
        zone = f" ({settings.reporting.time_zone})" if dates != PERIODS["all"] else ""
        return "; ".join([f"{dates}{basis}{zone}", *listed])

    def active(self) -> tuple[tuple[str, str], ...]:
        """(word, value in words) of every list filter that is set: what the app shows as chips."""
        return tuple((entry.word, value or MISSING_LABEL) for entry in FILTER_FIELDS for value in getattr(self, entry.attribute))

    def to_query(self) -> dict[str, list[str]]:
        """The filters as URL parameters; defaults are left out."""
        query: dict[str, list[str]] = {}
        if self.period != "all":
            query["period"] = [self.period]
        if self.period == "since_last_meeting" and self.meeting_on:
            query["meeting_on"] = [self.meeting_on.isoformat()]
        if self.period == "custom":
            if self.date_from:
                query["from"] = [self.date_from.isoformat()]
            if self.date_to:
                query["to"] = [self.date_to.isoformat()]
        if self.date_basis != "closed":
            query["date_basis"] = [self.date_basis]
        for entry in FILTER_FIELDS:
            if values := getattr(self, entry.attribute):
                query[entry.word] = list(values)
        return query


def known_periods(settings: Settings, as_of: datetime, meeting_on: date | None = None) -> tuple[str, ...]:
    """The periods that have dates in this data: without "since the last meeting" where no meeting is recorded or no day has passed.

    ``meeting_on``: the last meeting that was closed in the app.
    """
    try:
        Filters(period="since_last_meeting", meeting_on=meeting_on).resolved(settings, as_of)
    except QueryError:
        return tuple(name for name in PERIODS if name != "since_last_meeting")
    return tuple(PERIODS)


# No filter at all: every deal of all time.
ALL_TIME = Filters()


def check_values(filters: Filters, known: Callable[[], Mapping[str, Sequence[str]]]) -> None:
    """Raise QueryError where a filter names a value that the data does not have. ``known``: word → values, looked up where one is named."""
    for entry in FILTER_FIELDS:
        named = [value for value in getattr(filters, entry.attribute) if value not in ("", MISSING_LABEL)]
        values = known().get(entry.word) if named else None
        if values is None:
            continue
        for value in named:
            if value not in values:
                hint = near_name(value, values) or (
                    f" Known: {', '.join(list(values)[:SHOWN])}{_left(len(values) - SHOWN)}." if values else " The data has none."
                )
                raise QueryError(f"--{entry.word.replace('_', '-')} {value!r}: no {entry.label} of that name in the data.{hint}")


def _left(count: int) -> str:
    return f" … and {count} more" if count > 0 else ""


def one_of(column: str, values: Sequence[str]) -> Condition:
    """``column in (…)`` with bound values; "" and "(none)" stand for a missing value."""
    if not values:
        return Condition("true")
    named = tuple(value for value in values if value not in ("", MISSING_LABEL))
    parts = [f"{column} in ({', '.join('?' * len(named))})"] if named else []
    if len(named) < len(values):
        parts.append(f"{column} is null")
    return Condition(parts[0] if len(parts) == 1 else f"({' or '.join(parts)})", named)
