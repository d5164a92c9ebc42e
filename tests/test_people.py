"""People: what the page says of them against the sample's files read with plain Python, and its states."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers import people as answers
from attribution.filters import Filters
from attribution.meeting import handovers as of_meeting
from attribution.meeting.block import Context
from attribution.people import listing
from attribution.people.handed import handed
from attribution.people.one import person
from attribution.views.one_person import one_person, visitor_words
from tests.app_page import NAUGHTY, text
from tests.sample_reading import Sample, read

PAGE = "pages/revenue/people.py"
SOME = ("CT-00003", "CT-00018", "CT-00096", "CT-00330", "CT-00409", "CT-00453", "CT-00092", "CT-00016")


@pytest.fixture(scope="module")
def touches_of(reading: Sample) -> dict[str, set[str]]:
    """Person → touches: the person's own, and those of others to which the person is linked; by plain Python."""
    merged = {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "merged"}
    found: dict[str, set[str]] = defaultdict(set)
    for touch_id, contact_id in reading.persons.items():
        if contact_id:
            found[merged.get(contact_id, contact_id)].add(touch_id)
    for link in read("touch_links"):
        if link["contact_id"] and link["touch_id"] in reading.touches:
            found[merged.get(link["contact_id"], link["contact_id"])].add(link["touch_id"])
    return found


def agreed(ds: Any) -> Any:
    """The model of the agreed rule."""
    return ds.settings.model(ds.settings.reporting.model)


# --- one person -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact_id", SOME)
def test_touches_stages_and_deals_are_those_of_the_files(
    sample: Any, reading: Sample, touches_of: dict[str, set[str]], contact_id: str
) -> None:
    found = person(sample, contact_id, agreed(sample))
    assert found is not None
    assert {touch.touch_id for touch in found.touches} == touches_of[contact_id]
    by_visitor = {touch.touch_id for touch in found.touches if touch.is_by_visitor}
    assert by_visitor == {
        one for one in touches_of[contact_id] if not reading.touches[one]["contact_id"] and reading.persons[one] == contact_id
    }
    assert {touch.touch_id for touch in found.touches if touch.is_linked} == {
        one for one in touches_of[contact_id] if reading.persons[one] not in ("", contact_id)
    } - {touch.touch_id for touch in found.touches if touch.contact_id == contact_id}
    entered = [
        (row["entered_at"], row["lifecycle_stage"]) for row in read("lifecycle_changes") if row["contact_id"] == contact_id
    ]
    assert Counter(stage.stage for stage in found.stages) == Counter(
        stage for at, stage in entered if at <= "2026-11-20T22:59:59Z"
    )
    named = {row["deal_id"] for row in read("deal_contacts") if row["contact_id"] == contact_id}
    assert {deal.deal_id for deal in found.deals if deal.is_named} == named
    for (
        deal
    ) in found.deals:  # which of the touches count: as worked out from the files (the day's repeats left to the golden tests)
        journey = {touch["touch_id"] for touch in reading.journeys[deal.deal_id]}
        counting = {
            one for one, reached in found.reached.items() if any(e.deal_id == deal.deal_id and not e.reason for e in reached)
        }
        assert counting <= journey


@pytest.mark.parametrize("model", ["w_shaped", "first_touch", "linear"])
@pytest.mark.parametrize("deal_id", ["D-0001", "D-0135", "D-0440", "D-0032"])
def test_the_parts_of_a_deal_s_people_are_those_of_its_page(sample: Any, deal_id: str, model: str) -> None:
    explained = sample.explain(deal_id, model)
    frame = explained.touches
    cents: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in frame.to_dict("records"):
        if row["position"] == row["position"] and row["position"] is not None:
            cents[row["person_kind"], row["person_id"]] += Decimal(f"{row['credit']:.2f}")
    people = {contact_id for kind, contact_id in cents if kind == "contact"}
    assert people
    for contact_id in people:
        found = person(sample, contact_id, sample.settings.model(model))
        assert found is not None
        assert found.parts[deal_id] == cents["contact", contact_id]
    missing = sum(Decimal(f"{entry['credit']:.2f}") for entry in explained.unattributed if entry["model"] == model)
    assert sum(cents.values()) + missing == Decimal(f"{explained.deal['amount']:.2f}")


