"""A meeting as it is handed round and kept: every block as it was shown, and what was written under it.

``parts`` computes the blocks; ``made`` puts them together with what people wrote. Everything is text, numbers, dates and tuples of
these (frozen.py), so the file, the archive and the page that reopens a meeting draw the same.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from attribution.answers.words import rule_words
from attribution.charts import formats
from attribution.content import scope
from attribution.errors import ClosedLoopError
from attribution.meeting import agenda, frozen, links, moves
from attribution.meeting.agenda import Item
from attribution.meeting.block import Block, Context
from attribution.meeting.careful import marks
from attribution.reports.address import app_url

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.store.meeting_records import Action, Note

FAILED = "This block could not be computed; the others are not touched by it."


@dataclass(frozen=True)
class Said:
    """A decision, and who wrote it down."""

    text: str
    by: str = ""


@dataclass(frozen=True)
class Todo:
    """Who does what by when. ``metric`` in words, ``metric_then`` what it was when this was written, in words and as a number;
    ``about`` the id and ``about_name`` the name of the record it is about; ``meeting_on`` the day it was written on; ``link`` where it is in the app."""

    text: str
    owner: str = ""
    due_on: date | None = None
    metric: str = ""
    metric_then: str = ""
    metric_value: float | None = None
    about: str = ""
    about_name: str = ""
    block: str = ""
    meeting_on: date | None = None
    done_on: date | None = None
    link: str = ""

    def status(self, today: date) -> str:
        """Done, open or late on a day."""
        if self.done_on is not None:
            return "done"
        return "late" if self.due_on is not None and self.due_on < today else "open"


@dataclass(frozen=True)
class Part:
    """A block and what was written under it. ``problem`` says why there is no ``block``."""

    key: str
    question: str
    short: str
    minutes: int
    block: Block | None = None
    problem: str = ""
    note: str = ""
    decisions: tuple[Said, ...] = ()
    actions: tuple[Todo, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether anybody wrote anything under it."""
        return bool(self.note.strip() or self.decisions or self.actions)


@dataclass(frozen=True)
class MeetingPack:
    """A whole meeting. ``data_up_to``: the last day of the data; ``closed_by`` and ``closed_at`` (UTC) are empty until it is closed;
    ``earlier``: actions of meetings before that were open then. ``app_url``: the app that records link to, empty for none; ``is_masked``: companies
    and people are numbers (masked.py)."""

    held_on: date
    last_on: date | None
    data_up_to: date
    data_version: str
    rule: str
    currency: str | None
    parts: tuple[Part, ...]
    earlier: tuple[Todo, ...] = ()
    closed_by: str = ""
    closed_at: str = ""
    app_url: str = ""
    is_masked: bool = False

    @property
    def minutes(self) -> int:
        """How long the blocks take together."""
        return sum(part.minutes for part in self.parts)

    @property
    def actions(self) -> tuple[Todo, ...]:
        """What was agreed in this meeting, in the order of its blocks."""
        return tuple(action for part in self.parts for action in part.actions)

    @property
    def decisions(self) -> tuple[Said, ...]:
        """What was decided in this meeting."""
        return tuple(decision for part in self.parts for decision in part.decisions)


def parts(context: Context, items: Sequence[Item] | None = None) -> tuple[Part, ...]:
    """Every block that the settings leave in (or ``items``), computed. A block that fails says so, and leaves the others alone."""
    careful = careful_with(context)
    listed = agenda.shown(context.ds.settings) if items is None else items
    return tuple(part(context, item, careful.get(item.key, ())) for item in listed)


def careful_with(context: Context) -> Mapping[str, tuple[str, ...]]:
    """Block → what the data lacks for it (careful.marks); nothing where that cannot be told."""
    try:
        return marks(context)
    except Exception:
        logging.getLogger("closed_loop").exception("What the blocks of a meeting rest on could not be told")
        return {}


