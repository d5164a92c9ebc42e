-- One row per touch that belongs to no known person, account or deal.
with final as (
    select touch_id, visitor_id, channel, kind, source_file, source_row from touches.touches where person_kind = 'visitor' and account_id is null and deal_id is null
)

select * from final
