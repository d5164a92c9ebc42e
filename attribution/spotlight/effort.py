"""What a deal took: calls and meetings against other won deals, and where it waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.formats import SPACE, counted
from attribution.spotlight.facts import MEETING_WORDS, SELLERS, DealFacts, is_meeting
from attribution.spotlight.masks import Writer

if TYPE_CHECKING:
    from attribution.dataset import Dataset

ENOUGH = 10  # won deals of this size that make an average worth saying
SIZE = Decimal(2)  # "of this size": from half of the amount to twice as much
SILENCE = 7  # days; a shorter one is no silence

# Calls and meetings of each won deal of a size, up to its end. A kind is one by its words, so the kinds are bound.
_MEETINGS = """
with won as (
    select deal_id from marts.deals where status = 'won' and amount between ? and ? and touch_count > 0
),
held as (
    select touches.deal_id as deal_id, count(*) as meetings
    from journeys.deal_touches as touches
    inner join won on touches.deal_id = won.deal_id
    where list_contains(cast(? as varchar[]), touches.kind) and list_contains(cast(? as varchar[]), touches.actor)
        and not touches.is_after_end and not touches.is_excluded and not touches.is_outside_lookback
    group by touches.deal_id
)
select count(*), coalesce(sum(held.meetings), 0) from won left join held on won.deal_id = held.deal_id
"""


@dataclass(frozen=True)
class Effort:
    """Calls and meetings of a deal, and on average of the ``deals`` won that it is compared with (``of_size``: of its size, else all)."""

    meetings: int
    usual: float | None
    deals: int
    of_size: bool


def effort_of(ds: Dataset, facts: DealFacts) -> Effort:
    """The deal's calls and meetings against those of won deals of half to twice its amount; of all won deals where these are too few."""
    kinds = [row[0] for row in ds.rows("select distinct kind from marts.credits_by_kind where kind is not null")]
    kinds = [kind for kind in kinds if any(is_meeting(kind, actor) for actor in SELLERS)]
    everything = (Decimal("-1e15"), Decimal("1e15"))
    sizes = [(facts.amount / SIZE, facts.amount * SIZE), everything] if facts.amount > 0 else [everything]
    for low, high in sizes:
        deals, meetings = ds.rows(_MEETINGS, [low, high, kinds, list(SELLERS)])[0]
        if deals >= ENOUGH:
            return Effort(len(facts.meetings), float(meetings) / deals, deals, (low, high) != everything)
    return Effort(len(facts.meetings), None, 0, False)


def silence_of(facts: DealFacts) -> tuple[datetime, datetime] | None:
    """The longest time without a recorded step, from the first touch to the close; None where it is no longer than a week."""
    moments = sorted({touch.at for touch in facts.touches} | {facts.end})
    if len(moments) < 2:
        return None
    start, end = max(pairwise(moments), key=lambda pair: (pair[1].date() - pair[0].date(), pair[1] - pair[0]))
    return (start, end) if (end.date() - start.date()).days > SILENCE else None


def longest_stage(facts: DealFacts) -> tuple[str, int] | None:
    """The stage in which the deal spent most days, all its stays added up; None without stage changes."""
    if not facts.stages:
        return None
    ends = [moment for _, moment in facts.stages[1:]] + [facts.end]
    days: dict[str, float] = {}
    for (stage, entered), left in zip(facts.stages, ends, strict=True):
        days[stage] = days.get(stage, 0.0) + max((left - entered).total_seconds(), 0.0) / 86400
    stage = max(days, key=lambda name: (days[name], name))
    return stage, round(days[stage])


def effort_words(effort: Effort, facts: DealFacts, writer: Writer) -> str:
    """Calls and meetings, and where the deal waited, in two or three sentences."""
    if not effort.meetings and not effort.usual:
        sentences = [f"No call or meeting is recorded (a touch of sales of the kind {', '.join(MEETING_WORDS[:3])})."]
    else:
        held = f"{counted(effort.meetings, 'call or meeting', 'calls and meetings')}"
        if effort.usual is None:
            sentences = [f"{held}; too few won deals to compare with."]
        else:
            whom = "won deals of half to twice this size" if effort.of_size else "won deals"
            sentences = [f"{held}; {effort.usual:.1f} on average for the {effort.deals}{SPACE}{whom}."]
    cycle = (facts.end.date() - facts.stages[0][1].date()).days if facts.stages else 0
    if stage := longest_stage(facts):
        sentences.append(
            f"It stayed longest in {formats.words(stage[0]).lower()}: {stage[1]} of {formats.days(cycle)} as a deal."
        )
    else:
        sentences.append("No stage changes are recorded, so where it waited as a deal is not known.")
    if silence := silence_of(facts):
        sentences.append(f"The longest silence was {formats.days((silence[1].date() - silence[0].date()).days)}.")
    return " ".join(sentences)
