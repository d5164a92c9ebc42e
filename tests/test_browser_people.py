"""From a deal to a person, to another deal of theirs and back in a browser, by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, eventually, settle

pytestmark = pytest.mark.browser


def test_deal_person_deal(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/deals?deal=D-0001")
    row = page.locator(".st-key-people_of_deal")
    row.get_by_role("link", name="Moritz Sandkuehler").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What did Moritz Sandkuehler do, and what came of it?").wait_for(timeout=WAIT)
    settle(page)
    assert "/people?" in page.url and "person=CT-00003" in page.url
    again = visit(page.url)
    assert again.locator("h1").inner_text() == page.locator("h1").inner_text()
    assert page.locator(".st-key-card_way [data-testid=stPlotlyChart]").count() == 1
    # A canvas table: the first row's button stands in its third column, behind name and amount.
    table = page.locator(".st-key-card_deals [data-testid=stDataFrame]")
    table.click(position={"x": 357, "y": 54})
    page.get_by_role("heading", name="How was this deal").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "deal=D-0135" in page.url)
    page.locator(".st-key-people_of_deal").get_by_role("link", name="Moritz Sandkuehler").click()
    page.get_by_role("heading", name="What did Moritz Sandkuehler do").wait_for(timeout=WAIT)
    settle(page)
    page.get_by_role("button", name="All people").click()
    page.get_by_role("heading", name="Who was active, and who is on a deal?").wait_for(timeout=WAIT)
