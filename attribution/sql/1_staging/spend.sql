-- One row per amount spent whose value is known in the reporting currency; its channel is its own, else its campaign's, else unknown.
with campaigns as (
    select campaign_id, channel from raw.campaigns
),

final as (
    select
        all_spend.spent_on as spent_on,
        all_spend.campaign_id as campaign_id,
        coalesce(all_spend.channel, campaigns.channel, 'unknown') as channel,
        all_spend.asset_id as asset_id,
        all_spend.spend_kind as spend_kind,
        all_spend.amount as amount,
        all_spend.original_amount as original_amount,
        all_spend.original_currency as original_currency,
        all_spend.source_file as source_file,
        all_spend.source_row as source_row
    from staging.all_spend
    left join campaigns on all_spend.campaign_id = campaigns.campaign_id
    where all_spend.amount is not null
)

select * from final
