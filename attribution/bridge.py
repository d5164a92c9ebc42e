"""The reconciliation bridge: finance → CRM won → in scope → with touches → attributed → unattributed by reason, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attribution.errors import QueryError, UnknownNameError, unknown
from attribution.filters import Filters
from attribution.models import Model
from attribution.query import Query, deal_condition
from attribution.rounding import half_up, largest_remainder

if TYPE_CHECKING:
    import pandas as pd

    from attribution.dataset import Dataset

REASONS: dict[str, str] = {
    "excluded": "a touch in the lookback was left out by the settings (channel, kind or actor)",
    "outside_lookback": "touches are older than the lookback",
    "no_touch": "no touch was recorded, or only after the end",
    "no_touch_before_lead_creation": "nothing was recorded before the lead was created, or when that was is not known",
    "no_touch_before_deal_creation": "nothing was recorded before the deal was opened",
    "policy": "the model's missing share is left out by missing_share",
}

COLUMNS = ("step", "deals", "revenue")
STEPS: dict[str, str] = {
    "finance": "what finance booked",
    "crm_won": "all won rows that were read",
    "quarantined": "won rows that could not be read or converted",
    "filtered_out": "won deals that the filters leave out",
    "in_scope": "won deals that the filters select",
    "with_touches": "of these, deals with at least one touch in their journey",
    "attributed": "credited to touches under the model",
    **{f"unattributed:{reason}": f"not credited: {text}" for reason, text in REASONS.items()},
}

# Won rows in quarantine count with their amount where it can be read and needs no rate.
_QUARANTINED = """
with records as (
    select
        file,
        line,
        json_extract_string(record, '$.deal_id') as deal_id,
        json_extract_string(record, '$.name') as name,
        lower(trim(json_extract_string(record, '$.status'))) as status,
        try_cast(json_extract_string(record, '$.amount') as decimal(18, 2)) as amount,
        upper(json_extract_string(record, '$.currency')) as currency,
        reason
    from staging.quarantine
    where table_name = 'deals'
)

select
    records.deal_id as deal_id,
    records.name as name,
    coalesce(case when coalesce(records.currency, reporting.currency, '') = coalesce(reporting.currency, '') then records.amount end, 0) as revenue,
    records.reason as reason,
    records.file as source_file,
    records.line as source_row
from records
cross join config.reporting as reporting
where records.status = 'won'
order by records.file, records.line
"""

# What finance booked in the periods that begin within the dates, in its finest periods only (months and quarters must not add up).
_FINANCE = """
select sum(amount)
from staging.finance_totals
where period = (
        select period from staging.finance_totals
        order by case lower(period) when 'month' then 1 when 'quarter' then 2 else 3 end, period
        limit 1
    )
    and (cast(? as date) is null or period_start_on >= cast(? as date))
    and (cast(? as date) is null or period_start_on <= cast(? as date))
