"""Journeys through the real app in a headless browser: first run, filters and links, from a number to a touch, phone, dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import menu
from tests.browser import WAIT, address, bars, choose, eventually, metric_value, settle

pytestmark = pytest.mark.browser


def test_deep_link_on_a_fresh_server_shows_no_dialog(
    start: Callable[..., str], sample_database: Path, visit: Callable[..., Any]
) -> None:
    """The first request of a server's life, to a page that is not the first: the page, and no "Page not found" over it."""
    page = visit(start(sample_database) + "/deals")
    page.wait_for_timeout(1500)
    assert page.get_by_role("dialog").count() == 0
    assert page.get_by_text("Page not found").count() == 0
    assert page.locator("h1").inner_text() == "How was this deal won?"


def test_first_run_builds_the_sample_with_named_steps(
    start: Callable[..., str], tmp_path: Path, visit: Callable[..., Any], chromium: Any
) -> None:
    """No database yet: the steps are named while it is built, then the overview stands under a quiet banner."""
    address = start(tmp_path / "build")
    page = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(address)
    page.get_by_text("Building the database from sample_data").wait_for(timeout=WAIT)
    page.get_by_text("Finding out who is who").first.wait_for(timeout=60_000)
    settle(page)
    assert "How is revenue doing" in page.locator("h1").inner_text()
    assert page.get_by_text("Sample data (generated).").count() == 1
    assert (tmp_path / "build" / "CURRENT").is_file()
    page.context.close()


def test_a_filter_changes_numbers_and_address_and_the_address_opens_the_same_view(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served)
    before = metric_value(page, "Won revenue")
    choose(page, "Period", "Last quarter")
    eventually(lambda: metric_value(page, "Won revenue") != before)
    settle(page)
    after = metric_value(page, "Won revenue")
    eventually(lambda: "period=Last" in address(page))
    again = visit(address(page))
    assert metric_value(again, "Won revenue") == after
    assert metric_value(visit(served + "/?period=last_quarter"), "Won revenue") == after  # the command line's word
    page.get_by_role("link", name="Deals").click()
    page.get_by_role("heading", name="How was this deal won?").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "period=Last" in address(page))  # filters do not jump when the page changes
    page.go_back()
    page.get_by_role("heading", name="How is revenue doing").wait_for(timeout=WAIT)
    settle(page)
    assert metric_value(page, "Won revenue") == after


def test_two_clicks_from_a_number_to_a_touch(served: str, visit: Callable[..., Any]) -> None:
    """A bar of the months → its deals, the largest already open with its touches → one touch, with its source row."""
    page = visit(served)
    bars(page, "months").first.click(position={"x": 8, "y": 8}, force=True)
    page.wait_for_selector("text=Deals behind", timeout=WAIT)
    settle(page)
    eventually(lambda: "/deals" in address(page) and "behind=" in address(page))
    assert re.search(r"Deals behind this number: \w{3} 20\d\d · ", page.inner_text("[data-testid=stMain]"))
    dots = page.locator(".st-key-card_journey [data-testid=stPlotlyChart] .scatterlayer .trace .points path")
    dots.last.click(force=True)
    page.wait_for_selector("text=Picked in the journey", timeout=WAIT)
    settle(page)
    assert re.search(r"touches\.csv, row \d+", page.inner_text("[data-testid=stMain]"))


def test_a_link_to_a_deal(served: str, visit: Callable[..., Any], sample: Any) -> None:
    deal = sample.deals(status="lost").iloc[0]
    page = visit(f"{served}/deals?deal={deal['deal_id']}")
    assert page.locator("h1").inner_text() == "How was this deal lost?"
    text = page.inner_text("[data-testid=stMain]")
    assert f"{deal['amount']:,.2f}" in text
    page.get_by_role("button", name="Next deal").click() if page.get_by_role("button", name="Next deal").count() else None
    assert page.get_by_text("Traceback").count() == 0


def test_garbage_in_the_address_gives_defaults_and_a_notice(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served + "/?period=%3Cscript%3E&channel=nowhere&from=2026-99-99&model=%F0%9F%92%A5&deal=1%27%20or%201=1")
    text = page.inner_text("[data-testid=stMain]")
    assert "which is not in this data" in text
    assert "not a date like 2026-03-31" in text
    assert metric_value(page, "Won revenue").startswith("€")


