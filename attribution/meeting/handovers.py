"""Hand-overs of leads: how sales answered them (first_response.py has the rule), what was decided, and the deals that came of them.

Reads raw.handoffs, touches.touches, touches.linked_contacts, marts.deals and the identities through ``Dataset.rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

from attribution.meeting import spans
from attribution.meeting.block import FEWEST_FOR_RATE, Context
from attribution.meeting.first_response import FirstResponses, Handoff
from attribution.periods import add_months

if TYPE_CHECKING:
    from attribution.dataset import Dataset

BACK = ("rejected", "recycled")
MONTHS = 3  # whole months beside the running one


@dataclass(frozen=True)
class Handover(Handoff):
    """One hand-over with whom it was about and what came of it. ``deal``: (id, status, amount) of the deal it became."""

    contact_id: str
    owner_id: str | None
    team: str | None
    deal: tuple[str, str, float] | None

    @property
    def month(self) -> str:
        """The month in which it was handed over ("2026-11")."""
        return f"{self.handed_on:%Y-%m}"


@dataclass(frozen=True)
class Kept:
    """How promises were kept with the leads of some days, and which are open whatever their day. Rates are None below ten leads."""

    recent: tuple[Handover, ...]
    waiting: tuple[Handover, ...]

    @cached_property
    def decided(self) -> tuple[Handover, ...]:
        """Leads that sales accepted or gave back."""
        return tuple(entry for entry in self.recent if entry.outcome != "waiting")

    @property
    def undecided(self) -> int:
        """Leads that wait for a decision of sales."""
        return len(self.recent) - len(self.decided)

    @property
    def accepted(self) -> int:
        """Leads that sales accepted."""
        return sum(1 for entry in self.decided if entry.outcome == "accepted")

    @property
    def back(self) -> int:
        """Leads that sales rejected or recycled."""
        return sum(1 for entry in self.decided if entry.outcome in BACK)

    @cached_property
    def judged(self) -> tuple[bool, ...]:
        """Of every lead that can be judged, whether it was answered within the promise."""
        return tuple(entry.is_in_time for entry in self.recent if entry.is_in_time is not None)

    @cached_property
    def answered(self) -> tuple[float, ...]:
        """Business hours to the first response of every lead that got one; none where no day has business hours."""
        return tuple(entry.hours for entry in self.recent if entry.response_us is not None and entry.has_hours)

    @property
    def accepted_share(self) -> float | None:
        """Accepted of those that were decided on."""
        return _share(self.accepted, len(self.decided))

    @property
    def in_time_share(self) -> float | None:
        """Answered within the promise, of those that can be judged."""
        return _share(sum(self.judged), len(self.judged))

    @property
    def median_hours(self) -> float | None:
        """Median business hours to the first response."""
        return median(self.answered) if len(self.answered) >= FEWEST_FOR_RATE else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole >= FEWEST_FOR_RATE else None


_HANDED = """
with handed as (
    select
        handoffs.handoff_id as handoff_id, coalesce(contact_ids.contact_id, handoffs.contact_id) as contact_id,
        to_us(handoffs.handed_at) as handed_us, handoffs.from_owner_id as from_owner_id, handoffs.owner_id as owner_id, handoffs.score as score,
        handoffs.attempts as attempts, lower(handoffs.outcome) as outcome, to_us(handoffs.outcome_at) as outcome_us, handoffs.reason as reason,
        case when to_us(handoffs.first_response_at) <= ? then to_us(handoffs.first_response_at) end as supplied_us,
        coalesce(deal_ids.deal_id, handoffs.deal_id) as deal_id
    from raw.handoffs as handoffs
    left join identity.contact_ids as contact_ids on handoffs.contact_id = contact_ids.alias
    left join identity.deal_ids as deal_ids on handoffs.deal_id = deal_ids.alias
    where handoffs.handed_at is not null and to_us(handoffs.handed_at) <= ?
),

placed as (
    select
        handed.handoff_id as handoff_id, handed.contact_id as contact_id, handed.handed_us as handed_us, handed.from_owner_id as from_owner_id,
        handed.owner_id as owner_id, handed.score as score, handed.attempts as attempts, handed.outcome as outcome, handed.outcome_us as outcome_us,
        handed.reason as reason, handed.supplied_us as supplied_us, handed.deal_id as deal_id,
        lead(handed.handed_us) over (partition by handed.contact_id order by handed.handed_us, handed.handoff_id) as next_us
    from handed
),

wanted as (
    select
        handoff_id, contact_id, handed_us, from_owner_id, owner_id, score, attempts, outcome, outcome_us, reason, supplied_us, deal_id,
        next_us
    from placed
    where handed_us >= ? or outcome_us >= ? or (supplied_us is null and coalesce(outcome, 'pending') not in ('accepted', 'rejected', 'recycled'))
),

