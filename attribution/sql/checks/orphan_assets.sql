-- One row per asset that a touch names and content_assets lacks.
with final as (
    select touches.asset_id as asset_id, count(*) as count_rows
    from staging.touches as touches
    left join staging.content_assets as assets on touches.asset_id = assets.asset_id
    where touches.asset_id is not null and assets.asset_id is null
    group by touches.asset_id
)

select * from final
