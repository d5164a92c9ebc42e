"""The meeting's pack: a meeting as JSON and back, its parts, and the command line that makes it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.meeting import agenda, careful, fit, frozen, pack
from attribution.meeting.agenda import Item
from attribution.meeting.block import Bar, Block, Context, Figure, Grid, Picture, Record
from attribution.meeting.pack import MeetingPack, Part
from attribution.reports import meeting as files
from tests import meeting_blocks
from tests.html_reading import Tags
from tests.meeting_blocks import DAY

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
