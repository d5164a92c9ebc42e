-- One row per visitor and span of time in which the visitor is one contact. The first span reaches back without end (back-fill).
with ties as (
    select
        identities.alias as visitor_id,
        coalesce(contact_ids.contact_id, emails.contact_id, identities.target_id) as contact_id,
        coalesce(to_us(identities.identified_at), -9000000000000000000) as identified_us
    from raw.identities as identities
    left join identity.contact_ids as contact_ids on identities.target_id = contact_ids.alias
    left join identity.contact_ids as emails
        on case when contact_ids.alias is null and identities.target_id like '%@%' then lower(identities.target_id) end = emails.alias
    where identities.alias_kind = 'visitor'
),

-- Of two ties made at the same moment the one with the larger contact_id is the last.
distinct_ties as (
    select visitor_id, identified_us, max(contact_id) as contact_id from ties group by visitor_id, identified_us
),

ordered as (
    select
        visitor_id,
        contact_id,
        identified_us,
        row_number() over (partition by visitor_id order by identified_us) as tie_number,
        lead(identified_us) over (partition by visitor_id order by identified_us) as next_identified_us
    from distinct_ties
),

final as (
    select
        visitor_id,
        contact_id,
        case when tie_number = 1 then -9000000000000000000 else identified_us end as from_us,
        coalesce(next_identified_us, 9000000000000000000) as before_us,
        identified_us
    from ordered
)

select * from final
