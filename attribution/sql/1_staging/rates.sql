-- One row per currency and day on which money stands: the units with which it is converted (NULL where there is no rate).
with reporting as (
    select coalesce(currency, '') as currency, fx_base, time_zone from config.reporting
),

as_of as (
    select as_of_on from staging.as_of
),

fx_rates as (
    select rate_on, upper(currency) as currency, to_units(units_per_base) as units from raw.fx_rates where units_per_base > 0
),

deal_days as (
    select
        deals.currency as currency,
        case
            when deals.status = 'open' then as_of.as_of_on
            else coalesce(deals.closed_on, to_local_date(deals.closed_at, reporting.time_zone))
        end as needed_on
    from raw.deals
    cross join reporting
    cross join as_of
),

money_days as (
    select currency, needed_on from deal_days
    union all
    select currency, spent_on as needed_on from raw.spend
    union all
    select content_assets.currency as currency, coalesce(content_assets.published_on, as_of.as_of_on) as needed_on
    from raw.content_assets
    cross join as_of
    union all
    select campaigns.currency as currency, coalesce(campaigns.starts_on, as_of.as_of_on) as needed_on
    from raw.campaigns
    cross join as_of
    union all
    select currency, happened_on as needed_on from raw.revenue_events
    union all
    select currency, period_start_on as needed_on from raw.finance_totals
),

needed as (
    select distinct
        coalesce(upper(money_days.currency), reporting.currency) as currency,
        money_days.needed_on as needed_on,
        reporting.currency as target,
        reporting.fx_base as fx_base
    from money_days
    cross join reporting
),

wanted as (
    select currency, needed_on from needed
    union
    select target as currency, needed_on from needed
),

-- The day's rate, or the last one at most seven days earlier (weekends, holidays).
candidates as (
    select
        wanted.currency as currency,
        wanted.needed_on as needed_on,
        fx_rates.units as units,
        row_number() over (partition by wanted.currency, wanted.needed_on order by fx_rates.rate_on desc) as recency
    from wanted
    inner join fx_rates
        on wanted.currency = fx_rates.currency
        and fx_rates.rate_on <= wanted.needed_on
        and fx_rates.rate_on >= wanted.needed_on - 7
),

latest as (
    select currency, needed_on, units from candidates where recency = 1
),

final as (
    select
        needed.currency as currency,
        needed.needed_on as needed_on,
        case when needed.currency in (needed.target, needed.fx_base) then to_units(1) else source_rates.units end as source_units,
        case
            when needed.currency = needed.target or needed.target = needed.fx_base then to_units(1)
            else target_rates.units
        end as target_units
    from needed
    left join latest as source_rates
        on needed.currency = source_rates.currency and needed.needed_on = source_rates.needed_on
    left join latest as target_rates
        on needed.target = target_rates.currency and needed.needed_on = target_rates.needed_on
)

select * from final
