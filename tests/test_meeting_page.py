"""The meeting's page: its agenda and links, writing under a block, several people at once, closed meetings, and the states it was designed for."""

from __future__ import annotations

import html
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import attribution
from attribution import store as stores
from attribution.meeting import agenda
from attribution.meeting.block import Bar, Context, Picture
from attribution.store import Action, Decision, Meetings, Note
from pages.components import meeting_closing, meeting_desk, meeting_links, meeting_writing, writer
from tests.app_page import said, text

PAGE = "pages/meeting/meeting.py"
DAY = date(2026, 11, 20)  # the last day of the sample


@pytest.fixture
def meetings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meetings]:
    """A store of its own."""
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "store.sqlite"))
    store = stores.open()
    yield store.meetings
    store.close()


def drawn(test: AppTest, kind: str) -> list[dict[str, Any]]:
    """What the page's own components of a kind were given."""
    return [
        json.loads(element.proto.json) for element in test.get("bidi_component") if element.proto.component_name.endswith(kind)
    ]


def button(test: AppTest, label: str) -> Any:
    return next(one for one in test.button if one.label == label)


def param(test: AppTest, word: str) -> Any:
    value = test.query_params.get(word)
    return value[0] if isinstance(value, list) and value else value


def test_the_agenda_stands_above_its_first_block_and_takes_an_hour(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings
) -> None:
    test = page(sample_database)
    said = text(test)
    assert test.title[0].value == "Are we fit to talk?"
    strip = drawn(test, "meeting_strip")[0]
    assert [item["key"] for item in strip["items"]] == [item.key for item in agenda.AGENDA]
    assert (strip["running"], strip["ticks"]) == ("fit", False)
    assert "Meeting of 20 Nov 2026. Data up to 20 Nov 2026; since the meeting of 5 Nov 2026." in said
    assert len(drawn(test, "meeting_figures")[0]["figures"]) == 5
    assert meetings.all() == (), "looking makes no meeting"
    assert button(test, "Start").disabled
    test = button(test, "2 On plan?").click().run()
    assert test.title[0].value == "Are we on plan?"
    assert param(test, "block") == "plan"


