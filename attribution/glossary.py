"""What the words mean, from the registries: every rule, figure, dimension, filter, period, step, check, table and column, once.

docs/glossary.md is written from these sections, and the page *What the words mean* shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.answers import compare
from attribution.bridge import STEPS
from attribution.checks import CHECKS
from attribution.content import questions, unused, words
from attribution.filters import DATE_BASES, FILTER_FIELDS, PERIODS
from attribution.meeting import words as meeting_words
from attribution.metrics import METRICS
from attribution.models import MODELS, Model
from attribution.people import words as people_words
from attribution.query import DIMENSIONS
from attribution.schema import TABLES


@dataclass(frozen=True)
class Section:
    """Words of one kind. ``heads`` name the cells of ``rows``; the first cell is the word in code. ``of_table``: columns of a table."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    of_table: str = ""


# The words of the pages about content: its figures, why a piece is listed as unused, what is decided, and how far a buyer's question came.
OF_CONTENT: dict[str, Sequence[words.Word]] = {
    "Figures of content": words.FIGURES,
    "Why content is unused": unused.REASONS,
    "What to do with unused content": unused.DECISIONS,
    "What to do about a buyer's question": questions.DECISIONS,
    "From the question to the deal": questions.STEPS,
}

# The words of the page that compares models.
OF_COMPARED: dict[str, Sequence[words.Word]] = {"Whether a figure holds": compare.WORDS}


# The words of the meeting's blocks about what flows.
OF_MEETING: dict[str, Sequence[words.Word]] = {"Figures of the meeting": meeting_words.WORDS}

# The words of the page about people.
OF_PEOPLE: dict[str, Sequence[words.Word]] = {"Figures of people": people_words.WORDS}


def sections(models: Sequence[Model] = MODELS) -> tuple[Section, ...]:
    """All words by kind. ``models``: those of a dataset, its own ones among them."""
    return (
        Section(
            "Models",
            ("name", "on screen", "rule", "known elsewhere as"),
            tuple((entry.name, entry.label, entry.summary, entry.known_as) for entry in models),
        ),
        Section(
            "Metrics",
            ("name", "on screen", "definition", "may be summed"),
            tuple((entry.name, entry.label, entry.description, "yes" if entry.additive else "no") for entry in METRICS),
        ),
        Section(
            "Dimensions",
            ("name", "on screen", "of", "meaning"),
            tuple((entry.name, entry.label, entry.level, entry.description) for entry in DIMENSIONS),
        ),
        Section(
            "Filters",
            ("word", "keeps"),
            tuple(
                (entry.word, "touches (leaves Unattributed out)" if entry.selects_credits else "deals") for entry in FILTER_FIELDS
            ),
        ),
        Section("Periods", ("name", "on screen"), tuple(PERIODS.items())),
        Section("Date bases", ("name", "on screen"), tuple(DATE_BASES.items())),
        Section("Steps of the reconciliation", ("step", "meaning"), tuple(STEPS.items())),
        Section(
            "Checks",
            ("check", "on screen", "severity", "finds", "what next"),
            tuple((entry.name, entry.label, entry.severity, entry.what, entry.next) for entry in CHECKS),
        ),
        *(
            Section(title, ("word", "on screen", "meaning"), tuple((entry.name, entry.label, entry.meaning) for entry in entries))
            for title, entries in (OF_COMPARED | OF_CONTENT | OF_PEOPLE | OF_MEETING).items()
        ),
        *(
            Section(
                table.name,
                ("column", "type", "required", "meaning"),
                tuple(
                    (
                        column.name,
                        column.type,
                        "yes" if column.required else "",
                        column.meaning + (f" ({', '.join(column.values)})" if column.values else ""),
                    )
                    for column in table.columns
                ),
                f"One row per {table.row}." + (f" Key: {', '.join(table.key)}." if table.key else " No key: all rows count."),
                table.name,
            )
            for table in TABLES
        ),
    )
