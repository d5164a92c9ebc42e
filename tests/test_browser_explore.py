"""The explore page in a headless browser: from a cell and from a bar to the deals, by mouse and by boxes; links; a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, address, bars, choose, eventually, settle

pytestmark = pytest.mark.browser
DEALS = "h1:has-text('deal won')"


def test_a_cell_of_the_heat_table_leads_to_its_deals(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/explore?show=revenue&down=segment&across=channel&look=heat")
    bars(page, "explore_heat").first.click(force=True)
    page.wait_for_selector(DEALS, timeout=WAIT)
    settle(page)
    eventually(lambda: "behind=" in address(page))
    behind = page.locator(".st-key-forget").inner_text()
    assert "nterprise" in behind
    assert "Sales" in behind


def test_a_bar_of_a_figure_leads_to_its_deals(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/explore?show=revenue&show=pipeline&down=channel&look=bars")
    assert page.locator("h1").inner_text() == "Credited revenue and credited pipeline by channel"
    trace = page.locator(".st-key-card_explore_bars .subplot.x2y g.trace.bars").first  # the second figure: open deals
    trace.locator("g.point path").first.click(force=True)
    page.wait_for_selector("h1:has-text('deal stand')", timeout=WAIT)
    eventually(lambda: "open" in address(page))


def test_the_deals_of_a_cell_without_a_picture(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/explore?show=revenue&down=quarter&across=channel&look=table&period=all")
    choose(page, "Column of the cell", "Webinars")
    button = page.locator(".st-key-open_cell button")
    assert "see its deals" in button.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(DEALS, timeout=WAIT)
    settle(page)
    assert "Webinars" in page.locator(".st-key-forget").inner_text()


def test_a_starting_point_is_in_the_link_and_the_link_opens_it(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/explore")
    page.get_by_role("button", name="Owners: win rate").click()
    eventually(lambda: page.locator("h1").inner_text() == "Win rate, deals won and deals lost by owner")
    settle(page)
    choose(page, "Order", "By name")
    page.get_by_role("button", name="Copy link").click()
    link = page.locator("[data-testid=stCode]").inner_text().strip()
    again = visit(link)
    assert again.locator("h1").inner_text() == "Win rate, deals won and deals lost by owner"
    assert again.get_by_role("combobox", name="Order").input_value() in ("By name", "") or again.get_by_text("By name").count()
    opened = visit(address(page))
    assert opened.locator("h1").inner_text() == "Win rate, deals won and deals lost by owner"


def test_on_a_phone_only_the_picture_scrolls_sideways(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/explore?show=revenue&down=segment&across=channel&look=heat", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
