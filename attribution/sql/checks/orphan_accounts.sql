-- One row per account that a contact or deal names and accounts lacks.
with final as (
    select 'contacts' as table_name, contacts.account_id as account_id, count(*) as count_rows
    from identity.contacts as contacts
    left join raw.accounts as accounts on contacts.account_id = accounts.account_id
    where contacts.account_id is not null and accounts.account_id is null
    group by contacts.account_id
    union all
    select 'deals' as table_name, deal_accounts.account_id as account_id, count(*) as count_rows
    from identity.deal_accounts as deal_accounts
    left join raw.accounts as accounts on deal_accounts.account_id = accounts.account_id
    where deal_accounts.account_id is not null and accounts.account_id is null
    group by deal_accounts.account_id
)

select * from final
