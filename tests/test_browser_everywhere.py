"""In a headless browser: files open and add up to the page, the keyboard alone finds a deal, present mode fits the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser import WAIT, address, eventually, metric_value, settle

pytestmark = pytest.mark.browser

OVERFLOW = "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollHeight - main.clientHeight }"


def in_numbers(page: Any, card: str) -> Any:
    """Open the table of a card; returns its dialog."""
    page.locator(f".st-key-card_{card} .st-key-table_{card} button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="XLSX").wait_for(timeout=WAIT)
    return dialog


def test_a_download_opens_and_adds_up_to_the_page(served: str, visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit(served)
    shown = metric_value(page, "Won revenue").replace("\u00a0", " ")
    dialog = in_numbers(page, "months")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="XLSX").click()
    assert saved.value.suggested_filename == "won-revenue-by-month.xlsx"
    saved.value.save_as(tmp_path / "table.xlsx")
    book = openpyxl.load_workbook(tmp_path / "table.xlsx")
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    total = rows[-1][-1]
    assert rows[-1][0] == "Total"
    assert round(sum(row[-1] for row in rows[:-1]), 2) == round(total, 2) == round(sum(rows[-1][1:-1]), 2)
    assert shown == f"€{total / 1e6:.2f} M"
    assert "by close date" in str(book["About"]["B2"].value)
    with page.expect_download() as saved:
        dialog.locator(".st-key-download_months button").first.click()
    saved.value.save_as(tmp_path / "table.csv")
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8-sig").splitlines()
    assert float(lines[len(rows)].split(",")[-1]) == round(total, 2)


def test_the_picture_is_saved_with_title_and_filters(served: str, visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit(served)
    dialog = in_numbers(page, "months")
    for kind in ("PNG", "SVG"):
        with page.expect_download() as saved:
            dialog.get_by_role("button", name=f"Picture {kind}").click()
        assert saved.value.suggested_filename == f"won-revenue-by-month.{kind.lower()}"
        saved.value.save_as(tmp_path / f"picture.{kind.lower()}")
    svg = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert all(words in svg for words in ("Won revenue by month", "by close date", "credit rule", "<path", "@font-face"))
    assert "http" not in re.sub(r'"http://www\.w3\.org/[^"]*"', "", svg)  # nothing is fetched when it is opened
    png = (tmp_path / "picture.png").read_bytes()
    assert png.startswith(b"\x89PNG") and len(png) > 20_000


def test_the_keyboard_alone_finds_a_deal_and_opens_it(served: str, visit: Callable[..., Any], sample: Any) -> None:
    deal, name = sample.rows(
        "select deal_id, name from marts.deals where name is not null order by amount desc, deal_id limit 1"
    )[0]
    page = visit(served + "/attribution")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_placeholder("Name, id, e-mail address or domain").wait_for(timeout=WAIT)
    eventually(lambda: page.evaluate("() => document.activeElement.getAttribute('placeholder') || ''").startswith("Name, id"))
    page.keyboard.type(deal)
    page.locator(".st-key-found_deal a").first.wait_for(timeout=WAIT)
    settle(page)
    page.keyboard.press("Tab")
    eventually(lambda: page.evaluate("() => document.activeElement.tagName") in ("A", "BUTTON"))
    for _ in range(3):  # the box has a button of its own that empties it
        if page.evaluate("() => document.activeElement.tagName") == "A":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="How was this deal").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: f"/deals?deal={deal}" in address(page))
    assert name in page.inner_text("[data-testid=stMain] h4")
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("path", ["", "/attribution", "/campaigns", "/deals", "/explore", "/content", "/topics", "/health"])
def test_present_mode_fits_the_screen(served: str, visit: Callable[..., Any], path: str) -> None:
    """At 1440 × 900 nothing of question, answer, figures and main picture needs scrolling; no menu; larger type."""
    page = visit(f"{served}{path}?present=1")
    eventually(lambda: page.evaluate(OVERFLOW) <= 0)
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "16px"
    assert page.locator("[data-testid=stPlotlyChart]").count() >= 1


def test_arrow_keys_turn_pages_and_escape_leaves(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served + "/?present=1&period=last_quarter")
    page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="Which channels earned the revenue?").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "/attribution" in address(page) and "present=1" in address(page) and "period=Last" in address(page))
    page.keyboard.press("ArrowLeft")
    page.get_by_role("heading", name="How is revenue doing").wait_for(timeout=WAIT)
    settle(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Deals").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "present" not in address(page))
    eventually(lambda: page.evaluate("() => document.documentElement.style.fontSize") == "")


def test_a_link_with_codes_survives_a_reload(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served + "/?period=last_quarter")
    eventually(lambda: "period=Last" in address(page))
    shown = metric_value(page, "Won revenue")
    page.reload()
    settle(page)
    assert metric_value(page, "Won revenue") == shown
