"""Block 2, "Are we on plan?": won and expected against the shared goal, how well this calculation held in past quarters, targets by team."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.meeting import links, plan_shown
from attribution.meeting.amounts import day
from attribution.meeting.block import Block, Context, Figure
from attribution.meeting.plan_facts import FAST, FORECAST, Plan, plan
from attribution.meeting.targets import Goal
from attribution.meeting.words import DEFINITIONS

if TYPE_CHECKING:
    from attribution.dataset import Dataset


def block(context: Context) -> Block:
    """Are we on plan?"""
    made = plan(context)
    now = made.forecast.now
    if not now.deals and not now.won_deals and not made.targets:
        return Block(
            answer="There is nothing to say about the quarter yet: no deal is open, none was won in it, and no target is set.",
            missing="Here stand won and expected revenue against the shared goal. Supply deals.csv, deal_stage_changes.csv and targets.csv "
            "(team shared, metric won_revenue, period quarter), and build again.",
        )
    if made.is_beyond:
        return Block(
            answer=f"{made.quarter.name} begins {formats.days((made.quarter.first - made.today).days)} after the data ends ({formats.day(made.today)}): "
            "what it will bring cannot be told yet.",
            missing="Here stand won and expected revenue against the shared goal. Choose a day nearer to the data under “Meeting of …”, or load newer data.",
        )
    return Block(
        answer=_answer(made),
        figures=_figures(made),
        records_title=plan_shown.records_title(made),
        records=plan_shown.records(made),
        picture=plan_shown.picture(made),
        grids=tuple(grid for grid in (plan_shown.goals(made), plan_shown.teams(made), plan_shown.past(made)) if grid.rows),
        notes=_notes(made, context.ds),
        marks=_marks(made, context.ds),
    )


# -- sentences ---------------------------------------------------------------------------------------------------------------


def _answer(made: Plan) -> str:
    now, quarter = made.forecast.now, made.quarter
    is_over = made.today >= quarter.last
    lead = f"{quarter.short} {'ended with' if is_over else 'has'} {made.words(now.won)} won"
    if is_over:
        pass
    elif not now.deals:
        lead += " and no open deal"
    elif made.is_unpriced:
        lead += f"; {counted(len(now.deals), 'deal')} {'is' if len(now.deals) == 1 else 'are'} open, none with an amount"
    elif any(deal.win_rate is not None for deal in now.deals):
        lead += f" and {made.words(now.expected)} expected from {counted(len(now.deals), 'open deal')}"
        lead += f", together {made.words(made.total)}"
        lead += f" ({made.likely})" if made.likely else ""
    else:
        lead += f"; {counted(len(now.deals), 'deal')} are open, too few have closed to say what they will bring"
    held = "" if is_over or made.is_unpriced else _held(made)
    if made.goal is None or made.gap is None:
        return f"{lead}. No shared goal is set for {quarter.name}. {held}".strip()
    if now.won >= made.goal.amount:
        verdict = f"the goal of {made.words(made.goal.amount)} is reached"
    elif made.gap > 0:
        verdict = f"{made.words(made.gap)} short of the goal of {made.words(made.goal.amount)}"
    else:
        verdict = f"{made.words(-made.gap)} above the goal of {made.words(made.goal.amount)}"
    return f"{lead}: {verdict}. {held}".strip()


def _held(made: Plan) -> str:
    """How well the calculation held."""
    span = made.forecast.span
    if span is None:
        return ""
    ratios = made.forecast.ratios
    quarters = f"the last {counted(len(ratios), 'quarter')}"
    below = sum(1 for ratio in ratios if ratio < 1)
    if below >= 0.75 * len(ratios):  # it leans to one side: a range alone would hide that
        which = "all" if below == len(ratios) else f"{below}"
        return f"In {which} of {quarters} less came than was expected on this day: {share(span[0])} to {share(span[1])} of it."
    return f"On this day of {quarters}, {share(span[0])} to {share(span[1])} of what was expected then came."


def _figures(made: Plan) -> tuple[Figure, ...]:
    now, quarter = made.forecast.now, made.quarter
    gone = (made.today - quarter.first).days + 1
    length = (quarter.last - quarter.first).days + 1
    time = f"{share(max(gone, 0) / length)} of days gone"
    of_goal = f"{share(now.won / made.goal.amount)} of goal, " if made.goal and made.goal.amount else ""
    likely = ""
    if made.forecast.span and now.expected:
        low, high = (now.expected * ratio for ratio in made.forecast.span)
        likely = f"likely {made.words(low)} to {made.words(high)}"
    found = [
        Figure(
            f"Won in {quarter.short}", made.words(now.won), f"{of_goal}{time}", f"Amounts of deals won from {formats.day(quarter.first)} to "
            f"{formats.day(made.today)}: {counted(now.won_deals, 'deal')}.", links.deals_between(quarter.first, made.today, "closed"),
        ),
        Figure(
            "Expected from open deals", formats.DASH if made.is_unpriced else made.words(now.expected),
            "no open deal has an amount" if made.is_unpriced else likely or f"of {made.words(made.open_amount)} open",
            DEFINITIONS["expected"] + (" The range: the poorest and the best of the past quarters." if likely else ""),
        ),
    ]  # fmt: skip
    if made.goal and made.gap is not None:
        label = "Gap to the goal" if made.gap > 0 else "Above the goal"
        found.append(
            Figure(
                label, made.words(abs(made.gap)), f"{'to ' if made.gap > 0 else ''}the goal of {made.words(made.goal.amount)}",
                DEFINITIONS["gap"] + _goal_of(made.goal),
            )
        )  # fmt: skip
        coverage = f"{formats.ratio(made.coverage)} ×" if made.coverage is not None else "reached"
        found.append(
            Figure(
                "Open deals ÷ still to win", coverage, f"{made.words(made.open_amount)} open, {made.words(made.missing)} to win",
                DEFINITIONS["coverage"],
            )
        )  # fmt: skip
    usual, fast = made.last_day(0.5), made.last_day(FAST)
    if usual and fast:
        note = f"{'passed' if usual < made.today else 'for half of the wins'}; the fastest fifth: {day(fast, made.today)}"
        found.append(Figure("Last day to open a deal", day(usual, made.today), note, DEFINITIONS["last_day"]))
    return tuple(found)


def _goal_of(goal: Goal) -> str:
    return {"months": " The goal is the sum of its months.", "segments": " The goal is the sum of its segments."}.get(goal.of, "")


def _notes(made: Plan, ds: Dataset) -> tuple[str, ...]:
    found = []
    metric = ds.settings.meeting.goal_metric
    if made.goal is None and metric in FORECAST:
        found.append(
            f"No shared goal is set for {made.quarter.name}. Add a row to targets.csv: team shared, metric {metric}, "
            f"period_start_on {made.quarter.first.isoformat()}, period quarter, target."
        )
    now = made.forecast.now
    if words := plan_shown.left_out(made):
        found.append(words)
    later = [deal for deal in now.deals if deal.expected_on is not None and deal.expected_on > made.quarter.last]
    if later:
        amount = sum(deal.amount for deal in later)
        found.append(
            f"{counted(len(later), 'open deal')} worth {made.words(amount)} are expected to close after {made.quarter.name}."
        )
    wide = [deal for deal in now.deals if deal.rate_of == "all deals"]
    if wide:
        found.append(
            f"Fewer than ten closed deals had been in the stage of {counted(len(wide), 'open deal')} "
            f"({made.words(sum(deal.amount for deal in wide))}): the win rate of all deals is taken."
        )
    unknown = [deal for deal in now.deals if deal.win_rate is None]
    if unknown:
        found.append(f"Fewer than ten deals have closed: {counted(len(unknown), 'open deal')} have no win rate and add nothing.")
    if made.days_of_segments:
        parts = [
            f"{segment} {day(made.quarter.last - timedelta(days=days), made.today)} ({formats.days(days)})"
            for segment, days in made.days_of_segments
        ]
        found.append(f"Last day to open a deal by segment: {formats.listed(parts)}.")
    return tuple(found)


def _marks(made: Plan, ds: Dataset) -> tuple[str, ...]:
    found = []
    if made.today < made.quarter.first:
        found.append(f"The data ends on {formats.day(made.today)}, before {made.quarter.name} began.")
    if ds.settings.meeting.goal_metric not in FORECAST:
        found.append(
            f"The goal is set on {formats.words(ds.settings.meeting.goal_metric)}, which has no forecast: it stands among the goals below."
        )
    ratios = made.forecast.ratios
    if made.forecast.now.expected and len(ratios) < 3:
        found.append("Fewer than three past quarters can be looked at: no range is given.")
    return tuple(found)
