-- One row per deal that could not be read or converted.
with final as (
    select file, line, column_name, value, reason, record from staging.quarantine where table_name = 'deals'
)

select * from final
