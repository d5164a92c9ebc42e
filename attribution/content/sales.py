"""Content in the hands of sales: what was sent in which deal, before which stage, what became of it, and what salespeople say about it.

Reads journeys.deal_touches (touches that count, as on the Deals page), raw.deal_stage_changes, raw.content_feedback and marts.deals through
``Dataset.rows``. A sending is a touch of a salesperson that names content; it counts by its own day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from attribution.content import scope

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.filters import Filters

DAY_US = 86_400_000_000
CLOSE = "close"  # the next step of a deal that was closed without another stage in between
NOTHING = "nothing"  # no step since


@dataclass(frozen=True)
class Sending:
    """One sending of one piece in one deal. ``stage``: the deal's then; ``before``: the stage that came next, CLOSE or NOTHING.

    ``days_to_next``: from the sending to that step; ``amount`` in the reporting currency.
    """

    touch_id: str
    deal_id: str
    deal: str
    status: str
    amount: float
    asset_id: str
    asset: str
    sent_on: date
    sent_by: str | None
    stage: str | None
    before: str
    days_to_next: int | None


@dataclass(frozen=True)
class Word:
    """What a salesperson said about a piece: a rating from 1 to 5, whether it was used, why not, and a comment; each may be missing."""

    asset_id: str
    asset: str
    given_on: date | None
    said_by: str | None
    deal_id: str | None
    deal: str | None
    rating: int | None
    was_used: bool | None
    reason: str | None
    comment: str | None


def sendings(ds: Dataset, filters: Filters) -> tuple[Sending, ...]:
    """What sales sent in the period, in the deals that the filters select; latest first."""
    here = filters.resolved(ds.settings, ds.as_of)
    deals, when = scope.deals_of(here), scope.days("sent.occurred_on", here)
    rows = ds.rows(
        f"""
        with sent as (
            select touch_id, deal_id, asset_id, occurred_us, occurred_on, sender_id
            from journeys.deal_touches
            where actor = 'sales' and asset_id is not null and is_counted
        )

        select
            sent.touch_id, deals.deal_id, coalesce(deals.name, deals.deal_id), deals.status, coalesce(cast(deals.amount as double), 0),
            sent.asset_id,
            coalesce(assets.title, sent.asset_id), sent.occurred_on, coalesce(people.name, sent.sender_id), sent.occurred_us,
            deals.closed_us, deals.deal_stage
        from sent
        inner join marts.deals as deals on sent.deal_id = deals.deal_id
        left join raw.people as people on sent.sender_id = people.owner_id
        left join staging.content_assets as assets on sent.asset_id = assets.asset_id
        where {deals.sql} and {when.sql}
        order by sent.occurred_us desc, sent.touch_id, deals.deal_id""",
        [*deals.parameters, *when.parameters],
    )
    entered, labels = _entered(ds), ds.labels("asset")
    found = []
    for touch_id, deal_id, deal, status, amount, asset_id, asset, sent_on, sent_by, sent_us, closed_us, last_stage in rows:
        stage, before, next_us = _place(entered.get(deal_id, ()), sent_us, status, closed_us, last_stage)
        days = (next_us - sent_us) // DAY_US if next_us is not None else None
        piece = labels.get(asset_id, asset)
        found.append(Sending(touch_id, deal_id, deal, status, amount, asset_id, piece, sent_on, sent_by, stage, before, days))
    return tuple(found)


def in_deals(ds: Dataset) -> int:
    """How many sendings of content by sales count in a deal's journey, of all time."""
    return int(
        ds.rows(
            "select count(distinct touch_id) from journeys.deal_touches where actor = 'sales' and asset_id is not null and is_counted"
        )[0][0]
    )


def _entered(ds: Dataset) -> dict[str, list[tuple[int, str]]]:
    """Deal → the stages it entered, in order, of deals in which sales sent content."""
    rows = ds.rows(
        """
        with sent as (
            select distinct deal_id from journeys.deal_touches where actor = 'sales' and asset_id is not null and is_counted
        )

        select sent.deal_id, to_us(changes.entered_at) as entered_us, changes.deal_stage
        from raw.deal_stage_changes as changes
        left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
        inner join sent on coalesce(deal_ids.deal_id, changes.deal_id) = sent.deal_id
        where changes.entered_at is not null
        order by sent.deal_id, entered_us, changes.deal_stage"""
    )
    entered: dict[str, list[tuple[int, str]]] = {}
    for deal_id, entered_us, stage in rows:
        entered.setdefault(deal_id, []).append((entered_us, stage))
    return entered


