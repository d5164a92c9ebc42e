-- One row per person with a touch before the CRM knew them: the last such touch that our rule counts, the one that made them a lead.
with grace as (
    select grace_us from config.journeys
),

leads as (
    select
        contacts.contact_id as contact_id,
        contacts.created_us as created_us,
        contacts.created_until_us + case when contacts.is_created_timed then grace.grace_us else 0 end as until_us
    from identity.contacts as contacts
    cross join grace
    where contacts.created_us is not null
),

counted as (
    select
        touches.touch_id as touch_id,
        touches.occurred_us as occurred_us,
        touches.contact_id as contact_id
    from touches.touches as touches
    inner join config.actors as actors on touches.actor = actors.actor
    left join config.excluded_channels as excluded_channels on touches.channel = excluded_channels.channel
    left join config.excluded_kinds as excluded_kinds on touches.kind = excluded_kinds.kind
    where excluded_channels.channel is null and excluded_kinds.kind is null
),

-- A touch belongs to its own person and to everybody linked to it.
person_touches as (
    select leads.contact_id as contact_id, counted.occurred_us as occurred_us, counted.touch_id as touch_id
    from counted
    inner join leads on counted.contact_id = leads.contact_id and counted.occurred_us <= leads.until_us
    union all
    select leads.contact_id as contact_id, counted.occurred_us as occurred_us, counted.touch_id as touch_id
    from touches.linked_contacts as linked
    inner join counted on linked.touch_id = counted.touch_id
    inner join leads on linked.contact_id = leads.contact_id and counted.occurred_us <= leads.until_us
),

last_moments as (
    select contact_id, max(occurred_us) as occurred_us from person_touches group by contact_id
),

last_touches as (
    select person_touches.contact_id as contact_id, max(person_touches.touch_id) as touch_id
    from person_touches
    inner join last_moments
        on person_touches.contact_id = last_moments.contact_id and person_touches.occurred_us = last_moments.occurred_us
    group by person_touches.contact_id
),

final as (
    select
        last_touches.contact_id as contact_id,
        leads.created_us as created_us,
        touches.touch_id as touch_id,
        touches.occurred_us as occurred_us,
        touches.channel as channel,
        touches.campaign_id as campaign_id,
        touches.asset_id as asset_id,
        touches.kind as kind,
        touches.actor as actor
    from last_touches
    inner join leads on last_touches.contact_id = leads.contact_id
    inner join touches.touches as touches on last_touches.touch_id = touches.touch_id
)

select * from final
