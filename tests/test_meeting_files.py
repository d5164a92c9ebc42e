"""The files of a meeting's pack: hostile words, thousands of records, masked names, what stands in them and how they print."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from attribution.meeting.block import Block, Record
from attribution.meeting.masked import masked
from attribution.meeting.pack import Part, Todo
from attribution.reports import address, meeting_pictures, pdf
from attribution.reports import meeting as files
from tests import meeting_blocks
from tests.html_reading import Tags
from tests.meeting_blocks import HOSTILE, hostile_pack


@pytest.mark.parametrize("records", [0, 40, 5_000])
def test_hostile_words_and_many_records_stay_words_and_small(records: int) -> None:
    made = hostile_pack(records)
    html = files.html(made)
    tags = Tags(html)
    assert not tags.named("script", "img", "iframe", "link", "svg", "object", "form")
    assert {name for _, given_ in tags.tags for name in given_} <= {
        "class", "style", "id", "scope", "lang", "charset", "name", "content", "http-equiv", "href", "title", "aria-label", "aria-labelledby",
        "aria-hidden", "role", "tabindex",
    }  # fmt: skip
    assert all(str(link["href"]).startswith(("#block-", "#questions")) for link in tags.named("a")), (
        "no address of the app: no link leaves"
    )
    assert "url(" not in html and "@import" not in html and "http://" not in html and "https://" not in html
    assert len(html.encode()) < 300_000
    assert "\u202e" not in html and "\x00" not in html
    if records == 5_000:
        assert "And 4,970 more" in html, "what is left out is counted"
        assert len(list(csv.DictReader(io.StringIO(files.records_csv(made))))) == 10_000, "and the CSV has it"
        ten = files.html(replace(made, parts=made.parts * 5))
        assert len(ten.encode()) < 300_000 and any(f"And {left} more" in ten for left in ("4,970", "4,984")), (
            "a heavy file shows fewer"
        )
    for text in (files.mail(made), files.text(made)):
        assert "<script" not in text.replace(HOSTILE, "") and len(text.encode()) < 100_000


def test_no_cell_of_a_csv_is_a_formula() -> None:
    made = hostile_pack(3)
    for text in (files.actions_csv(made), files.records_csv(made)):
        rows = list(csv.reader(io.StringIO(text)))
        assert len({len(row) for row in rows}) == 1
        assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r", "-"))]


def test_actions_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(files.actions_csv(meeting_blocks.pack()))))
    assert list(rows[0]) == ["action", "owner", "due_on", "metric", "value then", "about", "block", "meeting", "status"]
    assert rows[0] == {
        "action": "Page on moving five sites", "owner": "Content lead", "due_on": "2026-11-27", "metric": "Win rate", "value then": "0.24",
        "about": "Oderland Stahl", "block": "Changes", "meeting": "2026-11-19", "status": "open",
    }  # fmt: skip
    assert [(row["meeting"], row["status"]) for row in rows] == [
        ("2026-11-19", "open"),
        ("2026-11-19", "open"),
        ("2026-11-05", "late"),
    ]


def test_the_file_says_where_its_numbers_come_from_and_who_may_read_it() -> None:
    html = " ".join(" ".join(Tags(files.html(meeting_blocks.pack())).texts).split())
    for words in (
        "Revenue meeting of 19 Nov 2026", "Data up to 18 Nov 2026", "version 20261118T050000000000Z", "Credit rule: 30 first contact", "agreed 12 Mar 2026",
        "Not to be passed on outside the company", "6 questions, 43 minutes, 1 decision, 2 actions.", "Closed 19 Nov 2026, 10:02 UTC by Ruth",
        "This block could not be computed; the others are not touched by it.", "Hafen Elbe Süd: board meets only in January.",
    ):  # fmt: skip
        assert words.replace(" ", "") in html.replace("\u00a0", " ").replace(" ", ""), words
    ahead = files.text(meeting_blocks.pack(False))
    assert "Made ahead of the meeting: nothing in it is agreed yet." in ahead


def test_names_link_to_the_app_where_its_address_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = meeting_blocks.pack()
    assert "deals?deal=" not in files.html(pack) and "link" not in files.records_csv(pack).splitlines()[0]
    pack = replace(pack, app_url="https://app.example/x")
    assert "https://app.example/x/meeting?date=2026-11-19" in files.text(pack)
    html = files.html(pack)
    assert html.count('href="https://app.example/x/deals?deal=D-1"') == len(meeting_blocks.changes().records)
    inside = re.findall(r'href="#([^"]+)"', html)
    assert {f"block-{place}" for place in range(1, len(pack.parts) + 1)} < set(inside) and "questions" in inside
    assert all(f'id="{place}"' in html for place in inside)
    rows = list(csv.DictReader(io.StringIO(files.records_csv(pack))))
    assert rows[0]["link"] == "https://app.example/x/deals?deal=D-1"
    addresses = {
        "https://app.example/": True,
        "http://localhost:8501/x": True,
        "app.example": False,
        "javascript:alert(1)": False,
        "": False,
    }
    addresses |= dict.fromkeys(
        ("https://app example", "https://a.example/?", "https://a.example/#", "https://a.example:port"), False
    )
    addresses |= dict.fromkeys(('https://a.example/"x', "https://a.example/<b>", "https://me:secret@a.example"), False)
    for said, known in addresses.items():
        monkeypatch.setenv(address.VARIABLE, said)
        assert bool(address.app_url()) is known is not bool(address.advice())


def test_masked_names_are_the_same_number_wherever_they_stand(open_rows: Callable[..., Any]) -> None:
    ds = open_rows(
        {
            "accounts": [{"account_id": "A1", "name": "HP"}, {"account_id": "A2", "name": "Pine & Co"}],
            "deals": [{"deal_id": "D-4", "account_id": "A1", "name": "Laser roll-out", "created_at": "2026-01-05", "status": "open", "amount": "1"}],
            "people": [{"owner_id": "O1", "name": "Ada Ode"}],
        },
        {"reporting": {"currency": "EUR", "as_of": "2026-02-10"}},
    )  # fmt: skip
    pack = meeting_blocks.pack()
    block = Block(
        "The largest is HP (€1 M); hpv is another word.", records_title="2",
        records=(
            Record("↑ Won", "HP", "1", "Laser roll-out; Ada Ode", key="D-4", fields=(("deal_id", "D-4"), ("days", 3), ("closed_on", "2026-01-09"))),
            Record("↓ Lost", "Pine & Co", "2", "nothing"),
        ),
    )  # fmt: skip
    parts = (
        Part(
            "changes",
            "What changed?",
            "Changes",
            8,
            block,
            note="Pine & Co waits. Call hp.",
            actions=(Todo("Call Pine", "Ruth", about="D-4"),),
        ),
    )
    made = masked(replace(pack, parts=parts, earlier=()), ds)
    told = made.parts[0].block
    assert told is not None
    assert [record.name for record in told.records] == ["Company\u00a01", "Company\u00a02"]
    assert told.answer == "The largest is Company\u00a01 (€1 M); hpv is another word."
    assert re.fullmatch("Company\u00a01; Person\u00a0\\d", told.records[0].detail)
    assert told.records[0].fields == (("days", 3), ("closed_on", "2026-01-09")) and not told.records[0].key
    assert made.parts[0].note.startswith("Company\u00a02 waits.")
    assert made.parts[0].actions[0].owner.startswith("Person") and made.closed_by == made.parts[0].actions[0].owner, (
        "Ruth is one person"
    )
    assert "Companies and people are numbers" in files.html(made) and "HP" not in files.records_csv(made)


def test_parts_of_names_and_ids_are_masked_where_somebody_writes_them(open_rows: Callable[..., Any]) -> None:
    ds = open_rows(
        {
            "accounts": [{"account_id": "A-31", "name": "Tourelle Brauerei GmbH"}, {"account_id": "A-32", "name": "First Bank AG"}],
            "deals": [
                {"deal_id": "D-104", "account_id": "A-31", "created_at": "2026-01-05", "status": "open", "amount": "1"},
                {"deal_id": "D-105", "account_id": "A-32", "created_at": "2026-01-05", "status": "open", "amount": "1"},
            ],
            "contacts": [{"contact_id": "C-77", "account_id": "A-31", "name": "Eero Rantala", "created_at": "2026-01-01"}],
            "people": [{"owner_id": "U-07", "name": "Carsten Ode"}],
        },
        {"reporting": {"currency": "EUR", "as_of": "2026-02-10"}},
    )  # fmt: skip
    block = Block(
        "The first deal is Tourelle Brauerei GmbH.",
        records=(
            Record("↑ Won", "Tourelle Brauerei GmbH", "1", "“Why Tourelle went live”; Carsten Ode", key="D-104"),
            Record("↑ Won", "First Bank AG", "1", key="D-105"),
        ),
    )  # fmt: skip
    note = "Carsten calls Tourelle (#D-104, A-31, C-77): https://crm.example/deals/D-105?owner=U-07"
    part = Part("changes", "What changed?", "Changes", 8, block, note=note)
    pack = masked(replace(meeting_blocks.pack(), parts=(part,), earlier=(), rule="30 lead, agreed by Carsten Ode"), ds)
    made = pack.parts[0]
    assert pack.rule.startswith("30 lead, agreed by Person")
    assert made.block is not None and made.block.answer == "The first deal is Company\u00a01."
    said = " ".join((made.note, *(record.detail for record in made.block.records))).lower()
    assert [name for name in ("carsten", "tourelle", "d-104", "a-31", "c-77", "d-105", "u-07") if name in said] == []


def test_every_word_of_a_block_is_in_the_file() -> None:
    """Numbers in the file are those of the block: whatever it says is there, letter for letter."""
    block = meeting_blocks.changes()
    html = " ".join(" ".join(Tags(files.html(meeting_blocks.pack())).texts).split())
    said = [
        block.answer,
        block.records_title,
        *block.notes,
        *(one for figure in block.figures for one in (figure.label, figure.value, figure.note)),
    ]
    said += [one for record in block.records for one in (record.group, record.name, record.amount, record.detail)]
    assert block.picture is not None
    said += [one for bar in block.picture.bars for one in (bar.label, bar.words, bar.note)] + [block.picture.caption]
    assert [words for words in said if " ".join(words.split()) not in html] == []


def test_an_empty_agenda_and_an_empty_block_are_designed() -> None:
    assert "No block is on the agenda" in files.html(replace(meeting_blocks.pack(), parts=(), earlier=()))
    alone = replace(meeting_blocks.pack(), parts=(Part("plan", "Are we on plan?", "Plan", 8, Block("")),), earlier=())
    assert "Are we on plan?" in files.html(alone)


def test_steps_start_where_the_one_before_ended_and_end_at_the_sum() -> None:
    picture = meeting_blocks.changes().picture
    assert picture is not None
    rows = meeting_pictures.rows(picture)
    ends = [(row.bar[0], round(row.bar[0] + row.bar[1], 1)) for row in rows if row.bar]
    zero = next(line.x for line in rows[0].lines if line.look == "zero")
    assert ends[0][1] == pytest.approx(zero, abs=0.05), "the first begins at zero"
    assert ends[1][1] == pytest.approx(ends[0][0], abs=0.05) and ends[2][0] == pytest.approx(ends[1][0], abs=0.05)
    assert ends[3] == (pytest.approx(ends[2][1], abs=0.05), pytest.approx(zero, abs=0.05)), "the last one is the sum, from zero"


def test_every_block_has_its_page_in_print() -> None:
    if missing := pdf.is_available():
        pytest.skip(missing)
    pypdf = pytest.importorskip("pypdf")
    made = meeting_blocks.pack()
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf.from_html(files.html(made)))).pages]
    assert len(pages) == 1 + len(made.parts)
    for page, part in zip(pages[1:], made.parts, strict=True):
        assert part.question in page
        assert "Internal: Names customers and colleagues." in page
