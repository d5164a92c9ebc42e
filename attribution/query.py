"""From a question (metrics × dimensions × filters × model) to one SQL statement with bound parameters.

DIMENSIONS is the registry; identifiers in the SQL come from it, from the metrics' and from the models' registry, never from data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from attribution import cubes
from attribution.errors import QueryError, UnknownNameError, unknown
from attribution.filters import Condition, Filters
from attribution.metrics import Metric, metric
from attribution.models import Model

UNATTRIBUTED = "Unattributed"


@dataclass(frozen=True)
class Dimension:
    """What a figure can be cut by. ``expression`` is SQL over ``credits`` or ``deals`` rows; ``spend`` over staging.spend rows."""

    name: str
    label: str
    level: Literal["touch", "deal"]
    expression: str
    description: str
    spend: str = ""


@dataclass(frozen=True)
class Query:
    """A statement and its parameters: what "Show query" shows."""

    sql: str
    parameters: tuple[Any, ...]


def _month(column: str) -> str:
    return f"strftime({column}, '%Y-%m')"


def _quarter(column: str) -> str:
    return f"strftime({column}, '%Y') || '-Q' || cast(quarter({column}) as varchar)"


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("channel", "Channel", "touch", "credits.channel", "marketing channel of the touch", "spend.channel"),
    Dimension("campaign", "Campaign", "touch", "credits.campaign_id", "campaign of the touch (id)", "spend.campaign_id"),
    Dimension("asset", "Content", "touch", "credits.asset_id", "content of the touch (id)", "spend.asset_id"),
    Dimension("topic", "Topic", "touch", "credits.topic", "topic of the touch's content", "assets.topic"),
    Dimension("kind", "Kind", "touch", "credits.kind", "what happened"),
    Dimension("actor", "Who acted", "touch", "credits.actor", "buyer, marketing, sales, partner or service"),
    Dimension("touch", "Touch", "touch", "credits.touch_id", "the single touch (id)"),
    Dimension("phase", "Phase", "touch", "credits.phase", "before lead, before deal or after deal opened"),
    Dimension("segment", "Segment", "deal", "deals.segment", "segment of the deal's account"),
    Dimension("industry", "Industry", "deal", "deals.industry", "industry of the deal's account"),
    Dimension("country", "Country", "deal", "deals.country", "country of the deal's account"),
    Dimension("owner", "Owner", "deal", "deals.owner_id", "owner of the deal (id)"),
    Dimension("partner", "Partner", "deal", "deals.partner_id", "partner of the deal (id)"),
    Dimension("pipeline", "CRM pipeline", "deal", "deals.pipeline", "the CRM's pipeline of the deal"),
    Dimension("deal_type", "Deal type", "deal", "deals.deal_type", "new, expansion or renewal"),
    Dimension("deal", "Deal", "deal", "deals.deal_id", "the single deal (id)"),
    Dimension("month", "Month", "deal", "month", "month of the close, or of the date basis", "month"),
    Dimension("quarter", "Quarter", "deal", "quarter", "quarter of the close, or of the date basis", "quarter"),
    Dimension("opened_by", "Opened by", "deal", "deals.opened_by", "team of the touch that opened the deal"),
)

_DATE_COLUMNS = {"closed": "deals.closed_on", "created": "deals.created_on", "touch": "credits.occurred_on"}


def dimension(name: str, extra: Sequence[str] = ()) -> Dimension:
    """The dimension of that name; ``extra`` are further columns of deals that were kept. QueryError with a near name otherwise."""
    for entry in DIMENSIONS:
        if entry.name == name:
            return entry
    if name in extra:
        taken = {f"deal_{entry.name}": entry.name for entry in DIMENSIONS}
        key = taken.get(name, name).replace("'", "''").replace('"', '\\"')
        return Dimension(name, name, "deal", f"json_extract_string(deals.extra, '$.\"{key}\"')", "further column of deals")
    raise UnknownNameError(unknown("dimension", name, [*(entry.name for entry in DIMENSIONS), *extra], "--by"))


def _placed(entry: Dimension, date_basis: str) -> Dimension:
    """The dimension with the date column of the basis: on the basis touch, months are months of the touch."""
    if entry.name not in ("month", "quarter"):
        return entry
    cut = _month if entry.name == "month" else _quarter
    level: Literal["touch", "deal"] = "touch" if date_basis == "touch" else "deal"
    return Dimension(entry.name, entry.label, level, cut(_DATE_COLUMNS[date_basis]), entry.description, cut("spend.spent_on"))


def column_name(dimension_name: str, names: Sequence[str]) -> str:
    """The column of a dimension in a result: its name; ``<name>_name`` where a metric of the same name (pipeline) stands beside it."""
    return f"{dimension_name}_name" if dimension_name in (*names, "model") else dimension_name


def metrics_query(
    names: Sequence[str],
    by: Sequence[str],
    filters: Filters,
    model: Model,
    extra: Sequence[str] = (),
) -> Query:
    """One statement for all metrics asked: one row per value of the dimensions, with a flag ``is_unattributed``.

    ``filters`` have their dates resolved. Raises QueryError where a metric does not exist for
    a dimension or filter.
    """
    dimensions = [_placed(dimension(name, extra), filters.date_basis) for name in by]
    wanted = [metric(name) for name in names]
    base: dict[str, Metric] = {}
    for entry in wanted:
        parts = (metric(entry.numerator), metric(entry.denominator)) if entry.source == "ratio" else (entry,)
        base.update({part.name: part for part in parts})
    if not filters.select_credits and not any(entry.level == "touch" for entry in dimensions):
        base = _over_whole_deals(base)
    sources: dict[str, list[Metric]] = {}
    for part in base.values():
        sources.setdefault(part.source, []).append(part)

    keys = [f"dimension_{index}" for index in range(len(dimensions))]
    group = f"\ngroup by {', '.join([*keys, 'is_unattributed'])}" if keys else ""
    flag = "is_unattributed" if keys else "false as is_unattributed"
    outputs = [f"dimension_{index} as {_quoted(column_name(entry.name, names))}" for index, entry in enumerate(dimensions)]
    selects: list[str] = []
    parameters: list[Any] = []
    for source, members in sources.items():
        statuses = sorted({status for part in members for status in part.statuses})
        rows = _ROWS[source](dimensions, filters, model, statuses)
        columns = []
        for part in base.values():
            is_here = part in members
            columns.append(f"{part.numerator if is_here else 'null'} as {part.name}")
            if part.denominator:
                columns.append(f"{part.denominator if is_here else 'null'} as {part.name}_base")
        selects.append(f"select {', '.join([*keys, flag, *columns])}\nfrom (\n{rows.sql}\n) as {source}_rows{group}")
        parameters += rows.parameters
    if len(selects) == 1:  # nothing to bring together: every further step of a plan costs as much as a small question itself
        values = [_output(entry, "{}") for entry in wanted]
        return Query(
            f"select {', '.join([*outputs, 'is_unattributed', *values])}\nfrom (\n{selects[0]}\n) as parts", tuple(parameters)
        )
    unions = "\nunion all\n".join(selects)
    values = [_output(entry, "max({})") for entry in wanted]
    sql = f"select {', '.join([*outputs, flag, *values])}\nfrom (\n{unions}\n) as parts{group}"
    return Query(sql, tuple(parameters))


def _over_whole_deals(parts: Mapping[str, Metric]) -> dict[str, Metric]:
    """The same metrics, those counted over openings and journeys put among those over deals: where no touch is named, their rows are deals.

    Every source less is two milliseconds less. Journeys only join where it makes no further rows: deals that nobody took part in.
    """
    whole = {status for part in parts.values() if part.source in ("deals", "openings") for status in part.statuses}
    found = {}
    for name, part in parts.items():
        if part.source == "openings":
            part = replace(part, source="deals")
        elif part.source == "journeys" and whole.issuperset(part.statuses):
            part = replace(part, source="deals", numerator=f"{part.numerator} filter (where is_influenced)")
        found[name] = part
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _output(entry: Metric, part: str) -> str:
    """SQL: the metric over its parts, each read as ``part`` says; a ratio of totals is NULL where there is nothing to divide by."""
    if entry.source == "ratio":
        numerator, denominator = part.format(entry.numerator), part.format(entry.denominator)
        top, bottom = f"coalesce({numerator}, 0)", f"nullif({denominator}, 0)"
        top = f"({top} - coalesce({denominator}, 0))" if entry.name == "roi" else top
        top = f"nullif({top}, 0)" if entry.numerator == "spend" else top
        return f"cast({top} as double) / {bottom} as {entry.name}"
    value = part.format(entry.name)
    if entry.denominator:
        return f"cast({value} as double) / nullif({part.format(f'{entry.name}_base')}, 0) as {entry.name}"
    if entry.format == "days":
        return f"{value} as {entry.name}"
    return f"coalesce({value}, 0) as {entry.name}"


def _columns(dimensions: Sequence[Dimension]) -> str:
    return "".join(f"{entry.expression} as dimension_{index}, " for index, entry in enumerate(dimensions))


def deal_condition(filters: Filters, statuses: Sequence[str] = ("won", "lost", "open")) -> Condition:
    """Deals of these statuses that the filters select. Open deals have no close date: on that basis they are all the open deals there are."""
    dated = filters.where_deals()
    undated = filters.where_deals(dated=False)
    selected = dated
    if dated != undated and "open" in statuses:
        selected = Condition(
            f"(({dated.sql}) or (deals.status = 'open' and {undated.sql}))", (*dated.parameters, *undated.parameters)
        )
    if len(statuses) == 3:
        return selected
    return selected & Condition(f"deals.status in ({', '.join('?' * len(statuses))})", tuple(statuses))


def _source(dimensions: Sequence[Dimension], filters: Filters, models: Sequence[Model] = ()) -> str:
    """The ledger, or the cube that holds all that is asked of it: also these models' weights (all learned, or none)."""
    return cubes.source(filters.where_credits().sql, *(entry.expression for entry in dimensions), models=models)


