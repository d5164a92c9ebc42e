-- One row per block and file that was read: rows in = left out + loaded + duplicates + quarantined.
with unconverted as (
    select table_name, block, file, count(*) as rows_unconverted
    from staging.quarantine
    where column_name = 'currency' and reason like 'no rate for %'
    group by table_name, block, file
),

final as (
    select
        load_report.table_name as table_name,
        load_report.block as block,
        load_report.file as file,
        load_report.rows_in as rows_in,
        load_report.left_out as left_out,
        load_report.loaded - coalesce(unconverted.rows_unconverted, 0) as loaded,
        load_report.duplicates as duplicates,
        load_report.conflicting_duplicates as conflicting_duplicates,
        load_report.quarantined + coalesce(unconverted.rows_unconverted, 0) as quarantined,
        load_report.short_rows as short_rows,
        load_report.detected as detected
    from raw.load_report
    left join unconverted
        on load_report.table_name = unconverted.table_name
        and load_report.block = unconverted.block
        and load_report.file = unconverted.file
)

select * from final
