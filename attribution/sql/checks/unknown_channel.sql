-- One row per touch without a channel.
with final as (
    select touch_id, kind, source_file, source_row from staging.touches where channel = 'unknown'
)

select * from final
