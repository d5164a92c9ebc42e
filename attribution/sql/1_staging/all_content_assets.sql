-- One row per content asset that was read, with its cost in the reporting currency (is_convertible false: there is no rate).
with reporting as (
    select coalesce(currency, '') as currency from config.reporting
),

as_of as (
    select as_of_on from staging.as_of
),

rates as (
    select currency, needed_on, source_units, target_units from staging.rates
),

final as (
    select
        content_assets.asset_id as asset_id,
        content_assets.title as title,
        content_assets.url as url,
        content_assets.format as format,
        content_assets.topic as topic,
        content_assets.funnel_stage as funnel_stage,
        content_assets.published_on as published_on,
        content_assets.status as status,
        content_assets.due_on as due_on,
        content_assets.owner_id as owner_id,
        convert_money(content_assets.cost, rates.source_units, rates.target_units) as cost,
        content_assets.cost as original_cost,
        nullif(coalesce(upper(content_assets.currency), reporting.currency), '') as original_currency,
        coalesce(content_assets.published_on, as_of.as_of_on) as rate_on,
        content_assets.cost is null or (rates.source_units is not null and rates.target_units is not null) as is_convertible,
        content_assets.requested_by as requested_by,
        content_assets.buyer_question as buyer_question,
        content_assets.is_sales_content as is_sales_content,
        content_assets.source_file as source_file,
        content_assets.source_row as source_row
    from raw.content_assets
    cross join reporting
    cross join as_of
    left join rates
        on coalesce(upper(content_assets.currency), reporting.currency) = rates.currency
        and coalesce(content_assets.published_on, as_of.as_of_on) = rates.needed_on
)

select * from final
