-- One row per touch and deal that it names, in its own row or in a link.
with named as (
    select touch_id, deal_id from touches.touches where deal_id is not null
    union
    select touch_links.touch_id as touch_id, coalesce(deal_ids.deal_id, touch_links.deal_id) as deal_id
    from raw.touch_links as touch_links
    left join identity.deal_ids as deal_ids on touch_links.deal_id = deal_ids.alias
    where touch_links.deal_id is not null
),

final as (
    select touch_id, deal_id from named
)

select * from final
