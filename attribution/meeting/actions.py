"""Block 10, "Who does what by when?": the decisions and actions of this meeting read back, with what is still open from earlier ones.

Actions stand by owner and day; first those that lack an owner or a day, because nobody will do them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.meeting import links, moves
from attribution.meeting.block import Block, Cell, Context, Figure, Grid, Record

if TYPE_CHECKING:
    from attribution.store import Action, Decision

LACKS = "! Who, when?"


def block(context: Context) -> Block:
    """Who does what by when?"""
    days = {meeting.meeting_id: meeting.held_on for meeting in context.meetings}

    def is_today(meeting_id: int) -> bool:
        return days.get(meeting_id) == context.held_on

    said = [entry for entry in context.decisions if is_today(entry.meeting_id)]
    agreed = [action for action in context.actions if is_today(action.meeting_id)]
    earlier = [action for action in context.actions if not is_today(action.meeting_id) and not action.is_done]
    if not said and not agreed and not earlier:
        return Block(
            "",
            missing="Nothing was decided or agreed yet. Decisions and actions that you write under any block are read back here, by owner and day.",
        )
    open_ = [*(action for action in agreed if not action.is_done), *earlier]
    lacking = [action for action in open_ if not action.owner or action.due_on is None]
    owners = sorted({action.owner for action in open_ if action.owner}, key=str.casefold)
    soon = min((action.due_on for action in open_ if action.due_on and action.due_on >= context.held_on), default=None)
    return Block(
        answer=_answer(said, agreed, earlier, lacking),
        figures=(
            Figure("Decided today", formats.count(len(said)), "decisions", "Decisions written down in this meeting."),
            Figure("Agreed today", formats.count(len(agreed)), "actions", "Actions written down in this meeting, done ones too."),
            Figure(
                "Open in all", formats.count(len(open_)), f"for {counted(len(owners), 'person', 'people')}",
                "Open actions of this and of earlier meetings.",
            ),
            Figure(
                "Lack an owner or a day", formats.count(len(lacking)), "say who and by when" if lacking else "none",
                "Open actions without an owner, or without a day by which they are done.",
            ),
            Figure("Next day", formats.day(soon, year=False) if soon else formats.DASH, _on(soon, open_), "The next day on which an open action is due."),
        ),
        records_title=f"{counted(len(open_), 'open action')} by owner and day",
        records=_records(open_, lacking, owners, days, context),
        grids=tuple(grid for grid in (_decided(said), _by_owner(open_, owners, context)) if grid),
    )  # fmt: skip


def _answer(said: Sequence[Decision], agreed: Sequence[Action], earlier: Sequence[Action], lacking: Sequence[Action]) -> str:
    today = [counted(len(said), "decision")] if said else []
    today += [counted(len(agreed), "action")] if agreed else []
    first = f"Today took {' and '.join(today)}" if today else "Nothing new was decided or agreed today"
    rest = (
        f"; {formats.count(len(earlier))} from earlier meetings {'is' if len(earlier) == 1 else 'are'} still open"
        if earlier
        else ""
    )
    thin = (
        f" {counted(len(lacking), 'open action')} lack{'s' if len(lacking) == 1 else ''} an owner or a day: say who and by when before you close."
        if lacking
        else ""
    )
    return f"{first}{rest}.{thin}"


def _on(day: date | None, open_: Sequence[Action]) -> str:
    return counted(sum(action.due_on == day for action in open_), "action") if day else "no day is set"


def _records(
    open_: Sequence[Action], lacking: Sequence[Action], owners: Sequence[str], days: Mapping[int, date], context: Context
) -> tuple[Record, ...]:
    def in_order(actions: Sequence[Action]) -> list[Action]:
        return sorted(actions, key=lambda action: (action.due_on or date.max, action.entry_id))

    groups = [(LACKS, in_order(lacking))]
    groups += [
        (owner, in_order([action for action in open_ if action.owner == owner and action not in lacking])) for owner in owners
    ]
    return tuple(_record(group, action, days, context) for group, actions in groups for action in actions)


def _record(group: str, action: Action, days: Mapping[int, date], context: Context) -> Record:
    written = days.get(action.meeting_id)
    is_late = action.is_late(context.held_on)
    due = formats.day(action.due_on, year=False) if action.due_on else "no day"
    detail = " · ".join(
        part
        for part in (
            (action.owner or "no owner") if group == LACKS else "",
            f"moves {moves.label(action.metric).lower()}" if action.metric else "",
            f"about {action.about_name}" if action.about_name else "",
            f"from {formats.day(written, year=False)}" if written and written != context.held_on else "",
        )
        if part
    )
    return Record(
        group, action.text, f"! {due}" if is_late else due, detail,
        links.page("meeting", {"meeting": str(action.meeting_id), "block": action.block}),
        "bad" if group == LACKS else "plain", f"action-{action.entry_id}",
        (
            ("owner", action.owner), ("due_on", action.due_on.isoformat() if action.due_on else None), ("metric", action.metric or None),
            ("about", action.about or None), ("agreed_on", written.isoformat() if written else None),
        ),
    )  # fmt: skip


def _decided(said: Sequence[Decision]) -> Grid | None:
    if not said:
        return None
    return Grid(
        "Decided today",
        ("Decision", "Written by"),
        tuple((Cell(entry.text), Cell(entry.written_by)) for entry in said),
        name_columns=2,
    )


def _by_owner(open_: Sequence[Action], owners: Sequence[str], context: Context) -> Grid | None:
    """How much each person took on: a promise that cannot be kept is better seen today."""
    if not owners:
        return None
    counts = Counter(action.owner for action in open_)
    late = Counter(action.owner for action in open_ if action.is_late(context.held_on))
    rows = tuple(
        (
            Cell(owner),
            Cell(formats.count(counts[owner])),
            Cell(formats.count(late[owner]) if late[owner] else formats.DASH, tone="bad" if late[owner] else "plain"),
            Cell(
                formats.day(
                    min((action.due_on for action in open_ if action.owner == owner and action.due_on), default=None), year=False
                )
            ),
        )
        for owner in sorted(owners, key=lambda one: (-counts[one], one.casefold()))
    )
    return Grid("Who took on how much", ("Owner", "Open", "Past their day", "Next day"), rows)
