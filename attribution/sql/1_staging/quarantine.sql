-- One row per row that could not be read or whose money could not be converted: where it stands, what is wrong, and its content.
with read_errors as (
    select table_name, block, file, line, column_name, value, reason, record from raw.quarantine
),

blocks as (
    select table_name, file, min(block) as block from raw.load_report group by table_name, file
),

without_rate as (
    select
        'deals' as table_name, source_file, source_row, original_currency, rate_on, original_amount,
        to_json(struct_pack(deal_id := deal_id, name := name, status := status, amount := original_amount, currency := original_currency)) as record
    from staging.all_deals
    where amount is null
    union all
    select
        'spend' as table_name, source_file, source_row, original_currency, spent_on as rate_on, original_amount,
        to_json(struct_pack(campaign_id := campaign_id, channel := channel, amount := original_amount, currency := original_currency)) as record
    from staging.all_spend
    where amount is null
    union all
    select
        'content_assets' as table_name, source_file, source_row, original_currency, rate_on, original_cost as original_amount,
        to_json(struct_pack(asset_id := asset_id, title := title, cost := original_cost, currency := original_currency)) as record
    from staging.all_content_assets
    where not is_convertible
    union all
    select
        'finance_totals' as table_name, source_file, source_row, original_currency, period_start_on as rate_on, original_amount,
        to_json(struct_pack(period_start_on := period_start_on, amount := original_amount, currency := original_currency)) as record
    from staging.finance_totals
    where amount is null
),

rate_errors as (
    select
        without_rate.table_name as table_name,
        blocks.block as block,
        without_rate.source_file as file,
        without_rate.source_row as line,
        'currency' as column_name,
        without_rate.original_currency as value,
        'no rate for ' || without_rate.original_currency || ' on ' || cast(without_rate.rate_on as varchar)
        || ' or in the seven days before; add it to fx_rates' as reason,
        cast(without_rate.record as varchar) as record
    from without_rate
    left join blocks on without_rate.table_name = blocks.table_name and without_rate.source_file = blocks.file
),

final as (
    select table_name, block, file, line, column_name, value, reason, record from read_errors
    union all
    select table_name, block, file, line, column_name, value, reason, record from rate_errors
)

select * from final
