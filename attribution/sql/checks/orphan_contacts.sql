-- One row per touch or deal that names an unknown contact.
with unknown_people as (
    select people.contact_id as contact_id
    from touches.people as people
    left join identity.contacts as contacts on people.contact_id = contacts.contact_id
    where contacts.contact_id is null
),

final as (
    select 'touches' as table_name, touches.contact_id as contact_id, count(*) as count_rows
    from touches.touches as touches
    inner join unknown_people on touches.contact_id = unknown_people.contact_id
    group by touches.contact_id
    union all
    select 'deal_contacts' as table_name, deal_contacts.contact_id as contact_id, count(*) as count_rows
    from identity.deal_contacts as deal_contacts
    left join identity.contacts as contacts on deal_contacts.contact_id = contacts.contact_id
    where contacts.contact_id is null
    group by deal_contacts.contact_id
)

select * from final
