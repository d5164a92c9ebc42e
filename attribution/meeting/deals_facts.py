"""What block 8 knows of closed deals: how long, with whom, over which content, and why they ended. Reads marts.deals and journeys.deal_touches.

Only touches that count are looked at, as on the Deals page; of calls and meetings also several on one day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.content import scope
from attribution.errors import QueryError, near_name
from attribution.meeting import spans
from attribution.namesakes import told_apart
from attribution.spotlight.facts import is_meeting

if TYPE_CHECKING:
    from attribution.dataset import Dataset

VOICES = ("buyer", "owner", "marketing")
LONGEST_JOURNEY = 9  # steps of a journey in short words


@dataclass(frozen=True)
class ClosedDeal:
    """One deal, mostly a closed one. ``name``: its company, else its own; ``title``: its own name. ``reviews``: (voice, reason) in the order
    of VOICES; ``stages``: those entered, in order; ``read_titles``: pieces that buyers read, ``sent_titles``: pieces that sales sent."""

    deal_id: str
    name: str
    title: str
    status: str
    stage: str | None
    amount: float
    created_on: date | None
    closed_on: date | None
    days_open: int
    first_on: date | None
    days_from_first: int | None
    opened_by: str
    loss_reason: str | None
    competitor: str | None
    about_company: str
    touches: int
    meetings: int = 0
    people: int = 0
    read_titles: tuple[str, ...] = ()
    sent_titles: tuple[str, ...] = ()
    reviews: tuple[tuple[str, str | None], ...] = ()
    stages: tuple[str, ...] = field(default=())

    @property
    def read(self) -> int:
        """Different pieces that buyers read."""
        return len(self.read_titles)

    def says(self, voice: str) -> str:
        """The reason that a voice gives; empty where it gives none."""
        return next((reason for who, reason in self.reviews if who == voice and reason), "")


_DEALS = """
select
    deal_id, coalesce(account_name, name, deal_id), coalesce(name, account_name, deal_id), status, deal_stage, cast(coalesce(amount, 0) as double), created_on,
    closed_on, first_touch_us, opened_by, loss_reason, competitor, segment, industry, country, touch_count
from marts.deals
where {which}
order by case status when 'won' then 1 when 'lost' then 2 else 3 end, amount desc, deal_id
"""
_TOUCHES = """
select deal_id, kind, actor, count(*)
from journeys.deal_touches
where (is_counted or (is_repeat and not is_excluded and not is_after_end and not is_outside_lookback))
    and list_contains(cast(? as varchar[]), deal_id)
