"""The spotlight's files: what they may not load, how heavy they are; hostile words; the timeline; PDF; the command line."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from attribution.commands import reports as commands
from attribution.errors import DataError
from attribution.reports import pdf
from attribution.reports import spotlight as files
from attribution.reports.drawings import wilson
from attribution.reports.timeline import APART, wide
from attribution.reports.timeline_phone import tall
from attribution.spotlight.candidates import candidates
from attribution.spotlight.issue import spotlight
from attribution.spotlight.masks import PRESETS
from attribution.spotlight.shown import Lane, Milestone, Tick, Timeline, Use
from attribution.spotlight.words import Ask, DealWords, Quote, Words
from tests import hard_world
from tests.html_reading import Tags, plain
from tests.naughty_strings import NAUGHTY_STRINGS

MONTH = "2026-10"


@pytest.fixture(scope="module")
def needs_pdf() -> None:
    """Skip where no PDF can be made."""
    if missing := pdf.is_available():
        pytest.skip(missing)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory, open_folder: Callable[..., Any]) -> Any:
    """The company that fits no page."""
    return open_folder(hard_world.write(tmp_path_factory.mktemp("hard")))


# --- one file that holds all it needs ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(sample: Any) -> dict[str, str]:
    """The sample's HTML, by preset."""
    return {entry.name: files.html(spotlight(sample, MONTH, preset=entry.name)) for entry in PRESETS}


def check_self_contained(text: str) -> Tags:
    """Nothing is fetched, nothing runs."""
    tags = Tags(text)
    assert not tags.named("script", "link", "img", "iframe", "object", "embed", "base", "form", "video", "audio")
    for tag, attributes in tags.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), f"{tag} {name}"
            assert name not in ("src", "srcset", "data", "background", "poster", "xlink:href"), f"{tag} {name}"
            assert name != "href" or (value or "").startswith("#"), f"{tag} {value}"
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    assert not re.search(r"url\(|@import|expression\(|javascript:", style)
    return tags


@pytest.mark.parametrize("asked", [entry.name for entry in PRESETS])
def test_a_file_is_self_contained_light_and_accessible(made: dict[str, str], asked: str) -> None:
    tags = check_self_contained(made[asked])
    assert len(made[asked].encode()) < 200_000
    assert tags.named("html") == [{"lang": "en"}]
    assert len(tags.named("h1")) == len(tags.named("main")) == 1
    ids = [attributes["id"] for _, attributes in tags.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for drawing in tags.named("svg"):
        named = (drawing.get("aria-labelledby") or "").split()
        assert drawing.get("aria-hidden") == "true" or (drawing["role"] == "img" and set(named) <= set(ids))
    assert len(tags.named("table")) == len(tags.named("caption"))
    assert all(cell.get("scope") in ("col", "row") for cell in tags.named("th"))
    assert "prefers-color-scheme:dark" in made[asked]


def test_rendered_twice_it_is_the_same(sample: Any, made: dict[str, str]) -> None:
    for asked, text in made.items():
        again = spotlight(sample, MONTH, preset=asked)
        assert files.html(again) == text
        assert files.mail(again) == files.mail(spotlight(sample, MONTH, preset=asked))


def test_the_mail_is_light_and_simple(sample: Any) -> None:
    text = files.mail(spotlight(sample, MONTH))
    tags = check_self_contained(text)
    assert len(text.encode()) < 100_000
    assert not tags.named("svg", "style")
    assert "var(" not in text
    assert "grid" not in text


def test_text_for_a_chat(sample: Any) -> None:
    text = files.text(spotlight(sample, MONTH))
    assert text.splitlines()[0] == "Content ROI spotlight, October 2026 (inside)"
    assert "€229,500, 4 pieces, 3 people, 126 days" in plain(text)
    assert not re.search(r"<[a-z]", text)


# --- hostile words ----------------------------------------------------------------------------------------------------


def test_hostile_words_stay_text(open_rows: Callable[..., Any]) -> None:
    """Every naughty string as a title and a name: the file has the tags and attributes of a tame one."""
    tame = [f"Piece {number}" for number in range(len(NAUGHTY_STRINGS))]
    shapes = []
    for titles in (tame, list(NAUGHTY_STRINGS)):
        found = spotlight(open_rows(_world(titles), {"reporting": {"currency": "EUR", "as_of": "2026-04-15"}}), "2026-03")
        text = files.html(found)
        check_self_contained(text)
        shapes.append({(tag, *attributes) for tag, attributes in Tags(text).tags})
        check_self_contained(files.mail(found))
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text + files.text(found))
    assert shapes[0] == shapes[1]


