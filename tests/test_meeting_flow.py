"""The meeting's blocks about what flows: the funnel, promises between marketing and sales, what is stuck, what content next.

Numbers of the sample are worked out anew from its CSV files, with plain Python; every cell is held against the records behind it.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.charts import formats
from attribution.filters import Filters
from attribution.meeting import content, funnel, promises, stuck
from attribution.meeting.block import Block, Cell, Context, Record
from attribution.meeting.frozen import from_json, to_json
from attribution.meeting.funnel_rows import OPENED, WON, Rate
from attribution.meeting.funnel_rows import funnel as count_funnel
from attribution.meeting.handovers import earliest, handovers
from attribution.meeting.listing import with_rest
from attribution.meeting.persons import persons
from attribution.meeting.waiting import of_deals, of_people
from tests.sample_reading import FOLDER, Row, Sample, read

BERLIN = ZoneInfo("Europe/Berlin")
LAST_MEETING = date(2026, 11, 5)
HELD = (date(2026, 11, 20), date(2026, 9, 30))  # on the data's last day, and as it was on an earlier one
FORWARD = ("inquiry", "lead", "marketing_qualified", "sales_accepted", "sales_qualified", "opportunity", "customer")
OUT = ("recycled", "disqualified", "churned")
STAGES = (*FORWARD, *OUT, "won_back")
HOLIDAYS = tomllib.loads((FOLDER / "attribution.toml").read_text(encoding="utf-8")).get("meeting", {}).get("holidays", [])
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def end_of(day: date) -> datetime:
    """The first moment that is no longer that day in Berlin."""
    return datetime.combine(day + DAY, time(), BERLIN).astimezone(UTC)


class Flow(Sample):
    """The sample's files, with who is who."""

    @cached_property
    def ids(self) -> dict[str, str]:
        """A contact's other ids → the person; deals' and companies' other ids → the deal, the company."""
        return {
            row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] in ("merged", "deal", "account")
        }

    def one(self, identity: str) -> str:
        while identity in self.ids:
            identity = self.ids[identity]
        return identity

    @cached_property
    def named(self) -> dict[str, Row]:
        """Deal → its row, for all deals that could be read."""
        return {row["deal_id"]: row for row in self.deals}

    @cached_property
    def changes(self) -> dict[str, list[tuple[datetime, int, str]]]:
        """Person → (when, rank, stage), in order."""
        found: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
        for row in read("lifecycle_changes"):
            found[self.one(row["contact_id"])].append(
                (moment(row["entered_at"]), STAGES.index(row["lifecycle_stage"]), row["lifecycle_stage"])
            )
        return {person: sorted(listed) for person, listed in found.items()}

    def steps(self, before: datetime) -> Iterator[tuple[str, str, datetime, str | None, str | None, datetime | None]]:
        """(person, stage, entered, stage before, next stage, when) up to a moment; a stage twice in a row is one."""
        for person, listed in self.changes.items():
            kept: list[tuple[datetime, str]] = []
            for entered, _, stage in listed:
                if entered < before and (not kept or kept[-1][1] != stage):
                    kept.append((entered, stage))
            for place, (entered, stage) in enumerate(kept):
                following = kept[place + 1] if place + 1 < len(kept) else (None, None)
                yield person, stage, entered, kept[place - 1][1] if place else None, following[1], following[0]

    @cached_property
    def segment_of(self) -> dict[str, str]:
        """Person → the segment of his company, by its id or the domain of his address."""
        domains = {row["domain"]: account for account, row in self.accounts.items() if row["domain"]}
        domains |= {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "domain"}
        rows = defaultdict(list)
        for contact in self.contacts:
            rows[self.one(contact["contact_id"])].append(contact)
        found = {}
        for person, listed in rows.items():
            listed.sort(key=lambda row: (row["contact_id"] != person, row["contact_id"]))
            account = next((row["account_id"] for row in listed if row["account_id"]), "")
            email = next((row["email"] for row in listed if row["email"]), "")
            found[person] = self.accounts.get(self.one(account) or domains.get(email.partition("@")[2], ""), {}).get(
                "segment", ""
            )
        return found

    def closed(self, deal: Row, last: date) -> bool:
        return bool(deal["closed_at"]) and date.fromisoformat(deal["closed_at"][:10]) <= last