"""


def reconcile(dataset: Dataset, model: Model, filters: Filters) -> list[tuple[str, float | None, float]]:
    """The steps (COLUMNS): crm_won = quarantined + filtered_out + in_scope; in_scope = attributed + unattributed:*."""
    _refuse_credit_filters(filters)
    where = deal_condition(filters)
    counted = _one(
        dataset,
        "select count(*), sum(amount), count(*) filter (where is_here), sum(amount) filter (where is_here), "
        "count(*) filter (where is_here and has_touch), "
        "sum(amount) filter (where is_here and has_touch) from (select amount, touch_count > 0 as has_touch, "
        f"coalesce({where.sql}, false) as is_here from marts.deals as deals where status = 'won') as won",
        where.parameters,
    )
    all_won, scope, touched = (tuple(value or 0 for value in counted[place : place + 2]) for place in (0, 2, 4))
    lost = dataset.won_in_quarantine
    credited = _credited(model, filters)
    parts = dataset.rows(
        f"select reason, sum(share), sum(revenue) from ({credited.sql}) as parts group by reason order by reason",
        credited.parameters,
    )
    order = ["", *REASONS]
    parts.sort(key=lambda row: order.index(row[0]))
    cents = largest_remainder([row[2] for row in parts], [(row[0],) for row in parts], half_up(scope[1]))
    finance = _one(dataset, _FINANCE, (filters.date_from, filters.date_from, filters.date_to, filters.date_to))[0]
    rows: list[tuple[str, float | None, float]] = [] if finance is None else [("finance", None, float(finance))]
    rows += [
        ("crm_won", float(all_won[0] + lost[0]), float(all_won[1] + lost[1])),
        ("quarantined", float(lost[0]), float(lost[1])),
        ("filtered_out", float(all_won[0] - scope[0]), float(all_won[1] - scope[1])),
        ("in_scope", float(scope[0]), float(scope[1])),
        ("with_touches", float(touched[0]), float(touched[1])),
    ]
    amounts = {row[0]: (round(row[1], 6), float(cent)) for row, cent in zip(parts, cents, strict=True)}
    rows.append(("attributed", *amounts.pop("", (0.0, 0.0))))
    rows += [(f"unattributed:{reason}", *amounts[reason]) for reason in REASONS if reason in amounts]
    return rows


def won_in_quarantine(dataset: Dataset) -> tuple[int, Decimal]:
    """How many won rows could not be read or converted, and their amount: the same under all filters."""
    found = dataset.rows(_QUARANTINED)
    return len(found), sum((Decimal(row[2]) for row in found), Decimal(0))


def deals_of_step(dataset: Dataset, step: str, model: Model, filters: Filters) -> pd.DataFrame:
    """The deals of one step: deal_id, name, account_name, closed_on, amount, revenue (the part in this step), reason."""
    _refuse_credit_filters(filters)
    columns = [
        "deal_id",
        "name",
        "account_name",
        "segment",
        "owner_name",
        "closed_on",
        "amount",
        "revenue",
        "reason",
        "source_file",
        "source_row",
    ]
    if step not in STEPS:
        raise UnknownNameError(unknown("step", step, STEPS))
    if step == "finance":
        import pandas as pd

        return pd.DataFrame(columns=columns)
    if step == "quarantined":
        return _quarantined(dataset)[columns]
    where = deal_condition(filters)
    fields = "deals.deal_id, deals.name, deals.account_name, deals.segment, deals.owner_name, deals.closed_on, cast(deals.amount as double) as amount"
    source = "deals.source_file, deals.source_row"
    parameters: tuple[Any, ...] = where.parameters
    if step in ("crm_won", "filtered_out", "in_scope", "with_touches"):
        condition = {
            "crm_won": "true",
            "filtered_out": f"not coalesce({where.sql}, false)",
            "in_scope": where.sql,
            "with_touches": f"deals.touch_count > 0 and {where.sql}",
        }[step]
        if step == "crm_won":
            parameters = ()
        sql = (
            f"select {fields}, cast(deals.amount as double) as revenue, '' as reason, {source} from marts.deals as deals "
            f"where deals.status = 'won' and {condition}"
        )
    else:
        credited = _credited(model, filters)
        reason = step.removeprefix("unattributed:") if step != "attributed" else ""
        sql = (
            f"select {fields}, parts.revenue as revenue, parts.reason as reason, {source} from ({credited.sql}) as parts "
            "inner join marts.deals as deals on parts.deal_id = deals.deal_id where parts.reason = ? and parts.share > 1e-9"
        )
        parameters = (*credited.parameters, reason)
    frame = dataset.frame(f"{sql} order by revenue desc, deal_id", parameters)
    unread = _quarantined(dataset) if step == "crm_won" else None  # that step counts what could not be read, too
    if unread is None or unread.empty:
        return frame
    import pandas as pd

    return pd.concat([frame.astype(object), unread.astype(object)], ignore_index=True)[columns].astype(
        {"amount": float, "revenue": float}
    )


def _quarantined(dataset: Dataset) -> pd.DataFrame:
    frame = dataset.frame(_QUARANTINED)
    return frame.assign(account_name=None, segment=None, owner_name=None, closed_on=None, amount=frame["revenue"])


def _credited(model: Model, filters: Filters) -> Query:
    """Per won deal in scope: the share and money credited (reason '') and each part that is not."""
    where = deal_condition(filters)
    sql = (
        f"select deals.deal_id as deal_id, '' as reason, totals.{model.column} as share, totals.{model.column} * cast(deals.amount as double) as revenue "
        "from marts.deals as deals inner join credits.totals as totals on deals.deal_id = totals.deal_id "
        f"where deals.status = 'won' and {where.sql} "
        "union all "
        "select deals.deal_id as deal_id, unattributed.reason as reason, unattributed.share as share, "
        "unattributed.share * cast(deals.amount as double) as revenue "
        "from marts.deals as deals inner join credits.unattributed as unattributed on deals.deal_id = unattributed.deal_id "
        f"where deals.status = 'won' and unattributed.model = ? and {where.sql}"
    )
    return Query(sql, (*where.parameters, model.name, *where.parameters))


def _one(dataset: Dataset, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    return dataset.rows(sql, parameters)[0]


def _refuse_credit_filters(filters: Filters) -> None:
    if filters.select_credits:
        raise QueryError(
            "The bridge is about whole deals: leave out the filters on channel and campaign, and the date basis touch."
        )
