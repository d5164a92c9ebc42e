-- One row per content asset.
with final as (
    select
        asset_id, title, url, format, topic, funnel_stage, published_on, status, due_on, owner_id, cost, original_cost,
        original_currency, requested_by, buyer_question, is_sales_content, source_file, source_row
    from staging.all_content_assets
    where is_convertible
)

select * from final