def test_hand_overs_are_those_of_the_meeting(sample: Any) -> None:
    """Every hand-over of the sample: outcome, first response, business hours and promise."""
    context = Context(sample, date(2026, 11, 20))
    expected = {entry.handoff_id: entry for entry in of_meeting.handovers(context, date(2020, 1, 1))}
    sales: dict[str, list[int]] = defaultdict(list)
    for contact_id, at_us in sample.rows(
        "select contact_id, occurred_us from touches.touches where actor = 'sales' and contact_id is not null union all "
        "select linked.contact_id, touches.occurred_us from touches.linked_contacts as linked "
        "inner join touches.touches as touches on linked.touch_id = touches.touch_id where touches.actor = 'sales'"
    ):
        sales[contact_id].append(at_us)
    people = sorted({entry.contact_id for entry in expected.values()})[::10]
    ids = {contact_id: [contact_id] for contact_id in people}
    for alias, contact_id in sample.rows("select alias, contact_id from identity.contact_ids"):
        if contact_id in ids:
            ids[contact_id].append(alias)
    seen = 0
    for contact_id in people:
        for entry in handed(sample, ids[contact_id], sales[contact_id]):
            other = expected[entry.handoff_id]
            assert (entry.handed_us, entry.outcome, entry.outcome_us, entry.reason, entry.response_us, entry.by_touch, entry.promised) == (
                other.handed_us, other.outcome, other.outcome_us, other.reason, other.response_us, other.by_touch, other.promised
            )  # fmt: skip
            assert entry.hours == pytest.approx(other.hours)
            seen += 1
    assert seen == sum(entry.contact_id in ids for entry in expected.values()) > 50


def test_merged_ids_addresses_and_visitors_lead_to_the_person(sample: Any) -> None:
    whole = one_person(sample, "CT-00018", "w_shaped")
    assert whole is not None
    merged = one_person(sample, "CT-00075", "w_shaped")
    assert merged is not None and merged.contact_id == "CT-00018"
    assert any("CT-00075" in note for note in merged.notes)
    mail = one_person(sample, "NOOR.aertsen@lysbrook-numerique.example", "w_shaped")
    assert mail is not None and mail.contact_id == "CT-00018"
    rows = [
        row
        for row in read("identities")
        if row["target_id"] == "CT-00018" and row["alias_kind"] in ("visitor", "merged", "email")
    ]
    listed = whole.aliases[whole.aliases["Table"] == "identities"]
    assert sorted(listed["Id, address or visitor"]) == sorted(row["alias"] for row in rows)
    said, contact_id = visitor_words(sample, next(row["alias"] for row in rows if row["alias_kind"] == "visitor"))
    assert contact_id == "CT-00018" and "visitor" in said
    said, contact_id = visitor_words(sample, "vb07c0de1")
    assert contact_id is None and "nobody knows by name" in said
    assert visitor_words(sample, "nobody at all") == ("", None)


def test_a_visitor_of_two_people_says_so(sample: Any) -> None:
    ties = defaultdict(set)
    for row in read("identities"):
        if row["alias_kind"] == "visitor":
            ties[row["alias"]].add(row["target_id"])
    visitor, people = next((alias, sorted(targets)) for alias, targets in ties.items() if len(targets) == 2)
    found = one_person(sample, people[0], "w_shaped")
    assert found is not None
    row = found.aliases[found.aliases["Id, address or visitor"] == visitor].iloc[0]
    names = {row["contact_id"]: row["name"] for row in read("contacts")}
    assert row["Also leads to"] == names[people[1]]
    assert any("somebody else" in note for note in found.notes)


