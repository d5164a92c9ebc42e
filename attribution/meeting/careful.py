"""What the blocks of a meeting rest on: block → why to be careful with it, from what the data lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from attribution import coverage
from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.content import scope
from attribution.meeting import moves
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Context

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# Over a weekend data is three days old without anybody's fault; beyond that "since the last meeting" misses days.
OLD_AFTER_DAYS = 3
# A forecast that knows no date of a third of its deals is a guess.
THIN_WITHOUT_EXPECTED_CLOSE = 0.33


class _Held(NamedTuple):
    """How many rows the data has of what the blocks ask for."""

    handoffs: int
    answered_handoffs: int
    lifecycle_changes: int
    stage_changes: int
    deal_changes: int
    questions: int
    feedback: int
    assets: int
    targets: int
    open: int
    undated: int
    unpriced: int
    unrated: int
    recently_closed: int


class _Mark(NamedTuple):
    """``words`` are said beside each of the ``blocks`` (their keys, with spaces between) when ``when``."""

    blocks: str
    when: bool
    words: str


def marks(context: Context) -> Mapping[str, tuple[str, ...]]:
    """Block → why to be careful with it, from what the data lacks; blocks that nothing is said about are left out."""
    held = _held(context)
    found: dict[str, list[str]] = {}
    for mark in (*_of_time(context, held), *_of_deals(context.ds, held), *_of_files(context.ds, held)):
        for block in mark.blocks.split() if mark.when else ():
            found.setdefault(block, []).append(mark.words)
    return {block: tuple(words) for block, words in found.items()}


def _held(context: Context) -> _Held:
    ds = context.ds
    row = ds.rows(
        """
        select
            (select count(*) from raw.handoffs), (select count(*) from raw.handoffs where first_response_at is not null),
            (select count(*) from raw.lifecycle_changes), (select count(*) from raw.deal_stage_changes),
            (select count(*) from raw.deal_changes), (select count(*) from raw.questions),
            (select count(*) from raw.content_feedback), (select count(*) from raw.content_assets),
            (select count(*) from raw.targets where metric = ?),
            (select count(*) from marts.deals where status = 'open'),
            (select count(*) from marts.deals where status = 'open' and expected_close_on is null),
            (select count(*) from marts.deals where status = 'open' and coalesce(amount, 0) = 0),
            (select count(*) from staging.all_deals where status = 'open' and amount is null),
            (select count(*) from marts.deals where status in ('won', 'lost') and closed_on > ? - ? and closed_on <= ?)
        """,
        [ds.settings.meeting.goal_metric, scope.today(ds), RATE_DAYS, scope.today(ds)],
    )[0]
    return _Held(*row)


def _of_time(context: Context, held: _Held) -> list[_Mark]:
    """What the day of the data, and that of the meeting before, leave open."""
    today = scope.today(context.ds)
    age = (context.held_on - today).days
    compared = "are compared by recorded changes only" if held.deal_changes else "cannot be compared"
    return [
        _Mark(
            "plan changes promises stuck deals content",
            age > OLD_AFTER_DAYS,
            f"The data ends {formats.days(age)} before the meeting.",
        ),
        _Mark("changes", age < 0, f"Open deals are those of {formats.day(today)}, {formats.days(-age)} after the meeting."),
        _Mark(
            "changes",
            context.last_on is not None and context.before is None,
            f"{not_kept(context)}; past numbers {compared}.",
        ),
    ]


def _of_deals(ds: Dataset, held: _Held) -> list[_Mark]:
    """Deals that could not be read, or lack what a block asks of them."""
    won, unread = coverage.won_deals(ds), coverage.unread_won_deals(ds)
    open_deals = counted(held.open, "open deal")
    return [
        _Mark(
            "plan changes deals",
            _is_thin(unread.deals, unread.won_rows, coverage.THIN_UNREAD_DEALS),
            f"{formats.count(unread.deals)} of {counted(unread.won_rows, 'won deal')} could not be read.",
        ),
        _Mark(
            "plan",
            _is_thin(held.undated, held.open, THIN_WITHOUT_EXPECTED_CLOSE),
            f"{formats.count(held.undated)} of {open_deals} have no expected close date.",
        ),
        _Mark(
            "plan stuck",
            _is_thin(held.unpriced, held.open, coverage.THIN_DEALS_WITHOUT_AMOUNT),
            f"{formats.count(held.unpriced)} of {open_deals} have no amount.",
        ),
        _Mark(
            "plan changes stuck",
            bool(held.unrated),
            f"{counted(held.unrated, 'open deal')} {'is' if held.unrated == 1 else 'are'} not counted: "
            "no exchange rate (fx_rates.csv).",
        ),
        _Mark(
            "plan",
            held.recently_closed < FEWEST_FOR_RATE,
            f"Only {counted(held.recently_closed, 'deal')} closed in the last {RATE_DAYS} days: win rates are rough.",
        ),
        _Mark(
            "deals",
            _is_thin(won.without_touches, won.deals, coverage.THIN_WITHOUT_TOUCHES),
            f"{share(won.share_without_touches)} of won deals have no touch.",
        ),
        _Mark(
            "deals",
            _is_thin(won.without_contacts, won.deals, coverage.THIN_DEALS_WITHOUT_CONTACTS),
            f"{share(won.share_without_contacts)} of won deals name no contact.",
        ),
    ]


def _of_files(ds: Dataset, held: _Held) -> list[_Mark]:
    """Files that a block rests on and nobody supplied."""
    return [
        _Mark(
            "plan",
            not held.targets,
            f"No target for {moves.label(ds.settings.meeting.goal_metric).lower()} is supplied (targets.csv).",
        ),
        _Mark(
            "changes",
            not held.deal_changes,
            "Changes of deals are not supplied (deal_changes.csv): slipped, grown and shrunk deals cannot be seen.",
        ),
        _Mark("plan changes funnel stuck", not held.stage_changes, "Stages of deals are not supplied (deal_stage_changes.csv)."),
        _Mark("funnel stuck", not held.lifecycle_changes, "Stages of leads are not supplied (lifecycle_changes.csv)."),
        _Mark("promises", not held.handoffs, "Hand-overs are not supplied (handoffs.csv)."),
        _Mark("promises", bool(held.handoffs) and not held.answered_handoffs, "No hand-over says when sales first responded."),
        _Mark("content", not held.assets, "Content is not supplied (content_assets.csv)."),
        _Mark("content", not held.questions, "Buyers’ questions are not supplied (questions.csv)."),
        _Mark(
            "content", bool(held.assets) and not held.feedback, "Sales’ word on content is not supplied (content_feedback.csv)."
        ),
    ]


def _is_thin(part: int, whole: int, limit: float) -> bool:
    return bool(whole) and part / whole >= limit


def not_kept(context: Context) -> str:
    """Why the data that the last meeting saw is not there: it went, or no meeting was closed here."""
    was_closed = any(meeting.held_on == context.last_on and not meeting.is_open for meeting in context.meetings)
    return f"The data of {formats.day(context.last_on)} {'is no longer kept' if was_closed else 'was not kept: no meeting was closed here then'}"
