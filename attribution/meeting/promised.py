"""Block 3, "Did we do what we said?": actions of earlier meetings, done or not, each with its metric then and now.

An action is listed while it is open, and in the first meeting after it was done. Its metric is measured anew over the same kind of
days: 90 days that end with the data, as when it was written. That it moved does not say that the action moved it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.meeting import links, moves
from attribution.meeting.block import Block, Cell, Context, Figure, Grid, Record, Tone

if TYPE_CHECKING:
    from attribution.store import Action

DONE, LATE, OPEN = "✓ Done", "! Past its day", "→ Open"
_TONES: dict[str, Tone] = {DONE: "good", LATE: "bad", OPEN: "plain"}


def block(context: Context) -> Block:
    """Did we do what we said?"""
    days = {meeting.meeting_id: meeting.held_on for meeting in context.meetings}
    earlier = [action for action in context.actions if days.get(action.meeting_id, date.min) < context.held_on]
    if not earlier:
        return Block("", missing=_nothing_yet(context))
    listed = [action for action in earlier if _is_listed(action, context)]
    groups = {state: [action for action in listed if _state(action, context.held_on) == state] for state in (LATE, OPEN, DONE)}
    now = moves.measured(context, [action.metric for action in listed if action.metric])
    currency = context.ds.settings.reporting.currency
    done_ever = sum(action.is_done for action in earlier)
    return Block(
        answer=_answer(groups, context),
        figures=(
            Figure(
                "Done since last time", formats.count(len(groups[DONE])), "ticked off",
                "Actions of earlier meetings that somebody ticked off since the last meeting.",
            ),
            Figure(
                "Open, day still to come", formats.count(len(groups[OPEN])), "or without a day",
                "Actions of earlier meetings that are open and not past their day.",
            ),
            Figure(
                "Open past their day", formats.count(len(groups[LATE])), _oldest(groups[LATE], context.held_on),
                "Actions of earlier meetings that are open after the day they were due.",
            ),
            Figure(
                "Done of all so far", f"{formats.count(done_ever)} of {formats.count(len(earlier))}", "over all meetings",
                "Every action that earlier meetings wrote down.",
            ),
        ),
        records_title=f"{counted(len(listed), 'action')} from earlier meetings",
        records=tuple(_record(action, state, days, now, context) for state in groups for action in _by_day(groups[state])),
        grids=tuple(grid for grid in (_grid(listed, now, currency),) if grid),
        notes=("A metric that moved does not say that the action moved it.",) if now else (),
    )  # fmt: skip


def _nothing_yet(context: Context) -> str:
    if not any(meeting.held_on < context.held_on for meeting in context.meetings):
        return (
            "This is the first meeting that is kept here. What you agree today (who does what by when, and which figure it is to move) "
            "stands here next time, done or not, with the figure then and now."
        )
    return "Earlier meetings wrote down no action. Add one under any block; next time it stands here, done or not."


def _is_listed(action: Action, context: Context) -> bool:
    return action.done_on is None or context.last_on is None or action.done_on >= context.last_on


def _state(action: Action, held_on: date) -> str:
    return DONE if action.is_done else LATE if action.is_late(held_on) else OPEN


def _by_day(actions: Sequence[Action]) -> list[Action]:
    return sorted(actions, key=lambda action: (action.due_on or date.max, action.owner, action.entry_id))


def _answer(groups: Mapping[str, Sequence[Action]], context: Context) -> str:
    late, open_, done = (len(groups[state]) for state in (LATE, OPEN, DONE))
    if not late and not open_ and not done:
        return "Everything that earlier meetings agreed was done before the last one; nothing is open."
    since = f" since {formats.day(context.last_on)}" if context.last_on else ""
    parts = [f"{counted(done, 'action was', 'actions were')} done{since}" if done else f"No action was ticked off{since}"]
    if open_:
        parts.append(f"{formats.count(open_)} {'is' if open_ == 1 else 'are'} open with time left")
    if late:
        parts.append(f"{formats.count(late)} {'is' if late == 1 else 'are'} open past {'its' if late == 1 else 'their'} day")
    elif not open_:
        parts.append("nothing is open")
    return f"{'; '.join(parts)}."


def _oldest(late: Sequence[Action], held_on: date) -> str:
    due = [action.due_on for action in late if action.due_on]
    return f"the longest by {formats.days((held_on - min(due)).days)}" if due else "none"


def _record(action: Action, state: str, days: Mapping[int, date], now: Mapping[str, moves.Measured], context: Context) -> Record:
    written = days.get(action.meeting_id)
    due = f"due {formats.day(action.due_on, year=False)}" if action.due_on else "no day"
    said = f"done {formats.day(action.done_on, year=False)}" if action.done_on else due
    here = now.get(action.metric)
    then, today = (
        moves.in_words(action.metric, one, context.ds.settings.reporting.currency)
        for one in (action.metric_value, here.value if here else None)
    )
    moved = f"{moves.label(action.metric).lower()} {then} then, {today} now" if action.metric else ""
    about = f"about {action.about_name}" if action.about_name else ""
    detail = " · ".join(part for part in (action.owner or "no owner yet", moved, about) if part)
    link = links.page("meeting", {"meeting": str(action.meeting_id), "block": action.block})
    return Record(
        state, action.text, said, detail, link, _TONES[state], f"action-{action.entry_id}",
        (
            ("owner", action.owner), ("due_on", action.due_on.isoformat() if action.due_on else None), ("metric", action.metric or None),
            ("metric_then", action.metric_value), ("metric_now", here.value if here else None),
            ("about", action.about or None), ("agreed_on", written.isoformat() if written else None),
            ("done_on", action.done_on.isoformat() if action.done_on else None),
        ),
    )  # fmt: skip


def _grid(listed: Sequence[Action], now: Mapping[str, moves.Measured], currency: str | None) -> Grid | None:
    """Each action's metric then and now; nothing where no action names one."""
    rows, named = [], [action for action in listed if action.metric in now]
    for action in _by_day(named):
        here = now[action.metric]
        words, is_better = moves.change_in_words(action.metric, action.metric_value, here.value, currency)
        tone: Tone = "plain" if is_better is None else "good" if is_better else "bad"
        arrow = "" if is_better is None else "↑ " if (here.value or 0) > (action.metric_value or 0) else "↓ "
        rows.append(
            (
                Cell(action.text),
                Cell(moves.label(action.metric)),
                Cell(moves.in_words(action.metric, action.metric_value, currency)),
                Cell(moves.in_words(action.metric, here.value, currency)),
                Cell(f"{arrow}{words}" if words else formats.DASH, tone=tone),
            )
        )
    if not rows:
        return None
    definitions = {moves.label(name): entry.description for name in now if (entry := moves.entry_of(name))}
    return Grid(
        "The figure each was to move",
        ("Action", "Figure", "Then", "Now", "Change"),
        tuple(rows),
        name_columns=2,
        help=(("Figure", " ".join(f"{name}: {words}" for name, words in definitions.items())),
              ("Then", "When the action was written, over the same kind of days."),
              ("Now", f"What happens is counted over {moves.RATE_DAYS} days, what stands (open deals, open promises, what is stuck) as of the day.")),
        caption=f"Then: {moves.RATE_DAYS} days to the data of its meeting. Now: {_days(now)}.",
    )  # fmt: skip


def _days(now: Mapping[str, moves.Measured]) -> str:
    """Over which days the figures of now are counted: "90 days to 20 Nov 2026, open promises as of 20 Nov 2026"."""
    usual = max((one for one in now.values() if one.first), key=lambda one: one.last, default=None)
    others = [f"{moves.label(one.name).lower()} {one.days}" for one in now.values() if usual is None or one.days != usual.days]
    return ", ".join([*([usual.days] if usual else []), *others])
