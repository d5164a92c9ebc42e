-- One row per content and person, and per campaign and person, whom a touch that names it reached, by its own person or by a link.
with linked_touches as (
    select linked.contact_id as contact_id, touches.asset_id as asset_id, touches.campaign_id as campaign_id
    from touches.linked_contacts as linked
    inner join touches.touches as touches on linked.touch_id = touches.touch_id
),

by_content as (
    select asset_id, contact_id from touches.touches where asset_id is not null and contact_id is not null
    union
    select asset_id, contact_id from linked_touches where asset_id is not null
),

by_campaign as (
    select campaign_id, contact_id from touches.touches where campaign_id is not null and contact_id is not null
    union
    select campaign_id, contact_id from linked_touches where campaign_id is not null
),

final as (
    select asset_id, null as campaign_id, contact_id from by_content
    union all
    select null as asset_id, campaign_id, contact_id from by_campaign
    -- In this order a refresh finds the rows of some people in half the time.
    order by contact_id
)

select * from final
