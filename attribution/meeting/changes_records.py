"""The list of block 4: each deal that changed since the last meeting, in a line: what became of it, its amount, what to know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.tables import TEAMS
from attribution.meeting import changes_found as found
from attribution.meeting import links
from attribution.meeting.amounts import bare, day, number, whole
from attribution.meeting.block import Record, Tone
from attribution.meeting.changes_found import Changes, Event

if TYPE_CHECKING:
    from attribution.dataset import Dataset

ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
LONGEST = 44  # characters of a piece's or campaign's name in a line


@dataclass(frozen=True)
class About:
    """What the lines say of a deal besides its amount."""

    opened_by: str
    opened_with: str
    people: int
    days: int | None
    loss_reason: str | None


_ABOUT = """
select
    deals.deal_id, deals.opened_by, openings.actor, openings.kind, openings.channel, openings.campaign_id, openings.asset_id, deals.cycle_days,
    deals.loss_reason
from marts.deals as deals
left join marts.openings as openings on deals.deal_id = openings.deal_id
where list_contains(cast(? as varchar[]), deals.deal_id)
"""
_PEOPLE = """
select deal_id, count(distinct person_id)
from journeys.deal_touches
where is_counted and person_kind = 'contact' and list_contains(cast(? as varchar[]), deal_id)
group by deal_id
"""


def records(ds: Dataset, made: Changes) -> tuple[Record, ...]:
    """Every deal that changed, in groups."""
    ids = sorted({event.state.deal_id for kind in (found.WON, found.LOST, found.OPENED) for event in made.of(kind)})
    about = _about(ds, ids)
    currency = ds.settings.reporting.currency

    def lines(kind: str, group: str, tone: Tone, detail: Callable[[Event], str], sign: bool = False) -> list[Record]:
        return [_record(event, group, tone, detail(event), sign, currency) for event in made.of(kind)]

    def slipped(event: Event) -> str:
        old, new = event.then, event.state
        dates = f"{day(old.expected_on if old else None, made.today)} → {day(new.expected_on, made.today)}"
        return (
            f"{dates}, {ORDINALS[event.times] if event.times < len(ORDINALS) else f'{event.times}th'} time"
            if event.times > 1
            else dates
        )

    def changed(event: Event) -> str:
        old = event.then
        return f"{whole(float(old.value if old else 0), currency)} → {whole(float(event.state.value), currency)}"

    def closed(event: Event) -> str:
        was = ", was lost" if event.then and event.then.status == found.LOST else ""
        return f"{event.state.status}, dated {day(event.state.closed_on, made.today)}{was}"

    def reopened(event: Event) -> str:
        old = event.then
        return f"was {old.status} {day(old.closed_on, made.today)}" if old else ""

    def redated(event: Event) -> str:
        old = event.then
        return f"won {day(old.closed_on if old else None, made.today)} → {day(event.state.closed_on, made.today)}"

    def added(event: Event) -> str:
        when = f", dated {day(event.state.closed_on, made.today)}" if event.state.closed_on else ""
        return f"{event.state.status}{when}, was not in the data"

    def cancelled(event: Event) -> str:
        return f"won {day(event.then.closed_on if event.then else None, made.today)}; now {event.state.status}"

    return (
        *lines(found.WON, "↑ Won", "good", lambda event: _won(about.get(event.state.deal_id))),
        *lines(found.LOST, "↓ Lost", "bad", lambda event: _lost(about.get(event.state.deal_id))),
        *lines(found.CANCELLED, "↓ Cancelled", "bad", cancelled, True),
        *lines(found.OPENED, "+ Opened", "new", lambda event: _opened(about.get(event.state.deal_id))),
        *lines(found.REOPENED, "+ Open again", "new", reopened),
        *lines(found.SLIPPED, "→ Slipped", "moved", slipped),
        *lines(found.LATER, "→ Later", "moved", slipped),
        *lines(found.GROWN, "↑ Grown", "good", changed, True),
        *lines(found.SHRUNK, "↓ Shrunk", "bad", changed, True),
        *lines(found.DATED_BACK, "→ Booked late", "moved", closed),
        *lines(found.CORRECTED, "→ Corrected", "moved", changed, True),
        *lines(found.REDATED, "→ Date moved", "moved", redated),
        *lines(found.ADDED, "+ Added", "moved", added),
        *lines(
            found.UNRATED, "! No rate", "moved", lambda event: f"{event.state.currency}: no exchange rate, not counted now", True
        ),
        *lines(found.MERGED, "→ Merged", "moved", lambda event: f"was {event.state.status}, is another deal now"),
        *lines(found.GONE, "− Gone", "bad", lambda event: f"was {event.state.status}, is no longer in the data"),
    )


def _record(event: Event, group: str, tone: Tone, detail: str, sign: bool, currency: str | None) -> Record:
    state, then = event.state, event.then
    return Record(
        group=group, name=state.name, amount=bare(float(event.amount), sign), detail=detail,
        link="" if event.kind in (found.GONE, found.MERGED, found.UNRATED) else links.deal(state.deal_id), tone=tone, key=state.deal_id,
        fields=(
            ("deal_id", state.deal_id), ("deal", state.title or state.name), ("change", event.kind), ("exact_amount", float(event.amount)),
            ("currency", currency), ("status", state.status), ("amount_then", float(then.value) if then else None),
            ("amount_now", float(state.value) if event.kind not in (found.GONE, found.MERGED) else None),
            ("expected_then", then.expected_on.isoformat() if then and then.expected_on else None),
            ("expected_now", state.expected_on.isoformat() if state.expected_on else None),
            ("created_on", state.created_on.isoformat() if state.created_on else None),
            ("closed_on", state.closed_on.isoformat() if state.closed_on else None),
        ),
    )  # fmt: skip


def _won(about: About | None) -> str:
    if about is None:
        return ""
    return ", ".join(part for part in (_opener(about), formats.days(about.days) if about.days is not None else "") if part)


def _opener(about: About) -> str:
    return f"from {TEAMS.get(about.opened_by, about.opened_by).lower()}" if about.opened_by != "unknown" else "no touch recorded"


def _lost(about: About | None) -> str:
    if about is None:
        return ""
    reason = formats.words(about.loss_reason, "no reason noted")
    return f"{reason[:1].lower()}{reason[1:]}" + (f", {formats.days(about.days)}" if about.days is not None else "")


def _opened(about: About | None) -> str:
    if about is None:
        return ""
    people = number(about.people, "person", "people") if about.people > 1 else ""
    return ", ".join(part for part in (about.opened_with or "nothing recorded", people) if part)


def _about(ds: Dataset, ids: Sequence[str]) -> Mapping[str, About]:
    if not ids:
        return {}
    people = dict(ds.rows(_PEOPLE, [list(ids)]))
    channels, kinds, campaigns, assets = (ds.labels(dimension) for dimension in ("channel", "kind", "campaign", "asset"))
    return {
        deal_id: About(
            opened_by, _opened_with(actor, kinds.get(kind or "") or formats.words(kind, ""), channels.get(channel or "") or formats.words(channel, ""),
                                    campaigns.get(campaign), assets.get(asset)),
            people.get(deal_id, 0), days, loss_reason,
        )
        for deal_id, opened_by, actor, kind, channel, campaign, asset, days, loss_reason in ds.rows(_ABOUT, [list(ids)])
    }  # fmt: skip


def _opened_with(actor: str | None, kind: str, channel: str, campaign: str | None, title: str | None) -> str:
    """What the touch that opened it was: the piece, the campaign, what a seller did, else the channel."""
    if actor is None:
        return ""
    if title or campaign:
        return formats.short(title or campaign, LONGEST)
    if actor == "buyer":
        return channel
    return f"{kind} by {TEAMS.get(actor, actor).lower()}"
