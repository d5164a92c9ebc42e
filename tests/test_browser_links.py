"""A link is kept: after the page has drawn, a reload shows the same view, whether the link had codes, words or dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import WAIT, metric_value, settle

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "link",
    [
        "/?from=2026-01-01&to=2026-03-31",
        "/?period=Own+dates&from=2026-01-01&to=2026-03-31",
        "/?period=last_quarter&segment=enterprise",
    ],
)
def test_dates_and_filters_survive_a_reload(served: str, visit: Callable[..., Any], link: str) -> None:
    page = visit(served + link)
    asked = metric_value(page, "Won revenue")
    assert asked != metric_value(visit(served), "Won revenue")
    page.reload()
    settle(page)
    assert metric_value(page, "Won revenue") == asked


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("/attribution?by=country", "Which countries brought the revenue?"),
        ("/explore?show=won_revenue&down=owner&across=month", "Won revenue by owner and month"),
    ],
)
def test_the_boxes_of_a_page_survive_a_reload(served: str, visit: Callable[..., Any], link: str, title: str) -> None:
    page = visit(served + link)
    page.get_by_role("heading", name=title).wait_for(timeout=WAIT)
    settle(page)
    page.reload()
    page.get_by_role("heading", name=title).wait_for(timeout=WAIT)


def test_days_that_cannot_be_are_left_out_with_a_notice(served: str, visit: Callable[..., Any]) -> None:
    page = visit(served + "/?from=0001-01-01&to=9999-12-31")
    text = page.inner_text("[data-testid=stMain]")
    assert "“0001-01-01”, which is not a date like 2026-03-31" in text
    assert metric_value(page, "Won revenue").startswith("€")
