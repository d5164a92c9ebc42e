"""Periods relative to the data, links that survive anything, and conditions with bound values."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from attribution.errors import QueryError
from attribution.filters import PERIODS, Filters, check_values, known_periods
from attribution.periods import period_dates
from attribution.settings_file import read_settings

SETTINGS = read_settings(
    overrides=["reporting.time_zone=UTC", "reporting.fiscal_year_starts=4", "reporting.last_meeting_on=2026-11-12"]
)
AS_OF = datetime(2026, 11, 20, 15)


def dates(filters: Filters | None) -> tuple[date | None, date | None]:
    assert filters is not None
    return filters.date_from, filters.date_to


@pytest.mark.parametrize(
    ("period", "here", "before"),
    [
        ("this_month", ("2026-11-01", "2026-11-20"), ("2026-10-01", "2026-10-20")),
        ("last_month", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        ("this_quarter", ("2026-10-01", "2026-11-20"), ("2026-07-01", "2026-08-20")),
        ("last_quarter", ("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),
        ("this_fiscal_year", ("2026-04-01", "2026-11-20"), ("2025-04-01", "2025-11-20")),
        ("last_fiscal_year", ("2025-04-01", "2026-03-31"), ("2024-04-01", "2025-03-31")),
        ("last_90_days", ("2026-08-23", "2026-11-20"), ("2026-05-25", "2026-08-22")),
        ("last_12_months", ("2025-11-01", "2026-10-31"), ("2024-11-01", "2025-10-31")),
        ("since_last_meeting", ("2026-11-13", "2026-11-20"), ("2026-11-05", "2026-11-12")),
    ],
)
def test_a_period_and_the_one_before(period: str, here: tuple[str, str], before: tuple[str, str]) -> None:
    filters = Filters(period=period)
    assert dates(filters.resolved(SETTINGS, AS_OF)) == tuple(map(date.fromisoformat, here))
    assert dates(filters.before(SETTINGS, AS_OF)) == tuple(map(date.fromisoformat, before))


@pytest.mark.parametrize(("meeting", "says"), [(None, "no meeting is recorded"), ("2026-11-20", "there is nothing since")])
def test_without_a_past_meeting_there_is_no_such_period(meeting: str | None, says: str) -> None:
    settings = read_settings(overrides=[f"reporting.last_meeting_on={meeting}"] if meeting else [])
    assert set(PERIODS) - set(known_periods(settings, AS_OF)) == {"since_last_meeting"}
    assert known_periods(SETTINGS, AS_OF) == tuple(PERIODS)
    with pytest.raises(QueryError, match=says):
        Filters(period="since_last_meeting").resolved(settings, AS_OF)


def test_a_link_names_the_meeting_that_it_counts_from() -> None:
    """A meeting closed in the app comes before the one in the settings, and the link holds its day: it shows the same later on."""
    filters = Filters(period="since_last_meeting", meeting_on=date(2026, 11, 5))
    assert dates(filters.resolved(SETTINGS, AS_OF)) == (date(2026, 11, 6), date(2026, 11, 20))
    assert filters.to_query() == {"period": ["since_last_meeting"], "meeting_on": ["2026-11-05"]}
    assert Filters(period="last_month", meeting_on=date(2026, 11, 5)).to_query() == {"period": ["last_month"]}
    without = read_settings(overrides=[])
    assert known_periods(without, AS_OF, date(2026, 11, 5)) == tuple(PERIODS)


def test_own_dates_are_compared_with_the_same_length_ending_the_day_before() -> None:
    filters = Filters(date_from=date(2026, 3, 1), date_to=date(2026, 3, 10))
    assert dates(filters.before(SETTINGS, AS_OF)) == (date(2026, 2, 19), date(2026, 2, 28))


def test_the_year_before_of_a_whole_february_is_a_whole_february() -> None:
    filters = Filters(date_from=date(2025, 2, 1), date_to=date(2025, 2, 28))
    assert dates(filters.year_before(SETTINGS, AS_OF)) == (date(2024, 2, 1), date(2024, 2, 29))


def test_the_elapsed_days_never_reach_into_the_running_period() -> None:
    as_of = datetime(2026, 3, 31)  # February has no 31st
    assert dates(Filters(period="this_month").before(SETTINGS, as_of)) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_period_is_cut_in_the_settings_time_zone() -> None:
    settings = read_settings(overrides=["reporting.time_zone=Asia/Tokyo"])
    assert dates(Filters(period="this_month").resolved(settings, datetime(2026, 10, 31, 16))) == (
        date(2026, 11, 1),
        date(2026, 11, 1),
    )


def test_a_fiscal_year_begins_with_the_first_day_of_its_month() -> None:
    assert period_dates("this_fiscal_year", date(2026, 4, 1), 4) == (date(2026, 4, 1), date(2026, 4, 1))
    assert period_dates("this_fiscal_year", date(2026, 3, 31), 4) == (date(2025, 4, 1), date(2026, 3, 31))


def test_reversed_dates_are_refused() -> None:
    with pytest.raises(QueryError, match="reversed"):
        Filters(date_from=date(2026, 2, 1), date_to=date(2026, 1, 1))


def test_values_are_bound_and_missing_is_null() -> None:
    condition = Filters(segments=("a'; drop table x; --", "(none)"), date_from=date(2026, 1, 1)).where_deals()
    assert condition.sql == "(deals.segment in (?) or deals.segment is null) and deals.closed_on >= ?"
    assert condition.parameters == ("a'; drop table x; --", date(2026, 1, 1))


def test_the_caption_says_what_is_filtered() -> None:
    filters = Filters(date_from=date(2026, 1, 1), date_to=date(2026, 3, 31), segments=("Enterprise", ""), channels=("events",))
    assert (
        filters.caption(SETTINGS)
        == "1 Jan 2026 to 31 Mar 2026, by close date (UTC); channel events; segment Enterprise or (none)"
    )
    assert Filters().caption(SETTINGS) == "all time"


def test_a_message_lists_the_first_values_and_says_how_many_are_left() -> None:
    known = {"country": tuple(f"country {number:02d}" for number in range(30))}
    with pytest.raises(QueryError, match=r"country 11 … and 18 more\."):
        check_values(Filters(countries=("nowhere",)), lambda: known)
    with pytest.raises(QueryError, match=r"Known: country 00, country 01\."):
        check_values(Filters(countries=("nowhere",)), lambda: {"country": known["country"][:2]})


def test_nothing_is_compared_with_days_before_the_calendar() -> None:
    whole = Filters(period="custom", date_from=date(1, 1, 1), date_to=date(9999, 12, 31))
    assert whole.before(read_settings(), AS_OF) is None
    assert whole.year_before(read_settings(), AS_OF) is None
