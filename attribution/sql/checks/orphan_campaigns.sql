-- One row per campaign that a touch or spend names and campaigns lacks.
with named as (
    select campaign_id, count(*) as count_rows from touches.touches where campaign_id is not null group by campaign_id
),

final as (
    select 'touches' as table_name, named.campaign_id as campaign_id, named.count_rows as count_rows
    from named
    left join raw.campaigns as campaigns on named.campaign_id = campaigns.campaign_id
    where campaigns.campaign_id is null
    union all
    select 'spend' as table_name, spend.campaign_id as campaign_id, count(*) as count_rows
    from staging.spend as spend
    left join raw.campaigns as campaigns on spend.campaign_id = campaigns.campaign_id
    where spend.campaign_id is not null and campaigns.campaign_id is null
    group by spend.campaign_id
)

select * from final
