"""The pages without a browser: what they show, under filters, in empty and broken states, and what a link may ask for."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from attribution.errors import DataError
from attribution.filters import Filters
from attribution.metrics import metric
from attribution.views import overview, state
from attribution.views.overview import Figure
from pages.components import data, downloads
from pages.components.kpi_row import change_words, figures_table
from tests import worlds

REPOSITORY = Path(__file__).resolve().parent.parent
OVERVIEW = "How is revenue doing, and what earned it?"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A function: the app over a database (and a data folder), with URL parameters; not run yet."""

    def make(database: Path, folder: Path | None = None, **query: str | list[str]) -> AppTest:
        monkeypatch.setenv("CLOSED_LOOP_DB", str(database))
        monkeypatch.setenv("CLOSED_LOOP_DATA", str(folder or REPOSITORY / "sample_data"))
        test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        for word, value in query.items():
            test.query_params[word.rstrip("_")] = value
        return test

    return make


def text(test: AppTest) -> str:
    """All the words of a page."""
    return "\n".join(str(element.value) for kind in ("title", "markdown", "caption", "code") for element in getattr(test, kind))


def figure(test: AppTest, label: str) -> str:
    """The value of a figure by its label."""
    return next(str(element.value) for element in test.metric if element.label == label)


def no_error(test: AppTest) -> None:
    """No traceback and no failed page."""
    assert not test.exception
    assert "This page failed" not in text(test)
    assert "could not be answered" not in text(test)


def test_overview_shows_the_registry_s_figures(app: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    test = app(sample_database, period="all").run()
    no_error(test)
    assert test.title[0].value == OVERVIEW
    won = sample.metrics(["won_revenue", "won_deals"]).iloc[0]
    assert figure(test, "Deals won") == f"{int(won['won_deals'])}"
    assert figure(test, "Won revenue").startswith("€")
    assert len(test.metric) <= 5
    assert "Credit rule:" in text(test)
    assert "agreed 12 Mar 2026 by the revenue team" in text(test)
    assert "Sample data (generated)." in text(test)
    assert "Data up to 20 Nov 2026" in text(test)


def test_every_table_ends_in_the_total_of_the_page(app: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    won = float(sample.metrics(["won_revenue"]).iloc[0]["won_revenue"])
    for rank in ("Campaigns", "Content", "Channels"):
        test = app(sample_database, period="all")
        test.session_state["rank"] = rank
        test.run()
        no_error(test)
        table = next(element.value for element in test.dataframe if "Credited" in element.value)
        assert table["Credited"].iloc[-1] == pytest.approx(won, abs=0.005)
        assert table["Credited"].iloc[:-1].sum() == pytest.approx(won, abs=0.01)


@pytest.mark.parametrize(
    "query", [{"period": "last_quarter"}, {"period": "Last quarter"}, {"from_": "2026-07-01", "to": "2026-09-30"}]
)
def test_codes_words_and_dates_in_a_link_mean_the_same(
    app: Callable[..., AppTest], sample_database: Path, sample: Any, query: dict[str, str]
) -> None:
    expected = sample.metrics(["won_deals"], filters=Filters(date_from=date(2026, 7, 1), date_to=date(2026, 9, 30))).iloc[0][
        "won_deals"
    ]
    test = app(sample_database, **query).run()
    no_error(test)
    assert figure(test, "Deals won") == str(int(expected))


def test_filters_are_shown_in_words_and_cleared_by_a_click(app: Callable[..., AppTest], sample_database: Path) -> None:
    test = app(sample_database, segment="enterprise", channel=["webinars", "email"]).run()
    no_error(test)
    labels = [button.label for button in test.button]
    assert "Segment: Enterprise" in labels
    assert "What is selected above is credited with" in text(test)
    test.button(key="clear_segment_enterprise").click().run()
    no_error(test)
    assert "Segment: Enterprise" not in [button.label for button in test.button]
    test.button(key="clear_all").click().run()
    assert "Won revenue is" in text(test)


GARBAGE = ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200, "../../etc/passwd", "", "nan"]


@pytest.mark.parametrize(
    "word",
    [
        "period",
        "compare",
        "date_basis",
        "model",
        "segment",
        "channel",
        "campaign",
        "from_",
        "to",
        "owner",
        "data",
        "behind",
        "deal",
    ],
)
@pytest.mark.parametrize("page", ["overview", "deals"])
def test_garbage_in_a_link_gives_defaults_and_a_notice(
    app: Callable[..., AppTest], sample_database: Path, word: str, page: str
) -> None:
    test = app(sample_database, **{word: GARBAGE if page == "overview" else GARBAGE[0]})
    if page == "deals":
        test.switch_page("pages/revenue/deals.py")
    test.run()
    no_error(test)
    assert test.title[0].value in (OVERVIEW, "How was this deal won?")
    if word not in ("data", "behind", "deal") or (word == "deal" and page == "deals"):
        assert ":material/link_off:" in text(test)


@pytest.mark.parametrize("choices", [{"date_basis": "created"}, {"date_basis": "touch"}, {"compare": "none"}, {"compare": "before"}, {"model": "time_decay"},
                                     {"period": "all"}, {"period": "this_month"}, {"period": "last_90_days"}])  # fmt: skip
def test_every_choice_of_the_bar_works_on_both_pages(
    app: Callable[..., AppTest], sample_database: Path, choices: dict[str, str]
) -> None:
    test = app(sample_database, **choices).run()
    no_error(test)
    if "model" in choices:
        assert "not the agreed rule" in text(test)
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)


