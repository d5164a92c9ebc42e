"""Where one visitor stands on the way from files to numbers: frozen, replaced step by step, forgotten with the visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from attribution.connectors import mapping
from attribution.connectors.plan import Constant, Expression, Options, Renamed
from attribution.onboarding import matching
from attribution.onboarding.checking import Check
from attribution.onboarding.draft import Draft, Feed, Origin, StatusWords, to_toml
from attribution.onboarding.looking import Look, Part
from attribution.onboarding.suggesting import is_ambiguous, suggest

NOTHING, CONSTANT, FORMULA = "", "one value", "a formula"
_COLUMN = "column "


@dataclass(frozen=True)
class Work:
    """``generation`` counts new beginnings, so that boxes of an earlier folder are not taken for this one's; ``prepared`` is the folder that a build
    reads, ``refused`` why the check stopped, ``done`` the version that was built."""

    step: int = 1
    generation: int = 0
    look: Look | None = None
    draft: Draft = field(default_factory=Draft)
    reasons: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Options] = field(default_factory=dict)
    by_hand: bool = False
    report_in: str | None = None
    prepared: Path | None = None
    checked: Check | None = None
    refused: str | None = None
    done: str | None = None

    @property
    def maps(self) -> bool:
        """Whether columns are matched here; otherwise the folder says itself what is what."""
        return self.look is not None and (self.look.kind == "export" or self.by_hand)

    @property
    def overrides(self) -> tuple[str, ...]:
        """Settings that were chosen here, for the build."""
        return (f'reporting.currency="{self.report_in}"',) if self.report_in else ()

    @property
    def questions(self) -> tuple[str, ...]:
        """What has to be answered before the check, in words."""
        if not self.maps or self.look is None:
            return ()
        asked = list(self.draft.problems())
        for file, _ in self.ambiguous("date_order"):
            asked.append(f"{file}: say whether day or month comes first.")
        for file, _ in self.ambiguous("decimal"):
            asked.append(f"{file}: say whether the point or the comma is the decimal mark.")
        return tuple(asked)

    def ambiguous(self, option: str) -> tuple[tuple[str, str], ...]:
        """(file, example) of the files whose dates (``date_order``) or numbers (``decimal``) can be read in two ways."""
        found: dict[str, str] = {}
        for feed in self.draft.feeds:
            part = self.part(feed.part)
            if part is not None and is_ambiguous(feed, part)[0 if option == "date_order" else 1]:
                found.setdefault(feed.file, _example(part, option))
        return tuple(found.items())

    def part(self, name: str) -> Part | None:
        """The part of that name."""
        return next((part for part in self.look.parts if part.name == name), None) if self.look else None

    def toml(self) -> str:
        """The mapping as it stands: the draft's, or the folder's own; empty where files are named after the tables."""
        if self.maps or self.look is None:
            return to_toml(self.draft)
        try:
            return (self.look.folder / mapping.FILE_NAME).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return ""

    def changed(self, draft: Draft) -> Work:
        """The same work with another draft; an earlier check no longer holds."""
        return replace(self, draft=draft, checked=None, refused=None)


def begin(work: Work, look: Look) -> Work:
    """Start with a folder: the draft that fits it best."""
    found = suggest(look)
    return Work(2, work.generation + 1, look, found.draft, found.reasons)


def looked_again(work: Work, look: Look) -> Work:
    """The same folder read with other options: files that read as before keep their feeds, the others get new suggestions."""
    assert work.look is not None
    old = {part.name: part for part in work.look.parts}
    found = suggest(look)
    feeds: list[Feed] = []
    for part in look.parts:
        feeds += work.draft.feeds_of(part.name) if old.get(part.name) == part else found.draft.feeds_of(part.name)
    return replace(
        work, look=look, draft=replace(work.draft, feeds=tuple(feeds)), generation=work.generation + 1, checked=None, refused=None
    )


def tables_chosen(work: Work, part: Part, tables: list[str]) -> Work:
    """Let a part feed these tables and no other: new ones begin with the best match."""
    draft = work.draft
    for feed in draft.feeds_of(part.name):
        if feed.table not in tables:
            draft = draft.without(part.name, feed.table)
    for table in tables:
        if draft.feed(part.name, table) is None:
            draft = draft.with_feed(matching.fill(part, table))
    return work.changed(draft)


def choices(part: Part) -> list[str]:
    """What a box offers: nothing, each column, one value for all rows, a formula."""
    return [NOTHING, *(f"{_COLUMN}{column.name}" for column in part.columns), CONSTANT, FORMULA]


def choice_of(origin: Origin | None) -> str:
    """Which of ``choices`` an origin is."""
    if origin is None:
        return NOTHING
    if isinstance(origin, Renamed | StatusWords):
        return f"{_COLUMN}{origin.column}"
    return CONSTANT if isinstance(origin, Constant) else FORMULA


def chosen(part: Part, table: str, column: str, choice: str, before: Origin | None) -> Origin | None:
    """The origin that a choice means; what was written before for a constant or formula is kept."""
    if choice == NOTHING:
        return None
    if choice == CONSTANT:
        return before if isinstance(before, Constant) else Constant("unknown" if column in ("channel", "kind") else "")
    if choice == FORMULA:
        if isinstance(before, Expression):
            return before
        return Expression(matching.made_id(part) if column.endswith("_id") else "''")
    name = choice.removeprefix(_COLUMN)
    looked = part.column(name)
    if (table, column) == ("deals", "status") and looked is not None:
        return matching.status_words(looked)
    return Renamed(name)


def column_in(choice: str) -> str:
    """The name of the column in a choice; empty where it is none."""
    return choice.removeprefix(_COLUMN) if choice.startswith(_COLUMN) else ""


def _example(part: Part, option: str) -> str:
    for column in part.columns:
        found = (column.order if option == "date_order" else column.mark).either_example
        if found:
            return found
    return ""


def look_with(folder: Path, options: Mapping[str, Options], parts: Callable[[Path, Options], tuple[Part, ...]]) -> Look:
    """Look at all files of a folder, each with its options, through ``parts`` (which may remember). Raises DataError."""
    from attribution.onboarding.looking import files_in, kind_of

    readable, others = files_in(folder)
    found = tuple(part for path in readable for part in parts(path, options.get(path.name, Options())))
    return Look(folder, kind_of(folder, found), found, tuple(others))
