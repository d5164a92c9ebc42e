-- One row per touch without a contact and account that it carries, in its own row or in a link, with the content and the campaign that it names.
with named as (
    select touch_id, account_id, asset_id, campaign_id from touches.touches where account_id is not null and is_without_contact
    union
    select
        touch_links.touch_id as touch_id,
        coalesce(account_ids.account_id, touch_links.account_id) as account_id,
        touches.asset_id as asset_id,
        touches.campaign_id as campaign_id
    from raw.touch_links as touch_links
    inner join touches.touches as touches on touch_links.touch_id = touches.touch_id and touches.is_without_contact
    left join identity.account_ids as account_ids on touch_links.account_id = account_ids.alias
    where touch_links.account_id is not null
),

final as (
    select touch_id, account_id, asset_id, campaign_id from named
    -- In this order a refresh finds the rows of some companies in half the time.
    order by account_id
)

select * from final
