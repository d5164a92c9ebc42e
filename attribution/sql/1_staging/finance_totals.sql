-- One row per period that finance has booked, in the reporting currency (amount NULL: there is no rate).
with reporting as (
    select coalesce(currency, '') as currency from config.reporting
),

rates as (
    select currency, needed_on, source_units, target_units from staging.rates
),

final as (
    select
        finance_totals.period_start_on as period_start_on,
        finance_totals.period as period,
        convert_money(finance_totals.amount, rates.source_units, rates.target_units) as amount,
        finance_totals.amount as original_amount,
        nullif(coalesce(upper(finance_totals.currency), reporting.currency), '') as original_currency,
        finance_totals.source_file as source_file,
        finance_totals.source_row as source_row
    from raw.finance_totals
    cross join reporting
    left join rates
        on coalesce(upper(finance_totals.currency), reporting.currency) = rates.currency
        and finance_totals.period_start_on = rates.needed_on
)

select * from final
