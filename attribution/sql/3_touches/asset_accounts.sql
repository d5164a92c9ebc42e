-- One row per content and company that it reached: through its people, or by a touch without a person that names it.
with final as (
    select people.asset_id as asset_id, contacts.account_id as account_id
    from touches.asset_people as people
    inner join identity.contacts as contacts on people.contact_id = contacts.contact_id
    where contacts.account_id is not null
    union
    select asset_id, account_id from touches.account_touches where asset_id is not null
    -- In this order a refresh finds the rows of some companies in half the time.
    order by account_id
)

select * from final
