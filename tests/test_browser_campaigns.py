"""Journeys through the campaigns page in a browser: from a bar to one campaign to a deal, columns that stay, and a link that opens the same view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, address, bars, eventually, settle

pytestmark = pytest.mark.browser


def title(page: Any) -> str:
    """The question on the page."""
    return str(page.locator("h1").inner_text())


def test_from_a_bar_to_one_campaign_and_back(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/campaigns")
    assert title(page) == "What did our campaigns bring?"
    bars(page, "brought").first.click(position={"x": 8, "y": 8}, force=True)
    eventually(lambda: title(page) != "What did our campaigns bring?" and "one=CMP-" in address(page))
    settle(page)
    shown = title(page)
    again = visit(address(page))
    assert title(again) == shown
    page.get_by_role("button", name="All campaigns").click()
    eventually(lambda: title(page) == "What did our campaigns bring?" and "one=" not in address(page))


def test_columns_stay_and_are_in_the_address(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/campaigns")
    page.locator(".st-key-card_numbers").get_by_text("Reach", exact=True).click()
    eventually(lambda: "columns=Reach" in address(page))
    settle(page)
    page.locator(".st-key-card_numbers").get_by_text("Since each start, whatever the filters.").wait_for(timeout=WAIT)
    again = visit(address(page))
    again.locator(".st-key-card_numbers").get_by_text("Since each start, whatever the filters.").wait_for(timeout=WAIT)
    again.locator(".st-key-card_numbers").get_by_text("Money", exact=True).click()
    again.locator(".st-key-card_numbers").get_by_text("the last row is the CRM's total in scope").wait_for(timeout=WAIT)