@pytest.fixture(scope="module")
def flow() -> Flow:
    """The sample's files."""
    return Flow()


@pytest.fixture(scope="module", params=HELD, ids=str)
def context(request: Any, sample: Any) -> Context:
    """A meeting on the last day of the data, and one on an earlier day."""
    return Context(sample, request.param, LAST_MEETING if request.param > LAST_MEETING else None)


@pytest.fixture(scope="module")
def today(sample: Any) -> Context:
    """The meeting on the last day of the data."""
    return Context(sample, HELD[0], LAST_MEETING)


def windows(last: date) -> tuple[tuple[date, date], tuple[date, date]]:
    return (last - 89 * DAY, last), (last - 179 * DAY, last - 90 * DAY)


def lies_in(when: datetime | date | None, days: tuple[date, date]) -> bool:
    if isinstance(when, datetime):
        when = when.astimezone(BERLIN).date()
    return when is not None and days[0] <= when <= days[1]


# --- the funnel --------------------------------------------------------------------------------------------------------------


def four_of_five(days: Sequence[float]) -> int:
    """In how many whole days four of five of them passed."""
    found = sorted(days)[math.ceil(0.8 * len(days)) - 1]
    return min(180, max(7, math.ceil(found)))


def test_the_funnel_of_people(flow: Flow, context: Context) -> None:
    last = context.held_on
    rows = {row.stage: row for row in count_funnel(context).rows}
    steps = list(flow.steps(end_of(last)))
    assert set(rows) == {"lead", "marketing_qualified", "sales_accepted", "sales_qualified", OPENED, WON}
    for stage in FORWARD[1:5]:
        here = [step for step in steps if step[1] == stage]
        later = FORWARD[FORWARD.index(stage) + 1 :]
        moves = [(step[2], step[5]) for step in here if step[5] is not None and step[4] in later]
        within = four_of_five([(when - entered) / DAY for entered, when in moves if lies_in(when, (last - 365 * DAY, last))])
        row = rows[stage]
        assert row.within == within
        for place, days in enumerate(windows(last)):
            assert row.entered[place] == len([step for step in here if lies_in(step[2], days)])
            assert row.left[place] == len([step for step in here if step[4] in (*OUT, "won_back") and lies_in(step[5], days)])
            stays = [(when - entered) / DAY for entered, when in moves if lies_in(when, days)]
            assert row.days[place] == pytest.approx(median(stays))
            cohort = (days[0] - (within + 1) * DAY, days[1] - (within + 1) * DAY)
            in_time = [entered for entered, when in moves if lies_in(entered, cohort) and when - entered <= within * DAY]
            assert row.rates is not None
            assert row.rates[place] == Rate(len(in_time), len([step for step in here if lies_in(step[2], cohort)]))


def test_deals_of_the_funnel_are_those_of_the_other_pages(flow: Flow, context: Context) -> None:
    last = context.held_on
    rows = {row.stage: row for row in count_funnel(context).rows}
    cycles = {
        deal["deal_id"]: (date.fromisoformat(deal["closed_at"]) - moment(deal["created_at"]).astimezone(BERLIN).date()).days
        for deal in flow.won
        if flow.closed(deal, last)
    }
    recent = [
        cycles[deal["deal_id"]] for deal in flow.won if flow.closed(deal, last) and deal["closed_at"] >= str(last - 365 * DAY)
    ]
    within = four_of_five(recent)
    assert rows[OPENED].within == within
    for place, days in enumerate(windows(last)):
        won = [deal for deal in flow.won if lies_in(date.fromisoformat(deal["closed_at"]), days)]
        opened = [deal for deal in flow.deals if lies_in(moment(deal["created_at"]), days)]
        assert rows[WON].entered[place] == len(won)
        assert rows[WON].money[place] == float(flow.total(won))
        assert rows[OPENED].entered[place] == len(opened)
        shown = context.ds.metric_rows(["won_deals", "won_revenue"], filters=Filters(date_from=days[0], date_to=days[1]))[0]
        assert (shown["won_deals"], shown["won_revenue"]) == (rows[WON].entered[place], rows[WON].money[place])
        created = context.ds.deals(Filters(date_from=days[0], date_to=days[1], date_basis="created"))
        assert (len(created), round(created.amount.sum(), 2)) == (len(opened), rows[OPENED].money[place])
        cohort = (days[0] - (within + 1) * DAY, days[1] - (within + 1) * DAY)
        entered = [deal["deal_id"] for deal in flow.deals if lies_in(moment(deal["created_at"]), cohort)]
        rates = rows[OPENED].rates
        assert rates is not None
        assert rates[place] == Rate(len([key for key in entered if cycles.get(key, 999) <= within]), len(entered))


