-- One row per touch and further person linked to it.
with resolved as (
    select
        touch_links.touch_id as touch_id,
        coalesce(contact_ids.contact_id, emails.contact_id, touch_links.contact_id) as contact_id
    from raw.touch_links as touch_links
    left join identity.contact_ids as contact_ids on touch_links.contact_id = contact_ids.alias
    left join identity.contact_ids as emails
        on case when contact_ids.alias is null and touch_links.contact_id like '%@%' then lower(touch_links.contact_id) end = emails.alias
    where touch_links.contact_id is not null
),

final as (
    select distinct touch_id, contact_id from resolved
)

select * from final
