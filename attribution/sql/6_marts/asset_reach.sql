-- One row per content that a touch names: its touches, readers, companies and leads since it was there, whatever deals came of it.
with by_actor as (
    select asset_id, actor, count(*) as touches, min(occurred_on) as first_on, max(occurred_on) as last_on
    from touches.touches
    where asset_id is not null
    group by asset_id, actor
),

used as (
    select
        asset_id,
        cast(sum(touches) as bigint) as touches,
        cast(coalesce(sum(case when actor = 'buyer' then touches end), 0) as bigint) as buyer_touches,
        cast(coalesce(sum(case when actor = 'sales' then touches end), 0) as bigint) as sent,
        min(first_on) as first_on,
        max(last_on) as last_on,
        min(case when actor = 'buyer' then first_on end) as first_read_on,
        max(case when actor = 'buyer' then last_on end) as last_read_on
    from by_actor
    group by asset_id
),

readers as (
    select asset_id, count(*) as readers from touches.reached_people where asset_id is not null group by asset_id
),

accounts as (
    select asset_id, count(*) as accounts from touches.reached_accounts where asset_id is not null group by asset_id
),

leads as (
    select asset_id, count(*) as leads from marts.lead_touches where asset_id is not null group by asset_id
),

final as (
    select
        used.asset_id as asset_id,
        used.touches as touches,
        used.buyer_touches as buyer_touches,
        used.sent as sent,
        used.first_on as first_on,
        used.last_on as last_on,
        used.first_read_on as first_read_on,
        used.last_read_on as last_read_on,
        coalesce(readers.readers, 0) as readers,
        coalesce(accounts.accounts, 0) as accounts,
        coalesce(leads.leads, 0) as leads
    from used
    left join readers on used.asset_id = readers.asset_id
    left join accounts on used.asset_id = accounts.asset_id
    left join leads on used.asset_id = leads.asset_id
)

select * from final