def test_the_events_add_up_to_the_credit(sample: Any) -> None:
    found = one_person(sample, "CT-00096", "w_shaped")
    assert found is not None
    won = found.deals[found.deals["Status"] == "Won"]
    assert round(float(found.events["Credited"].sum()), 2) == round(float(won["Their part"].sum()), 2) == round(found.credited, 2)
    assert list(found.events["Date"]) == sorted(found.events["Date"])
    assert set(found.events["Table"]) <= {"contacts", "touches", "lifecycle_changes", "handoffs", "deals"}
    assert found.events["Source"].str.contains(r"\.csv, row \d+$").all()


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_counts_as_the_files_do(sample: Any, reading: Sample, touches_of: dict[str, set[str]]) -> None:
    first, last = "2026-01-31T23:00:00Z", "2026-04-30T22:00:00Z"  # February to April in Berlin
    counts = {
        contact_id: sum(first <= reading.touches[one]["occurred_at"] < last for one in listed)
        for contact_id, listed in touches_of.items()
    }
    counts = {contact_id: number for contact_id, number in counts.items() if number}
    asked = Filters(date_from=date(2026, 2, 1), date_to=date(2026, 4, 30))
    found = listing.people(sample, asked, order="touches")
    assert sum(group.people for group in found.groups) == found.matching == len(counts)
    assert sum(group.touches for group in found.groups) == sum(counts.values())
    expected = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    assert [(row.contact_id, row.touches) for row in found.rows] == expected[: listing.PAGE]
    second = listing.people(sample, asked, order="touches", page=1)
    assert [row.contact_id for row in second.rows] == [contact_id for contact_id, _ in expected[listing.PAGE : 2 * listing.PAGE]]
    webinars = {
        contact_id for contact_id, listed in touches_of.items()
        if any(reading.touches[one]["channel"] == "webinars" and first <= reading.touches[one]["occurred_at"] < last for one in listed)
    }  # fmt: skip
    only = listing.people(sample, Filters(date_from=date(2026, 2, 1), date_to=date(2026, 4, 30), channels=("webinars",)))
    assert only.matching == len(webinars)


def test_stages_words_and_owners_keep_people(sample: Any) -> None:
    last: dict[str, tuple[str, int]] = {}
    order = {stage: place for place, stage in enumerate(sample.settings.stages.lifecycle)}
    merged = {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "merged"}
    for row in read("lifecycle_changes"):
        if row["entered_at"] <= "2026-11-20T22:59:59Z":
            contact_id = merged.get(row["contact_id"], row["contact_id"])
            last[contact_id] = max(last.get(contact_id, ("", -1)), (row["entered_at"], order[row["lifecycle_stage"]]))
    names = list(order)
    everybody = listing.people(sample, Filters())
    assert {group.stage: group.people for group in everybody.groups if group.stage} == Counter(
        names[place] for _, place in last.values()
    )
    recycled = listing.people(sample, Filters(), stage="recycled", order="name")
    assert recycled.matching == sum(names[place] == "recycled" for _, place in last.values())
    assert {row.stage for row in recycled.rows} == {"recycled"}
    shown = [row.name.lower() for row in recycled.rows]
    assert shown == sorted(shown)
    noor = listing.people(sample, Filters(), words="  AÉRTSEN noor ")
    assert [row.contact_id for row in noor.rows if row.contact_id == "CT-00018"] and noor.matching < 5
    for words in ("%", "'; drop table x; --", "\x00", "😀"):
        assert listing.people(sample, Filters(), words=words).matching >= 0
    owned = listing.people(sample, Filters(owners=("U-11",)), order="deals")
    assert owned.matching == len({row["contact_id"] for row in read("contacts") if row["owner_id"] == "U-11"} - set(merged))
    assert {row.owner for row in owned.rows} == {row["name"] for row in read("people") if row["owner_id"] == "U-11"}
    new = listing.people(sample, Filters(deal_types=("new",)))
    assert 0 < new.matching < everybody.matching and all(row.deals for row in new.rows)


# --- sentences --------------------------------------------------------------------------------------------------------

