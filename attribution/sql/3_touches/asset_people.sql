-- One row per content and person whose touch names it, by its own person or by a link.
with final as (
    select asset_id, contact_id from touches.touches where asset_id is not null and contact_id is not null
    union
    select touches.asset_id as asset_id, linked.contact_id as contact_id
    from touches.linked_contacts as linked
    inner join touches.touches as touches on linked.touch_id = touches.touch_id
    where touches.asset_id is not null
    -- In this order a refresh finds the rows of some people in half the time.
    order by contact_id
)

select * from final
