"""Block 7, "What is stuck?": deals and leads that are in their stage longer than most of those that moved on, and what it would take.

Its numbers are those of waiting.py. A suggestion is a rule of thumb and says so: with a touch in the last 90 days push, without one close (a
deal) or recycle (a lead). What was dismissed in an earlier meeting stays away until its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attribution.charts import formats
from attribution.charts.formats import counted, money
from attribution.meeting import links, listing, spans, stages
from attribution.meeting.block import RATE_DAYS, Bar, Block, Cell, Context, Figure, Grid, Picture, Record
from attribution.meeting.listing import told_apart, with_rest
from attribution.meeting.persons import Colleague, colleagues, persons
from attribution.meeting.spans import DAY_US
from attribution.meeting.waiting import DEAL, LEAD, Queue, last_touches, of_deals, of_people
from attribution.meeting.words import DEFINITIONS

GROUPS = {DEAL: "◆ Deal", LEAD: "○ Lead"}
MOST = {DEAL: 200, LEAD: 60}
MISSING = (
    "Here deals and leads would stand that are in their stage longer than most of those that moved on. It needs the history of stages: "
    "deal_stage_changes (deal_id, deal_stage, entered_at) for deals, lifecycle_changes (contact_id, lifecycle_stage, entered_at) for leads. "
    "Export either from the CRM's field history, add the file and build again."
)
NOTE = f"Longer than usual: {DEFINITIONS['stuck']} Suggestion: {DEFINITIONS['suggestion']}"


def block(context: Context) -> Block:
    """What is stuck."""
    deals, leads = _queues(context)
    if deals is None and leads is None:
        return Block("No stage changes are recorded, so nothing can be called stuck.", missing=MISSING)
    queues = [queue for queue in (deals, leads) if queue is not None]
    put_aside = sum(len(queue.stuck) for queue in queues)
    queues = [_without_dismissed(context, queue) for queue in queues]
    put_aside -= sum(len(queue.stuck) for queue in queues)
    notes, marks, currency = [NOTE], [], context.ds.settings.reporting.currency
    if put_aside:
        notes.append(f"{counted(put_aside, 'record')} put aside by an earlier meeting; each comes back on its day.")
    if deals is not None and deals.unplaced:
        marks.append(
            f"{counted(deals.unplaced, 'open deal has', 'open deals have')} no recorded stage change and cannot be judged."
        )
    if deals is None:
        marks.append("Deals are not judged: the table deal_stage_changes is not there.")
    if leads is None:
        marks.append("Leads are not judged: the table lifecycle_changes is not there.")
    records = told_apart(record for queue in queues for record in _records(context, queue, queue.stuck.head(MOST[queue.kind])))
    return Block(
        answer=answer(queues, records, currency), figures=_figures(context, queues),
        records_title="Longest in their stage", records=records, picture=_picture(queues, currency),
        grids=tuple(_grid(queue, currency) for queue in queues if len(queue.here)), notes=tuple(notes), marks=tuple(marks),
    )  # fmt: skip


def behind(context: Context, word: str) -> tuple[Record, ...]:
    """All stuck records that a cell of the block's tables counts: ``deal:negotiation``, ``lead:sales_qualified``."""
    kind, _, stage = word.partition(":")
    queue = queues(context).get(kind)
    if queue is None:
        return ()
    rank = next((entry.rank for entry in queue.stages if entry.stage == stage), None)
    chosen = queue.stuck[queue.stuck.stage_rank == rank]
    return with_rest(told_apart(_records(context, queue, chosen.head(listing.MOST))), len(chosen))


def queues(context: Context) -> dict[str, Queue]:
    """Deals and leads that wait, by kind, without what was put aside; a kind whose table is not there is left out."""
    return {queue.kind: _without_dismissed(context, queue) for queue in _queues(context) if queue is not None}


def _queues(context: Context) -> tuple[Queue | None, Queue | None]:
    has_deals = context.ds.rows("select 1 from raw.deal_stage_changes limit 1")
    has_people = context.ds.rows("select 1 from raw.lifecycle_changes limit 1")
    return of_deals(context) if has_deals else None, of_people(context) if has_people else None


