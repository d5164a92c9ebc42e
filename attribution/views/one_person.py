"""One person as the page shows them: the answer, the picture's lanes and lines, everything in order, deals, and what leads to the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.answers import people as answers
from attribution.charts import formats, touches
from attribution.charts.journey import MAX_TOUCHES, Mark
from attribution.dataset import Dataset
from attribution.meeting import stages
from attribution.meeting.spans import local_day
from attribution.people import one
from attribution.people.one import Person
from attribution.views import person_tables
from attribution.views.person_tables import moment, why_not
from attribution.views.state import agreed_word, rule_label

LISTED = 1000  # rows of the table that the page shows, the latest; the files have all
MOST_MARKS = 14  # vertical lines that the picture has room for
LANES = {
    "buyer": "Own actions", "marketing": "Sent by marketing", "sales": "Done by sales", "partner": "Done by a partner", "service": "Done by service",
}  # fmt: skip
EARLIER = "Earlier visits added"


@dataclass(frozen=True)
class OnePerson:
    """All that the page shows of one person. ``lanes`` and ``marks``: of the picture, which has room for the heaviest and latest touches; ``left``:
    marks that it has no room for; ``events``: everything in order; ``deal_ids``: of the rows of ``deals``; ``notes``: where a reader should be
    careful; ``credited``: their part of the won deals."""

    contact_id: str
    name: str
    title: str
    answer: str
    about: str
    notes: tuple[str, ...]
    engaged: int
    touches: int
    took_part: int
    won_amount: float
    credited: float
    lanes: pd.DataFrame
    marks: tuple[Mark, ...]
    left: int
    alt: str
    counting: str
    events: pd.DataFrame
    deals: pd.DataFrame
    deal_ids: tuple[str, ...]
    aliases: pd.DataFrame

    def describe(self, touch_id: str) -> str:
        """A touch of the picture in a line: when, what, by whom, whether it counts; its row of the table has the rest."""
        for row in self.lanes[self.lanes["touch_id"] == touch_id].to_dict("records"):
            counts = "counts" if row["counts"] else f"does not count: {row['why']}"
            return formats.plain(
                f"{formats.day(row['occurred_at'])}, {row['what']}, {formats.words(row['channel'])}, {row['lane'].lower()}: {counts}"
            )
        return ""


def one_person(ds: Dataset, asked: str, model: str) -> OnePerson | None:
    """The person that an id, a merged id or an address stands for, under a model; None where there is nobody."""
    found = one.person(ds, asked, ds.settings.model(model))
    return None if found is None else _shown(ds, found, asked, model)


def visitor_words(ds: Dataset, asked: str) -> tuple[str, str | None]:
    """(what to say of a link to nobody that names a visitor, the person the visitor is): ("", None) where it names none."""
    is_visitor, contact_id = one.is_visitor(ds, asked)
    name = formats.short(asked, 60)
    if contact_id:  # a note, which the page makes plain
        return f"The link names the visitor {name}, whom identities know as this person.", contact_id
    if is_visitor:
        return (
            f"{formats.plain(name)} is a visitor whom nobody knows by name: touches are recorded, but no row of `identities` says who it is. They are shown "
            "in the journeys of the company's deals as “Unknown visitor”.",
            None,
        )
    return "", None


def _shown(ds: Dataset, found: Person, asked: str, model: str) -> OnePerson:
    who, currency = found.who, ds.settings.reporting.currency
    own = [touch for touch in found.touches if touch.actor == "buyer"]
    others = [touch for touch in found.touches if touch.actor != "buyer"]
    took_part = [deal for deal in found.deals if found.counting.get(deal.deal_id)]
    won = [deal for deal in took_part if deal.status == "won"]
    credited = float(sum(found.parts.get(deal.deal_id, 0) for deal in won))
    facts = answers.PersonFacts(
        name=who.label, engaged=len(own), ours=len(others), first_on=local_day(ds, own[0].occurred_us) if own else None,
        last_on=local_day(ds, own[-1].occurred_us) if own else None, last_ours_on=local_day(ds, others[-1].occurred_us) if others else None,
        took_part=len(took_part), named_only=sum(deal.is_named and not found.counting.get(deal.deal_id) for deal in found.deals), won=len(won),
        won_amount=float(sum(deal.amount for deal in won)), credited=credited, currency=currency, agreed=agreed_word(ds, model), rule=rule_label(ds, model),
    )  # fmt: skip
    marks = _marks(found)
    shown = _thinned(marks)
    return OnePerson(
        contact_id=who.contact_id, name=who.label, title=f"What did {formats.plain(formats.short(who.label, 60))} do, and what came of it?",
        answer=answers.person(facts), about=_about(ds, found), notes=_notes(found, asked),
        engaged=len(own), touches=len(found.touches), took_part=len(took_part), won_amount=facts.won_amount, credited=credited,
        lanes=_lanes(found), marks=tuple(shown), left=len(marks) - len(shown),
        alt=answers.picture_alt(who.label, len(found.touches), len(found.deals), len(found.stages)), counting=_counting(found),
        events=person_tables.events(ds, found), deals=person_tables.deals(found), deal_ids=tuple(deal.deal_id for deal in found.deals),
        aliases=person_tables.aliases(found),
    )  # fmt: skip


def _about(ds: Dataset, found: Person) -> str:
    """What is known of the person, in one quiet line."""
    who = found.who
    company = (
        f"{who.company or who.account_id}{' (by the e-mail domain)' if who.is_company_by_domain else ''}"
        if who.account_id
        else "no company known"
    )
    record = next((alias for alias in found.aliases if alias.kind == "contact"), None)
    stage = found.stages[-1] if found.stages else None
    parts = [
        who.title, company, *(formats.words(value) for value in (who.segment, who.industry, who.country) if value),
        f"owner {who.owner}" if who.owner else None, f"known since {formats.day(moment(who.created_us))}" if who.created_us is not None else None,
        f"stage now {stages.named(stage.stage)} since {formats.day(moment(stage.entered_us))}" if stage else None,
        f"says they heard of us by {who.told_source}" if who.told_source else None, who.contact_id,
        f"{record.source_file}, row {record.source_row}" if record else None,
    ]  # fmt: skip
    return " · ".join(formats.plain(formats.short(part, 80)) for part in parts if part)


def _notes(found: Person, asked: str) -> tuple[str, ...]:
    """Where a reader should be careful."""
    who, notes = found.who, []
    if asked != who.contact_id:
        notes.append(f"The link names {formats.short(asked, 60)}, which stands for {who.contact_id}.")
    if not any(alias.kind == "contact" for alias in found.aliases):
        notes.append("The table contacts has no row with this id, so no name, company or day is known.")
    merged = sum(alias.kind == "contact" for alias in found.aliases) - 1
    if merged > 0:
        notes.append(
            f"{formats.counted(merged, 'further contact')} of the data {'was' if merged == 1 else 'were'} merged into this one."
        )
    elsewhere = [alias.alias for alias in found.aliases if alias.others or alias.leads_to]
    if elsewhere:
        ids = ", ".join(formats.short(alias, 40) for alias in elsewhere[:3])
        notes.append(
            f"{ids}{' and others' if len(elsewhere) > 3 else ''} also {'leads' if len(elsewhere) == 1 else 'lead'} to somebody else: see below."
        )
    return tuple(notes)


def _lanes(found: Person) -> pd.DataFrame:
    """The touches as the journey's picture takes them, a lane by who acted; a dot's weight is its share of the deal where that is largest."""
    rows = []
    for touch in found.touches:
        reached = found.reached.get(touch.touch_id, ())
        counts = any(not entry.reason for entry in reached)
        rows.append(
            {
                "touch_id": touch.touch_id,
                "occurred_at": moment(touch.occurred_us),
                "lane": EARLIER if touch.is_back_filled else LANES.get(touch.actor, formats.words(touch.actor)),
                "lane_note": "",
                "channel": touch.channel or "unknown",
                "actor": touch.actor,
                "counts": counts,
                "weight": max((entry.weight for entry in reached if not touch.is_linked), default=0.0) if counts else 0.0,
                "what": touches.what_happened(touch.kind, touch.asset, touch.campaign),
                "why": "" if counts else why_not(found, touch),
            }
        )
    columns = ["touch_id", "occurred_at", "lane", "lane_note", "channel", "actor", "counts", "weight", "what", "why"]
    frame = pd.DataFrame(rows, columns=columns).astype({"counts": bool, "weight": float})
    return frame.sort_values(["weight", "occurred_at"], kind="stable").tail(MAX_TOUCHES)


def _counting(found: Person) -> str:
    """How many touches count in a journey, and why the others do not."""
    if not found.touches:
        return ""
    reasons: dict[str, int] = {}
    for touch in found.touches:
        if all(entry.reason for entry in found.reached.get(touch.touch_id, ())):
            why = why_not(found, touch)
            reasons[why] = reasons.get(why, 0) + 1
    counting = len(found.touches) - sum(reasons.values())
    listed = ", ".join(
        f"{formats.count(number)} {why}" for why, number in sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0]))
    )
    of = formats.counted(len(found.touches), "touch", "touches")
    return f"{formats.count(counting)} of {of} {'counts' if counting == 1 else 'count'} in a deal's journey" + (
        f"; not: {listed}." if listed else "."
    )


def _marks(found: Person) -> list[Mark]:
    """The vertical lines: when the person became known, stages, hand-overs, deals. What falls on one day shares a line."""
    events: list[tuple[int, bool, str]] = []
    if found.who.created_us is not None:
        events.append((found.who.created_us, True, touches.MILESTONES["lead_created"]))
    for deal in found.deals:
        if deal.created_us is not None:
            events.append((deal.created_us, True, touches.MILESTONES["deal_created"]))
        if deal.closed_us is not None and deal.status in ("won", "lost"):
            events.append((deal.closed_us, True, touches.MILESTONES[deal.status]))
    seen: set[str] = set()
    for stage in found.stages:
        if stage.stage not in seen:
            events.append((stage.entered_us, False, stages.name(stage.stage)))
        seen.add(stage.stage)
    for handed in found.handed:
        events.append((handed.handed_us, False, "Handed over"))
        if handed.outcome_us is not None:
            events.append((handed.outcome_us, False, formats.words(handed.outcome)))
    by_day: dict[date, list[tuple[int, bool, str]]] = {}
    for event in sorted(events, key=lambda event: (event[0], not event[1], event[2])):
        by_day.setdefault(moment(event[0]).date(), []).append(event)
    marks = []
    for listed in by_day.values():
        labels = list(dict.fromkeys(label for _, _, label in sorted(listed, key=lambda event: not event[1])))
        marks.append(
            Mark(
                moment(listed[0][0]),
                labels[0] + (f" +{len(labels) - 1}" if len(labels) > 1 else ""),
                any(event[1] for event in listed),
            )
        )
    return marks


def _thinned(marks: Sequence[Mark]) -> list[Mark]:
    """As many lines as there is room for: milestones before stages, the latest first."""
    kept = sorted(marks, key=lambda mark: (mark.is_milestone, mark.at), reverse=True)[:MOST_MARKS]
    return sorted(kept, key=lambda mark: mark.at)
