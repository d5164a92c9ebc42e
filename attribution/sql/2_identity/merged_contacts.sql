-- One row per contact id that was merged into another: the id at the end of its chain.
with recursive merges as (
    select alias, target_id
    from (
        select
            alias,
            target_id,
            row_number() over (partition by alias order by identified_at desc nulls last, target_id) as choice
        from raw.identities
        where alias_kind = 'merged' and alias <> target_id
    ) as ranked
    where choice = 1
),

-- "union" drops pairs already seen, so a circle of merges ends too.
chain as (
    select alias, target_id as current_id from merges
    union
    select chain.alias as alias, merges.target_id as current_id
    from chain
    inner join merges on chain.current_id = merges.alias
),

ends as (
    select
        chain.alias as alias,
        min(case when merges.alias is null then chain.current_id end) as end_id,
        min(chain.current_id) as smallest_id
    from chain
    left join merges on chain.current_id = merges.alias
    group by chain.alias
),

final as (
    -- In a circle nobody is the end: its smallest id stands for all.
    select alias, coalesce(end_id, smallest_id) as contact_id from ends
)

select * from final