FACTS = answers.PersonFacts(
    "Anna *Weber*", 14, 6, date(2026, 2, 3), date(2026, 11, 3), date(2026, 11, 5), 2, 1, 1, 120_000.0, 34_500.0, "EUR", "agreed", "rule"
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            "Anna \\*Weber\\* engaged **14 times over 9 months**, last on 3 Nov 2026; took part in **2 deals**, 1 won for **€120 k**, and is named "
            "on 1 more without a touch that counts. Under the agreed rule **€34.5 k** of that is credited to their touches.",
        ),
        ({"engaged": 1, "won": 0, "named_only": 0}, "Anna \\*Weber\\* engaged **once**, on 3 Nov 2026; took part in **2 deals**, none won."),
        (
            {"engaged": 0, "took_part": 0, "named_only": 1, "won": 0},
            "Nothing is recorded that Anna \\*Weber\\* did, only 6 touches of ours, the last on 5 Nov 2026; named on 1 deal without a touch that counts.",
        ),
        (
            {"engaged": 1, "took_part": 1, "named_only": 0, "won_amount": -117.23, "credited": -117.23},
            "Anna \\*Weber\\* engaged **once**, on 3 Nov 2026; took part in **1 deal**, 1 won for **−€117**. "
            "Under the agreed rule **−€117** of that is credited to their touches.",
        ),
        ({"engaged": 0, "ours": 0, "took_part": 0, "named_only": 0, "won": 0}, "No touch of Anna \\*Weber\\* is recorded; took part in no deal."),
    ],
)  # fmt: skip
def test_answers(changes: dict[str, Any], said: str) -> None:
    from dataclasses import replace

    assert answers.person(replace(FACTS, **changes)).replace("\u00a0", " ") == said


def test_answer_of_the_list() -> None:
    facts = answers.ListFacts(1204, 18333, 312, 96, "Nov 2025 – Oct 2026")
    assert answers.people(facts).replace("\u00a0", " ").replace("\u202f", " ") == (
        "**1,204 people** had a touch in Nov 2025 – Oct 2026, 18,333 touches in all. **312** of them are on a deal, **96** on one that was won."
    )
    assert answers.people(answers.ListFacts(0, 0, 0, 0)) == "Nobody had a touch under these filters."


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_list_and_its_pages(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, period="all", people_by="most touches")
    assert "Who was active, and who is on a deal?" in text(test)
    table = test.dataframe[0].value
    assert len(table) == listing.PAGE and list(table["Touches"]) == sorted(table["Touches"], reverse=True)
    test.button(key="people_on").click().run()
    assert "51–100 of" in text(test)
    test.text_input(key="people_search").set_value("nobody is called so").run()
    assert "Nobody under these filters has “nobody is called so”" in text(test)


@pytest.mark.parametrize("asked", ["NOPE", NAUGHTY, "'; drop table raw.contacts; --", "💥" * 200])
def test_an_id_that_nobody_has(page: Callable[..., AppTest], sample_database: Path, asked: str) -> None:
    said = text(page(sample_database, person=asked))
    assert "Nobody here with this id" in said
    assert "All people" in [button.label for button in page(sample_database, person=asked).button]


def test_other_data_begins_on_its_first_page(
    page: Callable[..., AppTest], open_rows: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def database(people: int) -> Path:
        contacts = [{"contact_id": f"C{place:03}", "name": f"Person {place:03}"} for place in range(people)]
        deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "100"}
        return Path(open_rows({"deals": [deal], "touches": [], "contacts": contacts}).path).parent

    test = page(database(60), period="all")
    test.button(key="people_on").click().run()
    assert "51–60 of 60" in text(test)
    monkeypatch.setenv("CLOSED_LOOP_DB", str(database(3)))
    assert "1–3 of 3" in text(test.run())


