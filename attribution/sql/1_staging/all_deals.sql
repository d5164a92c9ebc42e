-- One row per deal that was read, with its money in the reporting currency (amount NULL: there is no rate for its currency and day).
with reporting as (
    select coalesce(currency, '') as currency, time_zone from config.reporting
),

as_of as (
    select as_of_on from staging.as_of
),

rates as (
    select currency, needed_on, source_units, target_units from staging.rates
),

dated as (
    select
        deals.deal_id as deal_id,
        deals.name as name,
        deals.account_id as account_id,
        deals.pipeline as pipeline,
        deals.deal_type as deal_type,
        deals.deal_stage as deal_stage,
        deals.status as status,
        deals.owner_id as owner_id,
        deals.partner_id as partner_id,
        deals.loss_reason as loss_reason,
        deals.competitor as competitor,
        deals.self_reported_source as self_reported_source,
        deals.owner_reported_source as owner_reported_source,
        deals.expected_close_on as expected_close_on,
        deals.previous_deal_id as previous_deal_id,
        to_us(deals.created_at) as created_us,
        to_us(deals.created_until) as created_until_us,
        deals.created_on is null as is_created_timed,
        coalesce(deals.created_on, to_local_date(deals.created_at, reporting.time_zone)) as created_on,
        case when deals.status <> 'open' then to_us(deals.closed_at) end as closed_us,
        deals.closed_on is null as is_closed_timed,
        case
            when deals.status <> 'open' then coalesce(deals.closed_on, to_local_date(deals.closed_at, reporting.time_zone))
        end as closed_on,
        as_of.as_of_on as as_of_on,
        deals.amount as original_amount,
        deals.cost_of_delivery as original_cost_of_delivery,
        coalesce(upper(deals.currency), reporting.currency) as original_currency,
        deals.extra as extra,
        deals.source_file as source_file,
        deals.source_row as source_row
    from raw.deals
    cross join reporting
    cross join as_of
),

final as (
    select
        dated.deal_id as deal_id,
        dated.name as name,
        dated.account_id as account_id,
        dated.pipeline as pipeline,
        dated.deal_type as deal_type,
        dated.deal_stage as deal_stage,
        dated.status as status,
        dated.owner_id as owner_id,
        dated.partner_id as partner_id,
        dated.loss_reason as loss_reason,
        dated.competitor as competitor,
        dated.self_reported_source as self_reported_source,
        dated.owner_reported_source as owner_reported_source,
        dated.expected_close_on as expected_close_on,
        dated.previous_deal_id as previous_deal_id,
        dated.created_us as created_us,
        dated.created_until_us as created_until_us,
        dated.is_created_timed as is_created_timed,
        dated.created_on as created_on,
        dated.closed_us as closed_us,
        dated.is_closed_timed as is_closed_timed,
        dated.closed_on as closed_on,
        convert_money(dated.original_amount, rates.source_units, rates.target_units) as amount,
        convert_money(dated.original_cost_of_delivery, rates.source_units, rates.target_units) as cost_of_delivery,
        dated.original_amount as original_amount,
        nullif(dated.original_currency, '') as original_currency,
        cast(rates.target_units as double) / nullif(cast(rates.source_units as double), 0) as exchange_rate,
        coalesce(dated.closed_on, dated.as_of_on) as rate_on,
        dated.extra as extra,
        dated.source_file as source_file,
        dated.source_row as source_row
    from dated
    left join rates
        on dated.original_currency = rates.currency
        and coalesce(dated.closed_on, dated.as_of_on) = rates.needed_on
)

select * from final
