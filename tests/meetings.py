"""Meetings that the tests of the blocks look at: of the sample, and of a small world that is corrected within two weeks. Fixtures come through conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.sample_reading import Row

if TYPE_CHECKING:
    from attribution.meeting.block import Block, Context

TODAY, LAST_MEETING = date(2026, 11, 20), date(2026, 11, 5)
HELD = (TODAY, date(2026, 9, 30))  # on the data's last day, and as it was on an earlier one
SETTINGS = {"reporting": {"currency": "EUR", "time_zone": "UTC", "as_of": datetime(2025, 6, 30, 12, tzinfo=UTC)}}


def meeting_of(*looked_at: Any) -> Context:
    """The context of a meeting."""
    # Imported late, so that the tests of one part run while another part is broken.
    from attribution.meeting.block import Context

    return Context(*looked_at)


@pytest.fixture(scope="module", params=HELD, ids=str)
def some_meeting(request: Any, sample: Any) -> Context:
    """A meeting on the last day of the data, and one on an earlier day."""
    return meeting_of(sample, request.param, LAST_MEETING if request.param > LAST_MEETING else None)


@pytest.fixture(scope="session")
def this_meeting(sample: Any) -> Context:
    """A meeting on the sample's last day, two weeks after the one before, whose data is not kept."""
    return meeting_of(sample, TODAY, LAST_MEETING)


def local(moment: str) -> date:
    """The day in Berlin of a moment as the files write it."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Berlin")).date()


def day_of(row: Row, column: str) -> date | None:
    """The day of a deal: dates have no time, moments have one."""
    text = row[column]
    return (date.fromisoformat(text) if len(text) == 10 else local(text)) if text else None


def target_row(metric: str, first: str, period: str, aim: float, segment: str = "") -> dict[str, Any]:
    return {"team": "shared", "metric": metric, "period_start_on": first, "period": period, "segment": segment, "target": aim}


def deal_row(deal_id: str, status: str, amount: float, closed: str = "", **more: Any) -> dict[str, Any]:
    return {
        "deal_id": deal_id, "name": f"Deal {deal_id}", "account_id": "A1", "created_at": "2024-11-01", "closed_at": closed, "status": status,
        "amount": amount, "currency": "EUR", "deal_stage": status, **more,
    }  # fmt: skip


def small_world(later: bool = False) -> dict[str, list[dict[str, Any]]]:
    """A few deals as the meeting of 15 June saw them, and two weeks later, when nearly everything has been corrected."""
    q1, q2 = "2025-03-10", "2025-05-20"
    listed = [
        deal_row("D1", "lost" if later else "won", 30_000, q1),  # cancelled
        deal_row("D2", "won", 40_000.5 if later else 50_000.75, q1),  # corrected
        deal_row("D3", "won" if later else "open", 28_000, q1 if later else ""),  # booked late
        deal_row("D4", "won", 7_000, q2 if later else q1),  # moved into the next quarter
        deal_row("D6", "won", 1_000, q1),  # as it was
        deal_row("D7", "open", 9_500 if later else 5_000, expected_close_on="2025-07-20" if later else "2025-06-20"),
        deal_row("D8", "won" if later else "open", 12_000, "2025-06-20" if later else ""),
        deal_row("D9", "won", 1_000, q1, currency="USD"),
        deal_row("D13", "open" if later else "won", 2_000, "" if later else q1),  # open again
        deal_row("D14", "won" if later else "lost", 900, q1),  # won after all
        deal_row("D15", "won", 500 if later else 400, q1, currency="EUR" if later else "USD"),  # its currency was wrong
        deal_row("D16", "won", 70, q1, account_id="A2"),  # its company is merged into another: nothing of it changes
    ]
    if not later:
        listed.append(deal_row("D5", "won", 3_000, q1))  # gone
        listed.append(deal_row("D10", "open", 600))  # gone while it was open
        listed.append(deal_row("D17", "won", 333, q1))  # merged into D6
    else:
        listed.append(deal_row("D11", "won", 450, q1))  # nobody knew it
        listed.append(deal_row("D12", "open", 800, created_at="2025-06-25"))
    touches = [
        {
            "touch_id": f"T{number}",
            "occurred_at": f"2025-02-0{number}T10:00:00Z",
            "contact_id": "C1",
            "channel": channel,
            "kind": "visit",
        }
        for number, channel in enumerate(("search", "email") if later else ("search",), start=1)
    ]
    return {
        "accounts": [{"account_id": "A1", "name": "Alba", "segment": "small"}],
        "contacts": [{"contact_id": "C1", "account_id": "A1", "created_at": "2025-01-15T10:00:00Z"}],
        "deals": listed,
        "touches": touches,
        "fx_rates": [{"rate_on": "2025-03-10", "currency": "USD", "units_per_base": 1.25 if later else 1.0}],
        "identities": [
            {"alias": "D17", "alias_kind": "deal", "target_id": "D6"}, {"alias": "A2", "alias_kind": "account", "target_id": "A1"},
        ] if later else [],
    }  # fmt: skip


@pytest.fixture(scope="session")
def corrected(open_rows: Callable[..., Any]) -> Context:
    """A meeting that can look at the data of the meeting before."""
    seen = {"reporting": {**SETTINGS["reporting"], "as_of": datetime(2025, 6, 15, 12, tzinfo=UTC)}}
    return meeting_of(
        open_rows(small_world(later=True), SETTINGS), date(2025, 6, 30), date(2025, 6, 15), open_rows(small_world(), seen)
    )


def is_plain(block: Block) -> bool:
    """Whether everything on it is text, a number or None, so that it survives as JSON."""

    def plain(value: Any) -> bool:
        if isinstance(value, (str, int, float, bool)) or value is None:
            return True
        if isinstance(value, tuple):
            return all(plain(entry) for entry in value)
        return hasattr(value, "__dataclass_fields__") and all(plain(getattr(value, name)) for name in value.__dataclass_fields__)

    return plain(block)
