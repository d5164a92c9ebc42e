-- One row per asset that a touch names and content_assets lacks.
with final as (
    select reach.asset_id as asset_id, reach.touches as count_rows
    from marts.asset_reach as reach
    left join staging.content_assets as assets on reach.asset_id = assets.asset_id
    where assets.asset_id is null
)

select * from final
