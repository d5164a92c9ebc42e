-- One row per deal and touch that reaches it, as built, under a shorter lookback: what is cut off is the beginning of each journey.
with deals as (
    select deal_id, earliest_us, earliest_on from journeys.deals
),

judged as (
    select
        built.deal_id as deal_id,
        built.touch_id as touch_id,
        built.touch_position as built_position,
        built.occurred_us as occurred_us,
        built.occurred_on as occurred_on,
        built.person_kind as person_kind,
        built.person_id as person_id,
        built.channel as channel,
        built.campaign_id as campaign_id,
        built.asset_id as asset_id,
        built.topic as topic,
        built.kind as kind,
        built.actor as actor,
        built.sender_id as sender_id,
        built.is_back_filled as is_back_filled,
        built.source_file as source_file,
        built.source_row as source_row,
        built.is_before_lead as is_before_lead,
        built.is_before_deal as is_before_deal,
        built.is_excluded as is_excluded,
        built.is_repeat as is_repeat,
        built.is_after_end as is_after_end,
        built.is_outside_lookback
        or coalesce(built.occurred_us < deals.earliest_us, false)
        or coalesce(built.occurred_on < deals.earliest_on, false) as is_outside_lookback,
        built.is_counted as was_counted
    from journeys.built_deal_touches as built
    inner join deals on built.deal_id = deals.deal_id
),

beginnings as (
    select deal_id, min(built_position) as first_position
    from judged
    where was_counted and not is_outside_lookback
    group by deal_id
),

final as (
    select
        judged.deal_id as deal_id,
        judged.touch_id as touch_id,
        case
            when judged.was_counted and not judged.is_outside_lookback then judged.built_position - beginnings.first_position + 1
        end as touch_position,
        judged.occurred_us as occurred_us,
        judged.occurred_on as occurred_on,
        judged.person_kind as person_kind,
        judged.person_id as person_id,
        judged.channel as channel,
        judged.campaign_id as campaign_id,
        judged.asset_id as asset_id,
        judged.topic as topic,
        judged.kind as kind,
        judged.actor as actor,
        judged.sender_id as sender_id,
        judged.is_back_filled as is_back_filled,
        judged.source_file as source_file,
        judged.source_row as source_row,
        judged.is_before_lead as is_before_lead,
        judged.is_before_deal as is_before_deal,
        judged.is_excluded as is_excluded,
        judged.is_repeat as is_repeat,
        judged.is_after_end as is_after_end,
        judged.is_outside_lookback as is_outside_lookback,
        judged.was_counted and not judged.is_outside_lookback as is_counted
    from judged
    left join beginnings on judged.deal_id = beginnings.deal_id
)

select * from final