def _without_dismissed(context: Context, queue: Queue) -> Queue:
    """The queue without what an earlier meeting put aside."""
    hidden = [entry.about for entry in context.dismissals]
    here = queue.here.assign(is_stuck=queue.here.is_stuck & ~queue.here.key.isin(hidden))
    return Queue(queue.kind, queue.stages, here, queue.unplaced)


def answer(queues: list[Queue], records: tuple[Record, ...], currency: str | None) -> str:
    """How much is stuck, and the largest deal."""
    parts = []
    for queue in (queue for queue in queues if len(queue.here)):
        noun = "open deal" if queue.kind == DEAL else "lead"
        stuck = queue.stuck
        words = f"{formats.count(len(stuck))} of {counted(len(queue.here), noun)}"
        if queue.kind == DEAL and len(stuck):
            words += f" ({money(float(stuck.amount.sum()), currency)} of {money(float(queue.here.amount.sum()), currency)})"
        parts.append(words)
    if not any(len(queue.stuck) for queue in queues):
        return "No deal and no lead is in its stage longer than most of those that moved on."
    text = f"{formats.listed(parts)} are in their stage longer than 80 % of those that later moved on."
    if records and records[0].group == GROUPS[DEAL]:
        text += f" The largest is {records[0].name} ({records[0].amount}): {dict(records[0].fields)['days']} days in {_field(records[0], 'stage_name')}."
    return text


def _field(record: Record, name: str) -> str:
    words = str(dict(record.fields)[name])
    return words[:1].lower() + words[1:]


def _figures(context: Context, queues: list[Queue]) -> tuple[Figure, ...]:
    currency, now_us = context.ds.settings.reporting.currency, spans.now_us(context)
    figures = []
    for queue in queues:
        stuck, of = queue.stuck, f"of {formats.count(len(queue.here))}"
        if queue.kind == LEAD:
            figures.append(
                Figure(
                    "Stuck leads", formats.count(len(stuck)), f"{of} that wait", f"{DEFINITIONS['stuck']} People have no amount."
                )
            )
            continue
        at_risk, whole = queue.at_risk, float(queue.here.amount.sum())
        share = f", {formats.share(at_risk / whole)}" if whole else ""
        touched = last_touches(context.ds, DEAL, stuck.key, now_us)
        is_quiet = stuck.key.map(lambda key, touched=touched: touched.get(key, 0) < now_us - RATE_DAYS * DAY_US).astype(bool)
        amount = money(float(stuck.amount[is_quiet].sum()), currency)
        quiet = f"No activity for {RATE_DAYS} days"
        figures += [
            Figure(
                "Value at risk",
                money(at_risk, currency),
                f"of {money(whole, currency)} in open deals{share}",
                DEFINITIONS["value_at_risk"],
            ),
            Figure("Stuck deals", formats.count(len(stuck)), f"{of} open", DEFINITIONS["stuck"]),
            Figure(quiet, formats.count(int(is_quiet.sum())), f"stuck deals, {amount}", DEFINITIONS["no_activity"]),
        ]
    return tuple(figures)


def _picture(queues: list[Queue], currency: str | None) -> Picture | None:
    """Where the money waits: stuck deals by stage."""
    deals = next((queue for queue in queues if queue.kind == DEAL), None)
    if deals is None or not len(deals.stuck):
        return None
    bars = []
    for stage in deals.stages:
        stuck = deals.stuck[deals.stuck.stage_rank == stage.rank]
        amount = float(stuck.amount.sum())
        note = f"{formats.count(len(stuck))} of {counted(stage.there, 'deal')}"
        bars.append(
            Bar(
                stages.name(stage.stage), round(amount, 2), money(amount, currency), note, tone="moved" if len(stuck) else "plain"
            )
        )
    said = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
    return Picture(
        "Value at risk by stage", "bars", tuple(bars), f"Amount of stuck deals by stage: {said}.", formats.symbol(currency)
    )


