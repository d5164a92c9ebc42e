-- One row per deal with a negative amount.
with final as (
    select deal_id, name, status, amount, source_file, source_row from staging.deals where amount < 0
)

select * from final
