-- One row per person: merged contacts are one, with the earliest creation, and an account of their own or of their e-mail domain.
with contact_rows as (
    select
        coalesce(merged.contact_id, contacts.contact_id) as contact_id,
        contacts.contact_id as own_id,
        contacts.account_id as account_id,
        contacts.email as email,
        contacts.name as name,
        contacts.title as title,
        contacts.persona as persona,
        contacts.owner_id as owner_id,
        to_us(contacts.created_at) as created_us,
        to_us(contacts.created_until) as created_until_us,
        contacts.created_on is null as is_created_timed,
        contacts.self_reported_source as self_reported_source
    from raw.contacts as contacts
    left join identity.merged_contacts as merged on contacts.contact_id = merged.alias
),

-- The surviving row speaks for the person; what it leaves blank comes from the merged rows.
ranked as (
    select
        contact_id, own_id, account_id, email, name, title, persona, owner_id, created_us, created_until_us, is_created_timed,
        self_reported_source,
        row_number() over (
            partition by contact_id order by case when own_id = contact_id then 0 else 1 end, own_id
        ) as preference,
        row_number() over (partition by contact_id order by created_us nulls last, created_until_us, own_id) as age
    from contact_rows
),

filled as (
    select
        contact_id,
        min(case when account_id is not null then preference end) as account_from,
        min(case when email is not null then preference end) as email_from,
        min(case when name is not null then preference end) as name_from,
        min(case when title is not null then preference end) as title_from,
        min(case when persona is not null then preference end) as persona_from,
        min(case when owner_id is not null then preference end) as owner_from,
        min(case when self_reported_source is not null then preference end) as source_from
    from ranked
    group by contact_id
),

people as (
    select
        ranked.contact_id as contact_id,
        max(case when ranked.preference = filled.account_from then ranked.account_id end) as account_id,
        max(case when ranked.preference = filled.email_from then ranked.email end) as email,
        max(case when ranked.preference = filled.name_from then ranked.name end) as name,
        max(case when ranked.preference = filled.title_from then ranked.title end) as title,
        max(case when ranked.preference = filled.persona_from then ranked.persona end) as persona,
        max(case when ranked.preference = filled.owner_from then ranked.owner_id end) as owner_id,
        max(case when ranked.preference = filled.source_from then ranked.self_reported_source end) as self_reported_source,
        max(case when ranked.age = 1 then ranked.created_us end) as created_us,
        max(case when ranked.age = 1 then ranked.created_until_us end) as created_until_us,
        max(case when ranked.age = 1 and ranked.is_created_timed then 1 else 0 end) = 1 as is_created_timed
    from ranked
    inner join filled on ranked.contact_id = filled.contact_id
    group by ranked.contact_id
),

final as (
    select
        people.contact_id as contact_id,
        coalesce(account_ids.account_id, people.account_id, domain_accounts.account_id) as account_id,
        people.account_id is null and domain_accounts.account_id is not null as is_account_by_domain,
        people.email as email,
        people.name as name,
        people.title as title,
        people.persona as persona,
        people.owner_id as owner_id,
        people.self_reported_source as self_reported_source,
        people.created_us as created_us,
        people.created_until_us as created_until_us,
        people.is_created_timed as is_created_timed
    from people
    left join identity.account_ids as account_ids on people.account_id = account_ids.alias
    left join identity.domain_accounts as domain_accounts
        on people.account_id is null and lower(split_part(people.email, '@', 2)) = domain_accounts.domain
)

select * from final
