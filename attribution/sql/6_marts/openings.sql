-- One row per deal with a journey: the touch that opened it, what it was, and the team behind it.
with reporting as (
    select opened_by_rule from config.reporting
),

opening as (
    select
        journey_touches.deal_id as deal_id,
        journey_touches.touch_id as touch_id,
        journey_touches.occurred_on as occurred_on,
        journey_touches.channel as channel,
        journey_touches.campaign_id as campaign_id,
        journey_touches.asset_id as asset_id,
        journey_touches.topic as topic,
        journey_touches.kind as kind,
        journey_touches.actor as actor,
        journey_touches.phase as phase
    from credits.weights as journey_touches
    cross join reporting
    where (reporting.opened_by_rule = 'first' and journey_touches.is_first)
        or (reporting.opened_by_rule = 'deal_creation' and journey_touches.is_deal_creation)
),

final as (
    select
        opening.deal_id as deal_id,
        opening.touch_id as touch_id,
        opening.occurred_on as occurred_on,
        opening.channel as channel,
        opening.campaign_id as campaign_id,
        opening.asset_id as asset_id,
        opening.topic as topic,
        opening.kind as kind,
        opening.actor as actor,
        opening.phase as phase,
        case
            when opening.actor <> 'buyer' then opening.actor
            else coalesce(channel_teams.team, 'marketing')
        end as team
    from opening
    left join config.channel_teams as channel_teams on opening.channel = channel_teams.channel
)

select * from final
