-- One row per deal: its account, else that of its primary contact, else that of its first contact by contact_id that has one.
with deals as (
    select deal_id, account_id from staging.deals
),

contact_accounts as (
    select
        deal_contacts.deal_id as deal_id,
        contacts.account_id as account_id,
        row_number() over (
            partition by deal_contacts.deal_id
            order by case when deal_contacts.is_primary then 0 else 1 end, deal_contacts.contact_id
        ) as choice
    from identity.deal_contacts as deal_contacts
    inner join identity.contacts as contacts on deal_contacts.contact_id = contacts.contact_id
    where contacts.account_id is not null
),

final as (
    select
        deals.deal_id as deal_id,
        coalesce(account_ids.account_id, deals.account_id, contact_accounts.account_id) as account_id,
        deals.account_id is null and contact_accounts.account_id is not null as is_account_by_contact
    from deals
    left join identity.account_ids as account_ids on deals.account_id = account_ids.alias
    left join contact_accounts on deals.deal_id = contact_accounts.deal_id and contact_accounts.choice = 1
)

select * from final
