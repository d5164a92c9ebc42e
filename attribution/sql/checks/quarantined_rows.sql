-- One row per row of another table that could not be read.
with final as (
    select table_name, file, line, column_name, value, reason, record from staging.quarantine where table_name <> 'deals'
)

select * from final
