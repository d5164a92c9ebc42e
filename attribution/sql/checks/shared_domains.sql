-- One row per e-mail domain of two accounts.
with named as (
    select account_id, lower(trim(domain)) as domain from raw.accounts where domain is not null
),

-- Few domains are shared: different accounts are counted of these alone.
shared as (
    select domain from named group by domain having min(account_id) <> max(account_id)
),

final as (
    select named.domain as domain, count(distinct named.account_id) as count_accounts, min(named.account_id) as first_account_id
    from named
    inner join shared on named.domain = shared.domain
    group by named.domain
)

select * from final