group by deal_id, kind, actor
"""
_PEOPLE = """
select deal_id, count(distinct person_id)
from journeys.deal_touches
where is_counted and person_kind = 'contact' and list_contains(cast(? as varchar[]), deal_id)
group by deal_id
"""
_CONTENT = """
select deal_id, actor, asset_id, min(occurred_us) as first_us
from journeys.deal_touches
where is_counted and asset_id is not null and actor in ('buyer', 'sales') and list_contains(cast(? as varchar[]), deal_id)
group by deal_id, actor, asset_id
order by deal_id, actor, first_us, asset_id
"""
_REVIEWS = """
select coalesce(deal_ids.deal_id, reviews.deal_id), reviews.voice, reviews.reason_code
from raw.deal_reviews as reviews
left join identity.deal_ids as deal_ids on reviews.deal_id = deal_ids.alias
where list_contains(cast(? as varchar[]), coalesce(deal_ids.deal_id, reviews.deal_id))
order by reviews.source_row
"""
_STAGES = """
select coalesce(deal_ids.deal_id, changes.deal_id), changes.deal_stage
from raw.deal_stage_changes as changes
left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
where changes.deal_stage is not null and list_contains(cast(? as varchar[]), coalesce(deal_ids.deal_id, changes.deal_id))
order by changes.entered_at, changes.source_row
"""
_LOSSES = """
select loss_reason, count(*), cast(coalesce(sum(amount), 0) as double)
from marts.deals
where status = 'lost' and closed_on between ? and ?
group by loss_reason
"""
_JOURNEY = """
select channel, actor, kind
from journeys.deal_touches
where deal_id = ? and is_counted
order by occurred_us, touch_id
"""


def closed_deals(ds: Dataset, first: date, last: date) -> tuple[ClosedDeal, ...]:
    """The deals closed between two days: won ones first, the largest first. Several of one company have their own names behind it."""
    found = _read(ds, "status <> 'open' and closed_on between ? and ?", [first, last])
    names = told_apart((deal.deal_id, deal.name, (deal.title,)) for deal in found)
    return tuple(replace(deal, name=names.get(deal.deal_id, deal.name)) for deal in found)


def facts_of(ds: Dataset, deal_id: str) -> ClosedDeal:
    """One deal, closed or open. QueryError for an unknown one."""
    found = _read(ds, "deal_id = ?", [deal_id])
    if not found:
        known = [row[0] for row in ds.rows("select deal_id from marts.deals order by amount desc, deal_id limit 5000")]
        raise QueryError(
            f"deal {deal_id[:60]!r}: there is no such deal in the data.{near_name(deal_id, known) or ' Choose one of the list.'}"
        )
    return found[0]


def losses(ds: Dataset, first: date, last: date) -> list[tuple[str | None, int, float]]:
    """(reason, lost deals, their amounts) between two days."""
    return [(reason, int(deals), float(amount)) for reason, deals, amount in ds.rows(_LOSSES, [first, last])]


def journey_words(ds: Dataset, deal_id: str) -> str:
    """The channels of a journey in their order, repeats in a row counted: "Organic search ×3 → Webinars → Sales ×5"."""
    labels = ds.labels("channel")
    steps: list[tuple[str, int]] = []
    for channel, _, _ in ds.rows(_JOURNEY, [deal_id]):
        words = labels.get(channel or "") or formats.words(channel, "Unknown")
        if steps and steps[-1][0] == words:
            steps[-1] = (words, steps[-1][1] + 1)
        else:
            steps.append((words, 1))
    if not steps:
        return "nothing recorded"
    said = [f"{words} ×{count}" if count > 1 else words for words, count in steps]
    if len(said) > LONGEST_JOURNEY:
        half = LONGEST_JOURNEY // 2
        said = [*said[:half], f"… {len(said) - 2 * half} more …", *said[-half:]]
    return " → ".join(said)


def _read(ds: Dataset, which: str, parameters: Sequence[object]) -> tuple[ClosedDeal, ...]:
    rows = ds.rows(_DEALS.format(which=which), parameters)
    if not rows:
        return ()
    ids = [row[0] for row in rows]
    people = dict(ds.rows(_PEOPLE, [ids]))
    meetings: dict[str, int] = {}
    for deal_id, kind, actor, count in ds.rows(_TOUCHES, [ids]):
        if is_meeting(kind or "", actor or "buyer"):
            meetings[deal_id] = meetings.get(deal_id, 0) + int(count)
    labels = ds.labels("asset")
    titles: dict[tuple[str, str], list[str]] = {}
    for deal_id, actor, asset_id, _ in ds.rows(_CONTENT, [ids]):
        titles.setdefault((deal_id, actor), []).append(labels.get(asset_id, asset_id))
    reviews: dict[str, dict[str, str | None]] = {}
    for deal_id, voice, reason in ds.rows(_REVIEWS, [ids]):
        reviews.setdefault(deal_id, {}).setdefault(voice, reason)
    stages: dict[str, list[str]] = {}
    for deal_id, stage in ds.rows(_STAGES, [ids]):
        entered = stages.setdefault(deal_id, [])
        if not entered or entered[-1] != stage:
            entered.append(stage)
    today = scope.today(ds)
    found = []
    for row in rows:
        (
            deal_id,
            name,
            title,
            status,
            stage,
            amount,
            created_on,
            closed_on,
            first_us,
            opened_by,
            reason,
            competitor,
            *company,
            touches,
        ) = row
        end = closed_on or today
        first_on = spans.local_day(ds, first_us) if first_us is not None else None
        said = reviews.get(deal_id, {})
        found.append(
            ClosedDeal(
                deal_id, name, title, status, stage, amount, created_on, closed_on, (end - created_on).days if created_on else 0, first_on,
                (end - first_on).days if first_on else None, opened_by, reason, competitor,
                ", ".join(str(words) for words in company if words), touches, meetings.get(deal_id, 0), people.get(deal_id, 0),
                tuple(titles.get((deal_id, "buyer"), ())), tuple(titles.get((deal_id, "sales"), ())),
                tuple((voice, said[voice]) for voice in VOICES if voice in said), tuple(stages.get(deal_id, ())),
            )
        )  # fmt: skip
    return tuple(found)
