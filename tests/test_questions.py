"""Buyers' questions: numbers against plain Python over the sample's files, sentences against golden ones, and the page with good, thin and hostile data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers.questions import QuestionsFacts, Waiting, being_made, chain, next_step, questions, unsent
from attribution.charts import used
from attribution.charts.theme import DARK, LIGHT, Palette
from attribution.content.questions import Piece, Question, came_to, folded, grouped, stopped_at
from attribution.filters import Filters
from attribution.views import questions as view_of
from attribution.views import state
from attribution.views.questions import Questions
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, said, text
from tests.sample_reading import Sample, read

PAGE = "pages/content/questions.py"
CHOICE = Choice(Filters(), "none", "w_shaped")


@pytest.fixture(scope="module")
def shown(sample: Any) -> Questions:
    return view_of.view(sample, CHOICE, state.names_of(sample))


# --- against the sample's files, in plain Python ----------------------------------------------------------------------


def test_numbers_are_those_of_the_files(reading: Sample, shown: Questions) -> None:
    rows = read("questions")
    amounts = {deal["deal_id"]: reading.value(deal) for deal in reading.deals if deal["status"] == "open"}
    waiting = [row for row in rows if not row["asset_id"]]
    assert (shown.asked, shown.waiting) == (len(rows), len(waiting))
    deals = {row["deal_id"] for row in waiting} & set(amounts)
    assert shown.deals == len(deals)
    assert Decimal(str(shown.pipeline)) == sum(amounts[deal] for deal in deals)
    words = {" ".join(re.findall(r"[a-z0]+", re.sub(r"\d+", "0", row["text"].lower()))) for row in rows}
    assert {entry.key for entry in shown.entries} == words
    for entry in shown.entries:
        asked = [row for row in waiting if row["text"] == entry.text]
        assert entry.waiting == len(asked)
        assert entry.asked == len([row for row in rows if row["text"] == entry.text])
        mine = {row["deal_id"] for row in asked} & set(amounts)
        assert (entry.deals, Decimal(str(entry.pipeline))) == (len(mine), sum((amounts[deal] for deal in mine), Decimal(0)))
    for row in shown.topics:
        asked = [entry for entry in rows if entry["topic"] == row.key]
        without = [entry for entry in asked if not entry["asset_id"]]
        assert row.parts == (len(without), len(asked) - len(without))


def test_the_chain_is_that_of_the_files(reading: Sample, shown: Questions) -> None:
    named = [row for row in read("questions") if row["asset_id"]]
    journeys = reading.journeys

    def used_by(row: dict[str, str], actor: str) -> bool:
        return any(
            touch["asset"] == row["asset_id"] and (touch["actor"] or "buyer") == actor for touch in journeys[row["deal_id"]]
        )

    sent = [row for row in named if used_by(row, "sales")]
    read_there = [row for row in sent if used_by(row, "buyer")]
    won = {deal["deal_id"] for deal in reading.won}
    assert [int(step.value) for step in shown.steps] == [
        len(read("questions")), len(named), len(sent), len(read_there), len([row for row in read_there if row["deal_id"] in won]),
    ]  # fmt: skip
    assert len(stopped_at(shown.records, "named")) == len(named) - len(sent)
    still_open = {deal["deal_id"] for deal in reading.deals if deal["status"] == "open"}
    to_send = [row for row in named if row["deal_id"] in still_open and not used_by(row, "sales") and not used_by(row, "buyer")]
    assert {question.question_id for question in shown.to_send} == {row["question_id"] for row in to_send}


def test_filters_select_days_and_deals(sample: Any, reading: Sample) -> None:
    rows = {row["question_id"]: row for row in read("questions")}
    enterprise = {deal["deal_id"] for deal in reading.deals if deal["segment"] == "enterprise"}
    chosen = Choice(
        Filters(date_from=date(2026, 1, 1), date_to=date(2026, 3, 31), segments=("enterprise",), date_basis="created"),
        "none",
        "w_shaped",
    )
    found = view_of.view(sample, chosen, state.names_of(sample))
    expected = {
        key for key, row in rows.items() if "2026-01-01" <= row["asked_at"][:10] <= "2026-03-31" and row["deal_id"] in enterprise
    }
    assert {question.question_id for question in found.records} == expected
    assert "in this period" in found.answer


def test_tables_tie_out(shown: Questions) -> None:
    table = view_of.table(shown.open_entries, shown)
    assert table["Pipeline"].iloc[-1] == shown.pipeline
    assert table["Without a piece"].iloc[:-1].sum() == table["Without a piece"].iloc[-1] == shown.waiting
    assert shown.count("write") + shown.count("finish") + shown.count("send") == len(shown.open_entries)
    listed = view_of.at_step(shown, "asked", stopped=False)
    assert len(view_of.records(listed, shown.topic_names)) == len(view_of.deals_in_order(listed)) == shown.asked


# --- near-equal texts, and decisions ----------------------------------------------------------------------------------


def question(
    text: str, asset: str | None = None, deal: str = "D1", status: str = "open", number: int = 1, **more: Any
) -> Question:
    return Question(
        f"Q{number}",
        text,
        more.get("topic"),
        date(2026, 1, number),
        "Ann",
        deal,
        deal,
        status,
        100.0,
        "Bo",
        asset,
        asset,
        *more.get("on", (None, None)),
    )


def test_near_equal_texts_are_one_question() -> None:
    assert (
        folded("  What does it COST for 12 entities?? ")
        == folded("what does it cost, for 1,300 entities")
        == "what does it cost for 0 entities"
    )
    assert folded("Café_Preis?") == folded("cafe preis")
    assert folded("What does it cost?") != folded("What does it not cost?")
    assert folded("???") == "???"
    assert folded("¿Cuánto cuesta?") == "cuanto cuesta"
    assert folded("費用はいくらですか？") == "費用はいくらてすか"


def test_each_question_has_one_decision() -> None:
    own = [
        Piece("P", "Prices", "published", None, "price"), Piece("M", "Making", "in_production", date(2026, 2, 1), "made"),
        Piece("R", "Asked for", "requested", None, "made"), Piece("N", "New price", "requested", None, "price"),
    ]  # fmt: skip
    named = {"proven": (("X", "Proven", 3),), "tried": (("Y", "Tried", 2),), "made": (("X", "Proven", 5),)}
    texts = ("Price?", "Made?", "Proven?", "Tried?", "Nobody knows?")
    found = {
        asked.key: asked
        for asked in grouped([question(entry, number=place + 1) for place, entry in enumerate(texts)], own, named)
    }
    assert {key: asked.decision for key, asked in found.items()} == {
        "price": "send", "made": "finish", "proven": "send", "tried": "write", "nobody knows": "write",
    }  # fmt: skip
    assert found["made"].making == own[1]
    answered = grouped([question("Price?", "P")], own, named)[0]
    assert (answered.decision, answered.pipeline, answered.waiting) == ("", 0.0, ())


def test_an_open_deal_counts_once_and_a_closed_one_never() -> None:
    asked = grouped([question("A?", number=1), question("a", number=2), question("A", deal="D2", status="won", number=3)])[0]
    assert (len(asked.waiting), dict(asked.open_deals), asked.pipeline, asked.writings) == (3, {"D1": 100.0}, 100.0, 3)


def test_steps_are_nested() -> None:
    day = date(2026, 1, 1)
    listed = [
        question("A"), question("A", "P", number=2), question("A", "P", number=3, on=(day, None)), question("A", "P", number=4, on=(None, day)),
        question("A", "P", number=5, on=(day, day)), question("A", "P", number=6, on=(day, day), status="won"), question("A", status="won", number=7),
    ]  # fmt: skip
    assert [len(came_to(listed, step)) for step in ("asked", "named", "sent", "read", "won")] == [7, 5, 3, 2, 1]
    assert [entry.question_id for entry in stopped_at(listed, "named")] == ["Q2", "Q4"]


# --- words ------------------------------------------------------------------------------------------------------------

WRITE = Waiting("Is there single sign-on?", "write", 5, 2, 183_449.4)
SEND = Waiting("What do auditors say?", "send", 3, 1, 198_416.8, "Case study: Haldenbeck", named=4)
FINISH = Waiting("What does it not do?", "finish", 1, 0, 0.0, "When we are wrong", status="requested", stopgap="Intercompany")
FULL = QuestionsFacts("EUR", 266, 33, 99, 17, 2_760_000.0, (SEND, WRITE, FINISH), "in this period", date(2026, 11, 20))
HEAD = "Buyers asked **266 questions** in this period: **99 (37 %) have no piece**, and **€2.76 M** of open deals wait for an answer (17 deals)."
ANSWERS = {
    "everything there": (
        FULL,
        f"{HEAD} **1 question** has no answer yet: write “Is there single sign-on?” first (asked 5 times without a piece, 2 open deals worth €183 k wait). "
        "**1 more** has a piece already: send “Case study: Haldenbeck” to those who ask “What do auditors say?” (asked 3 times without a piece, 1 open deal "
        "worth €198 k waits).",
    ),
    "only being made": (
        replace(FULL, ranked=(FINISH, FINISH), when=""),
        f"{HEAD.replace(' in this period', '')} **2 questions** wait for pieces that are being made: finish “When we are wrong” (asked for, no date yet) "
        "(asked once without a piece, no open deal waits).",
    ),
    "no open deal": (
        replace(FULL, deals=0, amount=0.0, ranked=(), waiting=266),
        "Buyers asked **266 questions** in this period: **none has a piece**, but no open deal waits for an answer.",
    ),
    "all answered": (
        replace(FULL, waiting=0),
        "Buyers asked **266 questions** in this period. A piece is named for every one of them: nothing to write.",
    ),
    "one": (
        replace(FULL, asked=1, waiting=1, deals=1, amount=5.0, ranked=()),
        "Buyers asked **1 question** in this period: **it has no piece**, and **€5** of open deals waits for an answer (1 deal).",
    ),
    "nothing": (replace(FULL, asked=0), "No buyer's question is recorded in this period under these filters."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(questions(facts)) == sentence


def test_next_steps() -> None:
    today = date(2026, 11, 20)

    def step(waiting: Waiting) -> str:
        return said(next_step(waiting, "EUR", today))

    assert step(WRITE) == "Write it: no piece answers it, and none is asked for."
    assert step(SEND) == "Send “Case study: Haldenbeck”, named for it 4 times."
    assert step(replace(SEND, is_made_for_it=True)) == "Send “Case study: Haldenbeck”, made for this question."
    assert step(FINISH) == "Finish “When we are wrong” (asked for, no date yet). Until then send “Intercompany”."
    late = replace(FINISH, status="in_production", due_on=date(2026, 11, 13), stopgap="")
    assert step(late) == "Finish “When we are wrong” (in production, 7 days late)."
    assert said(being_made("in_production", today, today)) == "in production, due 20 Nov 2026"


def test_the_chain_in_words() -> None:
    def words(*numbers: int) -> str:
        return said(chain(list(zip(("asked", "named", "sent", "read", "won"), numbers, strict=True))))

    assert words(266, 167, 4, 2, 1) == (
        "Of 266 questions **167** have a piece named; for **4** it is recorded that sales sent it in that deal, for **2** that the buyer read it, and "
        "**1** of these deals was won."
    )
    assert (
        words(3, 1, 0, 0, 0)
        == "Of 3 questions **1** has a piece named; no sending of such a piece by sales is recorded in any of their deals."
    )
    assert words(3, 0, 0, 0, 0) == "Of 3 questions none has a piece named."
    assert words(3, 2, 1, 0, 0).endswith("sales sent it in that deal; no reading of it is recorded.")
    assert words(0, 0, 0, 0, 0) == "No question is recorded here."
    assert said(unsent(1, 1, 5.0, "EUR")).startswith(
        "**1 question** of 1 open deal worth **€5** has a piece that was neither sent nor read there"
    )


def test_names_cannot_become_markup() -> None:
    text_of = questions(replace(FULL, ranked=(replace(SEND, text=NAUGHTY, title=NAUGHTY), replace(WRITE, text=NAUGHTY))))
    assert " :red[" not in text_of
    assert "\\:red\\[a\\]" in text_of


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_pictures(palette: Palette, shown: Questions) -> None:
    bars = [used.Bar("a", NAUGHTY, 5.0, "5", NAUGHTY), used.Bar("b", "x" * 200, 0.0, "0", is_strong=False)]
    figure = used.bars(bars, palette, shown.unit, 10.0)
    go.Figure(figure)  # Plotly refuses what it does not know
    assert figure["layout"]["xaxis"]["range"] == [0, 10.0]
    assert not any("<b onmouseover" in label for label in figure["layout"]["yaxis"]["ticktext"])
    assert max(len(line) for label in figure["layout"]["yaxis"]["ticktext"] for line in label.split("<br>")) <= 40
    go.Figure(used.bars([], palette))
    go.Figure(used.split([used.Split("a", NAUGHTY, (1, 0, 2), NAUGHTY)], ("won", "open", "lost"), palette))


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_as_it_opens(page: Callable[..., AppTest], sample_database: Path, shown: Questions) -> None:
    test = page(sample_database, period="all")
    words = text(test)
    assert test.title[0].value == "What do buyers ask that we have no answer for?"
    assert said(shown.answer) in said(words)
    assert [metric.value for metric in test.metric][:2] == ["462", "174"]
    table = next(element.value for element in test.dataframe if "Next step" in element.value)
    assert len(table) == len(shown.open_entries) + 1


@pytest.mark.parametrize(
    "query",
    [
        {"decision": "write"},
        {"step": "sent"},
        {"segment": "enterprise"},
        {"channel": "email"},
        {"owner": "U-13"},
        {"compare": "none"},
    ],
)
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    text(page(sample_database, **query))


@pytest.mark.parametrize("word", ["decision", "step", "period", "segment"])
@pytest.mark.parametrize("garbage", ["<script>alert(1)</script>", "'; drop table marts.deals; --", "💥" * 200])
def test_garbage_in_a_link_gives_the_default(
    page: Callable[..., AppTest], sample_database: Path, word: str, garbage: str
) -> None:
    test = page(sample_database, **{word: garbage})
    assert ":material/link_off:" in text(test)
    kinds = [element.type if element.type == "title" else str(getattr(element, "value", "")) for element in test.main]
    said_at = next(place for place, value in enumerate(kinds) if ":material/link_off:" in value)
    assert said_at < kinds.index("title"), "what is to say about the address stands above the page, not in a card"
    assert [metric.value for metric in test.metric][:3] == ["266", "99", "17"], "the figures of the page without the word"


def test_a_deal_opens_from_its_question(page: Callable[..., AppTest], sample_database: Path, shown: Questions) -> None:
    test = page(sample_database, period="all")
    test.session_state["open_deal"] = shown.to_send[0].deal_id
    test.run()
    assert test.title[0].value == "How does this deal stand?"


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    words = text(page(sample_database, **{"from": "2020-01-01", "to": "2020-02-01"}))
    assert "No buyer's question is recorded in this period under these filters." in said(words)
    assert "No question here" in words


DEAL = {
    "deal_id": "D1",
    "name": NAUGHTY,
    "created_at": "2026-01-05",
    "closed_at": "",
    "status": "open",
    "amount": "1000",
    "owner_id": NAUGHTY,
}
SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}


def test_without_questions_the_page_says_what_to_supply(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    ds = open_rows({"deals": [DEAL], "touches": []}, SETTINGS)
    words = text(page(ds.path.parent))
    assert "No buyers' questions in this data" in words
    assert "`questions.csv`" in words


def test_hostile_and_thin_questions(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    asked = {"asked_at": "2026-02-01 10:00:00", "text": NAUGHTY, "topic": NAUGHTY, "asked_by": NAUGHTY}
    rows = {
        "deals": [DEAL],
        "touches": [],
        "content_assets": [{"asset_id": NAUGHTY, "title": NAUGHTY, "status": "in_production", "buyer_question": "Other?"}],
        "questions": [
            {**asked, "question_id": "Q1", "deal_id": "D1", "asset_id": ""},
            {**asked, "question_id": "Q2", "deal_id": "gone", "asset_id": NAUGHTY},
            {**asked, "question_id": "Q3", "deal_id": "", "asset_id": "unknown", "asked_at": "2026-02-03"},
            {**asked, "question_id": "Q4", "deal_id": "D1", "asset_id": "unknown", "text": "?" * 3000},
        ],
    }
    ds = open_rows(rows, SETTINGS)
    words = text(page(ds.path.parent, period="all"))
    assert "4 questions" in said(words)
    assert " :red[a]" not in words
    assert "**1 question** of 1 open deal worth **€1,000** has a piece" in said(words).replace("€1.00 k", "€1,000")
