"""The meeting's pack: a meeting as JSON and back, its files with hostile words and with thousands of records, closing it, and the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution
from attribution import coverage, versions
from attribution import store as stores
from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import agenda, careful, closing, fit, frozen, pack
from attribution.meeting.agenda import Item
from attribution.meeting.block import Bar, Block, Context, Figure, Grid, Picture, Record
from attribution.meeting.masked import masked
from attribution.meeting.pack import MeetingPack, Part, Todo
from attribution.reports import address, meeting_pictures, pdf
from attribution.reports import meeting as files
from attribution.store import MeetingClosed, Store
from attribution.store.meeting_records import WrittenMeanwhile
from tests import meeting_blocks
from tests.app_page import text as said_by
from tests.app_page import words as words_of
from tests.meeting_blocks import HOSTILE
from tests.postgres import postgres_server, url  # noqa: F401  fixtures
from tests.test_spotlight_files import Tags

DAY = date(2026, 11, 19)


# --- a meeting as JSON ------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
FIELD = st.tuples(TEXT, st.one_of(TEXT, st.integers(-(10**12), 10**12), NUMBER, st.none()))
BLOCKS = st.builds(
    Block,
    answer=TEXT,
    figures=st.lists(st.builds(Figure, TEXT, TEXT), max_size=2).map(tuple),
    records=st.lists(
        st.builds(Record, TEXT, TEXT, tone=st.sampled_from(["good", "plain"]), fields=st.lists(FIELD, max_size=3).map(tuple)), max_size=3
    ).map(tuple),
    picture=st.none() | st.builds(
        Picture, TEXT, st.sampled_from(["bars", "steps", "ranges"]), st.lists(st.builds(Bar, TEXT, st.none() | NUMBER, TEXT), max_size=3).map(tuple), TEXT,
        goal=st.none() | NUMBER,
    ),
    notes=st.lists(TEXT, max_size=2).map(tuple),
)  # fmt: skip


@given(BLOCKS)
@settings(max_examples=60)
def test_what_is_frozen_thaws_to_the_same(block: Block) -> None:
    text = frozen.to_json(block)
    assert frozen.from_json(text, Block) == block
    assert frozen.to_json(frozen.from_json(text, Block)) == text


def test_a_whole_meeting_survives_a_store_and_gives_the_same_bytes() -> None:
    made = meeting_blocks.pack()
    again = frozen.thaw(json.loads(json.dumps(frozen.freeze(made))), MeetingPack)
    assert again == made
    assert files.html(again) == files.html(made)


def test_an_older_text_without_a_later_field_gets_its_default() -> None:
    held = frozen.freeze(meeting_blocks.plan())
    for later in ("marks", "missing", "notes"):
        del held["value"][later]
    assert frozen.thaw(held, Block) == replace(meeting_blocks.plan(), marks=(), missing="", notes=())


def test_a_text_of_an_older_layout_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"layout": 1, "kind": "Figure", "value": {"name": "Won", "value": "3"}}
    renamed = {1: lambda held: {**held, "value": {"label": held["value"].pop("name"), **held["value"]}}}
    monkeypatch.setattr(frozen, "LAYOUT", 2)
    monkeypatch.setattr(frozen, "UPGRADES", renamed)
    assert frozen.thaw(old, Figure) == Figure("Won", "3")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read"), ("[]", "does not say its layout"), ('{"layout": true}', "does not say its layout"),
        ('{"layout": 99, "kind": "Figure", "value": {}}', "newer Closed Loop"), ('{"layout": 0, "kind": "Figure", "value": {}}', "never was"),
        ('{"layout": 1, "kind": "Block", "value": {}}', "not a Figure"),
        ('{"layout": 1, "kind": "Figure", "value": {"label": "a"}}', r"Figure\.value is missing"),
        ('{"layout": 1, "kind": "Figure", "value": {"label": "a", "value": 3}}', r"Figure\.value is '3'; it must be str"),
        ('{"layout": 1, "kind": "Figure", "value": {"label": "a", "value": "b", "colour": "c"}}', "nobody knows the field 'colour'"),
        ("[" * 100_000, "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(frozen.FrozenError, match=says):
        frozen.from_json(text, Figure)


def test_numbers_of_a_database_are_frozen_as_numbers_and_what_is_none_as_nothing() -> None:
    record = Record("a", "b", fields=(("amount", Decimal("1.50")), ("day", DAY), ("rate", float("nan"))))  # type: ignore[arg-type]
    assert frozen.thaw(frozen.freeze(record), Record).fields == (("amount", 1.5), ("day", "2026-11-19"), ("rate", None))
    with pytest.raises(frozen.FrozenError, match=r"Record\.name is a set"):
        frozen.freeze(Record("a", {"b"}))  # type: ignore[arg-type]


# --- the files --------------------------------------------------------------------------------------------------------


def hostile_pack(records: int) -> MeetingPack:
    """Every word that a person or the data gives is hostile."""
    block = meeting_blocks.many(records)
    todo = pack.Todo(f"=1+1 {HOSTILE}", HOSTILE, DAY, HOSTILE, HOSTILE, 0.5, HOSTILE, HOSTILE, HOSTILE, DAY)
    picture = Picture(HOSTILE, "bars", (Bar(HOSTILE, 1.0, HOSTILE, HOSTILE),), HOSTILE, caption=HOSTILE)
    grid = Grid(HOSTILE, (HOSTILE, HOSTILE), ((pack_cell(), pack_cell()),), help=((HOSTILE, HOSTILE),), caption=HOSTILE)
    block = replace(
        block,
        figures=(Figure(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "javascript:alert(1)"),),
        picture=picture,
        grids=(grid,),
        marks=(HOSTILE,),
    )
    part = Part(
        "stuck",
        HOSTILE,
        HOSTILE,
        7,
        block,
        note=f"{HOSTILE}\n\x00\x1b",
        decisions=(pack.Said(HOSTILE, HOSTILE),),
        actions=(todo,),
    )
    return replace(meeting_blocks.pack(), parts=(part, part), rule=HOSTILE, closed_by=HOSTILE)


def pack_cell() -> Any:
    from attribution.meeting.block import Cell

    return Cell(HOSTILE, "javascript:alert(1)", "bad")


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
        assert "And 4 970 more" in html.replace(formats.THIN, " "), "what is left out is counted"
        assert len(list(csv.DictReader(io.StringIO(files.records_csv(made))))) == 10_000, "and the CSV has it"
        ten = files.html(replace(made, parts=made.parts * 5))
        assert len(ten.encode()) < 300_000 and any(
            f"And {left} more" in ten.replace(formats.THIN, " ") for left in ("4 970", "4 984")
        ), "a heavy file shows fewer"
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


# --- block 1 ----------------------------------------------------------------------------------------------------------


def test_block_one_says_what_data_health_says(sample: Any) -> None:
    """Its figures are those of the Data health page."""
    from attribution.views.health import health

    block = fit.block(Context(sample, date(2026, 11, 20), date(2026, 11, 5)))
    page = {card.label: card.value for card in health(sample).cards}
    here = {figure.label: figure.value for figure in block.figures}
    assert here["Won deals read"] == page["Won deals read"] and here["Touches matched"] == page["Touches matched"]
    won = coverage.won_deals(sample)
    assert here["Won deals with touches"] == formats.share((won.deals - won.without_touches) / won.deals)
    found = {entry.name: entry.rows for entry in health(sample).findings if entry.severity != "info"}
    assert {record.key: dict(record.fields)["rows"] for record in block.records} == found
    assert block.answer.startswith(
        "With care: the data reaches to 20 Nov 2026, the day of the meeting; 99.5\u00a0% of 191\u00a0won deals"
    )
    assert all(record.link == f"health?check={record.key}" for record in block.records)


def test_coverage_is_compared_with_the_data_of_the_last_meeting(sample: Any) -> None:
    block = fit.block(Context(sample, date(2026, 11, 20), date(2026, 11, 5), before=sample))
    grid = next(grid for grid in block.grids if grid.title == "Coverage since the last meeting")
    assert grid.columns == ("", "5 Nov", "Now", "Change")
    assert {row[3].words for row in grid.rows} == {"the same"}


def test_blocks_that_rest_on_missing_tables_carry_marks(open_rows: Callable[..., Any]) -> None:
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "", "status": "open", "amount": "0"}
    ds = open_rows({"deals": [deal]}, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    marks = careful.marks(Context(ds, date(2026, 3, 20), date(2026, 3, 6)))
    assert {"plan", "changes", "funnel", "promises", "stuck", "content"} <= set(marks)
    assert "Hand-overs are not supplied (handoffs.csv)." in marks["promises"]
    assert f"The data ends {formats.days(19)} before the meeting." in marks["plan"]
    assert any("no expected close date" in mark for mark in marks["plan"]) and any(
        "win rates are rough" in mark for mark in marks["plan"]
    )
    assert any("was not kept: no meeting was closed here then" in mark for mark in marks["changes"])
    block = fit.block(Context(ds, date(2026, 3, 20)))
    assert block.answer.startswith("Not yet") and block.picture is None
    assert block.notes == ("This is the first meeting: from the next one on, coverage is compared with today’s.",)


def test_a_block_that_fails_leaves_the_others_alone(sample: Any) -> None:
    def fails(_context: Context) -> Block:
        raise ZeroDivisionError("secret")

    items = (Item("plan", "Are we on plan?", "Plan", 8, fails), Item("fit", "Are we fit?", "Fit", 3, fit.block))
    first, second = pack.parts(Context(sample, DAY), items)
    assert first.block is None and "could not be computed" in first.problem and "secret" not in first.problem
    assert second.block is not None and not second.problem


def test_marks_stand_on_the_blocks_that_they_are_about(sample: Any) -> None:
    items = (
        Item("changes", "What changed?", "Changes", 8, lambda _: meeting_blocks.changes()),
        Item("plan", "?", "Plan", 1, lambda _: meeting_blocks.missing()),
    )
    context = Context(sample, DAY, date(2026, 11, 5))
    changed, empty = pack.parts(context, items)
    assert changed.block is not None and set(careful.marks(context)["changes"]) <= set(changed.block.marks)
    assert empty.block is not None and not empty.block.marks, "what has nothing to show needs no mark"


# --- closing ----------------------------------------------------------------------------------------------------------

ITEMS = (
    Item("changes", "What changed since the last meeting?", "Changes", 8, lambda _: meeting_blocks.changes()),
    Item(
        "actions",
        "Who does what by when?",
        "Actions",
        4,
        lambda context: Block(f"{len(context.actions)} actions"),
        reads_store=True,
    ),
)


@pytest.fixture
def database(tmp_path: Path, sample_database: Path) -> Path:
    """The sample's database, for tests that pin a version of it."""
    shutil.copytree(sample_database, tmp_path / "build", copy_function=os.link)
    return tmp_path / "build"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return stores.open(str(tmp_path / "store.sqlite"))


