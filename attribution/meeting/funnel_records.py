"""The people and deals behind the funnel: who is still in the stage that leaks, who came back, and all that a cell of its tables counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from attribution.charts import formats
from attribution.charts.formats import money
from attribution.meeting import links, listing, spans, stages
from attribution.meeting.block import Context, Record, Tone
from attribution.meeting.funnel_rows import NAMES, OPENED, Funnel, funnel, of_kind, within
from attribution.meeting.listing import with_rest
from attribution.meeting.persons import colleagues, persons
from attribution.meeting.spans import DAY_US, Span

State = tuple[str, Tone]

RETURNS = {"came back": "Came back", "moved back": "Moved back to an earlier stage"}
STILL: State = ("○ Still there", "plain")
LEFT: State = ("↓ Left", "moved")
LATER: State = ("↑ Moved on later", "plain")
MOVED: State = ("↑ Moved on", "good")
ORDER = [STILL[0], LEFT[0], LATER[0], MOVED[0]]
MOST_WAITING, MOST_RETURNS = 60, 30


def records(context: Context, found: Funnel) -> tuple[Record, ...]:
    """Of the step that leaks: who had their time and is still there, latest first; and who came back or moved back since the last meeting."""
    listed: list[Record] = []
    leak = found.focus
    if leak is not None and leak.cohorts is not None:
        if leak.stage == OPENED:
            listed += _deals_still_open(context, found, leak.cohorts[0])[:MOST_WAITING]
        else:
            entered = behind(context, f"moved:{leak.stage}:now", found)
            listed += [record for record in entered if record.group == STILL[0]][:MOST_WAITING]
    known, since = stages.lifecycle(context.ds), spans.since_last(context)
    for kind in ("came back", "moved back"):
        chosen = found.steps[of_kind(found.steps, known, kind) & within(found.steps.entered_us, since)]
        listed += _people(context, chosen, _returned(kind))[:MOST_RETURNS]
    return tuple(listed)


def behind(context: Context, word: str, found: Funnel | None = None) -> tuple[Record, ...]:
    """All records that a cell of the block's tables counts: ``entered:lead:now``, ``moved:lead:before``, ``returns:came back:now``."""
    what, _, rest = word.partition(":")
    stage, _, when = rest.rpartition(":")
    if not context.ds.rows("select 1 from raw.lifecycle_changes limit 1"):
        return ()
    found, known = found or funnel(context), stages.lifecycle(context.ds)
    place = 1 if when == "before" else 0
    if what == "returns":
        chosen = of_kind(found.steps, known, stage) & within(found.steps.entered_us, found.windows[place])
        return with_rest(_people(context, found.steps[chosen], _returned(stage)), int(chosen.sum()))
    row = next((row for row in found.rows if row.stage == stage and stage not in NAMES), None)
    if row is None or row.cohorts is None:
        return ()
    span = row.cohorts[place] if what == "moved" else found.windows[place]
    chosen = (found.steps.stage_rank == known.ranks[stage]) & within(found.steps.entered_us, span)
    limit = row.within * DAY_US if what == "moved" else spans.now_us(context)

    def state(step: Any) -> State:
        if not step.next_rank:
            return STILL
        if not step.stage_rank < step.next_rank <= len(known.forward):
            return LEFT
        return MOVED if step.next_us <= step.entered_us + limit else LATER

    return with_rest(_people(context, found.steps[chosen], state), int(chosen.sum()))


def _returned(kind: str) -> Callable[[Any], State]:
    state: State = (
        (f"↑ {RETURNS[kind]}", "good") if kind == "came back" else (f"↓ {RETURNS.get(kind) or stages.name(kind)}", "moved")
    )
    return lambda _step: state


def _people(context: Context, chosen: pd.DataFrame, state: Callable[[Any], State]) -> list[Record]:
    """Steps as records, by their state, the latest first."""
    ds = context.ds
    chosen = chosen.sort_values(["entered_us", "contact_id"], ascending=[False, True]).head(listing.MOST)
    names, owners = persons(ds, chosen.contact_id), colleagues(ds)
    by_rank = {rank: stage for stage, rank in stages.lifecycle(ds).ranks.items()}
    now_us, listed = spans.now_us(context), []
    for step in chosen.itertuples(index=False):
        (group, tone), person = state(step), names[step.contact_id]
        entered_on, stage = spans.local_day(ds, step.entered_us), by_rank[step.stage_rank]
        following = by_rank.get(step.next_rank)
        days = ((step.next_us if following else now_us) - step.entered_us) // DAY_US
        owner = owners[step.owner_id].name if step.owner_id in owners else _text(step.owner_id)
        way = f"{stages.name(stage)} since {formats.day(entered_on)}"
        if following:
            way = f"{stages.name(stage)} → {stages.named(following)} after {formats.days(days)}"
        said = [person.company, way, _text(step.reason), owner]
        fields = (
            ("contact_id", step.contact_id), ("company", person.company), ("segment", person.segment), ("stage", stage),
            ("entered_on", entered_on.isoformat()), ("next_stage", following), ("days", int(days)), ("owner", owner), ("reason", _text(step.reason)),
        )  # fmt: skip
        detail, link = "; ".join(part for part in said if part), person.link
        listed.append(Record(group, person.name, detail=detail, link=link, tone=tone, key=step.contact_id, fields=fields))
    return sorted(listed, key=lambda record: ORDER.index(record.group) if record.group in ORDER else 0)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _deals_still_open(context: Context, found: Funnel, span: Span) -> list[Record]:
    """Deals of a cohort that are still open, the largest first."""
    deals, currency = found.deals, context.ds.settings.reporting.currency
    is_there = (deals.created_on >= pd.Timestamp(span.first)) & (deals.created_on <= pd.Timestamp(span.last))
    listed = []
    chosen = deals[(deals.status == "open") & is_there].sort_values(["amount", "deal_id"], ascending=[False, True])
    for deal in chosen.itertuples(index=False):
        opened = deal.created_on.date()
        said = [formats.words(_text(deal.deal_stage), ""), f"opened {formats.day(opened)}", _text(deal.owner_name)]
        fields = (
            ("deal_id", deal.deal_id),
            ("stage", _text(deal.deal_stage)),
            ("opened_on", opened.isoformat()),
            ("amount", deal.amount),
        )
        detail, name = "; ".join(part for part in said if part), _text(deal.name) or deal.deal_id
        listed.append(
            Record(
                "○ Still open",
                name,
                money(deal.amount, currency),
                detail,
                links.deal(deal.deal_id),
                key=deal.deal_id,
                fields=fields,
            )
        )
    return listed
