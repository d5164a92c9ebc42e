-- One row per deal and value of the Shapley dimension in its journey, with the number of its touches.
with settings as (
    select shapley_dimension from config.journeys
),

counted as (
    select
        deal_touches.deal_id as deal_id,
        coalesce(
            case settings.shapley_dimension
                when 'channel' then deal_touches.channel
                when 'campaign' then deal_touches.campaign_id
                when 'asset' then deal_touches.asset_id
                when 'topic' then deal_touches.topic
                when 'kind' then deal_touches.kind
                else deal_touches.actor
            end, ''
        ) as shapley_value
    from journeys.deal_touches as deal_touches
    cross join settings
    where deal_touches.is_counted
),

final as (
    select deal_id, shapley_value, count(*) as value_touch_count from counted group by deal_id, shapley_value
)

select * from final
