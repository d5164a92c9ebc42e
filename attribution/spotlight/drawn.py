"""A deal's facts as the timeline draws them: lanes by role, numbered uses, milestones, months, meetings and the longest silence."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from attribution.answers.spotlight import isolated
from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.periods import add_months
from attribution.spotlight.effort import silence_of
from attribution.spotlight.facts import BIG_FIVE, UNNAMED, DealFacts, Touch, uses_words
from attribution.spotlight.masks import Writer
from attribution.spotlight.shown import Lane, Milestone, Tick, Timeline, Use

MOST_LANES = 12  # the rest share the last one


def slot_of(topic: str | None) -> str:
    """The colour of a topic: one of the Big 5, else "other"."""
    code = (topic or "").strip().lower()
    return code if code in BIG_FIVE else "other"


def origin_of(touch: Touch) -> str:
    """How a piece came to a person: found by themselves, sent by sales, sent by marketing, or by others who acted."""
    return {"buyer": "found", "sales": "sales", "marketing": "marketing"}.get(touch.actor, "others")


def timeline_of(facts: DealFacts, writer: Writer) -> Timeline | None:
    """The picture of a deal; None where no content was used."""
    if not facts.content:
        return None
    numbers = {asset_id: number for number, asset_id in enumerate(facts.pieces, 1)}
    uses_of = Counter(touch.lane for touch in facts.content)
    named = list(dict.fromkeys(touch.lane for touch in facts.content))
    named.sort(key=lambda lane: lane in UNNAMED)  # people first, each group in the order of its first use
    shown, rest = (named, []) if len(named) <= MOST_LANES else (named[: MOST_LANES - 1], named[MOST_LANES - 1 :])
    place = {lane: index for index, lane in enumerate(shown)} | {lane: len(shown) for lane in rest}
    lanes = [Lane(facts.roles[lane], _note(facts, [lane], uses_of, writer)) for lane in shown]
    if rest:
        lanes.append(Lane(f"{len(rest)} others", _note(facts, rest, uses_of, writer)))
    uses = []
    opened = {touch.cause for touch in facts.content if touch.cause}
    sent = {touch.touch_id for touch in facts.content if touch.actor != "buyer"}
    for touch in facts.touches:
        if touch.lane not in place or touch.is_meeting or (not touch.asset_id and touch.actor != "buyer"):
            continue
        if touch.asset_id and touch.cause in sent:
            continue  # opening what was sent is the same mark as the sending
        number = numbers.get(touch.asset_id or "", 0)
        origin = origin_of(touch)
        if number and touch.actor != "buyer" and touch.touch_id not in opened:
            origin += "_unopened"
        what = isolated(writer.said(touch.title, 60)) if number else formats.words(touch.kind)
        uses.append(
            Use(
                day=_days(facts, touch.at), lane=place[touch.lane], number=number, origin=origin if number else "none",
                slot=slot_of(facts.topics.get(touch.asset_id or "")) if number else "none",
                words=f"{what} · {writer.day(touch.at.date(), facts.number(touch.at))}",
            )
        )  # fmt: skip
    silence = silence_of(facts)
    length = max(_days(facts, facts.end), 1.0)
    quiet = formats.days((silence[1].date() - silence[0].date()).days) if silence else ""
    by_sales = sum(touch.actor == "sales" for touch in facts.content)
    words = (
        f"{counted(len(facts.content), 'use')} of {counted(len(facts.pieces), 'piece')} by {counted(facts.people, 'person', 'people')} "
        f"in {formats.days(facts.days)}; {by_sales} sent by sales; "
        + (f"the longest silence was {quiet}. " if silence else "no silence longer than a week. ")
        + "The table below holds the same."
    )
    return Timeline(
        days=length, lanes=tuple(lanes), uses=tuple(uses),
        milestones=tuple(
            Milestone(max(_days(facts, entry.at), 0.0), entry.name, writer.day(entry.at.date(), facts.number(entry.at)), entry.is_end, entry.is_fixed)
            for entry in facts.reached
        ),
        ticks=_ticks(facts, length, writer), meetings=tuple(_days(facts, moment) for moment in facts.meetings if moment >= facts.start),
        silence=(_days(facts, silence[0]), _days(facts, silence[1]), f"{quiet} without a recorded step") if silence else None, words=words,
    )  # fmt: skip


def _days(facts: DealFacts, moment: datetime) -> float:
    return round((moment - facts.start).total_seconds() / 86400, 3)


def _note(facts: DealFacts, lanes: list[str], uses_of: Counter[str], writer: Writer) -> str:
    first = min(touch.at for touch in facts.content if touch.lane in lanes)
    return uses_words(sum(uses_of[lane] for lane in lanes), first.date(), writer, facts.number(first))


def _ticks(facts: DealFacts, length: float, writer: Writer) -> tuple[Tick, ...]:
    """Where months begin; of long deals only every third month, and years with their January. Masked, counted from the first day: one date would date all."""
    if writer.preset.is_masked:
        word, span = ("month", 30) if length <= 430 else ("year", 365)
        return tuple(Tick(float(day), f"{word} {day // span + 1}", f"d{day}") for day in range(0, int(length) + 1, span))
    step = 1 if length <= 430 else 3 if length <= 1300 else 12
    day = facts.start.date().replace(day=1)
    found: list[Tick] = []
    while day <= facts.end.date():
        if (day.month - 1) % step == 0 or not found:
            name = formats.MONTHS[day.month - 1]
            begins = (datetime.combine(day, datetime.min.time()) - facts.start).total_seconds() / 86400
            found.append(Tick(round(max(begins, 0.0), 3), f"{name} {day.year}" if day.month == 1 and step > 1 else name))
        day = add_months(day, 1)
    return tuple(found)
