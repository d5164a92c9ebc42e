"""On every page: present mode, Mine, and links to an older version of the data. The browser tests see that it fits the screen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from attribution import store as stores
from attribution.charts import formats
from pages.components import data, filter_bar

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [
    str(path.relative_to(REPOSITORY))
    for path in sorted((REPOSITORY / "pages").glob("*/*.py"))
    if path.parent.name != "components"
]
PAGES = [path for path in PAGES if not path.endswith("__init__.py")]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, sample_database: Path) -> Callable[..., AppTest]:
    """A function: the app with URL parameters; not run yet."""

    def make(database: Path = sample_database, page: str = "", **query: str | list[str]) -> AppTest:
        monkeypatch.setenv("CLOSED_LOOP_DB", str(database))
        test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        for word, value in query.items():
            test.query_params[word] = value
        return test.switch_page(page) if page else test

    return make


def words(test: AppTest) -> str:
    assert not test.exception
    text = "\n".join(str(element.value) for kind in ("title", "markdown", "caption", "code") for element in getattr(test, kind))
    assert "This page failed" not in text
    return text


def param(test: AppTest, word: str) -> Any:
    """A parameter of the address, as one value."""
    value = test.query_params.get(word)
    return value[0] if isinstance(value, list) and value else value


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def figure(test: AppTest, label: str) -> str:
    return next(str(element.value) for element in test.metric if element.label == label)


# -- present mode -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_page_presents_its_question_with_a_way_on_and_a_way_out(app: Callable[..., AppTest], page: str) -> None:
    test = app(page=page, present="1").run()
    assert words(test) and len(test.title) == 1
    turns = (
        {"Start", "2 On plan?"} if page == "pages/meeting/meeting.py" else {"Previous", "Next"}
    )  # there the arrows turn its blocks
    assert {*turns, "Leave"} <= set(labels(test))
    assert "Find" not in labels(test)
    assert len(test.sidebar.caption) == 0
    assert param(test, "present") == "1"


def test_present_mode_ends_after_the_main_picture_and_leaving_brings_the_rest_back(app: Callable[..., AppTest]) -> None:
    test = app(present="1").run()
    assert "From the CRM to credit" in words(test)
    assert "What moved most" not in words(test)
    next(button for button in test.button if button.label == "Leave").click().run()
    assert "What moved most" in words(test)
    assert param(test, "present") is None
    test.button(key="present").click().run()
    assert "What moved most" not in words(test)


def test_the_next_page_keeps_filters_and_present_mode(app: Callable[..., AppTest]) -> None:
    test = app(present="1", segment="enterprise").run()
    before = figure(test, "Won revenue")
    next(button for button in test.button if button.label == "Next").click().run()
    assert test.title[0].value == "Which channels earned the revenue?"
    assert param(test, "present") == "1"
    next(button for button in test.button if button.label == "Previous").click().run()
    assert figure(test, "Won revenue") == before


@pytest.mark.parametrize("value", ["0", "", "no", "<script>"])
def test_anything_else_is_no_present_mode(app: Callable[..., AppTest], value: str) -> None:
    assert "Leave" not in labels(app(present=value).run())


# -- mine ---------------------------------------------------------------------------------------------------------------


def test_mine_keeps_what_an_owner_owns(app: Callable[..., AppTest], sample: Any) -> None:
    owner, revenue = sample.rows(
        "select owner_id, cast(sum(amount) as double) from marts.deals where status = 'won' and owner_id is not null group by owner_id "
        "order by owner_id limit 1"
    )[0]
    test = app(mine=owner, period="all").run()
    assert figure(test, "Won revenue") == formats.money(revenue, "EUR")
    chip = test.button(key="clear_mine")
    assert chip.label.startswith("Mine: ")
    assert f"mine={owner}" in words(test)  # the link to copy
    everybody = sample.rows("select cast(sum(amount) as double) from marts.deals where status = 'won'")[0][0]
    chip.click().run()
    assert figure(test, "Won revenue") == formats.money(everybody, "EUR")
    assert param(test, "mine") is None


def test_mine_on_campaigns_keeps_the_campaigns_owned(sample: Any) -> None:
    for (owner,) in sample.rows("select distinct owner_id from raw.campaigns where owner_id is not null"):
        counted = sample.rows("select count(*) from raw.campaigns where owner_id = ?", [owner])[0][0]
        assert len(data.campaigns_of(sample.version, owner, sample)) == counted


def test_nobody_of_that_id_and_nothing_owned_are_said(app: Callable[..., AppTest], sample: Any) -> None:
    assert "nobody in this data has that id" in words(app(mine="../../etc").run())
    idle = sample.rows(
        "select owner_id from raw.people where owner_id not in (select owner_id from marts.deals where owner_id is not null) limit 1"
    )
    if idle:
        assert "owns no deal in this data" in words(app(mine=idle[0][0]).run())


def test_mine_beats_the_owner_filter_and_says_so(app: Callable[..., AppTest], sample: Any) -> None:
    first, second = [
        row[0] for row in sample.rows("select distinct owner_id from marts.deals where owner_id is not null order by 1 limit 2")
    ]
    assert "“Mine” is on" in words(app(mine=first, owner=second).run()).replace("\\", "")


# -- older versions -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_versions(tmp_path: Path, sample_database: Path) -> tuple[Path, str, str]:
    """A database with the sample as its version in service, and the same once more under an older name."""
    folder = tmp_path / "build"
    shutil.copytree(sample_database, folder)
    serving = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    older = "20260102T030405000000Z"
    copy = folder / f"data-{older}.duckdb"
    shutil.copy(folder / serving, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update config.build set version = ?", [older])
        connection.execute("update marts.deals set amount = amount * 2")
    return folder, serving.removeprefix("data-").removesuffix(".duckdb"), older


def test_a_version_that_is_kept_is_shown_with_the_way_to_the_newest(
    app: Callable[..., AppTest], two_versions: tuple[Path, str, str]
) -> None:
    folder, serving, older = two_versions
    newest = figure(app(folder).run(), "Won revenue")
    test = app(folder, data=older).run()
    assert "as it was built 2 Jan 2026, 03:04 UTC" in words(test)
    assert "Newer data exists" in words(test)
    assert figure(test, "Won revenue") != newest
    assert param(test, "data") == older
    assert f"data={older}" in words(test)  # the link to copy
    test.button(key="newest").click().run()
    assert figure(test, "Won revenue") == newest
    assert "Newer data exists" not in words(test)
    assert param(test, "data") is None
    assert "Newer data exists" not in words(app(folder, data=serving).run())


@pytest.mark.parametrize(
    "version", ["20200101T000000000000Z", "../../etc/passwd", "data-x", "x" * 10_000, "20260102T030405000000Z/..", "%00", ""]
)
def test_a_version_that_is_gone_or_no_version_says_so(
    app: Callable[..., AppTest], two_versions: tuple[Path, str, str], version: str
) -> None:
    test = app(two_versions[0], data=version).run()
    assert ("no longer there to be shown" in words(test)) == bool(version)
    assert param(test, "data") is None


def test_a_damaged_version_says_so(app: Callable[..., AppTest], two_versions: tuple[Path, str, str]) -> None:
    (two_versions[0] / "data-20250101T000000000000Z.duckdb").write_bytes(b"no database")
    assert "no longer there to be shown" in words(app(two_versions[0], data="20250101T000000000000Z").run())


def test_only_names_of_versions_become_paths(tmp_path: Path) -> None:
    (tmp_path / "data-20260102T030405000000Z.duckdb").write_bytes(b"")
    assert data.version_path(tmp_path, "20260102T030405000000Z") == tmp_path / "data-20260102T030405000000Z.duckdb"
    for name in ("..", "x/../20260102T030405000000Z", "20260102T030405000000Z\n", "CURRENT", "*", ""):
        assert data.version_path(tmp_path, name) is None
    assert data.version_path(tmp_path / "one.duckdb", "20260102T030405000000Z") is None


def test_since_the_last_meeting_that_was_closed_here(
    app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's last closed meeting counts; a link keeps the one that its sender saw."""
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "store.sqlite"))
    meetings = stores.open(str(tmp_path / "store.sqlite")).meetings
    meeting = meetings.open(date(2026, 10, 30))
    meetings.close(stores.Pack(meeting.meeting_id, {}, "", "", "v", False, "Ruth", datetime(2026, 10, 30, tzinfo=UTC)))
    shown = app(period="since_last_meeting").run()
    assert not shown.exception and shown.session_state["view"][2].filters.meeting_on == date(2026, 10, 30)
    link = filter_bar.link_query(shown.session_state["view"][2], "v")
    assert link["period"] == ["since_last_meeting"] and link["meeting_on"] == ["2026-10-30"]
    linked = app(period="since_last_meeting", meeting_on="2026-09-01").run()
    assert linked.session_state["view"][2].filters.meeting_on == date(2026, 9, 1)
    for wrong in ("2199-01-01", "<script>", ""):
        test = app(period="since_last_meeting", meeting_on=wrong).run()
        assert not test.exception and test.session_state["view"][2].filters.meeting_on == date(2026, 10, 30)


def test_since_the_last_meeting(app: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    test = app(period="since_last_meeting").run()
    period = next(box for box in test.selectbox if box.label == "Period")
    assert period.value == "since_last_meeting"
    assert "Since the last meeting" in period.options
    deal = {"deal_id": "D", "created_at": "2026-01-10", "closed_at": "2026-02-01", "status": "won", "amount": "5000"}
    without = open_rows({"deals": [deal]})
    assert "“since_last_meeting”, which is not in this data" in words(
        app(without.path.parent, period="since_last_meeting").run()
    ).replace("\\", "")