def written(store: Store, ds: Any, day: date = DAY) -> stores.Meeting:
    """A meeting with a note, a decision and an action."""
    meeting = store.meetings.open(day, ds.version, "Ruth")
    store.meetings.save_note(stores.Note(meeting.meeting_id, "changes"), "Not a risk, a date.", "Ruth")
    store.meetings.add(stores.Decision(meeting.meeting_id, "changes", "We wait"), "Ruth")
    due = DAY + timedelta(days=8)
    action = stores.Action(
        meeting.meeting_id, "changes", "Call again", owner="Ann", due_on=due, metric="win_rate", metric_value=0.24
    )
    store.meetings.add(action, "Ruth")
    return meeting


def test_a_closed_meeting_is_kept_whole_with_its_data(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    meeting = written(store, ds)
    done = closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    assert done.is_pinned and versions.find_version(database, ds.version).pinned_for[0].startswith(
        "meeting of 2026-11-19, closed"
    )
    there, stored = store.meetings.one(meeting.meeting_id), store.meetings.pack(meeting.meeting_id)
    assert there is not None and not there.is_open and there.closed_version == ds.version and there.closed_by == "Ruth"
    assert stored is not None and closing.reopened(stored) == done.pack
    assert stored.html == files.html(done.pack) and stored.actions_csv == files.actions_csv(done.pack)
    changed, read_back = done.pack.parts
    assert changed.note == "Not a risk, a date." and changed.decisions[0].text == "We wait"
    assert (changed.actions[0].metric, changed.actions[0].metric_then) == ("Win rate", f"24{formats.SPACE}%")
    assert read_back.block is not None and read_back.block.answer == "1 actions"
    with pytest.raises(MeetingClosed):
        store.meetings.save_note(stores.Note(meeting.meeting_id, "changes"), "later", "Ann")
    assert closing.pack_of(ds, store, DAY) == done.pack, "the command line gives the closed one as it was"
    ds.close()


def test_who_closes_second_is_told_and_pins_nothing(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    meeting = written(store, ds)
    closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    with pytest.raises(MeetingClosed, match="closed by Ruth"):
        closing.close(store, ds, meeting, "Ann", items=ITEMS)
    assert len(versions.find_version(database, ds.version).pinned_for) == 1
    ds.close()


def test_only_the_data_of_the_newest_closed_meetings_stays_pinned(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    keeps_two = ds.settings.meeting.model_copy(update={"keep_versions": 2})
    ds.settings = ds.settings.model_copy(update={"meeting": keeps_two})
    versions.pin(database, ds.version, "meeting of 2026-10-08, closed in another store")
    days = [DAY, DAY - timedelta(days=28), DAY - timedelta(days=14)]
    for day in days:
        closing.close(store, ds, store.meetings.open(day, ds.version), items=ITEMS)
    pinned = [why[:21] for why in versions.find_version(database, ds.version).pinned_for]
    assert pinned == ["meeting of 2026-10-08", "meeting of 2026-11-19", "meeting of 2026-11-05"]
    assert all(store.meetings.pack(meeting.meeting_id) for meeting in store.meetings.all()), "what they saw stays"
    ds.close()


def test_of_several_who_close_at_once_one_does(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    meeting = written(store, ds)
    said: list[str] = []

    def close(who: str) -> None:
        try:
            said.append(f"closed by {closing.close(store, ds, meeting, who, items=ITEMS).meeting.closed_by}")
        except MeetingClosed as error:
            said.append(f"found closed by {error.meeting.closed_by}")

    threads = [Thread(target=close, args=(who,)) for who in ("Ann", "Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(one for one in said if one.startswith("closed")).removeprefix("closed by ")
    assert sorted(said) == sorted([f"closed by {winner}", *[f"found closed by {winner}"] * 2])
    assert len(versions.find_version(database, ds.version).pinned_for) == 1
    ds.close()


def test_a_line_written_while_the_blocks_are_computed_is_in_the_pack(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    meeting = written(store, ds)
    late = iter(["The last word"])

    def slow(_context: Context) -> Block:
        for text in late:
            store.meetings.add(stores.Decision(meeting.meeting_id, "changes", text), "Ann")
        return Block("slow")

    done = closing.close(store, ds, meeting, "Ruth", items=(*ITEMS, Item("deals", "?", "Deals", 1, slow, reads_store=True)))
    assert [said.text for said in done.pack.decisions] == ["We wait", "The last word"]
    ds.close()


def test_the_store_refuses_a_pack_that_lacks_a_line(url: str) -> None:  # noqa: F811
    """On both engines: what was written after the pack was made is never left out silently."""
    store = stores.open(url)
    meetings = store.meetings
    meeting = meetings.open(DAY)
    made = stores.Pack(
        meeting.meeting_id,
        frozen.freeze(meeting_blocks.pack()),
        "<h1>",
        "a\n",
        "v",
        False,
        "Ruth",
        datetime(2026, 11, 19, tzinfo=UTC),
    )
    seen = meetings.newest()
    meetings.add(stores.Decision(meeting.meeting_id, "changes", "The last word"), "Ann")
    with pytest.raises(WrittenMeanwhile, match="others are still writing"):
        meetings.close(made, seen)
    there = meetings.one(meeting.meeting_id)
    assert there is not None and there.is_open and meetings.pack(meeting.meeting_id) is None
    assert not meetings.close(made, meetings.newest()).is_open
    stored = meetings.pack(meeting.meeting_id)
    assert stored is not None and closing.reopened(stored) == meeting_blocks.pack()
    store.close()


def test_what_cannot_be_stored_leaves_everything_as_it_was(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ds = attribution.open(database)
    meeting = written(store, ds)

    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(stores.Meetings, "close", full)
    with pytest.raises(StoreError, match="the disk is full"):
        closing.close(store, ds, meeting, "Ruth", items=ITEMS)
    monkeypatch.undo()
    there = store.meetings.one(meeting.meeting_id)
    assert there is not None and there.is_open and store.meetings.pack(meeting.meeting_id) is None
    assert versions.find_version(database, ds.version).pinned_for == ()
    ds.close()


def test_a_note_under_a_block_that_left_the_agenda_is_kept(store: Store, sample: Any) -> None:
    meeting = written(store, sample)
    store.meetings.save_note(stores.Note(meeting.meeting_id, "gone_block"), "Still true", "Ann")
    store.meetings.add(stores.Decision(meeting.meeting_id, "gone_block", "Decided there"), "Ann")
    made = closing.ahead(sample, store, DAY, items=ITEMS)
    assert made.parts[-1].note == "Gone block: Still true"
    assert [said.text for said in made.parts[-1].decisions] == ["Decided there"] and not made.closed_at


def test_open_actions_of_earlier_meetings_are_in_the_pack(store: Store, database: Path) -> None:
    ds = attribution.open(database)
    closing.close(store, ds, written(store, ds, date(2026, 11, 5)), "Ruth", items=ITEMS)
    made = closing.ahead(ds, store, DAY, items=ITEMS)
    assert [(todo.text, todo.meeting_on) for todo in made.earlier] == [("Call again", date(2026, 11, 5))]
    assert made.last_on == date(2026, 11, 5) and not made.actions
    assert closing.next_day(ds, store.meetings.all()) == date(2026, 11, 20), "a cadence later is before the data's last day"
    ds.close()


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_command_line_makes_the_pack_ahead_without_a_store(
    run_cli: Callable[..., Any], sample_database: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "none.sqlite"))
    listed = run_cli("report", "meeting", "--db", sample_database, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert [row["block"] for row in rows] == [item.key for item in agenda.AGENDA] and {row["meeting_on"] for row in rows} == {
        "2026-11-20"
    }
    assert "Warning" not in listed.stderr, "every block of the sample can be computed"
    out = tmp_path / "meeting.html"
    monkeypatch.setenv("CLOSED_LOOP_URL", "https://app.example")
    run_cli("report", "meeting", "--db", sample_database, "--date", "2026-11-19", "--out", out, "--masked")
    html = out.read_text()
    assert "Revenue meeting of 19 Nov 2026" in html and len(html.encode()) < 300_000
    said = " ".join(Tags(html).texts).lower()
    for table, column in (
        ("accounts", "name"),
        ("accounts", "domain"),
        ("contacts", "name"),
        ("contacts", "email"),
        ("people", "name"),
        ("deals", "name"),
    ):
        with (Path("sample_data") / f"{table}.csv").open(encoding="utf-8") as file:
            names = {row[column].lower() for row in csv.DictReader(file) if row[column]}
        assert names and [name for name in names if name in said] == [], f"{table}.{column}: masked"
    assert "company\u00a01" in said and "person\u00a01" in said and "https://app.example" not in html
    assert not (tmp_path / "none.sqlite").exists(), "looking makes no store"


def test_the_command_line_refuses_in_words(
    run_cli: Callable[..., Any], tmp_path: Path, sample_database: Path, monkeypatch: Any
) -> None:
    for day in ("19.11.2026", "9999-12-31"):
        wrong = run_cli("report", "meeting", "--db", sample_database, "--date", day, expect=2)
        assert "Write it like 2026-11-19" in wrong.stderr
    assert "this report is made as" in run_cli("report", "weekly", "--db", sample_database, "--as", "csv", expect=2).stderr
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(broken))
    made = run_cli("report", "meeting", "--db", sample_database, "--as", "csv")
    assert "made without what was written" in made.stderr and made.stdout.startswith("action,owner,due_on")


def test_every_field_of_a_part_is_in_the_frozen_form() -> None:
    """What is added to the pack without a default would make older packs unreadable."""
    for kind in (Block, Figure, Record, Bar, Picture, Grid, Part, MeetingPack, pack.Todo, pack.Said):
        assert {entry.name for entry in fields(kind) if entry.default.__class__.__name__ == "_MISSING_TYPE"} == REQUIRED[
            kind.__name__
        ]


REQUIRED = {
    "Block": {"answer"}, "Figure": {"label", "value"}, "Record": {"group", "name"}, "Bar": {"label", "value", "words"},
    "Picture": {"title", "kind", "bars", "alt"}, "Grid": {"title", "columns", "rows"}, "Part": {"key", "question", "short", "minutes"},
    "MeetingPack": {"held_on", "last_on", "data_up_to", "data_version", "rule", "currency", "parts"}, "Todo": {"text"}, "Said": {"text"},
}  # fmt: skip


# --- on the page ------------------------------------------------------------------------------------------------------

PAGE = "pages/meeting/meeting.py"


def test_a_meeting_is_closed_on_the_page_and_reopens_as_it_was(
    page: Callable[..., Any], database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "0")
    store, ds = stores.open(), attribution.open(database)
    meeting = written(store, ds, date(2026, 11, 20))
    live = page(database, block="changes")
    assert "Keeps every block as it is now, with 1\u00a0decision, 1\u00a0action and all notes" in said_by(live)
    answer = next(one.value for one in live.markdown if one.value.startswith("#### "))
    next(one for one in live.button if one.label == "Close it").click().run()
    said = said_by(live)
    assert "**As it was on 20 Nov 2026.** Closed" in said and "Closed and kept as it is." in said
    assert answer in said, "the frozen block says what the live one said"
    assert not [one for one in live.button if one.label in ("Close it", "Add action")], "a closed meeting is not written into"
    stored = store.meetings.pack(meeting.meeting_id)
    assert stored is not None and stored.is_pinned
    part = next(part for part in closing.reopened(stored).parts if part.key == "changes")
    assert part.block is not None and f"#### {formats.plain(part.block.answer)}" == answer
    broken = replace(stored, pack={"layout": 99})
    monkeypatch.setattr(stores.Meetings, "pack", lambda *_: replace(broken, closed_at=broken.closed_at + timedelta(seconds=1)))
    assert "newer Closed Loop" in words_of(live.run())
    ds.close()
