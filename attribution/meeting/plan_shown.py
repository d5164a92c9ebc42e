"""What block 2 shows besides its sentences: the picture, the open deals that the quarter rests on, goals, targets and past quarters."""

from __future__ import annotations

from datetime import timedelta

from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.meeting import links, targets
from attribution.meeting.amounts import bare, day
from attribution.meeting.block import Bar, Cell, Grid, Picture, Record
from attribution.meeting.forecast import OpenDeal, Outlook
from attribution.meeting.listing import told_apart
from attribution.meeting.plan_facts import Plan
from attribution.meeting.targets import Target
from attribution.periods import add_months

MOST_RECORDS = 15
# Metrics of targets whose name on screen is another word.
WORDS = {"handoffs": "Hand-overs"}
DAYS_GONE = ("Days gone", "Share of the period's days that have passed, up to the last day of the data.")


def picture(made: Plan) -> Picture | None:
    """The quarter against its goal."""
    now, likely = made.forecast.now, made.forecast.likely if made.likely else None
    if not now.won and not now.expected:
        return None
    low, high = likely or (None, None)
    bars = [
        Bar("Won so far", now.won, made.words(now.won), counted(now.won_deals, "deal"), tone="good"),
        Bar("Won and expected", made.total, made.words(made.total), made.likely, low, high, "new"),
    ]
    # What the same quarter brought a year ago: with seasons, the fairest thing to hold a goal against.
    ago = next((one for one in made.forecast.past if one.quarter.first == add_months(made.quarter.first, -12)), None)
    if ago is not None:
        came = ago.won + (ago.came or 0.0)
        bars.append(Bar(f"{ago.quarter.name} in the end", came, made.words(came), f"{made.words(ago.won)} on this day"))
    goal = made.goal.amount if made.goal else None
    title = f"{made.quarter.name} against the goal" if made.goal else f"{made.quarter.name} so far"
    alt = f"{made.quarter.name}: {made.words(now.won)} won, {made.words(made.total)} with what is expected" + (
        f", goal {made.words(goal)}" if goal is not None else ""
    )
    caption = (
        "The whisker: from the poorest to the best of the past quarters, for what was expected on the same day." if likely else ""
    )
    return Picture(
        title, "bars", tuple(bars), alt, "" if made.counts_deals else formats.symbol(made.currency), goal,
        f"Goal {made.words(goal)}" if goal is not None else "", caption,
    )  # fmt: skip


def records_title(made: Plan) -> str:
    """What stands above the records."""
    if not any(deal.expected > 0 for deal in made.forecast.now.deals):
        return ""
    unit = "" if made.counts_deals or not made.currency else f", in {formats.symbol(made.currency)}"
    return f"What {made.quarter.short} rests on{unit}"


def records(made: Plan) -> tuple[Record, ...]:
    """The open deals that add most to what is expected, those of the stage that is won most first."""
    adding = sorted(
        (deal for deal in made.forecast.now.deals if deal.expected > 0), key=lambda deal: (-deal.expected, deal.deal_id)
    )
    shown = adding[:MOST_RECORDS]
    rates: dict[str | None, float] = {}
    for deal in shown:
        rates[deal.stage] = max(rates.get(deal.stage, 0.0), deal.win_rate or 0.0)
    shown.sort(key=lambda deal: (-rates[deal.stage], deal.stage or "", -deal.expected, deal.deal_id))
    return told_apart(_record(made, deal) for deal in shown)


def left_out(made: Plan) -> str:
    """How many deals the list leaves out, in words; empty where it holds all."""
    adding = [deal for deal in made.forecast.now.deals if deal.expected > 0]
    rest = sorted(adding, key=lambda deal: (-deal.expected, deal.deal_id))[MOST_RECORDS:]
    if not rest:
        return ""
    return f"Listed are the {MOST_RECORDS} open deals that add most; {formats.count(len(rest))} more add {made.words(sum(deal.expected for deal in rest))}."


