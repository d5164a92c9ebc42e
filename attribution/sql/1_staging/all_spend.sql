-- One row per amount spent, in the reporting currency (amount NULL: there is no rate for its currency and day).
with reporting as (
    select coalesce(currency, '') as currency from config.reporting
),

rates as (
    select currency, needed_on, source_units, target_units from staging.rates
),

final as (
    select
        spend.spent_on as spent_on,
        spend.campaign_id as campaign_id,
        spend.channel as channel,
        spend.asset_id as asset_id,
        spend.spend_kind as spend_kind,
        convert_money(spend.amount, rates.source_units, rates.target_units) as amount,
        spend.amount as original_amount,
        nullif(coalesce(upper(spend.currency), reporting.currency), '') as original_currency,
        spend.source_file as source_file,
        spend.source_row as source_row
    from raw.spend
    cross join reporting
    left join rates
        on coalesce(upper(spend.currency), reporting.currency) = rates.currency and spend.spent_on = rates.needed_on
)

select * from final