def _world(titles: list[str]) -> dict[str, list[dict[str, object]]]:
    shown = [title for title in titles if title.strip()][:60]
    return {
        "deals": [{"deal_id": "D1", "name": shown[0], "created_at": "2026-01-05", "closed_at": "2026-03-05", "status": "won", "amount": 1000}],
        "contacts": [{"contact_id": "C1", "title": shown[1], "name": "Jo Doe", "created_at": "2026-01-01"}],
        "deal_contacts": [{"deal_id": "D1", "contact_id": "C1"}],
        "content_assets": [{"asset_id": f"A{number}", "title": title or "-", "topic": "cost"} for number, title in enumerate(shown)],
        "touches": [
            {"touch_id": f"T{number}", "occurred_at": f"2026-02-{number % 27 + 1:02} 10:00:00", "contact_id": "C1", "channel": "organic", "kind": "page_view",
             "asset_id": f"A{number}"}
            for number in range(len(shown))
        ],
    }  # fmt: skip


def test_hostile_words_of_a_writer_stay_text(sample: Any) -> None:
    deal = candidates(sample, MONTH)[0].deal_id
    for asked in ("inside", "public"):
        for nasty in ("</style><script>alert(1)</script>", '"}@page{content:"', "{{ 7*7 }}", "]]>--><svg onload=x>"):
            words = Words(
                headline=nasty, thanks=nasty, ask=Ask(question=nasty, writes=nasty),
                deals={deal: DealWords(headline=nasty, quotes=(Quote(text=nasty, said_by=nasty),))},
            )  # fmt: skip
            text = files.html(spotlight(sample, MONTH, [deal], words, asked))
            check_self_contained(text)
            assert text.count("<style>") == 1
            assert nasty in " ".join(Tags(text).texts)


@pytest.mark.parametrize("asked", ["inside", "public"])
def test_names_of_120_characters_fit(hard: Any, asked: str) -> None:
    found = spotlight(hard, "2026-05", preset=asked)
    text = files.html(found)
    check_self_contained(text)
    assert len(text.encode()) < 200_000
    assert len(files.mail(found).encode()) < 100_000
    assert files.html(spotlight(hard, "2026-05", preset=asked)) == text


def test_five_heavy_deals_stay_light(hard: Any) -> None:
    deals = [entry.deal_id for entry in candidates(hard, "2026-05")][:5]
    assert len(files.html(spotlight(hard, "2026-05", deals)).encode()) < 320_000, (
        "five deals with the longest names; three stay below 200 kB"
    )


# --- the timeline -----------------------------------------------------------------------------------------------------


def drawn(uses: int, people: int, days: float = 330) -> Timeline:
    """A timeline with so many uses, spread as life does: in bursts."""
    origins = ("found", "sales", "marketing_unopened")
    listed = tuple(
        Use(round((number * number * 7.3) % days, 2), number % people, number % 14 + 1, origins[number % 3], "cost", f"Piece {number}")
        for number in range(uses)
    )  # fmt: skip
    steps = ((0, "Lead"), (88, "Deal opened"), (90, "Qualification"), (200, "Proposal"), (days, "Won"))
    marks = tuple(
        Milestone(float(day), name, f"11 Apr, day {day:g}", name == "Won", name in ("Lead", "Deal opened", "Won"))
        for day, name in steps
    )
    lanes = tuple(Lane(f"Senior Vice President Number {number}", "8 uses from 19 Mar") for number in range(people))
    ticks = tuple(Tick(30.0 * month, "Mar") for month in range(11))
    return Timeline(days, lanes, listed, marks, ticks, (5.0, 80.0), (120.0, 150.0, "30 days without a recorded step"), "words")


def middles(svg: str) -> list[tuple[float, float]]:
    """Where the numbers of the marks are."""
    numbers = "".join(re.findall(r'<g class="t-[^>]*>(.*?)</g>', svg))
    return [(float(x), float(y)) for x, y in re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)">\d', numbers)]


@pytest.mark.parametrize(("uses", "people"), [(3, 1), (20, 3), (60, 7), (60, 2), (150, 12)])
@pytest.mark.parametrize("draw", [wide, tall])
def test_no_mark_lies_on_another(draw: Callable[..., Any], uses: int, people: int) -> None:
    svg = str(draw(drawn(uses, people), "d1", "Deal"))
    places = sorted(middles(svg))
    assert places
    for index, (x, y) in enumerate(places):
        near = [other for other in places[index + 1 :] if other[0] - x < 17]
        assert all(abs(other[1] - y) >= 17 for other in near), f"{draw.__name__}: marks overlap at {x}, {y}"
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box
    assert all(0 <= x <= float(box[1]) and 0 <= y <= float(box[2]) for x, y in places), "inside the drawing"


def test_rows_of_a_cluster_are_far_enough_apart() -> None:
    places = sorted(middles(str(wide(drawn(60, 1), "d1", "Deal"))), key=lambda place: (place[1], place[0]))
    for (x, y), (next_x, next_y) in pairwise(places):
        assert y != next_y or next_x - x >= APART - 0.2


