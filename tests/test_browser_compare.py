"""The page that compares models in a headless browser: from a dot to its deals, from a touch's deal to its journey, the link, present mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, address, eventually, settle

pytestmark = pytest.mark.browser


def test_from_the_strips_to_the_deals_and_back_by_a_link(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/compare?by=kind&rules=shared&period=all")
    assert page.locator("h1").inner_text() == "Which kinds of touches hold up under every rule?"
    assert "depends on the rule" in page.locator(".st-key-card_strips .main-svg").first.text_content()
    page.get_by_role("button", name="Copy link").click()
    link = page.locator("[data-testid=stCode]").inner_text().strip()
    assert "rules=" in link
    again = visit(link)
    assert again.locator("h1").inner_text() == "Which kinds of touches hold up under every rule?"
    again.locator(".st-key-card_strips g.trace.scatter").last.locator("path.point").first.click(force=True)
    again.wait_for_selector("h1:has-text('deal won')", timeout=WAIT)
    settle(again)
    eventually(lambda: "behind=" in address(again))


def test_in_present_mode_the_strips_end_on_the_screen(served: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{served}/compare?present=1&period=all")
    box = page.locator(".st-key-card_strips").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900
