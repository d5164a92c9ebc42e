-- One row per deal and contact whose touches count for it, under the join rule.
with settings as (
    select join_rule from config.journeys
),

deals as (
    select deal_id, account_id from identity.deal_accounts
),

on_deal as (
    select
        deals.deal_id as deal_id,
        deal_contacts.contact_id as contact_id,
        row_number() over (
            partition by deals.deal_id order by case when deal_contacts.is_primary then 0 else 1 end, deal_contacts.contact_id
        ) as preference
    from deals
    inner join identity.deal_contacts as deal_contacts on deals.deal_id = deal_contacts.deal_id
),

deals_with_people as (
    select distinct deal_id from on_deal
),

of_account as (
    select deals.deal_id as deal_id, contacts.contact_id as contact_id
    from deals
    inner join identity.contacts as contacts on deals.account_id = contacts.account_id
    cross join settings
    left join deals_with_people on deals.deal_id = deals_with_people.deal_id
    where settings.join_rule = 'account' or (settings.join_rule = 'deal_else_account' and deals_with_people.deal_id is null)
),

final as (
    select on_deal.deal_id as deal_id, on_deal.contact_id as contact_id
    from on_deal
    cross join settings
    where settings.join_rule <> 'primary' or on_deal.preference = 1
    union
    select deal_id, contact_id from of_account
)

select * from final