def test_a_timeline_says_what_it_shows() -> None:
    svg = str(wide(drawn(3, 1), "d7", "Content <over> time"))
    assert '<title id="d7-wide-t">Content &lt;over&gt; time</title>' in svg
    assert '<desc id="d7-wide-d">words</desc>' in svg


def test_wilson() -> None:
    low, high = wilson(10, 100)
    assert (round(low, 3), round(high, 3)) == (0.061, 0.160)
    assert wilson(0, 0) == (0.0, 1.0)


# --- PDF --------------------------------------------------------------------------------------------------------------


def test_a_pdf_on_both_papers(sample: Any, needs_pdf: None) -> None:
    pypdf = pytest.importorskip("pypdf")
    deal = candidates(sample, MONTH)[0].deal_id
    text = files.html(spotlight(sample, MONTH, [deal]))
    for paper, size in (("A4", (842, 595)), ("letter", (792, 612))):
        content = pdf.from_html(text, paper)
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages} == {size}
        assert 3 <= len(pages) <= 4
        assert "Not to be passed on" in plain(pages[-1].extract_text()), "the stamp is on every page"
        assert paper != "A4" or pdf.from_html(text) == content, "the same HTML gives the same bytes"
    with pytest.raises(pdf.PdfError, match="A4, letter"):
        pdf.from_html(text, "A3")


@pytest.fixture
def without_weasyprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that comes first when weasyprint is imported anew."""
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    pdf.is_available.cache_clear()
    yield tmp_path
    pdf.is_available.cache_clear()


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        ("OSError(\"cannot load library 'libpango-1.0-0'\")", "apt install libpango|brew install pango|pacman"),
        ("ImportError('weasyprint')", "pip install weasyprint"),
    ],
)
def test_without_its_library_a_pdf_says_what_to_install(without_weasyprint: Path, raised: str, words: str) -> None:
    (without_weasyprint / "weasyprint.py").write_text(f"raise {raised}\n", encoding="utf-8")
    missing = pdf.is_available()
    assert missing is not None
    assert re.search(words, missing)
    assert "HTML file works without" in missing
    with pytest.raises(pdf.PdfError, match="HTML file works"):
        pdf.from_html("<p>")


# --- the command line -------------------------------------------------------------------------------------------------


def test_report_spotlight_writes_and_lists(
    run_cli: Callable[..., subprocess.CompletedProcess[str]], sample_database: Path, tmp_path: Path
) -> None:
    listed = run_cli("report", "spotlight", "--db", sample_database, "--format", "json").stdout
    rows = json.loads(listed)
    assert [row["deal"] for row in rows if row["is_chosen"]] == ["D-0423", "D-0206", "D-0425"]
    words = tmp_path / "words.json"
    words.write_text('{"headline": "They read the price first"}', encoding="utf-8")
    out = tmp_path / "spotlight.html"
    done = run_cli(
        "report", "spotlight", "--db", sample_database, "--deal", "D-0423", "--words", words, "--preset", "partner", "--out", out
    )
    assert done.stdout.splitlines()[0] == "month,preset,kind,file,deals_told,bytes"
    assert f"2026-10,partner,html,{out},D-0423,{out.stat().st_size}" in done.stdout
    assert "They read the price first" in out.read_text(encoding="utf-8")
    chat = run_cli("report", "spotlight", "--db", sample_database, "--as", "text", "--deal", "D-0423").stdout
    assert chat.startswith("Content ROI spotlight, October 2026 (inside)")


def test_report_spotlight_says_what_is_wrong(
    run_cli: Callable[..., subprocess.CompletedProcess[str]], sample_database: Path, tmp_path: Path
) -> None:
    for arguments, code, words in (
        (("--month", "2026-13"), 1, "Write it like 2026-03"),
        (("--out", "a.doc"), 2, "its ending must be"),
    ):
        done = run_cli("report", "spotlight", "--db", sample_database, *arguments, expect=code)
        assert words in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr
    with pytest.raises(typer.BadParameter, match=r"--out FILE\.pdf"):
        commands.kind_of(None, commands.Kind.pdf)
    with pytest.raises(DataError, match="cannot be read"):
        commands.read_words(tmp_path / "nowhere.json")
    (tmp_path / "words.json").write_text('{"deals": {"D-1": {"quotes": [{"text": 5}]}}}', encoding="utf-8")
    with pytest.raises(DataError, match=r"deals\.D-1\.quotes\.0\.text: Input should be a valid string"):
        commands.read_words(tmp_path / "words.json")
    with pytest.raises(DataError, match="cannot be written"):
        commands.written(tmp_path / "no" / "folder" / "x.html", commands.Kind.html, lambda _kind: "")