of_sales as (
    select contact_id, occurred_us from touches.touches where actor = 'sales' and contact_id is not null and occurred_us <= ?
    union all
    select linked.contact_id as contact_id, touches.occurred_us as occurred_us
    from touches.linked_contacts as linked
    inner join touches.touches as touches on linked.touch_id = touches.touch_id
    where touches.actor = 'sales' and touches.occurred_us <= ?
),

answered as (
    select wanted.handoff_id as handoff_id, min(of_sales.occurred_us) as touched_us
    from wanted
    inner join of_sales on wanted.contact_id = of_sales.contact_id
    where of_sales.occurred_us >= wanted.handed_us and (wanted.next_us is null or of_sales.occurred_us < wanted.next_us)
    group by wanted.handoff_id
)

select
    wanted.handoff_id, wanted.handed_us, wanted.from_owner_id, wanted.owner_id, wanted.score, wanted.attempts, wanted.outcome, wanted.outcome_us,
    wanted.reason, wanted.supplied_us, answered.touched_us, wanted.contact_id, wanted.deal_id, deals.status,
    coalesce(cast(deals.amount as double), 0)
from wanted
left join answered on wanted.handoff_id = answered.handoff_id
left join marts.deals as deals on wanted.deal_id = deals.deal_id
where wanted.handed_us >= ? or wanted.outcome_us >= ? or answered.touched_us is null
order by wanted.handed_us, wanted.handoff_id
"""
# Where the table names no deals: the first deal that was opened with this person on the day of the hand-over or later.
_FIRST_DEALS = """
with ranked as (
    select
        people.contact_id as contact_id, deals.deal_id as deal_id, deals.status as status, cast(coalesce(deals.amount, 0) as double) as amount,
        deals.created_us as created_us
    from identity.deal_contacts as people
    inner join marts.deals as deals on people.deal_id = deals.deal_id
)

select contact_id, deal_id, status, amount, created_us from ranked order by contact_id, created_us, deal_id
"""


def months(context: Context) -> list[str]:
    """The running month and the whole ones before it ("2026-11"), the latest first."""
    running = spans.last_day(context).replace(day=1)
    return [f"{add_months(running, -back):%Y-%m}" for back in range(MONTHS + 1)]


def earliest(context: Context) -> date:
    """The first day whose hand-overs are looked at: of the 90 days before the last 90, or of the oldest month shown."""
    return min(spans.rolling(context)[1].first, add_months(spans.last_day(context).replace(day=1), -MONTHS))


def handovers(context: Context, since: date) -> tuple[Handover, ...]:
    """Hand-overs since a day, those decided since then, and all that nobody answered or decided on; the oldest first."""
    ds, now_us = context.ds, spans.now_us(context)
    since_us = spans.of_days(ds, since, since).from_us
    rows = ds.rows(_HANDED, [now_us, now_us, since_us, since_us, now_us, now_us, since_us, since_us])
    first_deals = (
        _first_deals(ds, rows) if rows and not ds.rows("select 1 from raw.handoffs where deal_id is not null limit 1") else {}
    )
    responses, found = FirstResponses(ds, now_us), []
    for row in rows:
        handoff_id, owner_id, (touched_us, contact_id, *deal) = row[0], row[3], row[10:]
        owner = responses.staff.get(owner_id)
        became = first_deals.get(handoff_id) or ((deal[0], deal[1], deal[2]) if deal[0] and deal[1] else None)
        judged, team = responses.judged(row[:10], touched_us), owner.team if owner else None
        found.append(Handover(**vars(judged), contact_id=contact_id, owner_id=owner_id, team=team, deal=became))
    return tuple(found)


def kept(context: Context, listed: Sequence[Handover]) -> Kept:
    """How promises were kept over the last 90 days, and what is open."""
    days = spans.rolling(context)[0]
    return Kept(
        tuple(entry for entry in listed if days.holds(entry.handed_us)), tuple(entry for entry in listed if entry.is_open)
    )


def _first_deals(ds: Dataset, rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[str, str, float]]:
    """Hand-over → the first deal opened with that person since; a day's grace, as deals are often dated without their time."""
    deals: dict[str, list[tuple[int, tuple[str, str, float]]]] = {}
    for contact_id, deal_id, status, amount, created_us in ds.rows(_FIRST_DEALS):
        deals.setdefault(contact_id, []).append((created_us, (deal_id, status, amount)))
    found = {}
    for row in rows:
        handoff_id, handed_us, contact_id = row[0], row[1], row[11]
        later = next((deal for created_us, deal in deals.get(contact_id, ()) if created_us > handed_us - spans.DAY_US), None)
        if later:
            found[handoff_id] = later
    return found
