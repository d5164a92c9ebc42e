-- One row per deal that another table names and deals lacks.
with final as (
    select 'touches' as table_name, linked_deals.deal_id as deal_id, count(*) as count_rows
    from touches.linked_deals as linked_deals
    left join staging.deals as deals on linked_deals.deal_id = deals.deal_id
    where deals.deal_id is null
    group by linked_deals.deal_id
    union all
    select 'deal_contacts' as table_name, deal_contacts.deal_id as deal_id, count(*) as count_rows
    from identity.deal_contacts as deal_contacts
    left join staging.deals as deals on deal_contacts.deal_id = deals.deal_id
    where deals.deal_id is null
    group by deal_contacts.deal_id
    union all
    select 'deal_stage_changes' as table_name, changes.deal_id as deal_id, count(*) as count_rows
    from raw.deal_stage_changes as changes
    left join staging.deals as deals on changes.deal_id = deals.deal_id
    where deals.deal_id is null
    group by changes.deal_id
)

select * from final
