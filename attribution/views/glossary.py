"""The glossary page's view: the words of the registries as people read them, found by any part of the word or of its meaning."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.charts import formats, tables
from attribution.dataset import Dataset
from attribution.glossary import OF_COMPARED, OF_CONTENT, OF_MEETING, OF_PEOPLE, Section, sections

# Kind on screen → titles of the registries' sections; every table's columns are one kind.
KINDS = {
    "Figures": ("Metrics",),
    "Credit rules": ("Models",),
    "Compared rules": tuple(OF_COMPARED),
    "Dimensions": ("Dimensions",),
    "Periods and dates": ("Periods", "Date bases"),
    "From the CRM to credit": ("Steps of the reconciliation",),
    "Filters": ("Filters",),
    "Checks": ("Checks",),
    "Content": tuple(OF_CONTENT),
    "People": tuple(OF_PEOPLE),
    "Meeting": tuple(OF_MEETING),
}
COLUMNS = "Files and columns"
LEVELS = {"touch": "of the touch: shared among the touches of a deal", "deal": "of the whole deal"}
GRAVITY = {"error": "grave", "warning": "to be mended", "info": "good to know"}


@dataclass(frozen=True)
class Term:
    """One word: its kind, what it is called in code, files and links, what it is called on screen, its meaning, and what else to know."""

    kind: str
    name: str
    word: str
    meaning: str
    more: str = ""


def terms(ds: Dataset) -> tuple[Term, ...]:
    """Every word, in the order of the registries; the rules of this dataset among them."""
    kind_of = {title: kind for kind, titles in KINDS.items() for title in titles}
    return tuple(
        _term(section, kind_of.get(section.title, COLUMNS), row) for section in sections(ds.models) for row in section.rows
    )


def found(known: Sequence[Term], words: str) -> tuple[Term, ...]:
    """The terms that hold every word, those first that are called so."""
    parts = _folded(words).split()[:8]
    if not parts:
        return tuple(known)
    whole = " ".join(parts)

    def rank(term: Term) -> int:
        names = (_folded(term.name), _folded(term.word))
        return (
            0 if whole in names else 1 if any(name.startswith(whole) for name in names) else 2 if whole in " ".join(names) else 3
        )

    holding = [
        term for term in known if all(part in _folded(f"{term.name} {term.word} {term.meaning} {term.more}") for part in parts)
    ]
    return tuple(sorted(holding, key=rank))


def by_kind(listed: Sequence[Term]) -> dict[str, tuple[Term, ...]]:
    """Terms by kind, the kind of the best one first."""
    return {kind: tuple(term for term in listed if term.kind == kind) for kind in dict.fromkeys(term.kind for term in listed)}


def answer(known: Sequence[Term], shown: Sequence[Term], words: str) -> str:
    """What is shown, in a sentence."""
    if not words.strip():
        return f"**{formats.count(len(known))} words**, each with the one meaning that it has on every page and in every file."
    said = formats.plain(formats.short(" ".join(words.split()), 60))
    if not shown:
        return f"No word and no meaning holds “{said}”."
    first = shown[0]
    if len(shown) == 1 or _folded(words) in (_folded(first.name), _folded(first.word)):
        return f"**{formats.plain(first.word)}**: {_sentence(formats.plain(first.meaning))}"
    return f"**{formats.count(len(shown))} of {formats.count(len(known))} words** hold “{said}”."


def table(listed: Sequence[Term]) -> str:
    """Terms as a Markdown table: the word, its meaning, and in small letters what files and links call it."""
    lines = ["| Word | What it means |", "|:--|:--|"]
    for term in listed:
        more = f" {_cell(_sentence(term.more))}" if term.more else ""
        lines.append(f"| **{_cell(term.word)}** | {_cell(_sentence(term.meaning))}{more} :gray[:small[{_cell(term.name)}]] |")
    return "\n".join(lines)


def _term(section: Section, kind: str, row: tuple[str, ...]) -> Term:
    if kind == COLUMNS:
        name, held, required, meaning = row
        table_words = formats.words(section.of_table)
        more = f"{held}{', needed' if required else ''}; file {section.of_table}"
        return Term(kind, f"{section.of_table}.{name}", f"{table_words} · {formats.words(name).lower()}", meaning, more)
    if section.title in (*OF_CONTENT, *OF_COMPARED, *OF_MEETING, *OF_PEOPLE):
        return Term(kind, row[0], row[1], row[2], section.title)
    if section.title == "Metrics":
        summed = "can be added up" if row[3] == "yes" else "cannot be added up"
        return Term(kind, row[0], row[1], row[2], "" if "added up" in row[2] else summed)
    if section.title == "Models":
        return Term(kind, row[0], row[1], row[2], f"elsewhere: {row[3]}" if row[3] else "")
    if section.title == "Dimensions":
        return Term(kind, row[0], row[1], row[3], LEVELS.get(row[2], ""))
    if section.title == "Checks":
        return Term(kind, row[0], row[1], row[3], f"{GRAVITY.get(row[2], row[2])}. {row[4]}")
    if section.title == "Filters":
        return Term(kind, row[0], formats.words(row[0]), f"keeps {row[1]}")
    if section.title == "Steps of the reconciliation":
        reason = row[0].partition(":")[2]
        return Term(
            kind, row[0], tables.reason_label(reason) if reason else STEP_WORDS.get(row[0], formats.words(row[0])), row[1]
        )
    return Term(kind, row[0], formats.words(row[1]), f"the {row[1]}" if section.title == "Periods" else row[1])


STEP_WORDS = {"crm_won": "CRM won", "finance": "Finance", "quarantined": "Rows we could not read", "attributed": "Credited"}


def _sentence(words: str) -> str:
    words = words.strip()
    return formats.capital(words) + ("" if not words or words.endswith((".", "!", "?")) else ".")


def _cell(words: str) -> str:
    return formats.plain(words.replace("\n", " "))


def _folded(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words[:2000])
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().replace("_", " ").strip()
