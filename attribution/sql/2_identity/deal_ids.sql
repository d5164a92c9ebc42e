-- One row per other id of a deal.
with ranked as (
    select
        alias,
        target_id,
        row_number() over (partition by alias order by identified_at desc nulls last, target_id) as choice
    from raw.identities
    where alias_kind = 'deal' and alias <> target_id
),

final as (
    select alias, target_id as deal_id from ranked where choice = 1
)

select * from final
