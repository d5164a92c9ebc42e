"""Content that is not used as it could be: why, what it cost, and what to do with it.

A piece may have several reasons, and has one decision. Reads the pieces of ``assets`` and marts.asset_uses, marts.deals, raw.content_feedback,
raw.questions through ``Dataset.rows``. Everything is since publication, whatever the period: never means never. Filters select the deals that count as
bought. Retired pieces are left out: that decision is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from attribution.content import scope
from attribution.content.questions import Question, open_deals, questions
from attribution.content.sales import Rated, rated, words
from attribution.content.words import Word
from attribution.filters import ALL_TIME

if TYPE_CHECKING:
    from attribution.content.assets import Asset
    from attribution.dataset import Dataset
    from attribution.filters import Filters

YOUNG_DAYS = 90  # below this age nothing is judged, where too few deals were won to know how long one takes
ENOUGH_CLOSED = 5  # closed deals whose buyers read a piece, below which it is not blamed for having no winner among them
ENOUGH_WON = 3  # won deals whose buyers found a piece by themselves, from which on sales should have it
STILL_READ_DAYS = 365  # a piece that nobody read for longer has had its time
OTHER = "other"  # no topic that a piece could be sent for
ENOUGH_READERS = 20  # people who read a piece, from which on it is found


REASONS: tuple[Word, ...] = (
    Word("never_read", "Never read", "no touch of a buyer names it"),
    Word(
        "no_winner", "Read, no deal won", "buyers read it, but it is in the journey of no won deal as something that a buyer did"
    ),
    Word("never_sent", "Never sent", "no touch of a salesperson names it"),
    Word(
        "outdated",
        "Outdated",
        "its status is `to_revise`, or it was published longer ago than the setting `content.outdated_after_days`",
    ),
)


DECISIONS: tuple[Word, ...] = (
    Word("wait", "Wait", "it is younger than half of the won deals took"),
    Word("retire", "Retire", "nobody ever read it; or it is outdated, and nobody read it for a year, or no won deal used it"),
    Word("revise", "Revise", "it is outdated, and won deals used it: their buyers read it, or sales sent it there"),
    Word("change", "Change or retire", f"buyers of {ENOUGH_CLOSED} or more closed deals read it, and no won deal used it"),
    Word(
        "give",
        "Give to sales",
        f"buyers of {ENOUGH_WON} or more won deals read it, it is not made to be found (top of the funnel), and sales never sent it",
    ),
    Word(
        "leave",
        "Leave as it is",
        f"it is made to be found (top of the funnel), and {ENOUGH_READERS} people or more read it; or sales sent it in won deals, and only its reading is "
        "not recorded",
    ),
    Word("show", "Show to more", "too few people or deals have met it to judge"),
)


@dataclass(frozen=True)
class Reading:
    """Deals whose buyers read a piece, and the amount of the won ones. ``sent_won``: won deals in which sales sent it, read or not."""

    won: int = 0
    lost: int = 0
    open: int = 0
    won_amount: float = 0.0
    sent_won: int = 0

    @property
    def closed(self) -> int:
        """Won and lost."""
        return self.won + self.lost


@dataclass(frozen=True)
class Unused:
    """One piece with its reasons and its one decision. ``said``: what sales says about it; ``waiting``: open deals that asked about its topic and got
    no piece, and their amount."""

    asset: Asset
    reasons: tuple[str, ...]
    decision: str
    reading: Reading
    said: Rated | None = None
    waiting: tuple[int, float] = (0, 0.0)

    @property
    def cost(self) -> Decimal:
        """What went into it; nothing where no cost is known."""
        return self.asset.cost or Decimal(0)


def unused(ds: Dataset, pieces: Sequence[Asset], filters: Filters, cycle_days: float | None) -> tuple[Unused, ...]:
    """Published pieces with at least one reason, the most expensive first. ``cycle_days``: median days of a won deal, None where too few were won."""
    today = scope.today(ds)
    read, said, asked = readings(ds, filters), rated(words(ds, ALL_TIME)), waiting_for(ds, filters)
    old = ds.settings.content.outdated_after_days
    found = []
    for asset in pieces:
        if not asset.is_public or not asset.is_planned:
            continue
        reading = read.get(asset.asset_id, Reading())
        if reasons := reasons_of(asset, reading, old):
            decision = decision_of(asset, reasons, reading, today, cycle_days)
            waiting = asked.get(asset.topic or "", {}) if decision == "give" else {}
            deals = (len(waiting), round(sum(waiting.values()), 2))
            found.append(Unused(asset, reasons, decision, reading, said.get(asset.asset_id), deals))
    return tuple(sorted(found, key=lambda piece: (-piece.cost, piece.asset.title, piece.asset.asset_id)))


def waiting_for(ds: Dataset, filters: Filters) -> dict[str, dict[str, float]]:
    """Topic → the open deals whose buyers asked about it and got no piece, with their amounts."""
    found: dict[str, list[Question]] = {}
    for question in questions(ds, scope.any_time(filters)):
        if question.asset_id is None and question.topic and question.topic != OTHER:
            found.setdefault(question.topic, []).append(question)
    return {topic: open_deals(listed) for topic, listed in found.items()}


def readings(ds: Dataset, filters: Filters) -> dict[str, Reading]:
    """Piece → the deals, of those that the filters select, in whose journey a buyer read it."""
    deals = scope.deals_of(filters)
    rows = ds.rows(
        f"""
        select
            uses.asset_id,
            count(case when deals.status = 'won' and uses.first_buyer_us is not null then 1 end),
            count(case when deals.status = 'lost' and uses.first_buyer_us is not null then 1 end),
            count(case when deals.status = 'open' and uses.first_buyer_us is not null then 1 end),
            coalesce(cast(sum(case when deals.status = 'won' and uses.first_buyer_us is not null then deals.amount end) as double), 0),
            count(case when deals.status = 'won' and uses.first_sent_us is not null then 1 end)
        from marts.asset_uses as uses
        inner join marts.deals as deals on uses.deal_id = deals.deal_id
        where {deals.sql}
        group by uses.asset_id""",
        deals.parameters,
    )
    return {row[0]: Reading(*row[1:]) for row in rows}


def reasons_of(asset: Asset, reading: Reading, old: int) -> tuple[str, ...]:
    """Why a published piece is listed: words of REASONS. ``old``: days after which it is outdated."""
    holds = {
        "never_read": asset.buyer_touches == 0,
        "no_winner": asset.buyer_touches > 0 and reading.won == 0,
        "never_sent": asset.sent == 0,
        "outdated": asset.status == "to_revise" or (asset.age_days or 0) > old,
    }
    return tuple(reason.name for reason in REASONS if holds[reason.name])


def decision_of(asset: Asset, reasons: Sequence[str], reading: Reading, today: date, cycle_days: float | None) -> str:
    """What to do with it: the first of DECISIONS that fits."""
    if asset.age_days is not None and asset.age_days < young_days(cycle_days) and asset.status != "to_revise":
        return "wait"
    if "never_read" in reasons:
        return "retire"
    used_on = [moment for moment in (asset.last_read_on, asset.last_on if reading.sent_won else None) if moment]
    is_used = bool(used_on) and (today - max(used_on)).days <= STILL_READ_DAYS
    if "outdated" in reasons:
        return "revise" if (reading.won or reading.sent_won) and is_used else "retire"
    if "no_winner" in reasons:
        return "leave" if reading.sent_won else "change" if reading.closed >= ENOUGH_CLOSED else "show"
    if asset.funnel_stage == "top" and not asset.is_sales_content:
        return "leave" if asset.readers >= ENOUGH_READERS else "show"
    return "give" if reading.won >= ENOUGH_WON else "show"


def young_days(cycle_days: float | None) -> float:
    """The age below which nothing is judged."""
    return cycle_days or YOUNG_DAYS


@dataclass(frozen=True)
class Sunk:
    """Pieces and what went into them. ``without_cost``: of them, those of which no cost is known."""

    pieces: int
    cost: Decimal
    without_cost: int = 0


def sunk(listed: Sequence[Unused]) -> Sunk:
    """Each piece once."""
    return Sunk(
        len(listed),
        sum((piece.cost for piece in listed), Decimal(0)),
        len([piece for piece in listed if piece.asset.cost is None]),
    )


def by_reason(listed: Sequence[Unused]) -> Mapping[str, Sunk]:
    """Reason → its pieces: one with two reasons is in both, so that these cannot be added up."""
    return {reason.name: sunk([piece for piece in listed if reason.name in piece.reasons]) for reason in REASONS}


def by_decision(listed: Sequence[Unused]) -> Mapping[str, Sunk]:
    """Decision → its pieces: each has one, so that these add up to the total."""
    return {decision.name: sunk([piece for piece in listed if piece.decision == decision.name]) for decision in DECISIONS}
