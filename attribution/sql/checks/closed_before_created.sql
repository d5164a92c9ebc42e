-- One row per deal that closed before it was created.
with final as (
    select deal_id, name, status, created_on, closed_on, source_file, source_row from staging.deals where closed_us < created_us
)

select * from final
