-- One row per person with a touch, their own or one that they are linked to: how many, when the last was, and what the first was.
with person_touches as (
    select contact_id, occurred_us, touch_id, occurred_on, campaign_id, kind from touches.touches where contact_id is not null
    union all
    select
        linked.contact_id as contact_id,
        touches.occurred_us as occurred_us,
        touches.touch_id as touch_id,
        touches.occurred_on as occurred_on,
        touches.campaign_id as campaign_id,
        touches.kind as kind
    from touches.linked_contacts as linked
    inner join touches.touches as touches on linked.touch_id = touches.touch_id and linked.contact_id <> touches.contact_id
),

moments as (
    select contact_id, count(*) as touch_count, min(occurred_us) as first_us, max(occurred_us) as last_us
    from person_touches
    group by contact_id
),

-- Of touches in the same microsecond the one with the lowest id, as in journeys.
first_touches as (
    select
        person_touches.contact_id as contact_id,
        person_touches.occurred_on as occurred_on,
        person_touches.campaign_id as campaign_id,
        person_touches.kind as kind,
        row_number() over (partition by person_touches.contact_id order by person_touches.touch_id) as place
    from person_touches
    inner join moments on person_touches.contact_id = moments.contact_id and person_touches.occurred_us = moments.first_us
),

final as (
    select
        moments.contact_id as contact_id,
        moments.touch_count as touch_count,
        moments.last_us as last_us,
        moments.first_us as first_us,
        first_touches.occurred_on as first_on,
        first_touches.campaign_id as first_campaign_id,
        first_touches.kind as first_kind
    from moments
    inner join first_touches on moments.contact_id = first_touches.contact_id and first_touches.place = 1
)

select * from final
