"""Hand-overs of leads: what sales answered in how many business hours, what was decided, and the deals that came of them.

The first response is the first moment of which anything says that sales answered: a touch of sales with that person after the hand-over
(and before the next one of the same person), or ``first_response_at`` where that is earlier or no touch is recorded. Business hours are those
of ``[meeting]`` in the time zone of who received the lead, else in that of the settings.

Reads raw.handoffs, touches.touches, touches.linked_contacts, raw.definitions, marts.deals and the identities through ``Dataset.rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from attribution.meeting import spans
from attribution.meeting.block import FEWEST_FOR_RATE, Context
from attribution.meeting.business_hours import BusinessHours, business_hours
from attribution.meeting.persons import Colleague, colleagues
from attribution.periods import add_months

if TYPE_CHECKING:
    from attribution.dataset import Dataset

Outcome = Literal["accepted", "rejected", "recycled", "waiting"]
BACK = ("rejected", "recycled")
FIRST_RESPONSE = "first_response_hours"
MONTHS = 3  # whole months beside the running one
TOLERANCE = 1e-9  # hours: the promise itself is kept


@dataclass(frozen=True)
class Promise:
    """In how many business hours a lead is answered, from which day on, and who says so (empty: the settings)."""

    hours: float
    from_on: date | None = None
    definition: str = ""


@dataclass(frozen=True)
class Handover:
    """One lead that was handed over. ``hours``: business hours until the first response, until now where there is none; ``promised``: hours.

    ``by_touch``: the response is a touch of sales, else it is as supplied. ``deal``: (id, status, amount) of the deal it became.
    ``has_hours``: False where the settings leave no business hour at all, so that nobody can be late.
    """

    handoff_id: str
    contact_id: str
    handed_us: int
    handed_on: date
    month: str
    sender: str | None
    owner_id: str | None
    owner: str | None
    team: str | None
    score: float | None
    attempts: int | None
    outcome: Outcome
    outcome_us: int | None
    reason: str | None
    response_us: int | None
    by_touch: bool
    hours: float
    promised: float
    deal: tuple[str, str, float] | None
    has_hours: bool = True

    @property
    def is_open(self) -> bool:
        """Whether a promise is open: nobody answered yet, and nobody decided."""
        return self.response_us is None and self.outcome == "waiting"

    @property
    def is_in_time(self) -> bool | None:
        """Whether the answer came within the promise; None where the time is not up, the lead was decided on without an answer, or no day
        has business hours."""
        if not self.has_hours:
            return None
        if self.response_us is None:
            return False if self.is_open and self.hours > self.promised + TOLERANCE else None
        return self.hours <= self.promised + TOLERANCE


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
    wanted.handoff_id, wanted.contact_id, wanted.handed_us, to_local_date(from_us(wanted.handed_us), reporting.time_zone),
    wanted.from_owner_id, wanted.owner_id, wanted.score, wanted.attempts, wanted.outcome, wanted.outcome_us, wanted.reason,
    wanted.supplied_us, answered.touched_us, wanted.deal_id, deals.status, coalesce(cast(deals.amount as double), 0)
from wanted
cross join (select time_zone from config.reporting) as reporting
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
_PROMISES = """
select valid_from, threshold, coalesce(agreed_by, definition_id)
from raw.definitions
where kind = 'sla' and metric = ? and threshold > 0 and valid_from is not null
order by valid_from, version, definition_id
"""


def promises(ds: Dataset) -> tuple[Promise, ...]:
    """What was promised, the oldest first: the settings, and from its day on each agreed definition of the first response."""
    agreed = (Promise(float(hours), day, str(by)) for day, hours, by in ds.rows(_PROMISES, [FIRST_RESPONSE]))
    return (Promise(ds.settings.meeting.first_response_hours), *agreed)


def promised_on(known: Sequence[Promise], day: date) -> Promise:
    """What was promised on a day: the definition that held then, else what the settings say."""
    return [promise for promise in known if promise.from_on is None or promise.from_on <= day][-1]


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
    known, staff, calendars = promises(ds), colleagues(ds), _Calendars(ds)
    has_hours = calendars.of(None).hours(spans.rolling(context)[0].from_us, now_us) > 0
    first_deals = (
        _first_deals(ds, rows) if rows and not ds.rows("select 1 from raw.handoffs where deal_id is not null limit 1") else {}
    )
    found = []
    for row in rows:
        handoff_id, contact_id, handed_us, handed_on, sender, owner_id, score, attempts, outcome, outcome_us, reason = row[:11]
        supplied_us, touched_us, *deal = row[11:]
        response_us = min((moment for moment in (supplied_us, touched_us) if moment is not None), default=None)
        promise, colleague = promised_on(known, handed_on), staff.get(owner_id)
        hours = calendars.of(colleague).hours(handed_us, max(handed_us, now_us if response_us is None else response_us))
        is_decided = outcome in ("accepted", "rejected", "recycled") and (outcome_us is None or outcome_us <= now_us)
        giver = staff.get(sender)
        found.append(
            Handover(
                handoff_id, contact_id, handed_us, handed_on, handed_on.isoformat()[:7], giver.name if giver else sender, owner_id,
                colleague.name if colleague else owner_id, colleague.team if colleague else None, score, attempts, outcome if is_decided else "waiting",
                outcome_us if is_decided else None, reason if is_decided else None, response_us, response_us is not None and response_us == touched_us,
                hours, promise.hours, first_deals.get(handoff_id) or ((deal[0], deal[1], deal[2]) if deal[0] and deal[1] else None),
                has_hours,
            )
        )  # fmt: skip
    return tuple(found)


def kept(context: Context, listed: Sequence[Handover]) -> Kept:
    """How promises were kept over the last 90 days, and what is open."""
    window = spans.rolling(context)[0]
    return Kept(
        tuple(entry for entry in listed if window.holds(entry.handed_us)), tuple(entry for entry in listed if entry.is_open)
    )


def _first_deals(ds: Dataset, rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[str, str, float]]:
    """Hand-over → the first deal opened with that person since; a day's grace, as deals are often dated without their time."""
    deals: dict[str, list[tuple[int, tuple[str, str, float]]]] = {}
    for contact_id, deal_id, status, amount, created_us in ds.rows(_FIRST_DEALS):
        deals.setdefault(contact_id, []).append((created_us, (deal_id, status, amount)))
    found = {}
    for handoff_id, contact_id, handed_us, *_ in rows:
        later = next((deal for created_us, deal in deals.get(contact_id, ()) if created_us > handed_us - spans.DAY_US), None)
        if later:
            found[handoff_id] = later
    return found


class _Calendars:
    """The business hours of each time zone, made once."""

    def __init__(self, ds: Dataset) -> None:
        self.meeting, self.usual = ds.settings.meeting, ds.settings.reporting.time_zone
        self.made: dict[str, BusinessHours] = {}

    def of(self, colleague: Colleague | None) -> BusinessHours:
        """Those of a colleague; of the settings' time zone where his is not known or none."""
        zone = (colleague.time_zone if colleague else None) or self.usual
        if zone not in self.made:
            try:
                self.made[zone] = business_hours(self.meeting, zone)
            except (KeyError, ValueError, OSError):  # no zone has that name
                self.made[zone] = self.of(None)
        return self.made[zone]
