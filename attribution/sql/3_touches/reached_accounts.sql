-- One row per content and company, and per campaign and company, that it reached: through its people, or by a touch without a person that names it.
with of_people as (
    select people.asset_id as asset_id, people.campaign_id as campaign_id, contacts.account_id as account_id
    from touches.reached_people as people
    inner join identity.contacts as contacts on people.contact_id = contacts.contact_id
    where contacts.account_id is not null
),

by_content as (
    select asset_id, account_id from of_people where asset_id is not null
    union
    select asset_id, account_id from touches.account_touches where asset_id is not null
),

by_campaign as (
    select campaign_id, account_id from of_people where campaign_id is not null
    union
    select campaign_id, account_id from touches.account_touches where campaign_id is not null
),

final as (
    select asset_id, null as campaign_id, account_id from by_content
    union all
    select null as asset_id, campaign_id, account_id from by_campaign
    -- In this order a refresh finds the rows of some companies in half the time.
    order by account_id
)

select * from final
