-- One row per deal and touch of its journey, in order, with the milestones it holds: what every model reads.
with settings as (
    select shapley_dimension, half_life_days from config.journeys
),

deals as (
    select
        journey_deals.deal_id as deal_id,
        journey_deals.status as status,
        cast(deals.amount as double) as amount,
        journey_deals.end_us as end_us
    from journeys.deals as journey_deals
    inner join staging.deals as deals on journey_deals.deal_id = deals.deal_id
),

summaries as (
    select deal_id, touch_count, last_occurred_us, lead_creation_position, deal_creation_position, last_non_direct_position
    from journeys.summaries
),

counted as (
    select
        deal_touches.deal_id as deal_id,
        deal_touches.touch_id as touch_id,
        deal_touches.occurred_us as occurred_us,
        deal_touches.occurred_on as occurred_on,
        deal_touches.touch_position as touch_position,
        deal_touches.person_kind as person_kind,
        deal_touches.person_id as person_id,
        deal_touches.channel as channel,
        deal_touches.campaign_id as campaign_id,
        deal_touches.asset_id as asset_id,
        deal_touches.topic as topic,
        deal_touches.kind as kind,
        deal_touches.actor as actor,
        deal_touches.is_before_lead as is_before_lead,
        deal_touches.is_before_deal as is_before_deal,
        coalesce(
            case settings.shapley_dimension
                when 'channel' then deal_touches.channel
                when 'campaign' then deal_touches.campaign_id
                when 'asset' then deal_touches.asset_id
                when 'topic' then deal_touches.topic
                when 'kind' then deal_touches.kind
                else deal_touches.actor
            end, ''
        ) as shapley_value,
        settings.half_life_days as half_life_days
    from journeys.deal_touches as deal_touches
    cross join settings
    where deal_touches.is_counted
),

final as (
    select
        counted.deal_id as deal_id,
        counted.touch_id as touch_id,
        counted.occurred_us as occurred_us,
        counted.occurred_on as occurred_on,
        counted.touch_position as touch_position,
        summaries.touch_count as touch_count,
        summaries.lead_creation_position as lead_creation_position,
        summaries.deal_creation_position as deal_creation_position,
        summaries.last_non_direct_position as last_non_direct_position,
        counted.touch_position = 1 as is_first,
        coalesce(counted.touch_position = summaries.lead_creation_position, false) as is_lead_creation,
        coalesce(counted.touch_position = summaries.deal_creation_position, false) as is_deal_creation,
        counted.touch_position = summaries.touch_count as is_last,
        case
            when counted.is_before_lead then 'before lead'
            when counted.is_before_deal then 'before deal'
            else 'after deal opened'
        end as phase,
        (deals.end_us - counted.occurred_us) / 86400000000.0e0 as days_before_end,
        (summaries.last_occurred_us - counted.occurred_us) / 86400000000.0e0 as days_before_last,
        counted.half_life_days as half_life_days,
        counted.shapley_value as shapley_value,
        deals.status as status,
        deals.amount as amount,
        deals.end_us as end_us,
        counted.person_kind as person_kind,
        counted.person_id as person_id,
        counted.channel as channel,
        counted.campaign_id as campaign_id,
        counted.asset_id as asset_id,
        counted.topic as topic,
        counted.kind as kind,
        counted.actor as actor
    from counted
    inner join summaries on counted.deal_id = summaries.deal_id
    inner join deals on counted.deal_id = deals.deal_id
)

select * from final
