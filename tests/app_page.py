"""What the tests of a page share: the page in an AppTest, its words, and data that is too thin to say much. Fixtures come through conftest.py."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, app_test

# Every AppTest looks through all installed packages for components, and every run compiles the scripts anew: longer than a page
# takes. Neither changes while the tests run.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
app_test.ScriptCache = functools.cache(app_test.ScriptCache)  # type: ignore[misc]

REPOSITORY = Path(__file__).resolve().parent.parent
NAUGHTY = "<b onmouseover=alert(1)> $5 :red[a] [b](c)"
THIN = ("only lost", "one deal", "no touches", "only open")


@pytest.fixture
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A function: the test file's PAGE over a database (and a data folder), with URL parameters, run."""

    def make(database: Path, folder: Path | None = None, **query: str | list[str]) -> AppTest:
        monkeypatch.setenv("CLOSED_LOOP_DB", str(database))
        monkeypatch.setenv("CLOSED_LOOP_DATA", str(folder or REPOSITORY / "sample_data"))
        test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        for word, value in query.items():
            test.query_params[word] = value
        return test.switch_page(request.module.PAGE).run()

    return make


def said(sentence: str) -> str:
    """A sentence with ordinary spaces and without escapes."""
    return re.sub(r"\\(.)", r"\1", sentence.replace("\u00a0", " ").replace("\u202f", " "))


def words(test: AppTest) -> str:
    """All the words of a page."""
    return "\n".join(str(element.value) for kind in ("title", "markdown", "caption") for element in getattr(test, kind))


def text(test: AppTest) -> str:
    """All the words of a page; it must not have failed."""
    said = words(test)
    assert not test.exception
    assert "This page failed" not in said
    assert "could not be answered" not in said
    return said


def thin(open_rows: Callable[..., Any], rows: str) -> Any:
    """A dataset of one deal, won with a touch unless ``rows`` (one of THIN) says otherwise."""
    deal = {
        "deal_id": "D1",
        "name": NAUGHTY,
        "created_at": "2026-01-05",
        "closed_at": "2026-02-05",
        "status": "won",
        "amount": "1000",
    }
    touch = {"touch_id": "T1", "occurred_at": "2026-01-01 10:00:00", "deal_id": "D1", "channel": NAUGHTY, "kind": "click"}
    world = {
        "only lost": {"deals": [deal | {"status": "lost"}], "touches": [touch]},
        "no touches": {"deals": [deal], "touches": []},
        "only open": {"deals": [deal | {"status": "open", "closed_at": ""}], "touches": [touch]},
    }.get(rows, {"deals": [deal], "touches": [touch]})
    return open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
