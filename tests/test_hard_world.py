"""Every page of the menu over a world that fits no page, over one deal only, and over none: words, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests import hard_world, menu

REPOSITORY = Path(__file__).resolve().parent.parent
MENU = menu.pages()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, open_folder: Callable[..., Any]) -> Callable[[int], Path]:
    """A function: the database of the hard world with this many deals, built once."""
    built: dict[int, Path] = {}

    def build_it(deals: int) -> Path:
        if deals not in built:
            folder = hard_world.write(tmp_path_factory.mktemp("hard") / "data", deals)
            built[deals] = Path(open_folder(folder).path).parent
        return built[deals]

    return build_it


def said(test: AppTest) -> str:
    """All the words of a page; an error or a traceback fails."""
    assert not test.exception
    text = "\n".join(str(element.value) for kind in ("title", "markdown", "caption", "code") for element in getattr(test, kind))
    assert "This page failed" not in text
    assert "could not be answered" not in text
    return text


@pytest.mark.parametrize("deals", [hard_world.DEALS, 1, 0])
@pytest.mark.parametrize("page", [entry.file for entry in MENU])
def test_every_page_stands(database: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch, page: str, deals: int) -> None:
    monkeypatch.setenv("CLOSED_LOOP_DB", str(database(deals)))
    test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    test.query_params["period"] = "all"
    test.switch_page(page).run()
    text = said(test)
    assert len(test.title) == 1
    if deals and page.endswith("attribution.py"):
        assert len(test.get("plotly_chart")) == 2
    if deals == 0:
        assert len(test.get("plotly_chart")) == 0 or page.endswith(("campaigns.py", "health.py", "unused.py", "trust.py")), (
            "a picture of nothing"
        )
    assert "nan" not in text.lower().split() and "None" not in text.split()


@pytest.mark.parametrize("by", ["Channel", "Campaign", "Owner", "Asset", "Account"])
def test_attribution_by_long_names(database: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    monkeypatch.setenv("CLOSED_LOOP_DB", str(database(hard_world.DEALS)))
    test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    test.query_params["period"] = "all"
    test.query_params["by"] = by
    test.switch_page("pages/revenue/attribution.py").run()
    said(test)