def test_a_name_is_kept_when_it_was_typed_here_and_files_without_names_say_so(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: dict[str, str] = {}
    made: dict[str, Callable[[], bytes]] = {}

    def noted(label: str, **given: Any) -> None:
        saved[given["key"]] = given["file_name"]
        made[given["key"]] = given["data"]

    monkeypatch.setattr(st, "download_button", noted)
    test = page(sample_database)
    assert drawn(test, "writer_name")[0]["changes"] == 0, "an empty name of a second tab must not be kept"
    assert saved["pack_html"] == "meeting-2026-11-20.html"
    with closing(attribution.open(sample_database)) as ds:
        companies = [
            html.escape(name)
            for (name,) in ds.rows("select distinct account_name from marts.deals where account_name is not null")
        ]
    # A file is made when it is asked for, outside of the run that drew its button.
    assert any(name in made["pack_html"]().decode() for name in companies)
    test.text_input(key=writer.NAME).set_value("Ruth").run()
    test.checkbox(key=meeting_closing.MASKED).check().run()
    kept = drawn(test, "writer_name")[0]
    assert (kept["name"], kept["changes"]) == ("Ruth", 1)
    assert (saved["pack_html"], saved["pack_pdf"]) == ("meeting-2026-11-20-masked.html", "meeting-2026-11-20-masked.pdf")
    masked = made["pack_html"]().decode()
    assert [name for name in companies if name in masked] == []


@pytest.mark.parametrize("key", [item.key for item in agenda.AGENDA])
def test_every_block_is_shown_and_each_of_its_links_leads_to_a_page(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings, key: str
) -> None:
    test = page(sample_database, block=key, present="1")
    text(test)
    item = next(item for item in agenda.AGENDA if item.key == key)
    assert [title.value for title in test.title] == [item.question]
    links = [
        cell["link"]
        for kind in ("meeting_lines",)
        for table in drawn(test, kind)
        for row in table["rows"]
        for cell in row["cells"]
        if cell.get("link")
    ]
    links += [figure["link"] for row in drawn(test, "meeting_figures") for figure in row["figures"] if figure["link"]]
    counted = [
        cell for table in drawn(test, "meeting_lines") for row in table["rows"] for cell in row["cells"] if cell.get("behind")
    ]
    assert links or counted or key in ("promised", "actions"), "those two are empty before the first meeting"
    for link in links:
        assert meeting_links.target(link)[0], link
    assert drawn(test, "meeting_strip")[0]["ticks"] is True
    assert [tab.label for tab in test.tabs if "…" in tab.label or len(tab.label) > 36] == [], "no name of a tab is cut"


@pytest.mark.parametrize(
    "query", [{"block": "nonsense"}, {"meeting": "99"}, {"meeting": "x"}, {"date": "2026-13-45"}, {"date": "9999-12-31"}]
)
def test_a_link_that_asks_for_what_is_not_there_says_so(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings, query: dict[str, str]
) -> None:
    test = page(sample_database, **query)
    said = text(test)
    assert test.title[0].value == "Are we fit to talk?"
    assert "The link" in said


def test_a_decision_and_an_action_are_written_changed_ticked_off_and_taken_back(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings
) -> None:
    test = page(sample_database, block="changes")
    test.text_input(key=writer.NAME).set_value("Anna").run()
    button(test, "Add decision").click().run()
    test.text_area(key=f"meeting|{DAY}|changes|text").set_value("Without *slipped* deals")
    button(test, "Save").click().run()
    (decision,) = meetings.decisions()
    assert (decision.text, decision.block, decision.written_by) == ("Without *slipped* deals", "changes", "Anna")
    assert "Without \\*slipped\\* deals" in text(test)
    button(test, "Add action").click().run()
    key = f"meeting|{DAY}|changes|"
    assert test.date_input(key=f"{key}due").value == date(2026, 12, 4), "the next meeting"
    test.text_area(key=f"{key}text").set_value("Call them again")
    test.selectbox(key=f"{key}owner").set_value("Ruth Amsel-Keller")
    test.selectbox(key=f"{key}metric").set_value("win_rate").run()
    assert "Now 44 %, 90 days to 20 Nov 2026" in said(text(test))
    test.selectbox(key=f"{key}metric").set_value("open_promises").run()
    assert "Now 42, as of 20 Nov 2026" in text(test), "the meeting's own figures can be moved as well"
    test.selectbox(key=f"{key}metric").set_value("win_rate").run()
    first = drawn(test, "meeting_lines")[0]["rows"][0]["cells"][1]
    test.selectbox(key=f"{key}about").set_value(first["link"].removeprefix("deals?deal=")).run()
    button(test, "Save").click().run()
    (action,) = meetings.actions()
    assert (action.owner, action.due_on, action.metric) == ("Ruth Amsel-Keller", date(2026, 12, 4), "win_rate")
    assert action.metric_value == pytest.approx(30 / 68)
    assert (action.metric_from, action.metric_to) == (date(2026, 8, 23), DAY)
    assert action.about.startswith("D-")
    assert action.about_name == first["words"]
    test.checkbox(key=f"{key}done_1").check().run()
    assert meetings.actions()[0].done_on == DAY
    test.button(key=f"{key}edit_Decision_1").click().run()
    button(test, "Take back").click().run()
    assert meetings.decisions() == ()
    assert [meeting.held_on for meeting in meetings.all()] == [DAY]


def test_a_change_over_somebody_elses_shows_both_and_loses_neither(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings
) -> None:
    from dataclasses import replace

    meeting = meetings.open(DAY)
    action = meetings.add(Action(meeting.meeting_id, "plan", "First"), "Bo")
    test = page(sample_database, block="plan")
    test.button(key=f"meeting|{DAY}|plan|edit_Action_1").click().run()
    meetings.change(replace(action, text="Bo's words"), "Bo")
    test.text_area(key=f"meeting|{DAY}|plan|text").set_value("Mine")
    button(test, "Save").click().run()
    said = text(test)
    assert "Bo changed this meanwhile to “Bo's words”" in said
    assert test.text_area(key=f"meeting|{DAY}|plan|text").value == "Mine"
    button(test, "Save").click().run()
    assert meetings.actions()[0].text == "Mine"


def test_the_note_is_saved_while_it_is_written_and_merged(
    sample: Any, meetings: Meetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, Any] = {writer.NAME: "Anna"}
    monkeypatch.setattr(meeting_writing.st, "session_state", state)
    desk = meeting_desk.Desk(Context(sample, DAY), stores.open(), None, "plan", (), False)
    meeting_writing.save_draft(desk, {"text": "one", "base": "", "version": 0, "number": 1})
    assert state[f"{desk.key('note')}|ack"] == (1, False)
    meeting = meetings.on(DAY)
    assert meeting is not None
    meetings.save_note(Note(meeting.meeting_id, "plan", "one", 1), "one\nBo's", "Bo")
    meeting_writing.save_draft(desk, {"text": "zero\none", "base": "one", "version": 1, "number": 2})
    assert meetings.notes(meeting.meeting_id)["plan"].text == "zero\none\nBo's"
    assert "both are kept" in state[meeting_desk.NEWS]


def test_a_meeting_that_nobody_closed_is_said_and_one_click_away(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings
) -> None:
    old = meetings.open(date(2026, 10, 1))
    meetings.add(Decision(old.meeting_id, "plan", "Long ago"), "Bo")
    test = page(sample_database)
    assert "The meeting of 1 Oct 2026 is still open" in text(test)
    test = button(test, "Go to it").click().run()
    assert param(test, "meeting") == "1"
    assert "Meeting of 1 Oct 2026." in text(test)


def test_closing_keeps_the_meeting_as_it_was(page: Callable[..., AppTest], pinnable: Path, meetings: Meetings) -> None:
    meetings.add(Decision(meetings.open(DAY, "v").meeting_id, "fit", "We talk"), "Anna")
    test = page(pinnable, block="actions")
    assert "1 decision" in text(test).replace("\u00a0", " ")
    button(test, "Close it").click().run()
    (meeting,) = meetings.all()
    assert not meeting.is_open
    test = page(pinnable, meeting=str(meeting.meeting_id), block="fit")
    said = text(test)
    assert "As it was on 20 Nov 2026" in said
    assert "We talk" in said
    assert "Add decision" not in [one.label for one in test.button]
    assert test.title[0].value == "Are we fit to talk?"
    with sqlite3.connect(os.environ["CLOSED_LOOP_STORE"]) as store:  # as after a half-restored backup
        store.execute("update meeting_packs set pack = '{}', closed_at = '2026-11-20 12:00:00'")
    said = text(page(pinnable, meeting=str(meeting.meeting_id)))
    assert "The meeting of 20 Nov 2026 cannot be shown on this page" in said
    assert "Its file is kept beside it: download it here." in said


def test_a_server_for_reading_only_shows_everything_and_opens_no_box(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    meetings.add(Decision(meetings.open(DAY).meeting_id, "fit", "We talk"))
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "1")
    test = page(sample_database)
    said = text(test)
    assert "This server is for reading only" in said
    assert "We talk" in said
    assert not {"Add decision", "Add action"} & {one.label for one in test.button}
    assert drawn(test, "meeting_note")[0]["closed"] is True


def test_a_store_that_cannot_be_read_leaves_the_blocks(
    page: Callable[..., AppTest], sample_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_text("no database " * 100)
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(broken))
    test = page(sample_database, block="plan")
    text(test)
    assert test.title[0].value == "Are we on plan?"
    assert any("cannot be read" in warning.value for warning in test.warning)


def test_a_followed_link_leaves_a_way_back(page: Callable[..., AppTest], sample_database: Path, meetings: Meetings) -> None:
    assert meeting_links.target("deals?deal=D-0001") == ("pages/revenue/deals.py", {"deal": ["D-0001"]})
    assert meeting_links.target("/meeting?block=plan") == (PAGE, {"block": ["plan"]})
    assert meeting_links.target("data/../secret?x=1") == ("", {})
    test = page(sample_database, block="plan")
    test.session_state[meeting_links.ASKED] = "deals?deal=D-0001"
    test.run()
    assert param(test, "deal") == "D-0001"
    back = button(test, "Back to the meeting").click().run()
    assert back.title[0].value == "Are we on plan?"


@pytest.mark.parametrize("kind", ["bars", "steps", "ranges"])
def test_pictures_show_every_mark_with_its_words(kind: Any) -> None:
    import plotly.graph_objects as go

    from attribution.charts import meeting as charts
    from attribution.charts.theme import DARK, LIGHT

    marks = (
        Bar("Cancellation", -61_000, "−€61 k", "Hansson <b>Lager", tone="bad", link="deals?deal=1"),
        Bar("Booked late, in the quarter after", 28_000, "+€28 k", low=10_000, high=40_000, tone="good"),
        Bar("Nothing known", None, "–"),
        Bar("Together", -33_000, "−€33 k"),
    )
    shown = Picture("Why", kind, marks, "It fell", "€", goal=20_000, goal_words="Goal €20 k")
    for palette in (LIGHT, DARK):
        figure = charts.picture(shown, palette)
        go.Figure(figure)
        words = " ".join(note["text"] for note in figure["layout"]["annotations"])
        assert all(mark.words in words for mark in marks)
        assert "<b>Lager" not in words
        assert ("Goal €20 k" in words) is (kind != "steps")
    if kind == "ranges":
        assert figure["layout"]["margin"]["l"] < 20, "names stand above the dots, so that small differences have the whole width"
    if kind == "steps":
        assert list(figure["data"][0]["base"]) == [0.0, -61_000, -33_000, 0.0], (
            "each change begins where the one before ended; the sum at zero"
        )
    assert list(charts.table(shown)["Value"]) == [mark.words for mark in marks]


def test_the_names_of_many_marks_stay_in_their_rows() -> None:
    from attribution.charts import meeting as charts
    from attribution.charts.theme import LIGHT

    many = tuple(
        Bar("Added to the data later", 1.0, "+€1", "Eibenstein Backwaren GmbH and Mainbruck Shipping GmbH") for _ in range(8)
    )
    for bars in (many, many[:2]):
        layout = charts.picture(Picture("Why", "steps", bars, "It rose"), LIGHT)["layout"]
        lines = max(note["text"].count("<br>") + 1 for note in layout["annotations"])
        assert lines * charts.LINE_HEIGHT * len(bars) <= layout["height"], "no name runs into the next one"


def test_a_save_that_arrives_with_the_address_of_before_does_not_turn_the_block_back(
    page: Callable[..., AppTest], sample_database: Path, meetings: Meetings
) -> None:
    test = page(sample_database, block="plan")
    test = button(test, "3 Did we do it?").click().run()
    test.query_params["block"] = "plan"  # what the browser sent before it had heard of the click
    test.run()
    assert test.title[0].value == "Did we do what we said?"
    assert param(test, "block") == "promised"
    test.query_params["block"] = "fit"
    assert test.run().title[0].value == "Are we fit to talk?", "another link is followed"
