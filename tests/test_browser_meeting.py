"""The meeting in a browser: two people who write at once, keys, and one block on one screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attribution.meeting import agenda
from tests.browser import WAIT, eventually, settle
from tests.browser import address as address_of

pytestmark = pytest.mark.browser

NOTE = "Notes of this block"


@pytest.fixture(scope="module")
def address(start: Callable[..., str], sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An app whose store is its own."""
    folder = tmp_path_factory.mktemp("meeting")
    shutil.copytree(sample_database, folder / "build")
    os.environ.pop("CLOSED_LOOP_STORE", None)
    return start(folder / "build")


def note(page: Any) -> Any:
    return page.get_by_label(NOTE)


def test_two_people_write_into_one_note_and_one_list_and_lose_nothing(address: str, visit: Callable[..., Any]) -> None:
    first, second = (visit(f"{address}/meeting?block=changes") for _ in range(2))
    for page in (first, second):
        note(page).wait_for(timeout=WAIT)
    note(first).click()
    note(second).click()
    for letter in "Anna was here":  # both type at the same time, slower than a save
        first.keyboard.type(letter)
        second.keyboard.type(letter.upper())
        first.wait_for_timeout(60)
    both = {"Anna was here", "ANNA WAS HERE"}
    eventually(lambda: set(note(first).input_value().splitlines()) == both)
    eventually(lambda: set(note(second).input_value().splitlines()) == both)
    first.get_by_role("button", name="Add action").click()
    first.get_by_label("What is to be done?").fill("Call them again")
    first.get_by_role("button", name="Save", exact=True).click()
    second.get_by_role("checkbox", name="Call them again").wait_for(state="attached", timeout=WAIT)
    assert set(note(second).input_value().splitlines()) == both


def test_arrows_turn_the_blocks_a_record_is_one_click_away_and_a_block_fits_the_screen(
    address: str, visit: Callable[..., Any]
) -> None:
    page = visit(f"{address}/meeting?block=plan&present=1")
    for item in agenda.AGENDA[1:]:
        page.get_by_role("heading", name=item.question).wait_for(timeout=WAIT)
        settle(page)
        bottom = page.locator(".st-key-meeting_next").bounding_box()
        assert bottom["y"] + bottom["height"] <= 900, f"{item.key}: its last line is below the screen"
        if item.key != agenda.AGENDA[-1].key:
            page.keyboard.press("ArrowRight")
    page.goto(f"{address}/meeting?block=deals")
    settle(page)
    other = page.context.new_page()  # a second tab, from before the name was said
    other.goto(f"{address}/meeting?block=deals")
    settle(other)
    page.get_by_placeholder("Your name").fill("Ruth")
    page.keyboard.press("Enter")
    eventually(lambda: any(cookie["value"] == "Ruth" for cookie in page.context.cookies()))
    other.get_by_role("button", name="9 What content?").click()
    other.get_by_role("heading", name="What content next?").wait_for(timeout=WAIT)
    other.close()
    page.get_by_role("button", name="9 What content?").click()
    page.get_by_role("heading", name="What content next?").wait_for(timeout=WAIT)
    page.go_back()  # at once: within the seconds in which a late message of the page is not followed
    page.get_by_role("heading", name="What did we win and lose?").wait_for(timeout=WAIT)
    page.reload()
    settle(page)
    assert page.get_by_placeholder("Your name").input_value() == "Ruth", "kept by the browser"
    name = page.locator(".st-key-card_meeting_left a").first
    name.click()
    page.get_by_role("button", name="Back to the meeting").wait_for(timeout=WAIT)
    eventually(lambda: "/deals?deal=" in address_of(page))
    page.get_by_role("button", name="Back to the meeting").click()
    page.get_by_role("heading", name="What did we win and lose?").wait_for(timeout=WAIT)
