-- One row per touch or closed deal dated after the data's as-of.
with final as (
    select 'touches' as table_name, touches.touch_id as id, touches.occurred_on as dated_on, touches.source_file as source_file, touches.source_row as source_row
    from staging.touches as touches
    inner join staging.as_of as as_of on touches.occurred_us > as_of.as_of_us
    union all
    select 'deals' as table_name, deals.deal_id as id, deals.closed_on as dated_on, deals.source_file as source_file, deals.source_row as source_row
    from staging.deals as deals
    inner join staging.as_of as as_of on deals.closed_on > as_of.as_of_on
)

select * from final
