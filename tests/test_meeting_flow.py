"""The meeting's blocks about what flows (funnel, promises, stuck, content): cells and the records behind them, sentences, and data that lacks tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from attribution.charts import formats
from attribution.meeting import content, funnel, promises, stuck
from attribution.meeting.block import Block, Cell, Context, Record
from attribution.meeting.frozen import from_json, to_json
from attribution.meeting.handovers import earliest, handovers
from attribution.meeting.listing import with_rest
from attribution.meeting.persons import persons


def cells(block: Block) -> Iterator[Cell]:
    for grid in block.grids:
        for row in grid.rows:
            assert len(row) == len(grid.columns)
            yield from row


def test_a_cell_counts_the_records_behind_it(this_meeting: Context) -> None:
    """One cell of each kind: a click recomputes its block."""
    for module in (funnel, promises, stuck):
        kinds = {
            re.sub(r":.*:|:[^:]*$", ":", cell.behind) + cell.behind.rpartition(":")[2]: cell
            for cell in cells(module.block(this_meeting))
            if cell.behind
        }
        for cell in kinds.values():
            records = module.behind(this_meeting, cell.behind)
            # "464"; "90 % of 368"; "4 of 9 (80 %)"; "2 (€24.7 k)"
            numbers = [int(number.replace(",", "")) for number in re.findall(r"^[\d,]+|(?<=of )[\d,]+", cell.words)]
            found = {dict(record.fields)["deal_id"] for record in records} if cell.behind.endswith(":deals") else records
            assert len(found) == numbers[-1], cell
            if module is funnel and "%" in cell.words:
                moved = len([record for record in records if record.group == "↑ Moved on"])
                assert formats.share(moved / len(records)) in cell.words
        assert kinds
    assert (
        funnel.behind(this_meeting, "nonsense")
        == promises.behind(this_meeting, "nonsense:1:2")
        == stuck.behind(this_meeting, "deal:nowhere")
        == ()
    )


def test_a_long_list_says_what_it_leaves_out() -> None:
    records = (Record("○ Lead", "one"), Record("○ Lead", "two"))
    assert with_rest(records, 2) == records
    assert with_rest(records, 1202)[2].name == "1,200 more, not listed"


def test_people_lead_to_their_page(this_meeting: Context) -> None:
    found = persons(this_meeting.ds, ["CT-00001", "nobody"])
    assert found["CT-00001"].link == "people?person=CT-00001"
    assert (found["nobody"].name, found["nobody"].link) == ("nobody", "people?person=nobody")


def test_the_answers_of_the_sample(this_meeting: Context) -> None:
    said = [module.block(this_meeting).answer.replace("\u00a0", " ") for module in (funnel, promises, stuck, content)]
    assert said == [
        "In the last 90 days 464 leads came in, 70 deals opened (€5.25 M) and 30 were won (€2.35 M). No step lets through clearly fewer than "
        "before: the largest fall, after sales-accepted lead (46 % against 48 %), can be chance. The narrowest step is the one after deal opened: "
        "30 of 72 (42 %) moved on within 147 days, against 15 of 58 (26 %) before.",
        "Marketing handed over 69 of 60 promised in Oct 2026 and 43 of 60 promised in Nov 2026 so far. Of 240 leads of the last 90 days 171 (71 %) "
        "were answered within 8 business hours, as promised. 42 promises are open, the oldest since 31 Mar 2025.",
        "34 of 76 open deals (€4.26 M of €9.40 M) and 483 of 776 leads are in their stage longer than 80 % of those that later moved on. The largest "
        "is Birkenlohe Logistics GmbH – Close Core, 211 users (€400 k): 224 days in proposal.",
        "33 questions wait for an answer: 9 to write, 5 being made and 19 with a piece to send. Write first: “Is there single sign-on?” (€183 k of "
        "open deals wait). 3 pieces are in production, 1 late, “What a pilot really takes (time, people, data)” by 7 days. Nothing published and 9 "
        "comments from sales since 5 Nov. Open deals read most: “Live: Ask the people who went live” (5 deals, €1.10 M).",
    ]


def test_blocks_survive_the_archive(this_meeting: Context) -> None:
    for module in (funnel, promises, stuck, content):
        block = module.block(this_meeting)
        assert len(block.figures) <= 5
        assert from_json(to_json(block), Block) == block


BARE: dict[str, list[dict[str, Any]]] = {
    "deals": [{"deal_id": "D-1", "created_at": "2026-03-01", "status": "open", "amount": 100, "currency": "EUR"}],
    "touches": [
        {"touch_id": "T-1", "occurred_at": "2026-03-02T08:00:00Z", "deal_id": "D-1", "channel": "direct", "kind": "visit"}
    ],
}


def test_tables_that_are_not_there(open_rows: Callable[..., Any]) -> None:
    context = Context(open_rows(BARE), date(2026, 3, 10))
    for module, table in (
        (funnel, "lifecycle_changes"),
        (promises, "handoffs"),
        (stuck, "deal_stage_changes"),
        (content, "content_assets"),
    ):
        block = module.block(context)
        assert table in block.missing and block.answer and not block.figures
    assert (
        funnel.behind(context, "entered:lead:now")
        == promises.behind(context, "month:2026-03:handed")
        == stuck.behind(context, "lead:lead")
        == ()
    )


def handed(handoff_id: str, contact_id: str, owner_id: str, hour: str) -> dict[str, Any]:
    return {"handoff_id": handoff_id, "contact_id": contact_id, "owner_id": owner_id, "handed_at": f"2026-03-{hour}:00:00Z"}


def test_a_handful(open_rows: Callable[..., Any]) -> None:
    """Fewer than ten: counts and no percentage. Touches and supplied moments, a holiday, a time zone, a return, a stage nobody knows."""
    people = [{"contact_id": f"C-{number}", "created_at": "2026-02-01", "name": f"Person {number}"} for number in range(4)]
    changes = [
        (0, "lead", "02-02"),
        (0, "recycled", "02-20"),
        (0, "lead", "03-02"),
        (1, "lead", "02-02"),
        (1, "thinking", "02-03"),
        (2, "churned", "01-05"),
        (2, "won_back", "03-03"),
    ]
    data = {
        **BARE, "contacts": people,
        "people": [
            {"owner_id": "U-1", "name": "Ann", "time_zone": "America/New_York"},
            {"owner_id": "U-2", "name": "Bob", "time_zone": "nowhere"},
        ],
        "lifecycle_changes": [
            {"contact_id": f"C-{number}", "lifecycle_stage": stage, "entered_at": f"2026-{day}T09:00:00Z"} for number, stage, day in changes
        ],
        # Friday 6 March 16:00 in New York; the Monday is a holiday.
        "handoffs": [
            {**handed("H-1", "C-0", "U-1", "06T21"), "first_response_at": "2026-03-10T15:00:00Z", "outcome": "accepted"},
            {**handed("H-2", "C-1", "U-2", "05T10"), "outcome": "pending"},
            {**handed("H-3", "C-3", "U-2", "05T10"), "first_response_at": "2026-03-05T13:00:00Z"},
        ],
        "touches": [
            *BARE["touches"],
            {"touch_id": "T-2", "occurred_at": "2026-03-10T14:00:00Z", "contact_id": "C-0", "channel": "sales", "kind": "call", "actor": "sales"},
        ],
        "deal_contacts": [{"deal_id": "D-1", "contact_id": "C-3"}],
    }  # fmt: skip
    settings = {
        "reporting": {"time_zone": "UTC", "as_of": "2026-03-10"},
        "meeting": {"holidays": ["2026-03-09"], "first_response_hours": 2, "leads_per_month": 5},
    }
    context = Context(open_rows(data, settings), date(2026, 3, 10))
    found = {entry.handoff_id: entry for entry in handovers(context, earliest(context))}
    assert {key: (round(entry.hours, 6), entry.by_touch, entry.is_in_time) for key, entry in found.items()} == {
        "H-1": (2.0, True, True),  # an hour on Friday, and from 9:00 to 10:00 on Tuesday, now an hour earlier in UTC
        "H-2": (23.0, False, False),  # Thursday from 10:00, Friday, no Monday, Tuesday; "nowhere" is no zone: UTC
        "H-3": (3.0, False, False),
    }
    block = promises.block(context)
    assert block.answer == (
        "Marketing handed over 0 of 5 promised in Feb 2026 and 3 of 5 promised in Mar 2026 so far. Of 3\u00a0leads of the last 90 days 1 was answered "
        "within 2\u00a0business hours, as promised. 1\u00a0promise is open, the oldest since 5 Mar 2026."
    )
    leak = funnel.block(context)
    assert "No stage has 10 people or deals" in leak.answer and not any("%" in cell.words for cell in cells(leak))
    assert "thinking (1)" in leak.marks[0]
    assert [record.name for record in leak.records] == ["Person 2", "Person 0"]
    queue = stuck.block(context)
    assert queue.answer == "No deal and no lead is in its stage longer than most of those that moved on."
    assert "too few moved on to say" in to_json(queue)
