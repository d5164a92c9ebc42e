"""The paths page: golden answers, pictures, and the page in every state."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers.paths import Facts, answer, ends_alt, notes, rests_on, ways_alt
from attribution.charts import paths as charts
from attribution.charts.paths import Effect, Spread, WayBar
from attribution.charts.theme import DARK, LIGHT, Palette
from attribution.views import path_tables, state
from attribution.views import paths as view
from attribution.views.paths import Question
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, THIN, said, text, thin

PAGE = "pages/revenue/paths.py"


# --- words and pictures -----------------------------------------------------------------------------------------------

SPREADS = (((1, 2, 22, 30, 50), (1, 2, 12, 20, 30)), ((9, 90, 197.4, 300, 400), (8, 80, 167, 260, 390)))
FULL = Facts(
    one="channel", part="whole", won=107, lost=129, different=99, first=(("Sales",), 6, 0), begins=("Organic search", 23), ends=("Sales", 67),
    spreads=SPREADS, left_out=2,
)  # fmt: skip
REST = "The most frequent beginning is organic search (23 of 107), the most frequent end sales (67)."
LENGTHS = "A won journey has 22 touches in 197 days, a lost one 12 in 167 days (medians)."
ANSWERS = {
    "everything there": (
        FULL, f"**107 won deals** went 99 different ways; the most frequent, **Sales** alone, was taken by 6 (5.6 %). {REST} {LENGTHS}",
    ),
    "beginnings": (
        replace(FULL, part="first", first=(("Organic search", "Direct"), 9, 1)),
        f"**107 won deals** began in 99 different ways; the most frequent, **Organic search → Direct**, was taken by 9 (8.4 %). {REST} {LENGTHS}",
    ),
    "lost ones first": (
        replace(FULL, order="lost", first=(("Direct", "Sales"), 1, 6)),
        f"**107 won deals** went 99 different ways; the way that lost most often, **Direct → Sales**, has 6 lost and 1 won deal. {REST} {LENGTHS}",
    ),
    "one channel": (
        replace(FULL, different=1, begins=("Web", 107), ends=("Web", 107)),
        f"**107 won deals** went one way. The most frequent beginning is web (107 of 107), the most frequent end web (107). {LENGTHS}",
    ),
    "no two alike": (
        replace(FULL, won=10, different=10, first=(("Direct", "Sales"), 1, 0), begins=("Email", 3), ends=("SEO", 7)),
        f"**10 won deals** went 10 different ways, no two of them the same. The most frequent beginning is email (3 of 10), the most frequent end SEO "
        f"(7). {LENGTHS}",
    ),
    "few are not ranked": (replace(FULL, won=4, first=None), f"4 won deals: too few to rank ways. {LENGTHS}"),
    "no lost deal": (
        replace(FULL, lost=0, spreads=tuple((won, ()) for won, _ in SPREADS)),
        f"**107 won deals** went 99 different ways; the most frequent, **Sales** alone, was taken by 6 (5.6 %). {REST} "
        "A won journey has 22 touches in 197 days (medians).",
    ),
    "none won": (replace(FULL, won=0, lost=1), "No won deal has a journey under these filters; 1 lost deal has one."),
    "nothing": (replace(FULL, won=0, lost=0), "No won deal has a journey under these filters."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(answer(facts)) == sentence


def test_what_it_rests_on() -> None:
    assert said(rests_on(FULL)) == "107 won journeys and 129 lost ones; 2 won deals without any touch are left out"
    quiet = replace(FULL, one="campaign", lost=1, quiet=1, left_out=1)
    assert said(rests_on(quiet)) == (
        "107 won journeys and 1 lost one (1 of them open without activity for 180 days); 1 won deal without any campaign is left out"
    )
    assert not notes(FULL)
    assert "No lost deal" in notes(replace(FULL, lost=0))[0]
    assert "Fewer than 10 won deals" in notes(replace(FULL, won=3))[0]
    assert "Hardly two deals" in notes(replace(FULL, alike=2))[0]
    assert not notes(replace(FULL, alike=3, different=3)), "three channels, hundreds of deals on each"
    assert said(ways_alt([("A → B", 3, 1)])) == "Most frequent ways: A → B: 3 won, 1 lost"
    assert said(ends_alt([("A", "B", 3.0)])) == "Won deals by first and last step: A to B 3"
    assert " :red[" not in answer(replace(FULL, first=((NAUGHTY,), 1, 1), begins=(NAUGHTY, 1), ends=(NAUGHTY, 1)))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("slots", [{"a": 1}, None], ids=["channels", "others"])
def test_pictures(palette: Palette, slots: dict[str, int | None] | None) -> None:
    rows = [
        WayBar(("a", NAUGHTY), ("A", NAUGHTY), 9, 3, 0.75, 1e6, 30.0),
        WayBar(("b",) * 40, ("Long name",) * 40, 1, 0, None, 0.0, None),
    ]
    figure = charts.ways(rows, slots, palette)
    go.Figure(figure)
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert any("<b>9</b> won · 3 lost · 75\u00a0%" in words for words in texts)
    assert any("…" in words for words in texts), "the middle of a long way is left out"
    assert not any("<b onmouseover" in words for words in texts)
    lines = [re.sub(r"<[^>]*>", "", line) for words in texts if "won ·" not in words for line in words.split("<br>")]
    assert max(map(len, lines)) <= charts.LINE + 2, "a phone shows every line whole"
    assert figure["data"][1]["base"] == [9, 1]
    effect = charts.effects([Effect("a", "A", 0.5, 0.4, 0.7), Effect(None, "Other", 0.1, 0.0, 0.2)], slots, palette)
    go.Figure(effect)
    assert [(line["x0"], line["x1"]) for line in effect["layout"]["shapes"][::2]] == [(0.4, 0.7), (0.0, 0.2)]
    assert effect["layout"]["xaxis"]["range"][0] == 0
    go.Figure(
        charts.spreads(
            [Spread("Touches", "", (1, 2, 3, 4, 5), ()), Spread("Days to close", "days", (1, 2, 3, 4, 5), (2, 3, 4, 5, 6))],
            palette,
        )
    )
    assert charts.way_words(["a"] * 3) == "a → a → a"
    assert charts.way_words(["Controllers' audience, always on"]) == "Controllers' audience, always on", (
        "one step has a line to itself"
    )
    assert len(path_tables.way_table(rows, "Won")) == 2


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    words = text(test)
    assert test.title[0].value == "Which ways lead to a won deal?"
    assert "different ways" in words and "Rests on" in words
    for by in ("kind", "campaign", "asset"):
        test.selectbox(key="ways_over").set_value(by).run()
        text(test)
    test.selectbox(key="part").set_value("first").run()
    test.selectbox(key="ways_by").set_value("lost").run()
    assert "lost most often" in text(test)


def test_links_are_understood_and_garbage_is_said(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, ways_over="kind", repeats="row", part="last", ways_by="lost", present="1")
    text(test)
    assert [test.selectbox(key=word).value for word in ("ways_over", "repeats", "part", "ways_by")] == [
        "kind",
        "row",
        "last",
        "lost",
    ]
    words = text(page(sample_database, ways_over=NAUGHTY, repeats="-1", part="[]", ways_by="1e99"))
    assert words.count("The link asks for") >= 3
    assert page(sample_database, by="kind").selectbox(key="ways_over").value == "kind", "as other pages call it"
    assert "The link asks for" in text(page(sample_database, by="__garbage"))


@pytest.mark.parametrize("rows", THIN)
def test_data_that_is_too_thin(page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str) -> None:
    words = said(text(page(thin(open_rows, rows).path, period="all")))
    expected = {
        "only lost": "1 lost deal has one", "one deal": "too few to rank ways", "no touches": "No touch is in this data yet", "only open": "No journey here",
    }[rows]  # fmt: skip
    assert expected in words


def test_a_world_of_one_channel_without_lost_deals_and_of_many_campaigns(
    page: Callable[..., AppTest], open_rows: Callable[..., Any]
) -> None:
    deals = [
        {"deal_id": f"D{number}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "100"} for number in range(12)
    ]  # fmt: skip
    touches = [
        {"touch_id": f"T{number}", "occurred_at": f"2026-01-{1 + number % 20:02} 10:00:00", "deal_id": f"D{number % 12}", "channel": "web",
         "campaign_id": f"C{number}", "kind": "click"} for number in range(240)
    ]  # fmt: skip
    ds = open_rows({"deals": deals, "touches": touches}, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    test = page(ds.path, period="all")
    words = said(text(test))
    assert "**12 won deals** went one way." in words and "No lost deal has a journey" in words
    test.selectbox(key="ways_over").set_value("campaign").run()
    assert "12 different ways" in said(text(test))
    known = view.journeys(ds, Filters().resolved(ds.settings, ds.as_of), "campaign")
    shown = view.paths(ds, Choice(Filters(), "none", "linear"), Question("campaign"), known, state.names_of(ds))
    assert shown.steps is not None and [mark.label for mark in shown.steps.rows].count("Other") == 1
    assert len(shown.steps.rows) == view.MOST_VALUES + 1 and len(shown.effects) == view.MOST_VALUES
