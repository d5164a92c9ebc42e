"""The page "Use your own data": folder or upload, matching, check, build, switch and back; what is refused, and a server that only shows data."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import attribution
from attribution import db
from attribution.build import build
from attribution.coverage import TouchCoverage
from attribution.onboarding import serving, uploads, work
from attribution.onboarding.checking import Check, FileLine
from attribution.onboarding.checking import Unread as UnreadRows
from attribution.onboarding.serving import Kept
from attribution.views import sources
from tests import exports

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = "pages/data/sources.py"
DEALS = "deal_id,created_at,closed_at,status,amount,currency\nd1,2025-01-02,2025-02-03,won,10,EUR\nd2,2025-01-05,,open,20,EUR\n"


def quietly(_message: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small database of its own, served by the app under test."""
    data = tmp_path / "first_data"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS)
    place = tmp_path / "build"
    build(data, place, progress=quietly)
    monkeypatch.setenv("CLOSED_LOOP_DB", str(place))
    monkeypatch.setenv("CLOSED_LOOP_DATA", str(data))
    monkeypatch.delenv("CLOSED_LOOP_READ_ONLY", raising=False)
    monkeypatch.chdir(REPOSITORY)
    yield place


def opened() -> AppTest:
    """The page, drawn."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.switch_page(PAGE)
    return clean(app.run())


def clean(app: AppTest) -> AppTest:
    """The page after a run, which showed no error of the program."""
    assert not app.exception, [error.value for error in app.exception]
    assert not any("This page failed" in text.value for text in app.markdown)
    assert app.title[0].value == "Use your own data"
    return app


def button(app: AppTest, label: str) -> Any:
    """The button of that label."""
    return next(entry for entry in app.button if entry.label == label)


def words(app: AppTest) -> str:
    """All text on the page, with ordinary spaces and without marks of Markdown."""
    text = " ".join(entry.value for entry in [*app.markdown, *app.caption])
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("**", "").replace("\\", "")


def choose_folder(app: AppTest, folder: Path) -> AppTest:
    """Type a folder and look at it."""
    app.text_input(key="typed_folder").set_value(str(folder))
    button(app, "Look at this folder").click()
    return clean(app.run())


def press(app: AppTest, key: str) -> AppTest:
    """Press a button by its key."""
    app.button(key=key).click()
    return clean(app.run())


def won(database: Path) -> tuple[int, float]:
    """Deals won in the version that is served, and their sum."""
    dataset = attribution.open(database)
    row = dataset.rows("select count(*), cast(coalesce(sum(amount), 0) as double) from marts.deals where status = 'won'")[0]
    dataset.close()
    return int(row[0]), float(row[1])


def test_three_steps_from_a_folder_and_back(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "crm"
    data.mkdir()
    truth = exports.plain_crm(data)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in data.iterdir())
    app = choose_folder(opened(), data)
    assert "5 files with" in words(app) and "3 of 5 are used" in words(app)
    choices = {box.label: box.value for box in app.selectbox if box.key and box.key.startswith("choice_deals_")}
    assert choices["Amount · value; blank counts as 0"] == "column close_value"
    assert not app.button(key="check").disabled
    app = press(app, "check")
    assert f"{truth.won} won deals worth 92.0 k would be loaded" in words(app)
    assert won(database) == (1, 10.0), "a check changes nothing"
    app = press(app, "build")
    assert won(database) == (truth.won, truth.amount)
    assert "Your data is shown now" in words(app) and "crm is shown now: 8 won deals" in words(app)
    assert sorted((path.name, path.stat().st_mtime_ns) for path in data.iterdir()) == before, "the folder is as it was"
    button(app, "Back to the previous data").click()
    app = clean(app.run())
    assert won(database) == (1, 10.0)
    button(app, "Back to the previous data").click()
    clean(app.run())
    assert won(database) == (truth.won, truth.amount), "there and back again"


def test_three_steps_from_uploads(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "hubspot"
    data.mkdir()
    truth = exports.hubspot(data)
    app = opened()
    for path in sorted(data.iterdir()):
        app.file_uploader[0].upload(f"../../{path.name}", path.read_bytes(), "text/csv")
    app.run()
    button(app, "Look at these files").click()
    app = clean(app.run())
    assert "5 of 5 are used" in words(app)
    app = press(press(app, "check"), "build")
    assert won(database) == (truth.won, truth.amount)
    folders = list((database / "uploads").iterdir())
    assert len(folders) == 1 and (folders[0] / "mapping.toml").is_file()
    assert not list(tmp_path.glob("hubspot-crm*")), "nothing was written outside its folder"


def test_boxes_change_the_mapping(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "crm"
    data.mkdir()
    exports.plain_crm(data)
    app = choose_folder(opened(), data)
    key = next(box.key for box in app.selectbox if box.key and box.key.startswith("choice_deals_amount"))
    app.selectbox(key=key).set_value("one value").run()
    constant = next(box for box in app.text_input if box.key and box.key.startswith("constant_deals_amount"))
    constant.set_value("100").run()
    word = next(box for box in app.selectbox if box.label.startswith("Lost · 8"))
    word.set_value("won").run()
    app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Amounts are in")).set_value("USD").run()
    tables = next(box for box in app.multiselect if box.key and box.key.endswith("sales_pipeline.csv"))
    assert tables.value == ["deals"]
    text = app.code[-1].value
    assert 'currency = "USD"' in text and 'amount = { value = "100" }' in text and "when 'lost' then 'won'" in text
    app = press(app, "check")
    assert "16 won deals worth $1.60 k" in words(app)


def test_a_needed_column_that_is_missing_holds_the_check_back(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "crm"
    data.mkdir()
    exports.plain_crm(data)
    app = choose_folder(opened(), data)
    key = next(box.key for box in app.selectbox if box.key and box.key.startswith("choice_deals_created_at"))
    app.selectbox(key=key).set_value("").run()
    clean(app)
    assert app.button(key="check").disabled
    assert "deals need a column for when the deal was opened" in words(app)


def test_dates_that_nothing_decides_are_asked(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "crm"
    data.mkdir()
    rows = "".join(f"d{number};0{number}/0{number + 1}/2025;0{number}/0{number + 2}/2025;Won;10\n" for number in range(1, 7))
    (data / "export.csv").write_text("Deal ID;Created;Closed;Stage;Value\n" + rows)
    app = choose_folder(opened(), data)
    assert app.button(key="check").disabled and app.radio[0].value is None
    assert "day or month? 01/02/2025" in app.radio[0].label
    app.radio[0].set_value("dmy").run()
    clean(app)
    assert not app.button(key="check").disabled
    assert 'date_order = "dmy"' in app.code[-1].value
    assert "6 won deals" in words(press(app, "check"))


@pytest.mark.parametrize("kind", ["canonical", "mapped"])
def test_where_there_is_nothing_to_match_it_says_so(kind: str, database: Path, tmp_path: Path) -> None:
    data = tmp_path / "ready"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS.replace("10,EUR", "77,EUR"))
    if kind == "mapped":
        (data / "mapping.toml").write_text('[[deals]]\nfile = "deals.csv"\n')
    app = choose_folder(opened(), data)
    assert "there is nothing to match" in words(app)
    app = press(press(app, "check"), "build")
    assert won(database) == (1, 77.0)
    assert attribution.open(database).data_folder == str(data.resolve())
    assert not (database / "uploads").exists(), "such a folder is built where it lies"


def test_refusals_are_words(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, said in (
        ("nowhere/at/all", "there is no such folder on this server"),
        (str(tmp_path / "first_data" / "deals.csv"), "is a file, not a folder"),
    ):
        app = choose_folder(opened(), Path(folder))
        assert said in words(app)
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1000)
    app = opened()
    app.file_uploader[0].upload("deals.csv.gz", gzip.compress(b"x" * 5000), "application/gzip")
    app.run()
    button(app, "Look at these files").click()
    app = clean(app.run())
    assert "These files were not taken" in words(app) and "unpacked" in words(app)
    assert not list((database / "uploads").iterdir())


def test_a_folder_of_odd_files_is_shown_with_their_problems(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "odd"
    data.mkdir()
    (data / "empty.csv").write_bytes(b"")
    (data / "header.csv").write_text("deal_id,created_at,status\n")
    (data / "report.csv").write_bytes(b"%PDF-1.7\n")
    (data / "wide.csv").write_text(
        ",".join(f"column {number} " + "x" * 110 for number in range(300)) + "\n" + ",".join("1" * 300) + "\n"
    )
    (data / "latin.csv").write_bytes("Deal ID;Created;Stage\n1;13.02.2025;Verkauft für €\n".encode("cp1252"))
    (data / "*_[evil]`<b>.csv").write_text("deal_id,created_at,status,name\n1,2025-01-01,open,=1+1\n")
    app = choose_folder(opened(), data)
    heads = " ".join(entry.label for entry in app.expander)
    assert heads.count("cannot be read") == 2 and "holds a header and no rows" in heads
    for entry in app.multiselect:
        if entry.key and entry.key.endswith("wide.csv"):
            entry.set_value(["deals"]).run()
    clean(app)


def test_a_check_that_a_build_would_refuse_says_so(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "money"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS + "d3,2025-01-05,2025-02-02,won,20,USD\n")
    app = press(choose_folder(opened(), data), "check")
    assert "A build would refuse this" in words(app) and "EUR, USD" in words(app)
    app = press(app, "back")
    assert won(database) == (1, 10.0)


def test_a_second_build_waits_its_turn(database: Path, tmp_path: Path) -> None:
    data = tmp_path / "ready"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS)
    app = press(choose_folder(opened(), data), "check")
    with db.building(database):
        app = press(app, "build")
        assert "another build is running" in words(app)
    assert len(serving.kept(database)) == 1


def test_a_server_that_only_shows_data(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "1")
    app = opened()
    assert "This server only shows data" in words(app)
    assert (
        not app.file_uploader and not app.text_input(key="typed_folder")
        if "typed_folder" in app.session_state
        else not app.file_uploader
    )


def test_without_any_data_the_page_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSED_LOOP_DB", str(tmp_path / "none"))
    monkeypatch.setenv("CLOSED_LOOP_DATA", str(tmp_path / "missing"))
    monkeypatch.chdir(REPOSITORY)
    data = tmp_path / "ready"
    data.mkdir()
    (data / "deals.csv").write_text(DEALS)
    app = opened()
    assert "Nothing is shown yet" in words(app)
    press(press(choose_folder(app, data), "check"), "build")
    assert won(tmp_path / "none") == (1, 10.0)


def test_garbage_in_the_address_changes_nothing(database: Path) -> None:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=120)
    app.query_params["step"] = "3"
    app.query_params["folder"] = "/etc"
    app.switch_page(PAGE)
    clean(app.run())
    assert "1 Choose" in words(app)


# -- sentences ------------------------------------------------------------------------------------------------------------

CHECK = Check(
    (FileLine("deals", "a.csv", 10, 1, 7, 1, 1), FileLine("touches", "b.csv", 100, 0, 100, 0, 0)),
    (UnreadRows("deals", "a.csv", 4, "closed_at", "x", "is not a date", 1),),
    (),
    "EUR",
    5,
    1,
    1,
    12_345.6,
    2,
    TouchCoverage(100, 10, 5, 20),
)


def test_the_sentences_of_the_check() -> None:
    said = sources.check_sentence(CHECK).replace("\u00a0", " ")
    assert said == "**5 won deals** worth **€12.3 k** would be loaded, and 100 touches; 80 % of them belong to somebody we know."
    said = sources.check_sentence(replace(CHECK, touches=TouchCoverage(0, 0, 0))).replace("\u00a0", " ")
    assert said == "**5 won deals** worth **€12.3 k** would be loaded, and no touch: without touches nothing can be credited."
    said = sources.check_sentence(replace(CHECK, won=0)).replace("\u00a0", " ")
    assert said == "No won deal would be loaded (1 lost, 1 open): look at how their status is read."
    assert sources.lines_table(CHECK).iloc[-1].tolist() == ["Total", "", 110, 1, 107, 1, 1]
    assert sources.unread_table(CHECK).iloc[0]["First at"] == "a.csv:4"


def test_both_readings_are_shown_where_nothing_decides() -> None:
    said = [sources.read_as("date_order", order, "03/04/2018 10:00").replace("\u00a0", " ") for order in ("dmy", "mdy")]
    assert said == ["day first (3 Apr 2018)", "month first (4 Mar 2018)"]
    assert [sources.read_as("decimal", mark, "1.234") for mark in (".", ",")] == ["decimal point (1.234)", "decimal comma (1234)"]
    assert sources.read_as("date_order", "dmy", "") == "day first"


def test_a_word_that_nobody_knows_asks_to_be_looked_at() -> None:
    assert "please look" in sources.status_label("Vielleicht", 3)
    assert all("please look" not in sources.status_label(word, 3) for word in ("Closed Won", "Prospecting", "", "true"))


def test_what_folders_are_called() -> None:
    assert sources.folder_name("/x/build/uploads/20261122T093057716093Z") == "upload of 22 Nov 2026 09:30 UTC"
    assert sources.folder_name("/x/build/uploads/20261122T093057716093Z-my_crm") == "my_crm"
    assert sources.folder_name("/data/exports") == "exports"
    kept = Kept("20261122T093057716093Z", None, "/data/exports", 3, 1500.0, "USD", True, False)  # type: ignore[arg-type]
    assert "**exports** · 3\u00a0won deals, $1.50\u00a0k" in sources.kept_line(kept)
    assert sources.served(None, False).startswith("Nothing is shown yet.")


def test_choices_go_there_and_back() -> None:
    from attribution.connectors.plan import Constant, Expression, Renamed
    from attribution.onboarding.looking import Column, Part

    column = Column("Stage", 2, 2, (("Won", 1), ("Maybe", 1)), 0, 0, 0, 0, 0, 0)
    part = Part("a.csv", rows=2, columns=(column,))
    for origin in (None, Renamed("Stage"), Constant("x"), Expression("1")):
        assert work.chosen(part, "deals", "name", work.choice_of(origin), origin) == origin
    status = work.chosen(part, "deals", "status", "column Stage", None)
    assert status == work.StatusWords("Stage", (("Won", "won"), ("Maybe", "open")))
