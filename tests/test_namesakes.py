"""Things of the same name: what tells them apart stands beside the name, everywhere and also where a label is cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from attribution import Filters
from attribution.charts import formats
from attribution.charts.paths import way_words
from attribution.content.assets import assets
from attribution.meeting import changes, deals
from attribution.meeting.block import Context
from attribution.namesakes import told_apart
from attribution.people.one import person
from attribution.spotlight.candidates import candidates
from attribution.spotlight.issue import spotlight
from attribution.spotlight.month import month_facts
from attribution.views import campaigns, compare, credit, explore, overview, paths, state
from attribution.views.campaign_tables import table as campaign_table
from attribution.views.explore_ways import Question as Pivoted
from attribution.views.state import Choice

ALL = Choice(Filters(), "none", "last_touch")
LONG = "Always on, retargeting of everybody who read a price page"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("1", "News", ("Email", "")), ("2", "Fair", ("Email", ""))], ["News", "Fair"]),
        ([("1", "News", ("Email", "Mar 2026")), ("2", "News", ("Paid social", "Mar 2026"))], ["News (Email)", "News (Paid social)"]),
        ([("1", "News", ("Email", "Mar 2026")), ("2", "news ", ("Email", "Apr 2026"))], ["News (Mar 2026)", "news  (Apr 2026)"]),
        (
            [("1", "News", ("Email", "Mar 2026")), ("2", "News", ("Email", "Apr 2026")), ("3", "News", ("Events", "Apr 2026"))],
            ["News (Mar 2026, Email)", "News (Apr 2026, Email)", "News (Apr 2026, Events)"],
        ),
        ([("C-1", "News", ("Email", "Mar 2026")), ("C-2", "News", ("Email", "Mar 2026"))], ["News (C-1)", "News (C-2)"]),
        ([("C-1", "News", ("Email", "")), ("C-2", "News", ("", ""))], ["News (C-1)", "News (C-2)"]),
        ([("1", "X", ("a",)), ("2", "X", ("b",)), ("3", "x (A)", ("c",))], ["X (1)", "X (2)", "x (A)"]),
        ([("1", LONG, ("Email", "")), ("2", LONG, ("Events", ""))], [f"Email: {LONG}", f"Events: {LONG}"]),
        ([("1", None, ("a",)), ("2", "X", ("b",))], [None, "X"]),
    ],
)  # fmt: skip
def test_what_tells_namesakes_apart(rows: list[tuple[str, str | None, tuple[str, ...]]], expected: list[str | None]) -> None:
    found = told_apart(rows)
    assert [found.get(identity) for identity, *_ in rows] == expected


def test_what_tells_apart_outlives_the_cut() -> None:
    assert formats.short(f"{LONG} (Email)", 30) == "Always on, retargeting (Email)"[:21].rstrip() + "… (Email)"
    assert len(formats.short(f"{LONG} (Email)", 30)) <= 30
    assert formats.short("An aside (that is far too long to be kept here) ", 20) == "An aside (that is f…"
    assert way_words([f"{LONG} (Email)", f"{LONG} (Events)"]) != way_words([f"{LONG} (Events)", f"{LONG} (Events)"])


@pytest.fixture(scope="module")
def world(open_rows: Callable[..., Any]) -> Any:
    """Won deals of two campaigns of one name, and of two pieces of one title."""
    deals = [
        {
            "deal_id": f"D{number}", "name": "Renewal", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "100",
            "account_id": "N1",
        }
        for number in range(12)
    ]  # fmt: skip
    touches = [
        {
            "touch_id": f"T{number}", "occurred_at": "2026-01-02 10:00:00", "deal_id": f"D{number}", "contact_id": "P1", "channel": "email", "kind": "click",
            "campaign_id": f"C-{number % 2}", "asset_id": f"A-{number % 2}",
        }
        for number in range(12)
    ]  # fmt: skip
    plan = [
        {"campaign_id": f"C-{number}", "name": LONG, "channel": "email", "starts_on": f"2025-0{number + 3}-01"}
        for number in range(2)
    ]
    pieces = [
        {"asset_id": f"A-{number}", "title": "The guide", "format": form} for number, form in enumerate(("article", "video"))
    ]
    return open_rows(
        {
            "deals": deals,
            "accounts": [{"account_id": "N1", "name": "North"}],
            "contacts": [{"contact_id": "P1"}],
            "touches": touches,
            "campaigns": plan,
            "content_assets": pieces,
        },
        {"reporting": {"as_of": "2026-03-01"}},
    )


def test_every_list_of_campaigns_tells_them_apart(world: Any) -> None:
    names = state.names_of(world)
    both = {f"Mar 2025: {LONG}", f"Apr 2025: {LONG}"}
    assert set(names.campaigns.values()) == both
    assert both <= set(overview.ranking(world, ALL, "campaign", names)["Campaign"])
    page = campaigns.campaigns(world, ALL, "first_touch", "credited", campaigns.known(world), names)
    assert {entry.label for entry in page.entries} == both
    assert both <= {str(word) for word in campaign_table(page.entries, page.ends, "First contact", "all", False, "")["Campaign"]}
    rows = credit.credit(world, ALL, credit.Question(by="campaign"), names)
    assert both <= {row.label for row in rows.rows}
    ways = paths.paths(world, ALL, paths.Question(by="campaign"), paths.journeys(world, Filters(), "campaign"), names)
    assert {label for way in ways.every for label in way.labels} == both
    question = compare.Question(by="campaign")
    assert set(compare.compare(world, ALL, question, compare.find(world, ALL, question), (), names).labels) == both


def test_content_and_deals_of_one_name_are_told_apart(world: Any) -> None:
    assert {piece.title for piece in assets(world)} == {"The guide (Article)", "The guide (Video)"}
    shown = explore.explore(world, ALL, Pivoted(("won_revenue",), "deal"), state.names_of(world))
    assert {mark.label for mark in shown.rows} >= {"Renewal (D0)", "Renewal (D1)"}


def test_touches_of_one_deal_and_of_one_person_say_which_is_meant(world: Any) -> None:
    told = world.explain("D1").touches
    assert (told["campaign_name"][0], told["asset_title"][0]) == (f"Apr 2025: {LONG}", "The guide (Video)")
    found = person(world, "P1", world.settings.model("last_touch"))
    assert {(touch.campaign, touch.asset) for touch in found.touches} == {
        (f"Mar 2025: {LONG}", "The guide (Article)"),
        (f"Apr 2025: {LONG}", "The guide (Video)"),
    }


def test_the_meeting_and_the_spotlight_tell_them_apart(world: Any) -> None:
    context = Context(world, date(2026, 2, 10), date(2026, 1, 1))
    records = changes.block(context).records
    assert {record.detail.split(",")[0] for record in records if record.group == "+ Opened"} == {
        "The guide (Article)",
        "The guide (Video)",
    }
    won = deals.block(context)
    firms = {f"North (D{number})" for number in range(12)}  # all deals are called the same as well
    assert firms == {record.name for record in records} == {record.name for record in won.records}
    assert firms == {row[0].words for row in won.grids[0].rows} == {deal.name for deal in candidates(world, "2026-02")}
    read = next(row for row in deals.side_by_side(context, "D0", "D1").rows if row[0].words == "Content read")
    assert "The guide (Article)" in read[1].words and "The guide (Video)" in read[2].words
    assert month_facts(world, date(2026, 2, 1), date(2026, 2, 28)).top_piece == ("The guide (Article)", 6)


def test_the_spotlights_file_tells_deals_of_one_company_apart_but_not_where_none_is_named(world: Any) -> None:
    named = spotlight(world, "2026-02", ["D1"])
    assert [bar.label for bar in named.deals][:3] == ["North (D0)", "North (D1)", "North (D10)"]
    masked = spotlight(world, "2026-02", ["D1"], preset="public")
    assert {bar.label for bar in masked.deals} == {"A customer"}
