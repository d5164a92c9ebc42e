-- One row per deal and content that a touch of its journey used: how often, when first, and when first by a buyer and by sales.
with final as (
    select
        deal_id,
        asset_id,
        count(*) as touches,
        min(occurred_us) as first_us,
        max(occurred_us) as last_us,
        min(case when actor = 'buyer' then occurred_us end) as first_buyer_us,
        min(case when actor = 'sales' then occurred_us end) as first_sent_us
    from credits.weights
    where asset_id is not null
    group by deal_id, asset_id
)

select * from final
