-- One row per touch that names no contact, visitor, account or deal, in its own row or in a link.
with final as (
    select touches.touch_id as touch_id, touches.channel as channel, touches.kind as kind, touches.source_file as source_file, touches.source_row as source_row
    from touches.touches as touches
    where touches.person_kind = 'deal' and touches.is_of_nobody
)

select * from final