def _place(
    entered: Sequence[tuple[int, str]], sent_us: int, status: str, closed_us: int | None, last_stage: str | None
) -> tuple[str | None, str, int | None]:
    """(stage then, next step, when that was). The stage of a closed deal is its close."""
    place = bisect_right([moment for moment, _ in entered], sent_us)
    stage = entered[place - 1][1] if place else None
    if place < len(entered):
        next_us, following = entered[place]
        is_close = status != "open" and following == last_stage and place == len(entered) - 1
        return stage, CLOSE if is_close else following, next_us
    if status != "open":
        return stage, CLOSE, closed_us if closed_us is not None and closed_us >= sent_us else None
    return stage, NOTHING, None


def words(ds: Dataset, filters: Filters) -> tuple[Word, ...]:
    """What salespeople said in the period, latest first; about no deal in particular only where no filter selects deals."""
    here = filters.resolved(ds.settings, ds.as_of)
    deals, when = scope.deals_of(here), scope.days("given.given_on", here)
    rows = ds.rows(
        f"""
        with given as (
            select
                feedback.asset_id as asset_id, to_local_date(feedback.given_at, reporting.time_zone) as given_on, feedback.given_at as given_at,
                coalesce(people.name, feedback.owner_id) as said_by, coalesce(deal_ids.deal_id, feedback.deal_id) as deal_id,
                feedback.rating as rating, feedback.was_used as was_used, feedback.reason as reason, feedback.comment as comment,
                feedback.source_row as source_row
            from raw.content_feedback as feedback
            cross join (select time_zone from config.reporting) as reporting
            left join identity.deal_ids as deal_ids on feedback.deal_id = deal_ids.alias
            left join raw.people as people on feedback.owner_id = people.owner_id
        )

        select
            given.asset_id, coalesce(assets.title, given.asset_id), given.given_on, given.said_by, deals.deal_id, coalesce(deals.name, deals.deal_id),
            given.rating, given.was_used, given.reason, given.comment
        from given
        left join marts.deals as deals on given.deal_id = deals.deal_id
        left join staging.content_assets as assets on given.asset_id = assets.asset_id
        where {deals.sql} and {when.sql} and given.asset_id is not null
        order by given.given_at desc, given.source_row desc""",
        [*deals.parameters, *when.parameters],
    )
    labels = ds.labels("asset")
    return tuple(Word(asset_id, labels.get(asset_id, title), *row) for asset_id, title, *row in rows)


@dataclass(frozen=True)
class Rated:
    """What salespeople say about one piece in sum. ``average``: of ``ratings``, None without any; ``reasons``: why it was not used, most often first."""

    asset_id: str
    asset: str
    said: int
    ratings: int
    average: float | None
    used: int
    not_used: int
    reasons: tuple[tuple[str, int], ...]
    comments: tuple[Word, ...]


def rated(listed: Iterable[Word]) -> dict[str, Rated]:
    """Piece → what salespeople say about it."""
    by_asset: dict[str, list[Word]] = {}
    for word in listed:
        by_asset.setdefault(word.asset_id, []).append(word)
    found = {}
    for asset_id, said in by_asset.items():
        ratings = [word.rating for word in said if word.rating is not None]
        reasons: dict[str, int] = {}
        for word in said:
            if word.was_used is False and word.reason:
                reasons[word.reason] = reasons.get(word.reason, 0) + 1
        found[asset_id] = Rated(
            asset_id, said[0].asset, len(said), len(ratings), sum(ratings) / len(ratings) if ratings else None,
            len([word for word in said if word.was_used]), len([word for word in said if word.was_used is False]),
            tuple(sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0]))), tuple(word for word in said if word.comment),
        )  # fmt: skip
    return found


def fates(listed: Iterable[Sending]) -> dict[str, dict[str, set[str]]]:
    """Piece → status → the deals in which it was sent, each once."""
    found: dict[str, dict[str, set[str]]] = {}
    for sending in listed:
        found.setdefault(sending.asset_id, {}).setdefault(sending.status, set()).add(sending.deal_id)
    return found


def steps_before(listed: Iterable[Sending]) -> dict[str, Mapping[str, int]]:
    """Piece → the step that came next → how many sendings."""
    found: dict[str, dict[str, int]] = {}
    for sending in listed:
        counts = found.setdefault(sending.asset_id, {})
        counts[sending.before] = counts.get(sending.before, 0) + 1
    return dict(found)