@pytest.mark.parametrize("status", ["won", "lost", "open"])
def test_a_deal_is_explained_down_to_its_rows(
    app: Callable[..., AppTest], sample_database: Path, sample: Any, status: str
) -> None:
    deal = sample.deals(status=status).iloc[0]
    test = app(sample_database, period="all", deal=str(deal["deal_id"]))
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)
    assert (
        test.title[0].value
        == {"won": "How was this deal won?", "lost": "How was this deal lost?", "open": "How does this deal stand?"}[status]
    )
    table = next(element.value for element in test.dataframe if "What happened" in element.value)
    assert len(table) >= len(sample.explain(deal["deal_id"]).touches) + 1
    assert table["Agreed rule"].iloc[-1] == pytest.approx(float(deal["amount"]), abs=0.005)
    assert table["Agreed rule"].iloc[:-1].sum() == pytest.approx(float(deal["amount"]), abs=0.01)
    assert table["Source"].iloc[0].startswith("touches.csv, row ")
    assert "from marts.credits" in text(test)


def test_deals_behind_a_number_add_up_to_it(app: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    credit = sample.credit(by=["channel"]).set_index("channel")["revenue"]
    test = app(sample_database, period="all", behind=json.dumps({"channel": "webinars"}))
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)
    table = next(element.value for element in test.dataframe if "In this number" in element.value)
    assert table["In this number"].sum() == pytest.approx(float(credit["webinars"]), abs=0.02 * len(table))


@pytest.mark.parametrize(
    "step",
    ["crm_won", "quarantined", "filtered_out", "in_scope", "with_touches", "attributed", "unattributed:no_touch", "unknown"],
)
def test_every_step_of_the_bridge_is_a_list(app: Callable[..., AppTest], sample_database: Path, sample: Any, step: str) -> None:
    """As many deals as the step counts, also those that could not be read. A step that is none: those in scope."""
    deals = {name: count for name, count, _ in sample.bridge_steps(filters=Filters(period="last_12_months"))}
    deals |= {"unknown": deals["in_scope"]}
    test = app(sample_database, behind=json.dumps({"step": step}))
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)
    table = next(element.value for element in test.dataframe if "Open" in element.value)
    assert len(table) == deals[step] > 0


@pytest.mark.parametrize("garbage", ["nothing", "[1]", '{"step": "?"}', '{"colour": "red"}'])
def test_a_number_that_cannot_be_read_is_said(app: Callable[..., AppTest], sample_database: Path, garbage: str) -> None:
    test = app(sample_database, behind=garbage)
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)
    assert "the number cannot be read from it" in text(test)