def part(context: Context, item: Item, careful: Sequence[str] = ()) -> Part:
    """One block, computed. ``careful``: marks beside its own (careful.marks); a block without anything to show needs none."""
    empty = Part(item.key, item.question, item.short, item.minutes)
    try:
        block = item.compute(context)
        if careful and not block.missing:
            block = replace(block, marks=tuple(dict.fromkeys((*block.marks, *careful))))
        return replace(empty, block=frozen.thaw(frozen.freeze(block), Block))
    except ClosedLoopError as error:
        return replace(empty, problem=f"{FAILED} {error}")
    except Exception:
        logging.getLogger("closed_loop").exception("Block %s of the meeting of %s failed", item.key, context.held_on)
        return replace(empty, problem=f"{FAILED} The program failed, not your data; the server's log says where.")


def made(context: Context, shown: Sequence[Part], notes: Mapping[str, Note] | None = None, meeting_id: int = 0) -> MeetingPack:
    """The pack of a meeting: its blocks with what was written under them. This meeting's decisions and actions (``meeting_id``) are those
    of the context; open actions of earlier ones stand in ``earlier``. What was written under a block that is not shown is kept under the last."""
    ds, currency = context.ds, context.ds.settings.reporting.currency
    days = {entry.meeting_id: entry.held_on for entry in context.meetings}
    names = {entry.key: entry.short for entry in shown}
    last = shown[-1].key if shown else ""
    texts = {key: note.text for key, note in (notes or {}).items() if note.text.strip()}
    stray = [f"{formats.words(key)}: {text}" for key, text in texts.items() if key not in names]

    def todo(entry: Action) -> Todo:
        return _todo(entry, days.get(entry.meeting_id), names.get(entry.block, formats.words(entry.block, "")), currency)

    def under(key: str, entries: Sequence[Any]) -> list[Any]:
        own = (entry for entry in entries if entry.meeting_id == meeting_id)
        return [entry for entry in own if key == (entry.block if entry.block in names else last)]

    filled = tuple(
        replace(
            entry,
            note="\n".join([*([texts[entry.key]] if entry.key in texts else []), *(stray if entry.key == last else [])]),
            decisions=tuple(Said(one.text, one.written_by) for one in under(entry.key, context.decisions)),
            actions=tuple(todo(one) for one in under(entry.key, context.actions)),
        )
        for entry in shown
    )
    earlier = (entry for entry in context.actions if entry.meeting_id != meeting_id and not entry.is_done)
    return MeetingPack(
        held_on=context.held_on,
        last_on=context.last_on,
        data_up_to=scope.today(ds),
        data_version=ds.version,
        rule=rule(ds),
        currency=currency,
        parts=filled,
        earlier=tuple(todo(entry) for entry in earlier if days.get(entry.meeting_id, date.min) < context.held_on),
        app_url=app_url(),
    )


def rule(ds: Dataset) -> str:
    """The agreed credit rule in words: "30 first contact · 30 lead · 30 deal opened · 10 the rest, agreed 12 Mar 2026 by the revenue team"."""
    reporting = ds.settings.reporting
    model = ds.settings.model(reporting.model)
    agreed = [
        *([formats.day(reporting.agreed_on)] if reporting.agreed_on else []),
        *([f"by {reporting.agreed_by}"] if reporting.agreed_by else []),
    ]
    return rule_words(tuple(model.shares.items()), model.label) + (f", agreed {' '.join(agreed)}" if agreed else "")


def closed(pack: MeetingPack, by: str, moment: datetime) -> MeetingPack:
    """The pack with who closed the meeting and when."""
    return replace(pack, closed_by=by, closed_at=moment.astimezone(UTC).isoformat(timespec="seconds"))


def _todo(entry: Action, meeting_on: date | None, block: str, currency: str | None) -> Todo:
    label, then = (
        (moves.label(entry.metric), moves.in_words(entry.metric, entry.metric_value, currency)) if entry.metric else ("", "")
    )
    return Todo(
        entry.text,
        entry.owner,
        entry.due_on,
        label,
        then if entry.metric_value is not None else "",
        entry.metric_value,
        entry.about,
        entry.about_name,
        block,
        meeting_on,
        entry.done_on,
        links.page("meeting", {"meeting": str(entry.meeting_id), "block": entry.block}),
    )
