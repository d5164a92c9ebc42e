"""A meeting as it is handed round and kept: every block as it was shown, and what was written under it.

``parts`` computes the blocks; ``made`` puts them together with what people wrote. Everything is text, numbers, dates and tuples of
these (frozen.py), so the file, the archive and the page that reopens a meeting draw the same.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from attribution.answers import rule_words
from attribution.charts import formats
from attribution.errors import ClosedLoopError, UnknownNameError
from attribution.meeting import frozen
from attribution.meeting.agenda import AGENDA, Item
from attribution.meeting.block import Block, Context
from attribution.meeting.fit import data_day, marks
from attribution.metrics import metric

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.store.meeting_records import Action, Decision, Meeting, Note

FAILED = "This block could not be computed; the others are not touched by it."


@dataclass(frozen=True)
class Said:
    """A decision, and who wrote it down."""

    text: str
    by: str = ""


@dataclass(frozen=True)
class Todo:
    """Who does what by when. ``metric`` in words, ``metric_then`` what it was when this was written, in words and as a number;
    ``about`` the id and ``about_name`` the name of the record it is about; ``meeting_on`` the day it was written on."""

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
    ``earlier``: actions of meetings before that were open then."""

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


def parts(context: Context, agenda: Sequence[Item] = AGENDA) -> tuple[Part, ...]:
    """Every block of the agenda that the settings leave in, computed. A block that fails says so, and leaves the others alone."""
    minutes = context.ds.settings.meeting.minutes
    listed = (replace(item, minutes=minutes.get(item.key, item.minutes)) for item in agenda)

    try:
        careful = marks(context)
    except Exception:
        logging.getLogger("closed_loop").exception("The marks of the blocks could not be computed")
        careful = {}
    return tuple(part(context, item, careful.get(item.key, ())) for item in listed if item.minutes > 0)


def part(context: Context, item: Item, careful: Sequence[str] = ()) -> Part:
    """One block, computed. ``careful``: marks beside its own (fit.marks); a block without anything to show needs none."""
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


def made(
    context: Context,
    shown: Sequence[Part],
    notes: Mapping[str, Note] | None = None,
    decisions: Sequence[Decision] = (),
    actions: Sequence[Action] = (),
    meetings: Sequence[Meeting] = (),
    meeting_id: int = 0,
) -> MeetingPack:
    """The pack of a meeting. ``decisions`` and ``actions`` may be those of all meetings: this one's (``meeting_id``) stand under their
    blocks, open actions of earlier ones in ``earlier``. What was written under a block that is not on the agenda is kept under the last."""
    ds, days = context.ds, {entry.meeting_id: entry.held_on for entry in meetings} | ({meeting_id: context.held_on} if meeting_id else {})
    names = {entry.key: entry.short for entry in shown}
    last = shown[-1].key if shown else ""

    def place(key: str) -> str:
        return key if key in names else last

    def todo(entry: Action) -> Todo:
        return _todo(entry, days.get(entry.meeting_id), names.get(entry.block, formats.words(entry.block, "")), ds.settings.reporting.currency)

    own = [entry for entry in actions if entry.meeting_id == meeting_id]
    said = [entry for entry in decisions if entry.meeting_id == meeting_id]
    texts = notes or {}
    stray = [f"{formats.words(key)}: {note.text}" for key, note in texts.items() if key not in names and note.text.strip()]
    filled = tuple(
        replace(
            entry,
            note="\n".join([*([texts[entry.key].text] if entry.key in texts else []), *(stray if entry.key == last else [])]),
            decisions=tuple(Said(one.text, one.written_by) for one in said if place(one.block) == entry.key),
            actions=tuple(todo(one) for one in own if place(one.block) == entry.key),
        )
        for entry in shown
    )
    return MeetingPack(
        held_on=context.held_on,
        last_on=context.last_on,
        data_up_to=data_day(ds),
        data_version=ds.version,
        rule=rule(ds),
        currency=ds.settings.reporting.currency,
        parts=filled,
        earlier=tuple(
            todo(entry) for entry in actions if entry.meeting_id != meeting_id and not entry.is_done and _is_before(days.get(entry.meeting_id), context.held_on)
        ),
    )  # fmt: skip


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


def metric_in_words(name: str, value: float | None, currency: str | None) -> tuple[str, str]:
    """(the metric's name on screen, its value in words); a metric that no registry knows by its key."""
    try:
        entry = metric(name)
    except UnknownNameError:
        return formats.words(name, ""), formats.count(value) if value is not None else ""
    if value is None:
        return entry.label, ""
    written = {
        "money": lambda: formats.money(value, currency), "share": lambda: formats.share(value), "days": lambda: formats.days(value),
        "ratio": lambda: formats.ratio(value), "deals": lambda: formats.counted(value, "deal"),
    }  # fmt: skip
    return entry.label, written.get(entry.format, lambda: formats.count(value))()


def _todo(entry: Action, meeting_on: date | None, block: str, currency: str | None) -> Todo:
    label, then = metric_in_words(entry.metric, entry.metric_value, currency) if entry.metric else ("", "")
    return Todo(
        entry.text, entry.owner, entry.due_on, label, then, entry.metric_value, entry.about, entry.about_name, block, meeting_on, entry.done_on
    )  # fmt: skip


def _is_before(day: date | None, held_on: date) -> bool:
    return day is None or day < held_on
