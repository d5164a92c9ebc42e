"""Unused, sales content and buyers' questions in a browser: a bar leads to its pieces, a deal to what to send, and present mode fits the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, bars, eventually, settle

pytestmark = pytest.mark.browser
OVERFLOW = "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollHeight - main.clientHeight }"


def test_a_bar_shows_the_pieces_of_its_decision(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/unused")
    bars(page, "decisions").first.click(position={"x": 8, "y": 8}, force=True)
    page.locator(".st-key-card_pieces").get_by_text("of 44").wait_for(timeout=WAIT)
    settle(page)


def test_an_open_deal_leads_to_what_to_send_and_back(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/deals?deal=D-0440")
    page.get_by_role("link", name="What to send next").click()
    page.get_by_role("heading", name="What did sales send").wait_for(timeout=WAIT)
    eventually(lambda: "/sales_content?deal=D-0440" in str(page.evaluate("() => location.href")))
    page.locator(".st-key-card_next").get_by_text("Pontneuf").first.wait_for(timeout=WAIT)
    page.locator(".st-key-card_next").get_by_role("link", name="Journey").click()
    page.get_by_role("heading", name="How does this deal stand?").wait_for(timeout=WAIT)


def test_a_bar_of_what_became_of_the_deals_leads_to_its_piece(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/sales_content?period=all")
    bars(page, "fates").first.click(position={"x": 8, "y": 8}, force=True)
    eventually(lambda: "/content?one=" in str(page.evaluate("() => location.href")))


@pytest.mark.parametrize("path", ["/unused", "/sales_content", "/questions"])
def test_present_mode_fits_the_screen(served: str, visit: Callable[..., Any], path: str) -> None:
    page = visit(f"{served}{path}?present=1")
    eventually(lambda: page.evaluate(OVERFLOW) <= 0)
