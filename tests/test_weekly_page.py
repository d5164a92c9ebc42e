"""The page of the weekly five and its files: the very file, its numbers, weeks in the address, little and hostile data, and the command line."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution.content.weekly import table, weekly
from attribution.reports import pdf
from attribution.reports import weekly as files
from attribution.views import weekly_table
from tests.app_page import NAUGHTY, THIN, text, thin
from tests.naughty_strings import NAUGHTY_STRINGS

PAGE = "pages/content/weekly.py"


def shown(test: AppTest) -> str:
    """The file inside the frame inside the frame."""
    framed = test.get("iframe")[0].proto.srcdoc
    return html.unescape(framed.split('srcdoc="', 1)[1].rsplit('"></iframe>', 1)[0])


def hostile(open_rows: Callable[..., Any], said: str) -> Any:
    """A week in which all that people can write is hostile."""
    deal = {
        "deal_id": "D1",
        "name": said,
        "created_at": "2026-01-05",
        "closed_at": "2026-02-05",
        "status": "won",
        "amount": "1000",
    }
    touch = {
        "occurred_at": "2026-01-06 10:00:00",
        "deal_id": "D1",
        "channel": "email",
        "kind": "x",
        "asset_id": "A",
        "campaign_id": "C",
    }
    world = {
        "deals": [deal],
        "touches": [touch | {"touch_id": f"T{number}"} for number in (1, 2)],
        "content_assets": [
            {"asset_id": "A", "title": said, "topic": said, "url": f"javascript:alert(1)//{said}", "status": "published"}
        ],
        "campaigns": [{"campaign_id": "C", "name": said}],
    }
    return open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})


# --- the page -------------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_very_file_and_its_numbers(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    made = weekly(sample)
    test = page(sample_database)
    said = text(test).replace("\\", "")
    assert "What did people read, and what earns unseen?" in said
    assert made.headline in said
    assert shown(test) == files.html(made)
    assert [entry.label for entry in test.metric] == [
        "Reads this week", "Of the most read", "Least read: credit", "Least read: reads",
    ]  # fmt: skip
    frame = test.dataframe[0].value
    assert list(frame["Credited"]) == [piece.credited for piece in (*made.most, *made.hidden)]
    assert [entry.label for entry in test.get("download_button")] == ["HTML", "PDF", "Mail", "Chat", "CSV", "XLSX"]


def test_another_week_by_its_address(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    test = page(sample_database, week="2026-W40")
    assert shown(test) == files.html(weekly(sample, "2026-W40"))
    assert test.selectbox(key="week").value == "2026-W40"


@pytest.mark.parametrize("week", ["2026-W99", "<script>", "2012-W01", "💥"])
def test_garbage_in_the_address(page: Callable[..., AppTest], sample_database: Path, week: str) -> None:
    test = page(sample_database, week=week)
    assert "The link asks for week" in text(test)
    assert test.get("iframe")


@pytest.mark.parametrize("how", THIN)
def test_thin_data_says_what_to_supply(page: Callable[..., AppTest], open_rows: Callable[..., Any], how: str) -> None:
    said = text(page(thin(open_rows, how).path.parent))
    assert "No weekly five for this week" in said
    assert "Add content" in said


def test_hostile_titles_on_the_page(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    file = shown(page(hostile(open_rows, NAUGHTY).path.parent))
    assert "<b onmouseover" not in file
    assert "javascript:" not in file


# --- the files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [NAUGHTY, "</style></script><svg/onload=alert(2)>", "x" * 2000, *NAUGHTY_STRINGS[8:12]])
def test_files_hold_hostile_titles_as_text(open_rows: Callable[..., Any], said: str) -> None:
    made = weekly(hostile(open_rows, said))
    assert made.most[0].title
    for file in (files.html(made), files.mail(made)):
        assert not re.search(r"<script|<svg/|<img|<b onmouse|javascript:", file, re.I)
        assert file.count("</style>") <= 1
    assert "\x00" not in files.text(made)


def test_files_are_small_whole_and_the_same_each_time(sample: Any) -> None:
    made = weekly(sample)
    file, mail = files.html(made), files.mail(made)
    assert (file, mail) == (files.html(made), files.mail(made))
    assert len(file.encode()) < 40_000
    assert len(mail.encode()) < 30_000
    assert "<svg" not in mail
    assert not re.search(r"<script|<link|@import|url\(|<img", file + mail)
    assert file.count("<h1>") == 1
    assert '<html lang="en">' in file
    for piece in (*made.most, *made.hidden):
        for whole in (html.unescape(file), html.unescape(mail), files.text(made)):
            plain = " ".join(whole.split())
            assert piece.title in plain
            assert " ".join(piece.why.split()) in plain


def test_text_for_a_chat(sample: Any) -> None:
    lines = files.text(weekly(sample)).replace("\u00a0", " ").splitlines()
    assert lines[0] == "Weekly five: Week 46, 9 to 15 November 2026"
    assert "Most read this week (by reads)" in lines
    assert "1. Live: Ask the people who went live [Reviews]" in lines
    earned = "   9 reads, €9.60 k credited, €1.28 M took part in. "
    assert (
        f"{earned}Not read in the four weeks before. All came through the campaign “Webinar: Ask the people who went live”."
        in lines
    )


def test_the_pdf_is_one_page_on_either_paper(sample: Any) -> None:
    if missing := pdf.is_available():
        pytest.skip(missing)
    pypdf = pytest.importorskip("pypdf")
    import io

    for paper in ("A4", "letter"):
        pages = pypdf.PdfReader(io.BytesIO(pdf.from_html(files.html(weekly(sample)), paper))).pages
        assert len(pages) == 1
        assert "The hidden cost of a slow close" in pages[0].extract_text()


def test_report_weekly_writes_files_and_lists(
    run_cli: Callable[..., CompletedProcess[str]], sample_database: Path, sample: Any, tmp_path: Path
) -> None:
    made = weekly(sample, "2026-W40")
    listed = run_cli("report", "weekly", "--week", "2026-W40", "--db", sample_database).stdout
    assert listed.splitlines()[0] == "week,list,place,asset,title,topic,reads,in_weeks,credited,took_part,won_deals,why"
    assert len(listed.splitlines()) == 1 + len(table(made))
    out = tmp_path / "five.html"
    done = run_cli("report", "weekly", "--week", "2026-W40", "--db", sample_database, "--out", out)
    assert out.read_text(encoding="utf-8") == files.html(made)
    assert f"{out}: written" in done.stderr
    assert run_cli("report", "weekly", "--db", sample_database, "--as", "mail").stdout == files.mail(weekly(sample))
    assert "Write it like 2026-W09" in run_cli("report", "weekly", "--week", "W9", "--db", sample_database, expect=1).stderr


def test_figures_in_words(sample: Any) -> None:
    made = weekly(sample)
    assert [entry.value.replace("\u00a0", " ") for entry in weekly_table.figures(made)] == ["68", "40 %", "€389 k", "30"]
    assert next(iter(weekly_table.weeks(sample).items())) == ("2026-W46", "Week 46, 9 to 15 November 2026")
    assert len(weekly_table.weeks(sample)) == weekly_table.WEEKS
