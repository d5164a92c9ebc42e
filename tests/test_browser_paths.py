"""Paths and Trust in a browser: every picture leads to its deals or its model, and present mode fits the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, bars, eventually, settle

pytestmark = pytest.mark.browser
OVERFLOW = "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollHeight - main.clientHeight }"


def test_pictures_lead_to_their_deals(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/paths")
    # Sales alone is the most frequent way; the first filled cell of the steps is from the start; the largest bar is sales.
    for card, words in (("ways", "Sales"), ("steps", "start →"), ("ends", "from "), ("without", "with Sales")):
        bars(page, card).first.click(position={"x": 6, "y": 6}, force=True)
        page.wait_for_selector("h1:has-text('How was this deal')", timeout=WAIT)
        settle(page)
        assert words in page.locator(".st-key-forget").inner_text(), card
        page.go_back()
        page.wait_for_selector("h1:has-text('Which ways lead')", timeout=WAIT)
        settle(page)


def test_both_pages_fit_the_screen_when_presented_and_a_phone(served: str, visit: Callable[..., Any]) -> None:
    for address, last in (("paths", "ways"), ("trust", "errors")):
        page = visit(f"{served}/{address}?present=1")
        eventually(lambda page=page: page.evaluate(OVERFLOW) <= 0)
        box = page.locator(f".st-key-card_{last}").bounding_box()
        assert box and box["y"] + box["height"] <= 900, address
        page = visit(f"{served}/{address}", width=390, height=844)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, address


def test_a_dot_puts_its_model_under_the_glass(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/trust?judged=linear")
    assert "“All the same” puts" in page.locator("h4").inner_text()
    page.locator(".st-key-card_errors .scatterlayer .trace").last.locator("path.point").first.click(force=True)
    settle(page)
    assert "“All the same” puts" in page.locator("h4").inner_text(), "the judged model is drawn on top"
    page.locator(".st-key-card_errors .scatterlayer .trace").nth(1).locator("path.point").first.click(force=True)
    eventually(lambda: "“All the same”" not in page.locator("h4").inner_text())