def test_searching_finds_and_not_finding_says_so(app: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    name = str(sample.deals(status="won").iloc[5]["account_name"])
    test = app(sample_database, period="all")
    test.switch_page("pages/revenue/deals.py").run()
    test.text_input(key="deal_search").set_value(name[:12]).run()
    no_error(test)
    assert name.split()[0] in text(test)
    test.text_input(key="deal_search").set_value("no such company anywhere").run()
    no_error(test)
    assert "No deal here" in text(test)


TINY = worlds.Rows if hasattr(worlds, "Rows") else dict
DEAL = {
    "deal_id": "D1",
    "name": "Only one",
    "created_at": "2026-01-05",
    "closed_at": "2026-02-05",
    "status": "won",
    "amount": "1000",
    "currency": "EUR",
}
TOUCH = {"touch_id": "T1", "occurred_at": "2026-01-01 10:00:00", "deal_id": "D1", "channel": "email", "kind": "click"}
NAUGHTY = "=cmd|' /C calc'!A0 <b>[x](http://evil) :red[$5] `code` " + "long " * 20


def world(case: str) -> dict[str, list[dict[str, str]]]:
    """Small data folders that are hard on a page."""
    match case:
        case "one deal":
            return {"deals": [DEAL], "touches": [TOUCH]}
        case "no touches":
            return {"deals": [DEAL], "touches": []}
        case "nothing won":
            return {"deals": [DEAL | {"status": "lost"}], "touches": [TOUCH]}
        case "only open":
            return {"deals": [DEAL | {"status": "open", "closed_at": ""}], "touches": [TOUCH]}
        case "no deals":
            return {"deals": [], "touches": [TOUCH | {"deal_id": "", "visitor_id": "v1"}]}
        case "bad labels":
            deals = [DEAL | {"deal_id": f"D{n}", "name": f"{NAUGHTY} {n}", "amount": str(1000 * (n + 1))} for n in range(40)]
            touches = [
                TOUCH | {"touch_id": f"T{n}", "deal_id": f"D{n % 40}", "channel": f"channel {n % 60} {NAUGHTY}"}
                for n in range(240)
            ]
            return {"deals": deals, "touches": touches}
        case _:  # negative and zero amounts
            return {"deals": [DEAL | {"amount": "-500"}, DEAL | {"deal_id": "D2", "amount": "0"}], "touches": [TOUCH]}


@pytest.mark.parametrize(
    "case", ["one deal", "no touches", "nothing won", "only open", "no deals", "bad labels", "negative amounts"]
)
def test_thin_and_strange_data_gives_designed_states(app: Callable[..., AppTest], tmp_path: Path, case: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for table, rows in world(case).items():
        columns = list(
            dict.fromkeys(["deal_id", *(DEAL if table == "deals" else TOUCH), *(name for row in rows for name in row)])
        )
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    (folder / "attribution.toml").write_text('[reporting]\ncurrency = "EUR"\nas_of = 2026-03-01\n', encoding="utf-8")
    test = app(tmp_path / "build", folder).run()  # builds it on the way
    no_error(test)
    assert test.title[0].value == OVERVIEW
    if case in ("nothing won", "only open", "no deals"):
        assert "No won deals here" in text(test)
    assert "Sample data" not in text(test)
    assert ("no touch is in this data yet" in text(test)) == (case == "no touches")
    assert (":small[Connect touches]" in [link.label for link in test.get("page_link")]) == (case == "no touches")
    test.switch_page("pages/revenue/deals.py").run()
    no_error(test)


def test_trends_begin_with_the_data_and_have_no_flat_stretch_where_nothing_is(open_rows: Callable[..., Any]) -> None:
    """Deals won in October, December and January: November has no median, and nothing is credited in any month."""
    days = ["2025-10-10", "2025-12-10", "2026-01-10"]
    deals = [
        DEAL | {"deal_id": f"D{place}", "created_at": f"{day[:8]}0{place + 1}", "closed_at": day, "amount": "10"}
        for place, day in enumerate(days)
    ]
    ds = open_rows({"deals": deals, "touches": []}, {"reporting": {"currency": "EUR", "as_of": "2026-01-31"}})
    shown = overview.overview(ds, state.Choice(Filters(period="all"), "none", "linear"), state.names_of(ds))
    assert shown.figures["won_revenue"].trend == (10.0, 0.0, 10.0, 10.0)
    assert shown.figures["cycle_days"].trend == (9.0, 8.0, 7.0)
    assert shown.figures["attributed_revenue"].trend == ()


def test_a_missing_folder_and_a_bad_folder_say_what_to_do(app: Callable[..., AppTest], tmp_path: Path) -> None:
    test = app(tmp_path / "build", tmp_path / "nowhere").run()
    assert not test.exception
    assert "No data yet" in text(test)
    assert [link.label for link in test.get("page_link")] == ["Use your own data"]
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "deals.csv").write_text("deal_id,amount\nD1,5\n", encoding="utf-8")
    test = app(tmp_path / "build", folder).run()
    assert not test.exception
    assert "The data could not be built" in text(test)


def test_a_new_build_is_seen_at_once(app: Callable[..., AppTest], tmp_path: Path) -> None:
    from attribution.build import build

    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "attribution.toml").write_text('[reporting]\ncurrency = "EUR"\nas_of = 2026-03-01\n', encoding="utf-8")
    (folder / "touches.csv").write_text(",".join(TOUCH) + "\n" + ",".join(TOUCH.values()) + "\n", encoding="utf-8")
    for amount, shown in (("1000", "€1.00 k"), ("2000", "€2.00 k")):
        (folder / "deals.csv").write_text(
            ",".join(DEAL) + "\n" + ",".join((DEAL | {"amount": amount}).values()) + "\n", encoding="utf-8"
        )
        build(folder, tmp_path / "build", progress=lambda _step: None)
        test = app(tmp_path / "build", folder).run()
        assert figure(test, "Won revenue").replace("\u00a0", " ") == shown