def credits_query(
    names: Sequence[str], by: Sequence[str], filters: Filters, models: Sequence[Model], extra: Sequence[str] = ()
) -> Query:
    """Metrics of credits under several models (all learned, or none), by one pass over the rows: the dimensions, is_unattributed, then for
    each model how many rows it has there and the metrics. ``filters`` have their dates resolved."""
    dimensions = [_placed(dimension(name, extra), filters.date_basis) for name in by]
    wanted = [metric(name) for name in names]
    statuses = sorted({status for entry in wanted for status in entry.statuses})
    rows = _credit_rows(dimensions, filters, models, statuses)
    # What all rows have in common need not be compared again for every model.
    is_given = f"status = '{statuses[0]}'" if len(statuses) == 1 else None
    numerators = [entry.numerator.replace(is_given, "true") if is_given else entry.numerator for entry in wanted]
    keys = [f"dimension_{index}" for index in range(len(dimensions))]
    columns = []
    for weight in _weight_names(models):
        sums = (re.sub(r"\bweight\b", weight, numerator) for numerator in numerators)
        columns += [f"count({weight})", *(f"coalesce({added}, 0)" for added in sums)]
    flag = "is_unattributed" if keys else "false as is_unattributed"
    group = f"\ngroup by {', '.join([*keys, 'is_unattributed'])}" if keys else ""
    return Query(f"select {', '.join([*keys, flag, *columns])}\nfrom (\n{rows.sql}\n) as credits_rows{group}", rows.parameters)


