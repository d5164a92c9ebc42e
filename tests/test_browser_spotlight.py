"""The spotlight in a real browser: what is written stays on the way to the archive and back, the file's frame runs no script, two people meet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attribution import store as stores
from tests.browser import WAIT, eventually, rerun, settle

pytestmark = pytest.mark.browser


@pytest.fixture
def served_copy(start: Callable[..., str], sample_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """The address of an app over a database of this test's own, and the place of its store."""
    database = tmp_path / "build"
    shutil.copytree(sample_database, database, copy_function=os.link)
    monkeypatch.delenv("CLOSED_LOOP_STORE", raising=False)
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "0")
    return start(database), tmp_path / "build.store.sqlite"


def headline(page: Any) -> Any:
    return page.get_by_label("Headline", exact=True).first


def write(page: Any, words: str) -> None:
    with rerun(page):
        headline(page).fill(words)
        headline(page).press("Tab")


def file_of(page: Any) -> Any:
    """The file: a frame in a frame."""
    return page.frame_locator("[data-testid=stIFrame]").first.frame_locator("iframe")


def test_what_is_written_stays_and_goes_out(served_copy: tuple[str, Path], visit: Callable[..., Any]) -> None:
    address, place = served_copy
    page = visit(f"{address}/spotlight")
    write(page, "They read the price <script>document.title='run'</script>")
    eventually(lambda: "They read the price" in file_of(page).locator("h1").inner_text())
    store = stores.open(str(place))
    assert "They read the price" in store.draft("2026-10").words["headline"]
    frame = page.locator("[data-testid=stIFrame]").first.element_handle().content_frame().locator("iframe")
    assert frame.get_attribute("sandbox") == ""
    ticked = page.get_by_role("checkbox", checked=True).count()
    assert ticked == 3
    page.get_by_role("button", name="Publish").first.click()
    page.get_by_role("button", name="Publish now").click(timeout=WAIT)
    page.get_by_role("heading", name="as it went out").wait_for(timeout=WAIT)
    settle(page)
    eventually(lambda: "They read the price" in file_of(page).locator("h1").inner_text())
    assert "issue=1" in page.url
    with rerun(page):
        page.get_by_role("button", name="All spotlights").click()
    assert headline(page).input_value().startswith("They read the price")
    assert page.get_by_role("checkbox", checked=True).count() == ticked
    page.get_by_role("link", name="Glossary").first.click()
    page.get_by_role("heading", name="What does it mean").or_(page.locator("h1")).first.wait_for(timeout=WAIT)
    settle(page)
    page.get_by_role("link", name="Spotlight").first.click()
    page.get_by_role("heading", name="Which wins shall everybody see?").wait_for(timeout=WAIT)
    settle(page)
    assert headline(page).input_value().startswith("They read the price")
    assert page.title() != "run"
    assert len(store.saves("2026-10")) == 1, "going there and back writes nothing"


def test_two_people_write_the_same_headline(served_copy: tuple[str, Path], visit: Callable[..., Any]) -> None:
    address, place = served_copy
    anna, bo = visit(f"{address}/spotlight"), visit(f"{address}/spotlight")
    with rerun(bo):
        bo.get_by_placeholder("Your name").fill("Bo")
        bo.keyboard.press("Enter")
    write(anna, "Anna's")
    write(bo, "Bo's")
    bo.get_by_text("wrote the same part while you did").wait_for(timeout=WAIT)
    store = stores.open(str(place))
    assert store.draft("2026-10").words["headline"] == "Anna's"
    with rerun(bo):
        bo.get_by_role("button", name="Save mine").click()
    assert store.draft("2026-10").words["headline"] == "Bo's"
    assert headline(bo).input_value() == "Bo's"
    with rerun(anna):
        anna.get_by_role("radio", name="Mail").or_(anna.get_by_role("button", name="Mail", exact=True)).last.click()
    assert headline(anna).input_value() == "Bo's"
    anna.get_by_text("you see the newest").wait_for(timeout=WAIT)
    assert {save.draft.words["headline"] for save in store.saves("2026-10")} == {"Anna's", "Bo's"}
