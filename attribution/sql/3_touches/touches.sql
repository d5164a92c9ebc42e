-- One row per touch with the person it belongs to: its contact, else the contact its visitor proved to be, else the first it is linked to; merged, aliased and addressed ids resolved.
with identified as (
    select
        touches.touch_id as touch_id,
        touches.occurred_us as occurred_us,
        touches.occurred_on as occurred_on,
        touches.visitor_id as visitor_id,
        touches.account_id as account_id,
        touches.deal_id as deal_id,
        touches.channel as channel,
        touches.kind as kind,
        touches.actor as actor,
        touches.campaign_id as campaign_id,
        touches.asset_id as asset_id,
        touches.topic as topic,
        touches.sender_id as sender_id,
        touches.source_file as source_file,
        touches.source_row as source_row,
        coalesce(contact_ids.contact_id, emails.contact_id, touches.contact_id, visitor_contacts.contact_id) as contact_id,
        touches.contact_id is null and visitor_contacts.contact_id is not null as is_identified_by_visitor,
        touches.contact_id is null
        and visitor_contacts.contact_id is not null
        and touches.occurred_us < visitor_contacts.identified_us as is_back_filled
    from staging.touches as touches
    left join identity.contact_ids as contact_ids on touches.contact_id = contact_ids.alias
    left join identity.contact_ids as emails
        on case when contact_ids.alias is null and touches.contact_id like '%@%' then lower(touches.contact_id) end = emails.alias
    left join identity.visitor_contacts as visitor_contacts
        on touches.contact_id is null
        and touches.visitor_id = visitor_contacts.visitor_id
        and touches.occurred_us >= visitor_contacts.from_us
        and touches.occurred_us < visitor_contacts.before_us
),

-- The first person of each touch with a link, if it links to any.
links as (
    select touch_id, min(contact_id) as contact_id
    from (
        select touch_id, contact_id from touches.linked_contacts
        union all
        select touch_id, null as contact_id from raw.touch_links
    ) as listed
    group by touch_id
),

final as (
    select
        identified.touch_id as touch_id,
        identified.occurred_us as occurred_us,
        identified.occurred_on as occurred_on,
        coalesce(identified.contact_id, links.contact_id) as contact_id,
        -- Whose person is known needs no visitor any more: what the visitor was is in the row that was read.
        case when identified.contact_id is null and links.contact_id is null then identified.visitor_id end as visitor_id,
        coalesce(account_ids.account_id, identified.account_id) as account_id,
        coalesce(deal_ids.deal_id, identified.deal_id) as deal_id,
        case
            when coalesce(identified.contact_id, links.contact_id) is not null then 'contact'
            when identified.visitor_id is not null then 'visitor'
            when identified.account_id is not null then 'account'
            else 'deal'
        end as person_kind,
        identified.contact_id is null and links.contact_id is null as is_without_contact,
        identified.contact_id is null and identified.account_id is null and identified.deal_id is null and links.touch_id is null as is_of_nobody,
        identified.is_identified_by_visitor as is_identified_by_visitor,
        identified.is_back_filled as is_back_filled,
        identified.channel as channel,
        identified.kind as kind,
        identified.actor as actor,
        identified.campaign_id as campaign_id,
        identified.asset_id as asset_id,
        identified.topic as topic,
        identified.sender_id as sender_id,
        identified.source_file as source_file,
        identified.source_row as source_row
    from identified
    left join links on identified.touch_id = links.touch_id
    left join identity.account_ids as account_ids on identified.account_id = account_ids.alias
    left join identity.deal_ids as deal_ids on identified.deal_id = deal_ids.alias
)

select * from final
