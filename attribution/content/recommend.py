"""What to send next in an open deal: pieces that answer what its buyers asked, then what won deals like it used and lost ones did not.

Like it: deals of the same segment that came to the stage where it is now (any, where no stages are recorded); where too few of these were won,
of any segment; where too few of those were won, nothing is learned from them. Used: a touch that counts, at or after that deal entered the
stage, or was opened (marts.asset_uses). What won
deals used need not be why they were won: the counts are shown, and nothing is ranked on fewer than ``ENOUGH_USES`` won deals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from attribution.content.questions import Question, grouped, named_ever, pieces, questions
from attribution.content.sales import Rated, rated, words
from attribution.filters import ALL_TIME

if TYPE_CHECKING:
    from attribution.dataset import Dataset

ENOUGH_ALIKE = 5  # won deals like it, below which nothing is learned from them
ENOUGH_USES = 3  # of them, that used a piece
MOST = 3  # pieces recommended: more is no recommendation
CHANCE = 0.1  # from this probability on, what won deals used more often may as well be chance


@dataclass(frozen=True)
class Alike:
    """Closed deals like one. ``segment`` and ``stage``: what they have in common, None where it is not asked for; counts of each outcome."""

    segment: str | None
    stage: str | None
    won: int
    lost: int

    @property
    def is_enough(self) -> bool:
        """Whether enough of them were won to learn from."""
        return self.won >= ENOUGH_ALIKE


@dataclass(frozen=True)
class Reason:
    """A question of this deal that a piece answers. ``how``: named (for this very question, but not sent), made (it is the piece's own), proven."""

    text: str
    asked_on: date | None
    how: str
    times: int = 0


@dataclass(frozen=True)
class Pick:
    """One piece to send, with all that speaks for it. ``won_with`` of ``alike.won`` deals used it, ``lost_with`` of ``alike.lost``."""

    asset_id: str
    title: str
    url: str | None
    format: str | None
    topic: str | None
    answers: Reason | None
    won_with: int
    lost_with: int
    rating: Rated | None


@dataclass(frozen=True)
class Recommendation:
    """What to send next in one deal. ``tried``: the circles of deals like it, the last one being ``alike``; ``open_questions``: of the deal, no piece
    at all answers them; ``used``: how many pieces its people have used already, which are left out."""

    deal_id: str
    deal: str
    status: str
    amount: float
    segment: str | None
    stage: str | None
    owner: str | None
    closed_on: date | None
    alike: Alike
    tried: tuple[Alike, ...] = ()
    picks: tuple[Pick, ...] = ()
    open_questions: tuple[str, ...] = ()
    used: int = 0


def recommend(ds: Dataset, deal_id: str) -> Recommendation | None:
    """What to send next; None for an unknown deal. A closed deal gets no picks."""
    rows = ds.rows(
        "select deal_id, coalesce(name, deal_id), status, coalesce(cast(amount as double), 0), segment, deal_stage, coalesce(owner_name, owner_id), "
        "closed_on from marts.deals where deal_id = ?",
        [deal_id],
    )
    if not rows:
        return None
    _, name, status, amount, segment, stage, owner, closed_on = rows[0]
    found = Recommendation(deal_id, name, status, amount, segment, stage, owner, closed_on, Alike(segment, stage, 0, 0))
    if status != "open":
        return found
    has_stages = bool(ds.rows("select 1 from raw.deal_stage_changes limit 1"))
    tried = _circles(ds, segment, stage if has_stages else None)
    alike = tried[-1]
    used = {row[0] for row in ds.rows("select asset_id from marts.asset_uses where deal_id = ?", [deal_id])}
    uses = _uses(ds, alike) if alike.is_enough else {}
    answering, unanswered = _answering(ds, deal_id)
    said = rated(words(ds, ALL_TIME))
    labels = ds.labels("asset")
    public = {
        asset_id: (labels.get(asset_id, title), *row)
        for asset_id, title, *row in ds.rows(
            "select asset_id, coalesce(title, asset_id), url, format, topic from staging.content_assets "
            "where status = 'published' or (status is null and published_on is not null)"
        )
    }
    picks = [
        Pick(asset_id, title, url, form, topic, answering.get(asset_id), *uses.get(asset_id, (0, 0)), said.get(asset_id))
        for asset_id, (title, url, form, topic) in public.items()
        if asset_id not in used and (asset_id in answering or _is_learned(uses.get(asset_id), alike))
    ]
    picks.sort(key=lambda pick: (_rank(pick), -_gap(pick.won_with, pick.lost_with, alike), pick.asset_id))
    return replace(
        found, alike=alike, tried=tried, picks=tuple(picks[:MOST]), open_questions=unanswered, used=len(used & set(public))
    )


def _circles(ds: Dataset, segment: str | None, stage: str | None) -> tuple[Alike, ...]:
    """The circles of closed deals like it, narrow first, up to the first with enough won deals. Without a stage or segment it is not asked for."""
    wanted = [(segment, stage), (None, stage)] if segment else [(None, stage)]
    tried: list[Alike] = []
    for of_segment, at_stage in wanted:
        counts = dict(
            ds.rows(
                f"with alike as ({_ALIKE}) select status, count(*) from alike group by status", _parameters(of_segment, at_stage)
            )
        )
        tried.append(Alike(of_segment, at_stage, counts.get("won", 0), counts.get("lost", 0)))
        if tried[-1].is_enough:
            break
    return tuple(tried)


# Closed deals of a segment (any, without one) that entered a stage (any, without one), with the moment they did.
_ALIKE = """
    select deals.deal_id as deal_id, deals.status as status, coalesce(min(to_us(changes.entered_at)), min(deals.created_us), 0) as from_us
    from marts.deals as deals
    left join (
        select coalesce(deal_ids.deal_id, stage_changes.deal_id) as deal_id, stage_changes.deal_stage as deal_stage, stage_changes.entered_at as entered_at
        from raw.deal_stage_changes as stage_changes
        left join identity.deal_ids as deal_ids on stage_changes.deal_id = deal_ids.alias
    ) as changes on deals.deal_id = changes.deal_id and changes.deal_stage = ?
    where deals.status in ('won', 'lost') and (? is null or deals.segment = ?) and (? is null or changes.deal_id is not null)
    group by deals.deal_id, deals.status"""


def _parameters(segment: str | None, stage: str | None) -> list[str | None]:
    return [stage, segment, segment, stage]


def _uses(ds: Dataset, alike: Alike) -> dict[str, tuple[int, int]]:
    """Piece → how many won and lost deals like it used it from that stage on."""
    rows = ds.rows(
        f"""
        with alike as ({_ALIKE})

        select
            uses.asset_id,
            count(case when alike.status = 'won' then 1 end),
            count(case when alike.status = 'lost' then 1 end)
        from alike
        inner join marts.asset_uses as uses on alike.deal_id = uses.deal_id and uses.last_us >= alike.from_us
        group by uses.asset_id""",
        _parameters(alike.segment, alike.stage),
    )
    return {asset_id: (won, lost) for asset_id, won, lost in rows}


def _answering(ds: Dataset, deal_id: str) -> tuple[dict[str, Reason], tuple[str, ...]]:
    """(piece → the question of this deal that it answers, questions that no piece answers)."""
    everything = questions(ds, ALL_TIME)
    here = [question for question in everything if question.deal_id == deal_id and not question.read_on and not question.sent_on]
    reasons: dict[str, Reason] = {}
    unanswered = []
    for asked in grouped(here, pieces(ds), named_ever(ds)):
        latest = max(asked.asked, key=lambda question: (question.asked_on or date.min, question.question_id))
        for question in asked.asked:
            if question.asset_id:
                reasons.setdefault(question.asset_id, _reason(question, "named"))
        if asked.waiting and asked.made:
            reasons.setdefault(asked.made.asset_id, _reason(latest, "made"))
        elif asked.waiting and asked.proven:
            reasons.setdefault(asked.proven[0], _reason(latest, "proven", asked.proven[2]))
        elif asked.waiting:
            unanswered.append(asked.text)
    return reasons, tuple(unanswered)


def _reason(question: Question, how: str, times: int = 0) -> Reason:
    return Reason(question.text, question.asked_on, how, times)


def by_chance(won_with: int, won: int, lost_with: int, lost: int) -> float:
    """How likely so many of the deals that used a piece were won, or more, had winning nothing to do with it (Fisher's exact test, one side)."""
    users = won_with + lost_with

    def ways(whole: int, part: int) -> float:
        """The logarithm of the number of ways to choose a part."""
        return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)

    every = ways(won + lost, users)
    likely = [
        math.exp(ways(won, number) + ways(lost, users - number) - every)
        for number in range(won_with, min(won, users) + 1)
        if users - number <= lost
    ]
    return min(1.0, sum(likely))


def _rank(pick: Pick) -> int:
    return 3 if pick.answers is None else {"named": 0, "made": 1}.get(pick.answers.how, 2)


def _gap(won_with: int, lost_with: int, alike: Alike) -> float:
    """How much more often won deals used it than lost ones, as a difference of shares."""
    won = won_with / alike.won if alike.won else 0.0
    return won - (lost_with / alike.lost if alike.lost else 0.0)


def _is_learned(uses: tuple[int, int] | None, alike: Alike) -> bool:
    return uses is not None and uses[0] >= ENOUGH_USES and _gap(*uses, alike) > 0
