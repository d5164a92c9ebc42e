"""Use your own data in a real browser: upload an export, match, check, switch, and back; on a phone nothing is cut."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import exports
from tests.browser import WAIT, settle

pytestmark = pytest.mark.browser


def test_upload_match_switch_and_back(
    start: Callable[..., str], visit: Callable[..., Any], sample_database: Path, tmp_path: Path
) -> None:
    database = tmp_path / "build"
    shutil.copytree(sample_database, database)
    data = tmp_path / "export"
    data.mkdir()
    exports.hubspot(data)
    page = visit(f"{start(database)}/sources", width=390, height=844)
    page.locator("input[type=file]").set_input_files([str(path) for path in sorted(data.iterdir())])
    button = page.get_by_role("button", name="Look at these files")
    page.wait_for_function("button => !button.disabled", arg=button.element_handle(), timeout=WAIT)
    button.click()
    page.wait_for_selector(".st-key-card_common", timeout=WAIT)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the form fits a phone"
    page.locator(".st-key-check button").click()
    page.wait_for_selector(".st-key-card_lines", timeout=WAIT)
    settle(page)
    page.locator(".st-key-build button").click()
    page.wait_for_selector(".st-key-card_done", timeout=WAIT)
    settle(page)
    assert "8 won deals" in " ".join(page.locator("h4").first.inner_text().replace("\u202f", " ").split())
    page.get_by_role("button", name="Back to the previous data").click()
    page.wait_for_selector(".st-key-card_upload", timeout=WAIT)
    settle(page)
    assert "The sample is shown now" in page.locator("h4").first.inner_text()
