"""One piece of content by itself: what it had earned by each day, under every rule, in which deals and stages it was used, by whom, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from attribution import cubes
from attribution.charts.theme import UNATTRIBUTED
from attribution.content.exposure import AGES, DAY_US, Exposure
from attribution.filters import ALL_TIME, Filters
from attribution.query import deal_condition
from attribution.rounding import largest_remainder

if TYPE_CHECKING:
    from attribution.dataset import Dataset

LISTED = 1000  # rows of people that a page shows; the latest
CENTS_OFF = 0.01
SAID = 5  # questions and words of sales that a page shows


def every_rule(ds: Dataset, filters: Filters = ALL_TIME) -> dict[str, dict[str, float]]:
    """Rule → content → credited revenue, for all rules in one pass, rounded as ``Dataset.credit`` rounds. "" is touches without content."""
    here = ds.resolve(filters)
    models = ds.models
    won = deal_condition(here)
    where = won & here.where_credits()
    amounts: dict[str, list[tuple[str, float]]] = {}
    # Learned rules are asked apart: their weights are computed for the question, and the others should not wait for them.
    for group in ([model for model in models if not model.is_learned], [model for model in models if model.is_learned]):
        columns = ", ".join(f"sum(credits.{model.column} * cast(deals.amount as double)) as {model.column}" for model in group)
        rows = ds.rows(
            f"select credits.asset_id, {columns} from {cubes.source('credits.asset_id', where.sql, models=group)} as credits "
            f"inner join marts.deals as deals on credits.deal_id = deals.deal_id where deals.status = 'won' and {where.sql} group by credits.asset_id",
            where.parameters,
        )
        for place, model in enumerate(group, start=1):
            amounts[model.name] = [(row[0] or "", row[place] or 0.0) for row in rows]
    left: dict[str, float] = {}
    if not here.select_credits:
        left = dict(
            ds.rows(
                "select unattributed.model, sum(unattributed.share * cast(deals.amount as double)) from credits.unattributed as unattributed "
                f"inner join marts.deals as deals on unattributed.deal_id = deals.deal_id where deals.status = 'won' and {won.sql} group by unattributed.model",
                won.parameters,
            )
        )
    found = {}
    for model in models:
        keys = [key for key, _ in amounts[model.name]] + ([UNATTRIBUTED] if model.name in left else [])
        values = [value for _, value in amounts[model.name]] + ([left[model.name]] if model.name in left else [])
        rounded = largest_remainder(values, [(key,) for key in keys])
        sums: dict[str, float] = {}
        for key, value in zip(keys, rounded, strict=True):
            sums[key] = sums.get(key, 0.0) + float(value)
        found[model.name] = sums
    return found


def earned_by_day(ds: Dataset, asset_id: str, models: Sequence[str]) -> list[tuple[date, tuple[float, ...]]]:
    """Days on which deals were won that credit it, each with what it had earned by then under each rule: all time, unrounded."""
    entries = [ds.settings.model(name) for name in models]
    columns = ", ".join(f"sum(credits.{entry.column} * cast(deals.amount as double))" for entry in entries)
    source = cubes.source("credits.asset_id", models=entries)
    rows = ds.rows(
        f"select deals.closed_on, {columns} from {source} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id "
        "where credits.asset_id = ? and deals.status = 'won' group by deals.closed_on order by deals.closed_on",
        [asset_id],
    )
    sums, found = [0.0] * len(models), []
    for day, *amounts in rows:
        sums = [total + (amount or 0.0) for total, amount in zip(sums, amounts, strict=True)]
        found.append((day, tuple(sums)))
    return found


def at_every_point(ds: Dataset, filters: Filters, asset_id: str) -> tuple[dict[int, Exposure], dict[str, Exposure]]:
    """Its exposure at every age (AGES) and before every stage, as ``exposure.exposures`` counts it."""
    here = ds.resolve(filters)
    where = deal_condition(here)
    uses, parameters = "marts.asset_uses", []
    if here.select_credits:
        credits = here.where_credits()
        uses = f"(select deal_id, asset_id, min(occurred_us) as first_us from {cubes.STORED_LEDGER} as credits where {credits.sql} group by deal_id, asset_id)"
        parameters = list(credits.parameters)
    closed = (
        "closed as (select deals.deal_id as deal_id, deals.status as status, deals.created_us as created_us, deals.closed_us as closed_us, "
        "used.first_us as first_us from marts.deals as deals "
        f"left join {uses} as used on deals.deal_id = used.deal_id and used.asset_id = ? where deals.status <> 'open' and {where.sql})"
    )
    counts = (
        "count(case when status = 'won' and first_us < until_us then 1 end), count(case when status = 'won' then 1 end), "
        "count(case when status = 'lost' and first_us < until_us then 1 end), count(case when status = 'lost' then 1 end)"
    )
    bound = [*parameters, asset_id, *where.parameters]
    ages = ds.rows(
        f"with {closed}, ages as (select unnest(cast(? as bigint[])) as age), "
        f"placed as (select ages.age as point, closed.status as status, closed.first_us as first_us, closed.created_us + ages.age * {DAY_US} as until_us "
        f"from closed cross join ages where closed.created_us + ages.age * {DAY_US} <= closed.closed_us) "
        f"select point, {counts} from placed group by point order by point",
        [*bound, list(AGES)],
    )
    stages = ds.rows(
        f"with {closed}, entered as (select changes.deal_id as deal_id, changes.deal_stage as point, min(to_us(changes.entered_at)) as until_us "
        "from raw.deal_stage_changes as changes group by changes.deal_id, changes.deal_stage), "
        "placed as (select entered.point as point, closed.status as status, closed.first_us as first_us, entered.until_us as until_us "
        "from closed inner join entered on closed.deal_id = entered.deal_id where entered.until_us <= closed.closed_us) "
        f"select point, {counts} from placed group by point order by point",
        bound,
    )
    return {row[0]: Exposure(*row[1:]) for row in ages}, {row[0]: Exposure(*row[1:]) for row in stages}


@dataclass(frozen=True)
class FirstUse:
    """Deals by the stage they were in when it was first used. ``stage`` None: before the deal opened; "": opened, but no stage known."""

    stage: str | None
    won: int
    lost: int
    open: int


# The stage a deal was in when the piece was first used.
STAGE_AT_FIRST_USE = """
    theirs as (
        select uses.deal_id as deal_id, uses.first_us as first_us, uses.first_buyer_us as first_buyer_us, uses.first_sent_us as first_sent_us,
            uses.touches as touches
        from marts.asset_uses as uses where uses.asset_id = ?
    ),

    last_entries as (
        select theirs.deal_id as deal_id, max(to_us(changes.entered_at)) as entered_us
        from theirs inner join raw.deal_stage_changes as changes on theirs.deal_id = changes.deal_id
        where to_us(changes.entered_at) <= theirs.first_us
        group by theirs.deal_id
    ),

    stages as (
        select last_entries.deal_id as deal_id, max(changes.deal_stage) as deal_stage
        from last_entries inner join raw.deal_stage_changes as changes
            on last_entries.deal_id = changes.deal_id and last_entries.entered_us = to_us(changes.entered_at)
        group by last_entries.deal_id
    )"""


def first_uses(ds: Dataset, asset_id: str) -> list[FirstUse]:
    """When in a deal it was first used, and what became of those deals: all time."""
    rows = ds.rows(
        f"with {STAGE_AT_FIRST_USE}, "
        "placed as (select case when theirs.first_us < deals.created_us then null else coalesce(stages.deal_stage, '') end as stage, deals.status as status "
        "from theirs inner join marts.deals as deals on theirs.deal_id = deals.deal_id left join stages on theirs.deal_id = stages.deal_id) "
        "select stage, count(case when status = 'won' then 1 end), count(case when status = 'lost' then 1 end), count(case when status = 'open' then 1 end) "
        "from placed group by stage order by stage nulls first",
        [asset_id],
    )
    return [FirstUse(*row) for row in rows]


def deals_of(ds: Dataset, asset_id: str, model: str, second: str, totals: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """The deals in whose journey it was used, most credit first, LISTED of them: all time. ``totals``: rule → credited revenue and pipeline, to which
    the rows add up where all of them are listed."""
    rules = [ds.settings.model(model), ds.settings.model(second)]
    (first, other), source = (rule.column for rule in rules), cubes.source("credits.asset_id", models=rules)
    frame = ds.frame(
        f"with {STAGE_AT_FIRST_USE}, "
        f"credit as (select deal_id, sum({first}) as first_weight, sum({other}) as second_weight "
        f"from {source} where asset_id = ? group by deal_id) "
        'select deals.deal_id as deal_id, coalesce(deals.name, deals.account_name, deals.deal_id) as "Deal", deals.status as "Status", '
        'cast(deals.amount as double) as "Amount", '
        "case when deals.status = 'won' then credit.first_weight * cast(deals.amount as double) else 0 end as \"Credited\", "
        "case when deals.status = 'open' then credit.first_weight * cast(deals.amount as double) else 0 end as \"Credited, open\", "
        "case when deals.status = 'won' then credit.second_weight * cast(deals.amount as double) else 0 end as \"Second rule\", "
        'theirs.touches as "Its touches", deals.touch_count as "All touches", cast(from_us(theirs.first_us) as date) as "First used", '
        "case when theirs.first_us < deals.created_us then null else coalesce(stages.deal_stage, '') end as \"Stage then\", "
        'theirs.first_sent_us is not null as "Sent by sales", deals.created_on as "Opened", deals.closed_on as "Closed", deals.account_name as "Company" '
        "from theirs inner join marts.deals as deals on theirs.deal_id = deals.deal_id inner join credit on theirs.deal_id = credit.deal_id "
        'left join stages on theirs.deal_id = stages.deal_id order by "Credited" desc, "Credited, open" desc, "Amount" desc, deals.deal_id limit ?',
        [asset_id, asset_id, LISTED + 1],
    )
    is_all = len(frame) <= LISTED
    frame = frame.head(LISTED)
    ids = [(str(key),) for key in frame["deal_id"]]
    for head, total in (("Credited", totals[model][0]), ("Credited, open", totals[model][1]), ("Second rule", totals[second][0])):
        values = [float(value) for value in frame[head]]
        near = abs(total - sum(values)) < CENTS_OFF * (
            len(values) + 1
        )  # else the total is of other deals, and the rows stand for themselves
        rounded = largest_remainder(values, ids, total=Decimal(str(round(total, 2))) if is_all and near else None)
        frame[head] = [float(value) for value in rounded]
    return frame


def people_of(ds: Dataset, asset_id: str) -> pd.DataFrame:
    """Who used it, the latest first, LISTED of them, with on how many deals they are named."""
    return ds.frame(
        "with used as (select contact_id, occurred_on, occurred_us, actor from touches.touches where asset_id = ? and not is_without_contact "
        "union all select linked.contact_id as contact_id, touches.occurred_on as occurred_on, touches.occurred_us as occurred_us, touches.actor as actor "
        "from touches.linked_contacts as linked inner join touches.touches as touches on linked.touch_id = touches.touch_id "
        "where touches.asset_id = ? and linked.contact_id is distinct from touches.contact_id), "
        "people as (select contact_id, count(*) as touches, min(occurred_on) as first_on, max(occurred_on) as last_on, max(occurred_us) as last_us, "
        "count(case when actor = 'sales' then 1 end) as sent from used group by contact_id order by last_us desc, contact_id limit ?), "
        "on_deals as (select people.contact_id as contact_id, count(*) as deal_count from people inner join identity.deal_contacts as named "
        "on people.contact_id = named.contact_id group by people.contact_id) "
        'select coalesce(contacts.name, contacts.email, people.contact_id) as "Person", people.contact_id as contact_id, '
        'contacts.title as "Title", accounts.name as "Company", '
        'people.first_on as "First used", people.last_on as "Last used", people.touches as "Touches", people.sent as "Sent by sales", '
        'coalesce(on_deals.deal_count, 0) as "Deals", leads.contact_id is not null as "Made a lead" '
        "from people left join identity.contacts as contacts on people.contact_id = contacts.contact_id "
        "left join raw.accounts as accounts on contacts.account_id = accounts.account_id "
        "left join on_deals on people.contact_id = on_deals.contact_id "
        "left join marts.lead_touches as leads on people.contact_id = leads.contact_id and leads.asset_id = ? "
        "order by people.last_us desc, people.contact_id",
        [asset_id, asset_id, LISTED, asset_id],
    )


@dataclass(frozen=True)
class Said:
    """What buyers asked that it answers, and what sales says of it. ``rating``: mean of 1 to 5; the words are the latest."""

    questions: int = 0
    asked: tuple[tuple[str, int], ...] = ()
    ratings: int = 0
    rating: float | None = None
    comments: tuple[tuple[str, int | None, str, date], ...] = ()


def said_of(ds: Dataset, asset_id: str) -> Said:
    """Questions it answers (by how often they were asked), ratings and the latest comments: (text, rating, who, day)."""
    asked = ds.rows(
        "select text, count(*) as times, max(asked_at) as last_at from raw.questions where asset_id = ? group by text order by times desc, last_at desc, text",
        [asset_id],
    )
    ratings = ds.rows("select count(rating), avg(rating) from raw.content_feedback where asset_id = ?", [asset_id])[0]
    comments = ds.rows(
        "select coalesce(feedback.comment, feedback.reason), feedback.rating, coalesce(people.name, feedback.owner_id), cast(feedback.given_at as date) "
        "from raw.content_feedback as feedback left join raw.people as people on feedback.owner_id = people.owner_id "
        "where feedback.asset_id = ? and coalesce(feedback.comment, feedback.reason) is not null order by feedback.given_at desc, feedback.owner_id limit ?",
        [asset_id, SAID],
    )
    return Said(
        sum(row[1] for row in asked), tuple((row[0], row[1]) for row in asked[:SAID]), ratings[0], ratings[1], tuple(comments)
    )