def _grid(queue: Queue, currency: str | None) -> Grid:
    rows = []
    for stage in queue.stages:
        stuck = queue.stuck[queue.stuck.stage_rank == stage.rank]
        usual = f"up to {formats.days(stage.usual)}" if stage.usual is not None else formats.DASH
        cells = [Cell(stages.name(stage.stage)), Cell(formats.count(stage.there)), Cell(usual)]
        said = formats.count(len(stuck)) if stage.usual is not None or len(stuck) else "too few moved on to say"
        cells.append(Cell(said, behind=f"{queue.kind}:{stage.stage}" if len(stuck) else ""))
        if queue.kind == DEAL:
            cells.append(Cell(money(float(stuck.amount.sum()), currency)))
        rows.append(tuple(cells))
    columns = ("Stage", "Now", "Usual", "Stuck", *(["At risk"] if queue.kind == DEAL else []))
    return Grid(
        "Open deals by stage" if queue.kind == DEAL else "Leads by stage", columns, tuple(rows),
        help=(
            ("Now", "How many are in the stage."), ("Usual", DEFINITIONS["usual_days"]),
            ("Stuck", DEFINITIONS["stuck"]),
        ),
    )  # fmt: skip


def _records(context: Context, queue: Queue, chosen: pd.DataFrame) -> tuple[Record, ...]:
    ds, now_us = context.ds, spans.now_us(context)
    owners, touched = colleagues(ds), last_touches(ds, queue.kind, chosen.key, now_us)
    names = _names(context, queue.kind, chosen)
    by_rank = {stage.rank: stage.stage for stage in queue.stages}
    idle = {key: (now_us - touched_us) // DAY_US for key, touched_us in touched.items()}
    rows = chosen.itertuples(index=False)
    return tuple(
        _record(context, queue.kind, row, names[row.key], by_rank[row.stage_rank], owners, idle.get(row.key)) for row in rows
    )


def _names(context: Context, kind: str, chosen: pd.DataFrame) -> Mapping[str, tuple[str, str | None, str]]:
    """Key → name, company and where it opens."""
    if kind == LEAD:
        return {key: (person.name, person.company, person.link) for key, person in persons(context.ds, chosen.key).items()}
    rows = context.ds.rows(
        "with wanted as (select unnest(cast(? as varchar[])) as deal_id) select deals.deal_id, coalesce(deals.name, deals.deal_id), deals.account_name "
        "from wanted inner join marts.deals as deals on wanted.deal_id = deals.deal_id",
        [list(chosen.key)],
    )
    return {row[0]: (row[1], row[2], links.deal(row[0])) for row in rows}


def _record(
    context: Context,
    kind: str,
    row: Any,
    named: tuple[str, str | None, str],
    stage: str,
    owners: Mapping[str, Colleague],
    idle: int | None,
) -> Record:
    owner = owners[row.owner_id].name if row.owner_id in owners else row.owner_id if isinstance(row.owner_id, str) else None
    percent, segment = int(100 * row.sooner / row.peers), row.segment or None
    suggestion = "push" if idle is not None and idle <= RATE_DAYS else "close" if kind == DEAL else "recycle"
    than = "all" if row.sooner == row.peers else f"{percent}{formats.SPACE}%"
    peers = f"in {segment or 'no segment'}" if row.of_segment else "of all segments"
    quiet = "no activity recorded" if idle is None else f"no activity for {formats.days(idle)}" if idle > 30 else ""
    stay = f"{formats.days(row.days)} in {stages.named(stage)}"
    said = [stay, suggestion, quiet, f"longer than {than} {peers}", None if kind == DEAL else named[1], owner]
    amount = None if kind == LEAD else float(row.amount)
    fields = (
        ("id", row.key), ("kind", kind), ("company", named[1]), ("segment", segment), ("owner_id", row.owner_id if isinstance(row.owner_id, str) else None),
        ("owner", owner), ("stage", stage), ("stage_name", stages.name(stage)), ("entered_on", spans.local_day(context.ds, int(row.entered_us)).isoformat()),
        ("days", int(row.days)), ("percentile", percent), ("compared_with", int(row.peers)), ("compared_in", "segment" if row.of_segment else "all"),
        ("amount", amount), ("days_without_activity", idle), ("suggestion", suggestion),
    )  # fmt: skip
    shown = "" if amount is None else money(amount, context.ds.settings.reporting.currency)
    link = named[2]
    return Record(
        GROUPS[kind],
        named[0],
        shown,
        "; ".join(part for part in said if part),
        link,
        "moved" if kind == DEAL else "plain",
        row.key,
        fields,
    )