def test_from_thin_ice_to_the_rows_behind_it(served: str, visit: Callable[..., Any]) -> None:
    """The quiet line on the overview → the data page → a check's rows by button, by link and by a click on its bar."""
    page = visit(served)
    assert "Thin ice:" in page.inner_text("[data-testid=stMain]")
    page.get_by_role("link", name="Can we trust these numbers?").click()
    page.get_by_role("heading", name="Can we trust these numbers?").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "/health" in address(page))
    finding = ".st-key-rows_won_without_contacts"
    tables = page.locator("[data-testid=stDataFrame]").count()
    page.locator(finding).get_by_role("button", name="Rows").first.click()
    page.locator(finding).get_by_role("button", name="Hide").first.wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "check=won_without_contacts" in address(page))
    eventually(lambda: page.locator("[data-testid=stDataFrame]").count() == tables + 1)
    again = visit(address(page))
    again.locator(finding).get_by_role("button", name="Hide").first.click()
    again.locator(finding).get_by_role("button", name="Rows").first.wait_for(timeout=WAIT)
    settle(again)
    eventually(lambda: "check=" not in address(again))
    again.locator(".st-key-card_coverage [data-testid=stPlotlyChart] g.trace.bars").last.locator("g.point path").first.click(
        force=True
    )
    again.locator(finding).get_by_role("button", name="Hide").first.wait_for(timeout=WAIT)
    eventually(lambda: "check=won_without_contacts" in address(again))


def test_from_another_dimension_to_the_deals_behind_a_bar(served: str, visit: Callable[..., Any]) -> None:
    """The attribution page by channel → by country, kept in the address → a bar → its deals; no dialog on the way."""
    page = visit(served + "/attribution")
    assert page.locator("h1").inner_text() == "Which channels earned the revenue?"
    assert page.get_by_text("not the agreed rule").count() == 1  # the what-if, and only it
    choose(page, "Dimension", "Country")
    page.get_by_role("heading", name="Which countries brought the revenue?").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "by=Country" in address(page))
    assert visit(address(page)).locator("h1").inner_text() == "Which countries brought the revenue?"
    bars(page, "credit").first.click(position={"x": 8, "y": 8}, force=True)
    page.wait_for_selector("text=Deals behind", timeout=WAIT)
    settle(page)
    eventually(lambda: "/deals" in address(page) and "behind=" in address(page))
    assert page.get_by_text("Deals behind this number: Germany").count() == 1
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("path", [page.address for page in menu.pages()])
def test_a_phone_needs_no_sideways_scrolling(served: str, visit: Callable[..., Any], path: str) -> None:
    """At 390 px the page is one column; what is wider scrolls inside itself."""
    page = visit(served + path, width=390, height=844)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_dark_follows_the_computer(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served, scheme="dark")
    assert (
        page.evaluate("() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
        == "rgb(16, 18, 23)"
    )
    fonts = page.evaluate("() => getComputedStyle(document.querySelector('h1')).fontFamily")
    assert "Inter Tabular" in fonts


def test_nothing_is_fetched_from_elsewhere(served: str, chromium: Any) -> None:
    """The app works without the internet: fonts, icons and scripts come from itself."""
    page = chromium.new_context(reduced_motion="reduce").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served)
    settle(page)
    foreign = [url for url in asked if not url.startswith((served, served.replace("http", "ws"), "data:", "blob:"))]
    page.context.close()
    assert foreign == []


def test_a_damaged_database_is_explained(
    start: Callable[..., str], tmp_path: Path, visit: Callable[..., Any], chromium: Any
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "data-x.duckdb").write_bytes(b"not a database")
    (folder / "CURRENT").write_text("data-x.duckdb", encoding="utf-8")
    page = chromium.new_context(reduced_motion="reduce").new_page()
    page.goto(start(folder))
    page.get_by_text("The database cannot be read").wait_for(timeout=WAIT)
    page.get_by_text("python -m attribution build").first.wait_for(timeout=WAIT)
    assert page.get_by_text("Traceback").count() == 0
    page.context.close()