def test_money_of_people_is_of_deals_opened_since_each_once(flow: Flow, today: Context) -> None:
    """Against the deals that the app counts for each person."""
    people = defaultdict(set)
    for deal_id, contact_id in today.ds.rows("select deal_id, contact_id from journeys.deal_people"):
        people[contact_id].add(deal_id)
    row = next(row for row in count_funnel(today).rows if row.stage == "sales_qualified")
    for place, days in enumerate(windows(today.held_on)):
        found = {
            deal_id
            for person, stage, entered, *_ in flow.steps(end_of(today.held_on))
            if stage == "sales_qualified" and lies_in(entered, days)
            for deal_id in people[person]
            if moment(flow.named[deal_id]["created_at"]) > entered - DAY
        }
        assert (row.deals[place], row.money[place]) == (len(found), float(flow.total([flow.named[key] for key in found])))


def test_out_and_back_again(flow: Flow, context: Context) -> None:
    found = {entry.kind: entry.counts for entry in count_funnel(context).returns}
    steps = list(flow.steps(end_of(context.held_on)))
    for place, days in enumerate(windows(context.held_on)):
        counts = Counter(step[1] for step in steps if lies_in(step[2], days))
        here = [(step[1], step[3]) for step in steps if lies_in(step[2], days) and step[1] in FORWARD]
        assert found["recycled"][place] == counts["recycled"]
        assert found["disqualified"][place] == counts["disqualified"]
        assert found["came back"][place] == len([1 for _, before in here if before in OUT])
        back = [1 for stage, before in here if before in FORWARD and FORWARD.index(before) > FORWARD.index(stage)]
        assert found["moved back"][place] == len(back)


# --- promises ----------------------------------------------------------------------------------------------------------------


def working_hours(start: datetime, end: datetime, zone: str) -> float:
    """Hours between 9 and 17 on weekdays that are no holidays, day by day."""
    total, day = timedelta(), start.astimezone(ZoneInfo(zone)).date()
    while day <= end.astimezone(ZoneInfo(zone)).date():
        opens, closes = (datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC) for hour in (9, 17))
        if day.weekday() < 5 and day not in HOLIDAYS:
            total += max(min(end, closes) - max(start, opens), timedelta())
        day += DAY
    return total / HOUR


def test_every_response_and_its_business_hours(flow: Flow, today: Context) -> None:
    zones = {row["owner_id"]: row["time_zone"] for row in read("people")}
    touched = defaultdict(list)
    linked = defaultdict(set)
    for row in read("touch_links"):
        linked[row["touch_id"]].add(flow.one(row["contact_id"]))
    for touch in flow.touches.values():
        if touch["actor"] == "sales":
            for person in {flow.one(flow.persons[touch["touch_id"]])} | linked[touch["touch_id"]]:
                touched[person].append(moment(touch["occurred_at"]))
    handed = defaultdict(list)
    rows = {row["handoff_id"]: row for row in read("handoffs")}
    for row in rows.values():
        handed[flow.one(row["contact_id"])].append(moment(row["handed_at"]))
    now, listed = (
        end_of(today.held_on) - timedelta(microseconds=1),
        {entry.handoff_id: entry for entry in handovers(today, earliest(today))},
    )
    for key, row in rows.items():
        person, start = flow.one(row["contact_id"]), moment(row["handed_at"])
        until = min((later for later in handed[person] if later > start), default=now)
        supplied = [moment(row["first_response_at"])] if row["first_response_at"] else []
        seen = [when for when in touched[person] if start <= when < until]
        first = min([*supplied, *seen], default=None)
        is_open = first is None and row["outcome"] in ("pending", "")
        if key not in listed:
            assert not is_open and not lies_in(start, (earliest(today), today.held_on))
            continue
        entry = listed[key]
        assert (entry.response_us is None, entry.is_open, entry.by_touch) == (
            first is None,
            is_open,
            bool(seen) and first == min(seen),
        )
        assert entry.hours == pytest.approx(working_hours(start, first or now, zones[row["owner_id"]]), abs=1e-6)
        assert entry.promised == 8, "the definition that was agreed on 1 January 2025 wins over the settings"


