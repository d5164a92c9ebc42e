"""Which deals, and which days, the content pages are about: deals by their own fields, what happened to them by the day it happened.

A question, a sending or a reading has a day of its own, so the period of the filters selects these days; the other filters select the
deals. "Never" (unused content) means never: there the period plays no part.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attribution import cubes
from attribution.filters import Condition, Filters
from attribution.query import deal_condition

if TYPE_CHECKING:
    from attribution.dataset import Dataset


def any_time(filters: Filters) -> Filters:
    """The same filters without their period."""
    return replace(filters, period="all", date_from=None, date_to=None, date_basis="closed")


def deals_of(filters: Filters) -> Condition:
    """The condition on ``deals`` (marts.deals) that the filters set, whatever the period; ``true`` where they set none."""
    here = any_time(filters)
    condition = deal_condition(here)
    if here.select_credits:
        credits = here.where_credits()
        condition = condition & Condition(
            f"exists (select 1 from {cubes.source(credits.sql)} as credits where credits.deal_id = deals.deal_id and {credits.sql})",
            credits.parameters,
        )
    return condition


def days(column: str, filters: Filters) -> Condition:
    """The condition that a day lies in the period. ``filters`` have their dates resolved."""
    condition = Condition("true")
    if filters.date_from:
        condition = condition & Condition(f"{column} >= ?", (filters.date_from,))
    if filters.date_to:
        condition = condition & Condition(f"{column} <= ?", (filters.date_to,))
    return condition


def today(ds: Dataset) -> date:
    """The last day of the data, in the reporting time zone."""
    zone = ZoneInfo(ds.settings.reporting.time_zone)
    return ds.as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
