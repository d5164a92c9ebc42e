"""Journeys through the content pages in a browser: from a dot to one piece to a deal, and from a cell of topics to its pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, address, bars, eventually, settle

pytestmark = pytest.mark.browser

ALL = "Which content earns its cost?"


def title(page: Any) -> str:
    """The question on the page."""
    return str(page.locator("h1").inner_text())


def test_from_a_dot_to_one_piece_and_back(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/content")
    assert title(page) == ALL
    page.locator(".st-key-card_rules .scatterlayer .point").first.click(force=True)
    eventually(lambda: title(page) != ALL and "one=A-" in address(page))
    settle(page)
    shown = title(page)
    assert page.locator(".st-key-card_earned .js-plotly-plot").count() == 1
    again = visit(address(page))
    assert title(again) == shown
    again.get_by_role("button", name="All content").click()
    eventually(lambda: title(again) == ALL and "one=" not in address(again))


def test_a_cell_lists_its_pieces(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/topics")
    bars(page, "stages").first.click(force=True)
    eventually(lambda: "cell=cost" in address(page))
    page.locator(".st-key-card_cell").get_by_text("of the funnel").wait_for(timeout=WAIT)
    page.locator(".st-key-close_cell button").first.click()
    eventually(lambda: "cell=" not in address(page))


def test_a_picture_that_is_wider_than_the_phone_scrolls_by_keyboard(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/topics", width=390, height=844)
    wide = page.get_by_role("region", name="Credited revenue by segment")
    wide.wait_for(timeout=WAIT)
    wide.focus()
    page.keyboard.press("ArrowRight")
    eventually(lambda: wide.evaluate("region => region.scrollLeft") > 0)
