-- One row per deal and touch of its journey, in order, with the milestones it holds: what every model reads.
with settings as (
    select shapley_dimension, half_life_days from config.journeys
),

deals as (
    select
        journey_deals.deal_id as deal_id,
        journey_deals.status as status,
        cast(deals.amount as double) as amount,
        journey_deals.end_us as end_us,
        journey_deals.lead_until_us as lead_until_us,
        journey_deals.deal_until_us as deal_until_us
    from journeys.deals as journey_deals
    inner join staging.deals as deals on journey_deals.deal_id = deals.deal_id
),

counted as (
    select
        deal_touches.deal_id as deal_id,
        deal_touches.touch_id as touch_id,
        deal_touches.occurred_us as occurred_us,
        deal_touches.occurred_on as occurred_on,
        deal_touches.person_kind as person_kind,
        deal_touches.person_id as person_id,
        deal_touches.channel as channel,
        deal_touches.campaign_id as campaign_id,
        deal_touches.asset_id as asset_id,
        deal_touches.topic as topic,
        deal_touches.kind as kind,
        deal_touches.actor as actor,
        deals.status as status,
        deals.amount as amount,
        deals.end_us as end_us,
        direct_channels.channel is not null as is_direct,
        coalesce(deal_touches.occurred_us <= deals.lead_until_us, false) as is_before_lead,
        coalesce(deal_touches.occurred_us <= deals.deal_until_us, false) as is_before_deal,
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
    inner join deals on deal_touches.deal_id = deals.deal_id
    cross join settings
    left join config.direct_channels as direct_channels on deal_touches.channel = direct_channels.channel
    where deal_touches.is_counted
),

ordered as (
    select
        deal_id, touch_id, occurred_us, occurred_on, person_kind, person_id, channel, campaign_id, asset_id, topic, kind, actor, status, amount, end_us,
        is_direct, is_before_lead, is_before_deal, shapley_value, half_life_days,
        row_number() over (partition by deal_id order by occurred_us, touch_id) as touch_position
    from counted
),

journeys as (
    select
        deal_id,
        count(*) as touch_count,
        max(occurred_us) as last_occurred_us,
        max(case when is_before_lead then touch_position end) as lead_creation_position,
        max(case when is_before_deal then touch_position end) as deal_creation_position,
        coalesce(max(case when not is_direct then touch_position end), count(*)) as last_non_direct_position
    from ordered
    group by deal_id
),

journey_values as (
    select deal_id, shapley_value, count(*) as value_touch_count from ordered group by deal_id, shapley_value
),

value_counts as (
    select deal_id, count(*) as value_count from journey_values group by deal_id
),

final as (
    select
        ordered.deal_id as deal_id,
        ordered.touch_id as touch_id,
        ordered.occurred_us as occurred_us,
        ordered.occurred_on as occurred_on,
        ordered.touch_position as touch_position,
        journeys.touch_count as touch_count,
        journeys.lead_creation_position as lead_creation_position,
        journeys.deal_creation_position as deal_creation_position,
        journeys.last_non_direct_position as last_non_direct_position,
        ordered.touch_position = 1 as is_first,
        coalesce(ordered.touch_position = journeys.lead_creation_position, false) as is_lead_creation,
        coalesce(ordered.touch_position = journeys.deal_creation_position, false) as is_deal_creation,
        ordered.touch_position = journeys.touch_count as is_last,
        case
            when ordered.is_before_lead then 'before lead'
            when ordered.is_before_deal then 'before deal'
            else 'after deal opened'
        end as phase,
        (ordered.end_us - ordered.occurred_us) / 86400000000.0e0 as days_before_end,
        (journeys.last_occurred_us - ordered.occurred_us) / 86400000000.0e0 as days_before_last,
        ordered.half_life_days as half_life_days,
        value_counts.value_count as value_count,
        journey_values.value_touch_count as value_touch_count,
        ordered.status as status,
        ordered.amount as amount,
        ordered.person_kind as person_kind,
        ordered.person_id as person_id,
        ordered.channel as channel,
        ordered.campaign_id as campaign_id,
        ordered.asset_id as asset_id,
        ordered.topic as topic,
        ordered.kind as kind,
        ordered.actor as actor
    from ordered
    inner join journeys on ordered.deal_id = journeys.deal_id
    inner join journey_values on ordered.deal_id = journey_values.deal_id and ordered.shapley_value = journey_values.shapley_value
    inner join value_counts on ordered.deal_id = value_counts.deal_id
)

select * from final