def _weight_names(models: Sequence[Model]) -> list[str]:
    return ["weight"] if len(models) == 1 else [f"weight_{index}" for index in range(len(models))]


def _credit_rows(dimensions: Sequence[Dimension], filters: Filters, models: Sequence[Model], statuses: Sequence[str]) -> Query:
    """What touches earned and what no touch earned, one weight per model; a row of the latter is one model's, and has no other weight."""
    names = _weight_names(models)
    touch, deal = "", ""
    for index, entry in enumerate(dimensions):
        if entry.level == "touch":
            touch += f"{entry.expression} as dimension_{index}, "
        deal += f"{f'shares.dimension_{index}' if entry.level == 'touch' else entry.expression} as dimension_{index}, "
    chosen = filters.where_credits()
    weights = ", ".join(f"credits.{model.column} as {name}" for model, name in zip(models, names, strict=True))
    shares = (
        f"select credits.deal_id as deal_id, {touch}false as is_unattributed, false as is_leftover, {weights}\n"
        f"from {_source(dimensions, filters, models)} as credits where {chosen.sql}"
    )
    parameters = chosen.parameters
    if not filters.select_credits:
        left = "".join(
            f"'{UNATTRIBUTED}' as dimension_{index}, " for index, entry in enumerate(dimensions) if entry.level == "touch"
        )
        # Without a dimension of the touch the leftover is part of the deal's own row; metrics still tell it apart.
        flag = "true" if touch else "false"
        own = ", ".join(f"case when unattributed.model = ? then unattributed.share end as {name}" for name in names)
        shares += (
            f"\nunion all\nselect unattributed.deal_id as deal_id, {left}{flag} as is_unattributed, true as is_leftover, {own}\n"
            f"from credits.unattributed as unattributed where unattributed.model in ({', '.join('?' * len(models))})"
        )
        parameters = (*parameters, *(model.name for model in (*models, *models)))
    where = deal_condition(filters, statuses)
    sql = (
        f"select {deal}shares.is_unattributed as is_unattributed, shares.is_leftover as is_leftover, deals.status as status, "
        f"cast(deals.amount as double) as amount, {', '.join(f'shares.{name} as {name}' for name in names)}\n"
        f"from (\n{shares}\n) as shares inner join marts.deals as deals on shares.deal_id = deals.deal_id\nwhere {where.sql}"
    )
    return Query(sql, (*parameters, *where.parameters))


