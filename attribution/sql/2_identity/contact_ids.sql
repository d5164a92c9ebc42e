-- One row per id or e-mail address that stands for a contact: contacts, merged aliases, addresses. Ids that nobody knows are not here.
with contacts as (
    select contact_id, email from raw.contacts
),

merged as (
    select alias, contact_id from identity.merged_contacts
),

own as (
    select contacts.contact_id as alias, coalesce(merged.contact_id, contacts.contact_id) as contact_id, 1 as precedence
    from contacts
    left join merged on contacts.contact_id = merged.alias
),

merged_ids as (
    select alias, contact_id, 2 as precedence from merged
),

addresses as (
    select email as address, contact_id as target_id from contacts where email is not null
    union all
    select lower(alias) as address, target_id from raw.identities where alias_kind = 'email'
),

emails as (
    select addresses.address as alias, coalesce(merged.contact_id, addresses.target_id) as contact_id, 3 as precedence
    from addresses
    left join merged on addresses.target_id = merged.alias
),

candidates as (
    select alias, contact_id, precedence from own
    union all
    select alias, contact_id, precedence from merged_ids
    union all
    select alias, contact_id, precedence from emails
),

ranked as (
    select
        alias,
        contact_id,
        precedence,
        row_number() over (partition by alias order by precedence, contact_id) as choice
    from candidates
),

final as (
    select alias, contact_id, precedence = 3 as is_email from ranked where choice = 1
)

select * from final