def test_a_link_that_names_a_visitor_says_so_as_it_is_written(
    page: Callable[..., AppTest], open_rows: Callable[..., Any]
) -> None:
    ds = open_rows(
        {
            "deals": [{"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "100"}],
            "touches": [],
            "contacts": [{"contact_id": "C1", "name": "Anna"}],
            "identities": [{"alias": "v_1*2", "alias_kind": "visitor", "target_id": "C1"}],
        }
    )
    said = text(page(Path(ds.path).parent, person="v_1*2"))
    assert "The link names the visitor v\\_1\\*2, whom identities know as this person." in said


def test_a_visitor_without_a_name(page: Callable[..., AppTest], sample_database: Path) -> None:
    said = text(page(sample_database, person="vb07c0de1"))
    assert "A visitor without a name" in said and "identities" in said


def test_one_person_and_the_rule_of_the_bar(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, person="CT-00003", model="first_touch")
    said = text(test)
    assert "What did Moritz Sandkuehler do, and what came of it?" in said
    assert "not the agreed rule" in said
    assert len(test.get("plotly_chart")) == 1 and len(test.dataframe) == 3


WORLD: dict[str, list[dict[str, Any]]] = {
    "contacts": [
        {"contact_id": "C1", "email": "only@address.example"},
        {"contact_id": "C2", "name": NAUGHTY, "account_id": "A9"},
        {"contact_id": "C3", "name": "Many"},
    ],
    "deals": [{"deal_id": "D1", "name": "Deal", "created_at": "2026-01-05", "status": "open", "amount": "10"}],
    "deal_contacts": [{"deal_id": "D1", "contact_id": "C1"}],
    "touches": [
        {
            "touch_id": f"T{n}", "occurred_at": f"2026-01-{1 + n % 28:02d} 10:00:{n % 60:02d}", "contact_id": "C3" if n else "X9",
            "channel": "email", "kind": "click",
        }
        for n in range(5001)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def world(open_rows: Callable[..., Any]) -> Any:
    """People of whom little, or very much, is known."""
    return open_rows(WORLD, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            "C1",
            ["No touch of only@address.example is recorded; named on", "no company known", "No touch of this person is recorded"],
        ),
        ("C2", ["Touches reach a person through", "A9"]),
        ("C3", ["5,000\u00a0touches, 1,200 of them drawn", "the latest 1,000 shown"]),
        ("X9", ["The table contacts has no row with this id", "engaged **once**"]),
    ],
)
def test_people_of_whom_little_or_much_is_known(page: Callable[..., AppTest], world: Any, asked: str, words: list[str]) -> None:
    test = page(Path(world.path).parent, period="all", person=asked)
    said = text(test).replace("\\", "")
    for word in words:
        assert word in said, said


def test_data_without_contacts_and_stages(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    ds = open_rows(
        {"deals": WORLD["deals"], "touches": WORLD["touches"][:1]}, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}
    )
    test = page(Path(ds.path).parent, period="all")
    assert "No lifecycle stage is known" in text(test)
    assert list(test.dataframe[0].value["Person"]) == ["X9"]
    assert "Nobody is left under these filters" in text(page(Path(ds.path).parent, period="last_month"))


def test_stages_that_are_called_like_our_own_choices(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    called = ("all", "no_stage_known", "All stages", "customer")
    rows = {
        "contacts": [{"contact_id": f"C{place}", "name": f"Person {place}"} for place in range(5)],
        "lifecycle_changes": [
            {"contact_id": f"C{place}", "lifecycle_stage": stage, "entered_at": "2026-01-05"}
            for place, stage in enumerate(called)
        ],
        "deals": WORLD["deals"][:1],
    }
    ds = open_rows(rows, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    test = page(Path(ds.path).parent, period="all")
    box = test.selectbox(key="person_stage")
    assert len(set(box.options)) == len(box.options) == 6
    assert len(test.dataframe[0].value) == 5, "everybody"
    for label, expected in (
        ("All", ["Person 0"]),
        ("All stages (All stages)", ["Person 2"]),
        ("No stage known", ["Person 4"]),
        ("No stage known (no_stage_known)", ["Person 1"]),
    ):
        test = page(Path(ds.path).parent, period="all", person_stage=label)
        assert list(test.dataframe[0].value["Person"]) == expected, label