def test_promises_in_sum(flow: Flow, today: Context) -> None:
    rows, block = read("handoffs"), promises.block(today)
    months = Counter(f"{moment(row['handed_at']).astimezone(BERLIN):%Y-%m}" for row in rows)
    recent = [row for row in rows if lies_in(moment(row["handed_at"]), windows(today.held_on)[0])]
    accepted, decided = (
        len([row for row in recent if row["outcome"] in outcomes])
        for outcomes in (("accepted",), ("accepted", "rejected", "recycled"))
    )
    said = [figure.value for figure in block.figures]
    assert said[:2] == [f"{months['2026-10']} of 60", f"{accepted} of {decided} ({round(100 * accepted / decided)}\u00a0%)"]
    grid = block.grids[0]
    assert [row[1].words for row in grid.rows] == ["60", "60", "60", "100"], "the targets of marketing for hand-overs"
    assert [int(row[2].words) for row in grid.rows] == [months[month] for month in ("2026-11", "2026-10", "2026-09", "2026-08")]
    assert sum(int(row[1].words) for row in block.grids[1].rows) == len(recent), "every lead belongs to a team"
    august = [row for row in rows if f"{moment(row['handed_at']).astimezone(BERLIN):%Y-%m}" == "2026-08"]
    won = {row["deal_id"] for row in august if row["deal_id"] and flow.named[flow.one(row["deal_id"])]["status"] == "won"}
    assert grid.rows[3][8].words.startswith(f"{len(won)} (")
    assert block.records[0].group == "○ Open"
    opened = [str(dict(record.fields)["handed_on"]) for record in block.records if record.group == "○ Open"]
    assert opened == sorted(opened)
    assert "breach" not in to_json(block).lower()


def test_where_every_day_is_a_holiday_nobody_is_late_or_in_time(sample: Any) -> None:
    first = date(2026, 5, 1)
    closed = sample.with_settings({"meeting.holidays": [first + number * DAY for number in range(365)]})
    block = promises.block(Context(closed, HELD[0], LAST_MEETING))
    assert "Whether they were answered in time cannot be told: no day has business hours." in block.answer
    assert "as promised" not in block.answer
    assert block.marks[0].startswith("No business hour lies in the last 90 days")
    assert [figure.value for figure in block.figures][2:4] == ["–", "–"]
    assert block.picture is None
    assert not [record for record in block.records if record.group in ("→ Answered later", "↑ Answered as promised")]


# --- stuck -------------------------------------------------------------------------------------------------------------------


