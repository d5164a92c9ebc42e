-- One row per deal with a journey: how many touches it has and which of them hold the milestones.
with counted as (
    select
        deal_touches.deal_id as deal_id,
        deal_touches.touch_position as touch_position,
        deal_touches.occurred_us as occurred_us,
        deal_touches.is_before_lead as is_before_lead,
        deal_touches.is_before_deal as is_before_deal,
        direct_channels.channel is not null as is_direct
    from journeys.deal_touches as deal_touches
    left join config.direct_channels as direct_channels on deal_touches.channel = direct_channels.channel
    where deal_touches.is_counted
),

final as (
    select
        deal_id,
        count(*) as touch_count,
        max(occurred_us) as last_occurred_us,
        max(case when is_before_lead then touch_position end) as lead_creation_position,
        max(case when is_before_deal then touch_position end) as deal_creation_position,
        coalesce(max(case when not is_direct then touch_position end), count(*)) as last_non_direct_position
    from counted
    group by deal_id
)

select * from final
