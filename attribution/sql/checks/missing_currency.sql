-- One row per deal without a currency where amounts have a currency to be taken for.
with final as (
    select deals.deal_id as deal_id, deals.name as name, deals.amount as amount, deals.source_file as source_file, deals.source_row as source_row
    from raw.deals as deals
    inner join config.reporting as reporting on reporting.currency is not null
    where deals.currency is null and deals.amount <> 0
)

select * from final