def _record(made: Plan, deal: OpenDeal) -> Record:
    when = f", due {day(deal.expected_on, made.today)}" if deal.expected_on else ""
    of = "" if made.counts_deals else f" of {formats.money(deal.amount, made.currency)}"
    return Record(
        group=formats.words(deal.stage, "Open"), name=deal.name, amount=formats.ratio(deal.expected) if made.counts_deals else bare(deal.expected),
        detail=f"{share((deal.win_rate or 0) * deal.in_time)}{of}{when}", link=links.deal(deal.deal_id), key=deal.deal_id,
        fields=(
            ("deal_id", deal.deal_id), ("open_amount", round(deal.amount, 2)), ("stage", deal.stage), ("segment", deal.segment),
            ("win_rate", round(deal.win_rate or 0, 4)), ("counted_over", deal.rate_of), ("closes_in_time", round(deal.in_time, 4)),
            ("expected", round(deal.expected, 2)), ("expected_close_on", deal.expected_on.isoformat() if deal.expected_on else None),
        ),
    )  # fmt: skip


def goals(made: Plan) -> Grid:
    """The shared goals whose period runs."""
    rows = [target for target in made.targets if target.team == targets.SHARED]
    rows.sort(key=lambda target: (target.period != "quarter", target.metric != "won_revenue", target.segment is not None))
    return Grid(
        "Shared goals", ("Goal", "Target", "So far", "Of target", "Days gone"),
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
        caption=f"Names alone: won revenue in {made.quarter.short}." if any(target.owner_id for target in rows) else "",
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
    what = WORDS.get(target.metric) or formats.words(target.metric)
    return f"{what}, {_period(made, target)}" + (f", {target.segment}" if target.segment else "")


def _team_name(made: Plan, target: Target) -> str:
    who = target.owner or target.owner_id or formats.words(target.team)
    if target.owner_id and target.metric == "won_revenue" and target.first == made.quarter.first and target.period == "quarter":
        return who
    what = WORDS.get(target.metric) or formats.words(target.metric)
    return f"{who}: {what[:1].lower()}{what[1:]}, {_period(made, target)}" + (f", {target.segment}" if target.segment else "")


def _period(made: Plan, target: Target) -> str:
    if target.period == "quarter" and target.first == made.quarter.first:
        return made.quarter.short
    return formats.span(target.first, target.last)


def past(made: Plan) -> Grid:
    """What the same calculation said on this day of past quarters, and what came."""
    rows = tuple(
        (
            Cell(outlook.quarter.name), Cell(made.words(outlook.won)),
            Cell(made.words(outlook.expected)), Cell(made.words(outlook.came), _came_link(outlook)),
            Cell(share(outlook.ratio) if outlook.ratio is not None else formats.DASH),
        )
        for outlook in made.forecast.past
    )  # fmt: skip
    return Grid(
        "Past quarters", ("Quarter", "Won by then", "Expected", "Came", "Came ÷ expected"), rows,
        help=(
            ("Quarter", "Seen on the day that lies as far into it as the last day of the data lies in the running quarter."),
            ("Expected", "From the open deals of that day, with their amounts, stages and expected dates as they stood, and win rates of "
             "deals that had closed by then."),
            ("Came", "Won between that day and the end of the quarter, also from deals opened later."),
        ),
        caption=_known(made),
    )  # fmt: skip


def _known(made: Plan) -> str:
    """What is not known of past days."""
    dated = sum(outlook.dated for outlook in made.forecast.past)
    standing = sum(len(outlook.deals) for outlook in made.forecast.past)
    said = []
    if standing and dated < 0.8 * standing:
        part = share(dated / standing)
        said.append(
            f"The expected date of that day is recorded for {part} of the deals; the others are judged by how long past wins took."
        )
    if made.has_rates and not made.counts_deals:
        said.append("Amounts in other currencies are converted at the rate of the day their deal closed, not of that day.")
    return " ".join(said)


def _came_link(outlook: Outlook) -> str:
    first = outlook.day + timedelta(days=1)
    return links.deals_between(first, outlook.quarter.last, "closed") if first <= outlook.quarter.last else ""
