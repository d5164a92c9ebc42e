-- One row per campaign that a touch or spend names and campaigns lacks.
with final as (
    select 'touches' as table_name, touches.campaign_id as campaign_id, count(*) as count_rows
    from staging.touches as touches
    left join raw.campaigns as campaigns on touches.campaign_id = campaigns.campaign_id
    where touches.campaign_id is not null and campaigns.campaign_id is null
    group by touches.campaign_id
    union all
    select 'spend' as table_name, spend.campaign_id as campaign_id, count(*) as count_rows
    from staging.spend as spend
    left join raw.campaigns as campaigns on spend.campaign_id = campaigns.campaign_id
    where spend.campaign_id is not null and campaigns.campaign_id is null
    group by spend.campaign_id
)

select * from final