def _journey_rows(dimensions: Sequence[Dimension], filters: Filters, model: Model, statuses: Sequence[str]) -> Query:
    has_touch = any(entry.level == "touch" for entry in dimensions)
    where = deal_condition(filters, statuses)
    if not has_touch and not filters.select_credits:
        where = where & Condition("deals.is_influenced")
        sql = (
            f"select {_columns(dimensions)}false as is_unattributed, deals.status as status, deals.amount as amount\n"
            f"from marts.deals as deals\nwhere {where.sql}"
        )
        return Query(sql, where.parameters)
    where = where & filters.where_credits()
    sql = (
        f"select distinct {_columns(dimensions)}false as is_unattributed, deals.deal_id as deal_id, deals.status as status, deals.amount as amount\n"
        f"from {_source(dimensions, filters)} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id\nwhere {where.sql}"
    )
    return Query(sql, where.parameters)


def _opening_rows(dimensions: Sequence[Dimension], filters: Filters, model: Model, statuses: Sequence[str]) -> Query:
    has_touch = any(entry.level == "touch" for entry in dimensions)
    where = deal_condition(filters, statuses)
    join = ""
    if has_touch or filters.select_credits:
        join = " inner join marts.openings as credits on credits.deal_id = deals.deal_id"
        where = where & filters.where_credits()
    sql = (
        f"select {_columns(dimensions)}false as is_unattributed, deals.status as status, deals.is_sourced as is_sourced, deals.amount as amount\n"
        f"from marts.deals as deals{join}\nwhere {where.sql}"
    )
    return Query(sql, where.parameters)


