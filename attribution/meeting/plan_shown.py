"""What block 2 shows besides its sentences: the picture, the open deals that the quarter rests on, goals, targets and past quarters."""

from __future__ import annotations

from datetime import timedelta

from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.meeting import links, targets
from attribution.meeting.amounts import bare, day, whole
from attribution.meeting.block import Bar, Cell, Grid, Picture, Record
from attribution.meeting.forecast import Outlook
from attribution.meeting.plan_facts import Plan
from attribution.meeting.targets import Target

MOST_RECORDS = 15
DAYS_GONE = ("Days gone", "Share of the period's days that have passed, up to the last day of the data.")


def picture(made: Plan) -> Picture | None:
    """The quarter against its goal."""
    now, likely = made.forecast.now, made.forecast.likely
    if not now.won and not now.expected:
        return None
    low, high = likely or (None, None)
    bars = (
        Bar("Won so far", now.won, made.words(now.won), counted(now.won_deals, "deal"), tone="good"),
        Bar(
            "Won and expected", made.total, made.words(made.total), f"likely {made.words(low)} to {made.words(high)}" if likely else "",
            low, high, "new",
        ),
    )  # fmt: skip
    goal = made.goal.amount if made.goal else None
    title = f"{made.quarter.name} against the goal" if made.goal else f"{made.quarter.name} so far"
    alt = f"{made.quarter.name}: {made.words(now.won)} won, {made.words(made.total)} with what is expected" + (
        f", goal {made.words(goal)}" if goal is not None else ""
    )
    caption = "The line shows what came in past quarters for what was expected on the same day." if likely else ""
    return Picture(
        title, "ranges", bars, alt, "" if made.counts_deals else formats.symbol(made.currency), goal,
        f"Goal {made.words(goal)}" if goal is not None else "", caption,
    )  # fmt: skip


def records_title(made: Plan) -> str:
    """What stands above the records."""
    count = sum(1 for deal in made.forecast.now.deals if deal.expected > 0)
    if not count:
        return ""
    which = f"The {counted(count, 'open deal')}" if count <= MOST_RECORDS else f"{MOST_RECORDS} of {counted(count, 'open deal')}"
    unit = "" if made.counts_deals else f", in {formats.symbol(made.currency)}" if made.currency else ""
    return f"{which} that can close in {made.quarter.short}, by what they add{unit}"


def records(made: Plan) -> tuple[Record, ...]:
    """The open deals that add most to what is expected."""
    order = sorted(made.forecast.now.deals, key=lambda deal: (-deal.expected, deal.deal_id))
    found = []
    for deal in [deal for deal in order if deal.expected > 0][:MOST_RECORDS]:
        overdue = deal.expected_on is not None and deal.expected_on <= made.today
        when = f"; expected {day(deal.expected_on, made.today)}{', passed' if overdue else ''}" if deal.expected_on else ""
        amount = formats.ratio(deal.expected) if made.counts_deals else bare(deal.expected)
        of = "" if made.counts_deals else f" of {whole(deal.amount, made.currency)}"
        found.append(
            Record(
                group=formats.words(deal.stage, "Open"), name=deal.name, amount=amount,
                detail=f"{share((deal.win_rate or 0) * deal.in_time)}{of}{when}", link=links.deal(deal.deal_id), key=deal.deal_id,
                fields=(
                    ("deal_id", deal.deal_id), ("open_amount", round(deal.amount, 2)), ("stage", deal.stage), ("segment", deal.segment),
                    ("win_rate", round(deal.win_rate or 0, 4)), ("counted_over", deal.rate_of), ("closes_in_time", round(deal.in_time, 4)),
                    ("expected", round(deal.expected, 2)), ("expected_close_on", deal.expected_on.isoformat() if deal.expected_on else None),
                ),
            )
        )  # fmt: skip
    return tuple(found)


def goals(made: Plan) -> Grid:
    """The shared goals whose period runs."""
    rows = [target for target in made.targets if target.team == targets.SHARED]
    rows.sort(key=lambda target: (target.period != "quarter", target.metric != "won_revenue", target.segment is not None))
    return Grid(
        "The shared goals", ("Goal", "Target", "So far", "Of target", "Days gone"),
        tuple(_target_row(made, target, _goal_name(made, target)) for target in rows),
        help=(DAYS_GONE,),
    )  # fmt: skip


def teams(made: Plan) -> Grid:
    """Targets of teams and salespeople, in the order of names: a ranking would start a fight."""
    rows = [target for target in made.targets if target.team != targets.SHARED]
    return Grid(
        "Targets by team", ("Who", "Target", "So far", "Of target", "Days gone"),
        tuple(_target_row(made, target, _team_name(made, target)) for target in rows),
        help=(DAYS_GONE,),
        caption="In the order of names.",
    )  # fmt: skip


def _target_row(made: Plan, target: Target, name: str) -> tuple[Cell, ...]:
    def words(value: float | None) -> str:
        return formats.money(value, made.currency) if target.is_money else formats.count(value)

    link = ""
    if target.metric == "won_revenue" and target.reached is not None:
        more = {"owner": target.owner_id} if target.owner_id else {"segment": target.segment} if target.segment else {}
        dates = {"period": "custom", "from": target.first.isoformat(), "to": min(target.last, made.today).isoformat()}
        link = links.page("deals", {**dates, **{key: value for key, value in more.items() if value}})
    return (
        Cell(name, link), Cell(words(target.target)), Cell(words(target.reached) if target.reached is not None else "not counted", link),
        Cell(share(target.part) if target.part is not None else formats.DASH), Cell(share(target.gone)),
    )  # fmt: skip


def _goal_name(made: Plan, target: Target) -> str:
    what = formats.words(target.metric)
    return f"{what}, {_period(made, target)}" + (f", {target.segment}" if target.segment else "")


def _team_name(made: Plan, target: Target) -> str:
    who = target.owner or target.owner_id or formats.words(target.team)
    what = formats.words(target.metric)
    return f"{who}: {what[:1].lower()}{what[1:]}, {_period(made, target)}" + (f", {target.segment}" if target.segment else "")


def _period(made: Plan, target: Target) -> str:
    if target.period == "quarter" and target.first == made.quarter.first:
        return made.quarter.short
    return formats.span(target.first, target.last)


def past(made: Plan) -> Grid:
    """What the same calculation said on this day of past quarters, and what came."""
    rows = tuple(
        (
            Cell(outlook.quarter.name), Cell(formats.day(outlook.day, year=False)), Cell(made.words(outlook.won)),
            Cell(made.words(outlook.expected)), Cell(made.words(outlook.came), _came_link(outlook)),
            Cell(share(outlook.ratio) if outlook.ratio is not None else formats.DASH),
        )
        for outlook in made.forecast.past
    )  # fmt: skip
    return Grid(
        "The same calculation on this day of past quarters", ("Quarter", "On", "Won by then", "Expected then", "Came after", "Came ÷ expected"), rows,
        name_columns=2,
        help=(
            ("Expected then", "From the open deals of that day, with their amounts, stages and expected dates as they stood, and win rates of "
             "deals that had closed by then."),
            ("Came after", "Won between that day and the end of the quarter, also from deals opened later."),
        ),
    )  # fmt: skip


def _came_link(outlook: Outlook) -> str:
    first = outlook.day + timedelta(days=1)
    return links.deals_between(first, outlook.quarter.last, "closed") if first <= outlook.quarter.last else ""
