-- One row per deal and person on it.
with resolved as (
    select
        coalesce(deal_ids.deal_id, deal_contacts.deal_id) as deal_id,
        coalesce(contact_ids.contact_id, emails.contact_id, deal_contacts.contact_id) as contact_id,
        deal_contacts.role as role,
        case when deal_contacts.is_primary then 1 else 0 end as is_primary
    from raw.deal_contacts as deal_contacts
    left join identity.deal_ids as deal_ids on deal_contacts.deal_id = deal_ids.alias
    left join identity.contact_ids as contact_ids on deal_contacts.contact_id = contact_ids.alias
    left join identity.contact_ids as emails
        on case when contact_ids.alias is null and deal_contacts.contact_id like '%@%' then lower(deal_contacts.contact_id) end = emails.alias
),

final as (
    select deal_id, contact_id, min(role) as role, max(is_primary) = 1 as is_primary
    from resolved
    group by deal_id, contact_id
)

select * from final
