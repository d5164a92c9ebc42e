-- One row per e-mail domain that belongs to an account; never a free-mail domain.
with named as (
    select domain as address, account_id from raw.accounts where domain is not null
    union all
    select alias as address, target_id as account_id from raw.identities where alias_kind = 'domain'
),

bare as (
    select
        regexp_replace(
            split_part(regexp_replace(lower(trim(address)), '^([a-z][a-z0-9+.-]*:)?//', ''), '/', 1), '^(www\.|@)', ''
        ) as domain,
        account_id
    from named
),

resolved as (
    select bare.domain as domain, coalesce(account_ids.account_id, bare.account_id) as account_id
    from bare
    left join identity.account_ids as account_ids on bare.account_id = account_ids.alias
),

ranked as (
    select
        domain,
        account_id,
        row_number() over (partition by domain order by account_id) as choice
    from resolved
),

final as (
    select ranked.domain as domain, ranked.account_id as account_id
    from ranked
    left join config.free_mail_domains as free_mail_domains on ranked.domain = free_mail_domains.domain
    where ranked.choice = 1 and ranked.domain <> '' and free_mail_domains.domain is null
)

select * from final
