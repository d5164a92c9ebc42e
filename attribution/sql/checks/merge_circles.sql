-- One row per contact merged in a circle.
with final as (
    select merged_contacts.alias as contact_id, merged_contacts.contact_id as stands_for
    from identity.merged_contacts as merged_contacts
    where merged_contacts.contact_id in (select alias from identity.merged_contacts)
)

select * from final
