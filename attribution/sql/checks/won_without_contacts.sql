-- One row per won deal with no contact.
with final as (
    select deals.deal_id as deal_id, deals.name as name, deals.amount as amount, deals.source_file as source_file, deals.source_row as source_row
    from staging.deals as deals
    left join identity.deal_contacts as deal_contacts on deals.deal_id = deal_contacts.deal_id
    where deals.status = 'won' and deal_contacts.deal_id is null
)

select * from final
