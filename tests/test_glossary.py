"""The glossary: every registry's words, each found by name and meaning; the page answers a link to one word and survives any text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution.filters import PERIODS
from attribution.glossary import sections
from attribution.metrics import METRICS
from attribution.query import DIMENSIONS
from attribution.schema import TABLES
from attribution.views import glossary
from tests.naughty_strings import NAUGHTY_STRINGS

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def known(sample: Any) -> tuple[glossary.Term, ...]:
    return glossary.terms(sample)


def test_every_registry_is_there_once(known: tuple[glossary.Term, ...], sample: Any) -> None:
    names = [(term.kind, term.name) for term in known]
    assert len(names) == len(set(names)) == sum(len(section.rows) for section in sections(sample.models))
    for kind, entries in (
        ("Figures", [entry.name for entry in METRICS]),
        ("Dimensions", [entry.name for entry in DIMENSIONS]),
        ("Credit rules", [entry.name for entry in sample.models]),
        (glossary.COLUMNS, [f"{table.name}.{column.name}" for table in TABLES for column in table.columns]),
    ):
        assert [name for of, name in names if of == kind] == entries
    figures = [entry.label for entry in METRICS]
    assert len(set(figures)) == len(figures), "no two figures are called the same"
    assert {name for of, name in names if of == "Periods and dates"} >= set(PERIODS)
    assert {term.kind for term in known} == {*glossary.KINDS, glossary.COLUMNS}
    assert all(term.word and term.meaning for term in known)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("won_revenue", "won_revenue"),
        ("Won revenue", "won_revenue"),
        ("WON REVENUE", "won_revenue"),
        ("deals.amount", "deals.amount"),
        ("w shaped", "w_shaped"),
    ],
)
def test_a_word_comes_first_by_its_name(known: tuple[glossary.Term, ...], words: str, first: str) -> None:
    shown = glossary.found(known, words)
    assert shown[0].name == first
    assert glossary.answer(known, shown, words).startswith(f"**{shown[0].word}**: ")


def test_answers(known: tuple[glossary.Term, ...]) -> None:
    metric = next(entry for entry in METRICS if entry.name == "won_revenue")
    assert (
        glossary.answer(known, known, " ")
        == f"**{len(known)} words**, each with the one meaning that it has on every page and in every file."
    )
    assert (
        glossary.answer(known, glossary.found(known, "won_revenue"), "won_revenue") == f"**{metric.label}**: {metric.description}"
    )
    assert glossary.answer(known, (), "no *such* word") == "No word and no meaning holds “no \\*such\\* word”."
    deals = glossary.found(known, "median")
    assert glossary.answer(known, deals, "median") == f"**{len(deals)} of {len(known)} words** hold “median”."


def test_a_table_keeps_its_cells(known: tuple[glossary.Term, ...]) -> None:
    lines = glossary.table([glossary.Term("x", "a`b", "w|x", "m|n\nnext *y*", "can be added up")]).splitlines()
    assert lines[2] == "| **w\\|x** | M\\|n next \\*y\\*. Can be added up. :gray[:small[a\\`b]] |"
    assert all(line.startswith("|") for line in glossary.table(known).splitlines())


def test_any_text_is_only_text(known: tuple[glossary.Term, ...]) -> None:
    for words in (*NAUGHTY_STRINGS, "x" * 10_000, "\x00", "|", "**"):
        shown = glossary.found(known, words)
        assert glossary.answer(known, shown, words)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("", "each with the one meaning"),
        ("won_revenue", "Won revenue**: "),
        ("zzzz", "No such word here"),
        ("<script>", "No such word here"),
    ],
)
def test_the_page(word: str, says: str, sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSED_LOOP_DB", str(sample_database))
    test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    if word:
        test.query_params["word"] = word
    test.switch_page("pages/data/glossary.py").run()
    assert not test.exception
    words = "\n".join(str(element.value) for element in test.markdown)
    assert test.title[0].value == "What do the words mean?"
    assert says in words
    assert "This page failed" not in words
