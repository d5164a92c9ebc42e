-- One row per e-mail domain of two accounts.
with final as (
    select lower(trim(domain)) as domain, count(distinct account_id) as count_accounts, min(account_id) as first_account_id
    from raw.accounts
    where domain is not null
    group by lower(trim(domain))
    having count(distinct account_id) > 1
)

select * from final
