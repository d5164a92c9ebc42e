-- One row per touch or deal that names an unknown contact.
with final as (
    select 'touches' as table_name, touches.contact_id as contact_id, count(*) as count_rows
    from touches.touches as touches
    left join identity.contacts as contacts on touches.contact_id = contacts.contact_id
    where touches.contact_id is not null and contacts.contact_id is null
    group by touches.contact_id
    union all
    select 'deal_contacts' as table_name, deal_contacts.contact_id as contact_id, count(*) as count_rows
    from identity.deal_contacts as deal_contacts
    left join identity.contacts as contacts on deal_contacts.contact_id = contacts.contact_id
    where contacts.contact_id is null
    group by deal_contacts.contact_id
)

select * from final