def test_downloads_cannot_run_as_formulas_and_say_their_filters() -> None:
    frame = pd.DataFrame(
        {"=Name": ["=1+1", "+x", "-y", "@z", " =spaced", "\ttab", "plain", None], "Money": [-5.0, 1.5, 0.1234567, 2.0, 3.0, 4.0, 5.0, None],
         "When": [pd.Timestamp("2026-01-02 03:04:05")] * 8, "Tags": [["-a", "b"]] * 8}
    )  # fmt: skip
    written = downloads.csv_bytes(frame, "=all time").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written)))
    assert rows[0][0] == "'=Name"
    assert [row[0] for row in rows[1:9]] == ["'=1+1", "'+x", "'-y", "'@z", "' =spaced", "'\ttab", "plain", ""]
    assert [row[1] for row in rows[1:4]] == ["-5.00", "1.50", "0.123457"]  # numbers stay numbers
    assert rows[1][2:] == ["2026-01-02 03:04:05", "'-a, b"]
    assert rows[-1] == ["'=all time"]
    for text in ("\n=1", "\r=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201"):  # spreadsheets begin a formula with these too
        assert downloads.guarded(text) == f"'{text}"


def test_changes_are_good_or_bad_in_words_and_arrows() -> None:
    def words(name: str, now: float | None, before: float | None) -> tuple[str | None, str, str]:
        change = change_words(metric(name), Figure(name, now, before, ()), "EUR")
        return change.text.replace("\u00a0", " ") if change.text else None, change.arrow, change.colour

    assert words("won_revenue", 150.0, 100.0) == ("50 %", "up", "green")
    assert words("won_revenue", 50.0, 100.0) == ("50 %", "down", "red")
    assert words("cycle_days", 118.0, 127.0) == ("9 days", "down", "green")  # shorter is better
    assert words("win_rate", 0.223, 0.241) == ("1.8 pts", "down", "red")
    assert words("won_deals", 5.0, 5.0) == ("same", "off", "gray")
    assert words("won_deals", 5.0, 0.0) == ("new", "off", "gray")
    assert words("won_deals", 5.0, None) == (None, "off", "gray")
    table = figures_table([Figure("mean_deal", 10.0, 20.0, (1.0, 2.0))], "EUR")
    assert table["Change"].iloc[0].replace("\u00a0", " ") == "↓ 50 %"


def test_the_query_shown_runs_and_gives_the_figure(sample: Any) -> None:
    choice = state.Choice(Filters(period="last_12_months", segments=("enterprise",)), "none", "linear")
    shown = state.query_text(sample, choice, ["revenue"], ["channel"])
    assert "?" not in shown
    rows = sample.frame(shown)
    expected = sample.credit(model="linear", filters=Filters(period="last_12_months", segments=("enterprise",)))["revenue"].sum()
    assert rows["revenue"].sum() == pytest.approx(float(expected), abs=0.01)


def test_what_was_clicked_survives_the_address() -> None:
    what = {"period": "2026-03", "channel": "a & b = c"}
    assert state.behind_from(state.behind_words(what)) == what
    for garbage in (None, "", "[]", "{", '{"drop": 1}', "5"):
        assert state.behind_from(garbage) == {}


def test_the_first_build_names_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, app: Callable[..., AppTest], tmp_path: Path
) -> None:
    def fail(_progress: Callable[[str], None]) -> None:
        raise DataError("deals.csv: cannot be read. Check it.")

    monkeypatch.setattr(data, "build_first", fail)
    test = app(tmp_path / "build").run()
    assert not test.exception
    assert "deals.csv: cannot be read" in text(test)


def test_a_version_is_told_without_opening_it(tmp_path: Path) -> None:
    assert data.version_in_service(tmp_path / "nothing") == ""
    (tmp_path / "CURRENT").write_text("data-1.duckdb\n", encoding="utf-8")
    assert data.version_in_service(tmp_path) == "data-1.duckdb"
    file = tmp_path / "x.duckdb"
    file.write_bytes(b"x")
    assert data.version_in_service(file).endswith("-1")
    assert datetime.now(UTC)  # the clock plays no part in a version


def test_an_empty_cell_is_a_dash_in_every_table_but_those_of_files_as_they_are() -> None:
    pages = Path(__file__).resolve().parent.parent / "pages"
    for file in pages.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("dataframe", "data_editor")
            ):
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given.get("placeholder") == ("''" if file.name in ("sources.py", "mapping_form.py") else "formats.DASH"), (
                    f"{file.relative_to(pages)}:{node.lineno}"
                )
