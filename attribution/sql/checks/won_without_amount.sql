-- One row per won deal with amount 0.
with final as (
    select deal_id, name, source_file, source_row from staging.deals where status = 'won' and amount = 0
)

select * from final
