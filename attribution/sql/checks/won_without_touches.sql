-- One row per won deal without any touch in its journey.
with final as (
    select deal_id, name, amount, source_file, source_row from marts.deals where status = 'won' and touch_count = 0
)

select * from final