def stays_of_deals(flow: Flow, last: date) -> tuple[dict[tuple[str, str], list[int]], dict[str, tuple[str, str, int]]]:
    """(stage, segment) → days of those that moved on; open deal → stage, segment, days."""
    order = ("discovery", "qualification", "evaluation", "proposal", "negotiation", "closed lost", "closed won")
    entered: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
    for row in read("deal_stage_changes"):
        if moment(row["entered_at"]) < end_of(last):
            entered[flow.one(row["deal_id"])].append(
                (moment(row["entered_at"]), order.index(row["deal_stage"]), row["deal_stage"])
            )
    accounts = {row["deal_id"]: row["segment"] for row in flow.deals}
    segments = {key: accounts[key] for key in accounts}
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    here: dict[str, tuple[str, str, int]] = {}
    for deal_id, listed in entered.items():
        listed.sort()
        if deal_id not in flow.named:
            continue
        for (start, rank, stage), (end, following, name) in pairwise(listed):
            if following > rank and name != "closed lost" and end - start > HOUR:
                moved[stage, segments[deal_id]].append((end - start) // DAY)
        if not flow.closed(flow.named[deal_id], last):
            here[deal_id] = (listed[-1][2], segments[deal_id], (end_of(last) - timedelta(microseconds=1) - listed[-1][0]) // DAY)
    return moved, here


def longest(moved: dict[tuple[str, str], list[int]], here: dict[str, tuple[str, str, int]]) -> set[str]:
    """What is there longer than four of five."""
    found = set()
    for key, (stage, segment, days) in here.items():
        peers = moved[stage, segment]
        if len(peers) < 10:
            peers = [stay for (other, _), stays in moved.items() if other == stage for stay in stays]
        if len(peers) >= 10 and 10 * len([stay for stay in peers if stay < days]) >= 8 * len(peers):
            found.add(key)
    return found


def test_stuck_deals(flow: Flow, today: Context) -> None:
    by_company = {
        row[0]: row[1] or "" for row in today.ds.rows("select deal_id, segment from marts.deals")
    }  # fourteen deals have no company of their own: which one they get is tested elsewhere
    for deal in flow.deals:
        deal["segment"] = by_company[deal["deal_id"]]
    moved, here = stays_of_deals(flow, today.held_on)
    queue = of_deals(today)
    assert set(queue.here.key) == set(here)
    expected = longest(moved, here)
    assert set(queue.stuck.key) == expected
    amount = float(flow.total([flow.named[key] for key in expected]))
    assert float(queue.stuck.amount.sum()) == pytest.approx(amount, abs=0.005)
    assert list(queue.stuck.amount) == sorted(queue.stuck.amount, reverse=True)
    open_deals = today.ds.metric_rows(["open_deals", "open_amount"])[0]
    assert (len(queue.here), round(queue.here.amount.sum(), 2)) == (
        open_deals["open_deals"],
        round(open_deals["open_amount"] or 0, 2),
    )


def test_stuck_leads(flow: Flow, context: Context) -> None:
    moved: dict[tuple[str, str], list[int]] = defaultdict(list)
    here: dict[str, tuple[str, str, int]] = {}
    now = end_of(context.held_on) - timedelta(microseconds=1)
    for person, stage, entered, _, following, when in flow.steps(end_of(context.held_on)):
        segment = flow.segment_of.get(person, "")
        if stage in FORWARD[:5] and following is None:
            here[person] = (stage, segment, (now - entered) // DAY)
        elif stage in FORWARD[:5] and when and following in FORWARD[FORWARD.index(stage) + 1 :] and when - entered > HOUR:
            moved[stage, segment].append((when - entered) // DAY)
    queue = of_people(context)
    assert set(queue.here.key) == set(here)
    assert set(queue.stuck.key) == longest(moved, here)


def test_what_was_put_aside_stays_away(today: Context) -> None:
    before = stuck.block(today)
    first = before.records[0]
    hidden = stuck.block(
        Context(
            today.ds, today.held_on, today.last_on, dismissals=(SimpleNamespace(about=first.key, until_on=date(2026, 12, 3)),)
        )
    )
    assert first.key not in {record.key for record in hidden.records}
    assert int(hidden.figures[1].value) == int(before.figures[1].value) - 1
    assert any("1\u00a0record put aside" in note for note in hidden.notes)
    fields = dict(first.fields)
    assert {"id", "owner", "stage", "days", "percentile", "amount", "suggestion"} <= set(fields)
    assert fields["suggestion"] in ("push", "recycle", "close")


# --- content -----------------------------------------------------------------------------------------------------------------


def test_content_next(flow: Flow, today: Context) -> None:
    block = content.block(today)
    unanswered = [row for row in read("questions") if not row["asset_id"]]
    waiting = {flow.one(row["deal_id"]) for row in unanswered if row["deal_id"]}
    deals = [deal for deal in flow.deals if deal["deal_id"] in waiting and deal["status"] == "open"]
    said = [figure.value for figure in block.figures]
    assert said[0] == str(len(unanswered))
    assert block.figures[1].note == f"{len(deals)}\u00a0deals"
    assert said[1] == f"€{float(flow.total(deals)) / 1e6:.2f}\u00a0M"
    assets = read("content_assets")
    making = [row for row in assets if row["status"] == "in_production"]
    assert (said[2], block.figures[2].note) == (
        str(len(making)),
        f"{len([row for row in making if '' < row['due_on'] < str(today.held_on)])} late",
    )
    new = [
        row
        for row in assets
        if str(LAST_MEETING) < row["published_on"] <= str(today.held_on) and row["status"] not in ("in_production", "requested")
    ]
    assert said[3] == str(len(new))
    given = [row for row in read("content_feedback") if lies_in(moment(row["given_at"]), (LAST_MEETING + DAY, today.held_on))]
    assert f"{len(given)}\u00a0comments from sales" in block.answer
    read_now: dict[str, set[str]] = defaultdict(set)
    for deal in flow.deals:
        if deal["status"] == "open":
            for touch in flow.journeys[deal["deal_id"]]:
                is_recent = lies_in(moment(touch["occurred_at"]), (today.held_on - 13 * DAY, today.held_on))
                if touch["actor"] in ("buyer", "") and touch["asset"] and is_recent:
                    read_now[touch["asset"]].add(deal["deal_id"])
    assert {piece.asset_id: piece.deals for piece in content.reading(today)} == {
        key: len(found) for key, found in read_now.items()
    }
    assert {piece.asset_id: round(piece.amount, 2) for piece in content.reading(today)} == {
        key: float(flow.total([flow.named[deal_id] for deal_id in found])) for key, found in read_now.items()
    }


# --- cells, sentences, states ------------------------------------------------------------------------------------------------


def cells(block: Block) -> Iterator[Cell]:
    for grid in block.grids:
        for row in grid.rows:
            assert len(row) == len(grid.columns)
            yield from row


def test_a_cell_counts_the_records_behind_it(today: Context) -> None:
    """One cell of each kind: a click recomputes its block."""
    for module in (funnel, promises, stuck):
        kinds = {
            re.sub(r":.*:|:[^:]*$", ":", cell.behind) + cell.behind.rpartition(":")[2]: cell
            for cell in cells(module.block(today))
            if cell.behind
        }
        for cell in kinds.values():
            records = module.behind(today, cell.behind)
            # "464"; "90 % of 368"; "4 of 9 (80 %)"; "2 (€24.7 k)"
            numbers = [
                int(number.replace("\u202f", "")) for number in re.findall(r"^[\d\u202f]+|(?<=of )[\d\u202f]+", cell.words)
            ]
            found = {dict(record.fields)["deal_id"] for record in records} if cell.behind.endswith(":deals") else records
            assert len(found) == numbers[-1], cell
            if module is funnel and "%" in cell.words:
                moved = len([record for record in records if record.group == "↑ Moved on"])
                assert formats.share(moved / len(records)) in cell.words
        assert kinds
    assert funnel.behind(today, "nonsense") == promises.behind(today, "nonsense:1:2") == stuck.behind(today, "deal:nowhere") == ()


def test_a_long_list_says_what_it_leaves_out() -> None:
    records = (Record("○ Lead", "one"), Record("○ Lead", "two"))
    assert with_rest(records, 2) == records
    assert with_rest(records, 1202)[2].name == "1\u202f200 more, not listed"


def test_people_lead_to_their_page(today: Context) -> None:
    found = persons(today.ds, ["CT-00001", "nobody"])
    assert found["CT-00001"].link == "people?person=CT-00001"
    assert (found["nobody"].name, found["nobody"].link) == ("nobody", "people?person=nobody")


def test_the_answers_of_the_sample(today: Context) -> None:
    said = [module.block(today).answer.replace("\u00a0", " ") for module in (funnel, promises, stuck, content)]
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


def test_blocks_survive_the_archive(today: Context) -> None:
    for module in (funnel, promises, stuck, content):
        block = module.block(today)
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