def _deal_rows(dimensions: Sequence[Dimension], filters: Filters, model: Model, statuses: Sequence[str]) -> Query:
    for entry in dimensions:
        if entry.level == "touch":
            raise QueryError(
                f"Whole deals cannot be cut by {entry.name}: a deal meets several. Ask for revenue or influenced_revenue instead."
            )
    where = deal_condition(filters, statuses)
    if filters.select_credits:
        credits = filters.where_credits()
        where = where & Condition(
            f"exists (select 1 from {_source((), filters)} as credits where credits.deal_id = deals.deal_id and {credits.sql})",
            credits.parameters,
        )
    sql = (
        f"select {_columns(dimensions)}false as is_unattributed, deals.status as status, deals.amount as amount, deals.cycle_days as cycle_days, "
        f"deals.is_sourced as is_sourced, deals.is_influenced as is_influenced\nfrom marts.deals as deals\nwhere {where.sql}"
    )
    return Query(sql, where.parameters)


def _spend_rows(dimensions: Sequence[Dimension], filters: Filters, model: Model, statuses: Sequence[str]) -> Query:
    for entry in dimensions:
        if not entry.spend:
            known = ", ".join(other.name for other in DIMENSIONS if other.spend)
            raise QueryError(f"Spend is not known by {entry.name}. It is known by {known}.")
    if filters.select_deals_by_field:
        raise QueryError(
            f"Spend cannot be filtered by {' or '.join(filters.select_deals_by_field)}: it belongs to no deal. Leave that filter out."
        )
    where = filters.where_spend()
    columns = "".join(f"{entry.spend} as dimension_{index}, " for index, entry in enumerate(dimensions))
    sql = (
        f"select {columns}false as is_unattributed, spend.amount as amount\n"
        f"from staging.spend as spend left join staging.content_assets as assets on spend.asset_id = assets.asset_id\nwhere {where.sql}"
    )
    return Query(sql, where.parameters)


_ROWS: Mapping[str, Any] = {
    "credits": lambda dimensions, filters, model, statuses: _credit_rows(dimensions, filters, (model,), statuses),
    "journeys": _journey_rows,
    "openings": _opening_rows,
    "deals": _deal_rows,
    "spend": _spend_rows,
}


def weights_query(by: str, filters: Filters, models: Sequence[Model], extra: Sequence[str] = ()) -> Query:
    """One row per won deal × value of a dimension of the touch that the filters select, in no order: deal_id, value, amount and the deal's
    weight there under each model (all learned, or none; columns named after them). What is unattributed has no row. ``filters`` have their
    dates resolved."""
    entry = dimension(by, extra)
    if entry.level != "touch":
        raise QueryError(f"A deal is not shared among values of {by}: no model changes what they are credited with.")
    where = deal_condition(filters, ["won"]) & filters.where_credits()
    sums = ", ".join(f"sum(credits.{model.column}) as {model.column}" for model in models)
    sql = (
        f"select credits.deal_id as deal_id, {entry.expression} as value, max(cast(deals.amount as double)) as amount, {sums}\n"
        f"from {_source([entry], filters, models)} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id\n"
        f"where {where.sql}\ngroup by 1, 2"
    )
    return Query(sql, where.parameters)


def touches_query(by: str, beside: str, filters: Filters, extra: Sequence[str] = ()) -> Query:
    """One row per won deal × values of two dimensions of the touch that the filters select, in no order: deal_id, value, other, touches."""
    first, second = dimension(by, extra), dimension(beside, extra)
    where = deal_condition(filters, ["won"]) & filters.where_credits()
    source = _source([first, second], filters)
    counted = "count(*)" if source == cubes.STORED_LEDGER else "sum(credits.touches)"
    sql = (
        f"select credits.deal_id as deal_id, {first.expression} as value, {second.expression} as other, cast({counted} as double) as touches\n"
        f"from {source} as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id\n"
        f"where {where.sql}\ngroup by 1, 2, 3"
    )
    return Query(sql, where.parameters)
