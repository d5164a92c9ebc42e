"""What the blocks of a meeting rest on: block → why to be careful with it, from what the data lacks."""

from __future__ import annotations

from collections.abc import Mapping

from attribution import coverage
from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.content import scope
from attribution.meeting import moves
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Context

# Over a weekend data is three days old without anybody's fault; beyond that "since the last meeting" misses days.
OLD_AFTER_DAYS = 3
# A forecast that knows no date of a third of its deals is a guess.
THIN_WITHOUT_EXPECTED_CLOSE = 0.33


def marks(context: Context) -> Mapping[str, tuple[str, ...]]:
    """Block → why to be careful with it, from what the data lacks; blocks that nothing is said about are left out."""
    ds = context.ds
    held = ds.rows(
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
    (
        handed,
        answered,
        lifecycle,
        stages,
        changes,
        questions,
        feedback,
        assets,
        targets,
        open_,
        undated,
        unpriced,
        unrated,
        closed,
    ) = held
    won, unread = coverage.won_deals(ds), coverage.unread_won_deals(ds)
    found: dict[str, list[str]] = {}

    def mark(keys: str, when: bool, words: str) -> None:
        for key in keys.split() if when else ():
            found.setdefault(key, []).append(words)

    age = (context.held_on - scope.today(ds)).days
    mark(
        "plan changes promises stuck deals content",
        age > OLD_AFTER_DAYS,
        f"The data ends {formats.days(age)} before the meeting.",
    )
    mark(
        "plan changes deals",
        _is_thin(unread.deals, unread.won_rows, coverage.THIN_UNREAD_DEALS),
        f"{formats.count(unread.deals)} of {counted(unread.won_rows, 'won deal')} could not be read.",
    )
    mark("plan", not targets, f"No target for {moves.label(ds.settings.meeting.goal_metric).lower()} is supplied (targets.csv).")
    mark(
        "plan",
        _is_thin(undated, open_, THIN_WITHOUT_EXPECTED_CLOSE),
        f"{formats.count(undated)} of {counted(open_, 'open deal')} have no expected close date.",
    )
    mark(
        "plan stuck",
        _is_thin(unpriced, open_, coverage.THIN_DEALS_WITHOUT_AMOUNT),
        f"{formats.count(unpriced)} of {counted(open_, 'open deal')} have no amount.",
    )
    mark(
        "plan changes stuck",
        bool(unrated),
        f"{counted(unrated, 'open deal')} {'is' if unrated == 1 else 'are'} not counted: no exchange rate (fx_rates.csv).",
    )
    mark(
        "plan",
        closed < FEWEST_FOR_RATE,
        f"Only {counted(closed, 'deal')} closed in the last {RATE_DAYS} days: win rates are rough.",
    )
    mark(
        "changes",
        not changes,
        "Changes of deals are not supplied (deal_changes.csv): slipped, grown and shrunk deals cannot be seen.",
    )
    mark("changes", age < 0, f"Open deals are those of {formats.day(scope.today(ds))}, {formats.days(-age)} after the meeting.")
    mark(
        "changes",
        context.last_on is not None and context.before is None,
        f"{not_kept(context)}; past numbers {'are compared by recorded changes only' if changes else 'cannot be compared'}.",
    )
    mark("plan changes funnel stuck", not stages, "Stages of deals are not supplied (deal_stage_changes.csv).")
    mark("funnel stuck", not lifecycle, "Stages of leads are not supplied (lifecycle_changes.csv).")
    mark("promises", not handed, "Hand-overs are not supplied (handoffs.csv).")
    mark("promises", bool(handed) and not answered, "No hand-over says when sales first responded.")
    mark(
        "deals",
        _is_thin(won.without_touches, won.deals, coverage.THIN_WITHOUT_TOUCHES),
        f"{share(won.share_without_touches)} of won deals have no touch.",
    )
    mark(
        "deals",
        _is_thin(won.without_contacts, won.deals, coverage.THIN_DEALS_WITHOUT_CONTACTS),
        f"{share(won.share_without_contacts)} of won deals name no contact.",
    )
    mark("content", not assets, "Content is not supplied (content_assets.csv).")
    mark("content", not questions, "Buyers’ questions are not supplied (questions.csv).")
    mark("content", bool(assets) and not feedback, "Sales’ word on content is not supplied (content_feedback.csv).")
    return {key: tuple(words) for key, words in found.items()}


def _is_thin(part: int, whole: int, limit: float) -> bool:
    return bool(whole) and part / whole >= limit


def not_kept(context: Context) -> str:
    """Why the data that the last meeting saw is not there: it went, or no meeting was closed here."""
    was_closed = any(meeting.held_on == context.last_on and not meeting.is_open for meeting in context.meetings)
    return f"The data of {formats.day(context.last_on)} {'is no longer kept' if was_closed else 'was not kept: no meeting was closed here then'}"
