-- One row per deal: what is missing from its journey, as the reasons for a share that no touch can get.
with deals as (
    select deal_id from journeys.deals
),

seen as (
    select
        deal_id,
        max(case when is_excluded and not is_after_end and not is_outside_lookback then 1 else 0 end) as has_excluded,
        max(case when is_outside_lookback and not is_excluded then 1 else 0 end) as has_outside_lookback,
        max(case when is_counted then 1 else 0 end) as has_touch,
        -- The last touch that was left out by the settings: with it, a shorter lookback need not look at the touches again.
        max(case when is_excluded and not is_after_end and not is_outside_lookback then occurred_us end) as last_excluded_us,
        max(case when is_excluded and not is_after_end and not is_outside_lookback then occurred_on end) as last_excluded_on
    from journeys.deal_touches
    group by deal_id
),

final as (
    select
        deals.deal_id as deal_id,
        coalesce(seen.has_touch, 0) = 1 as has_touch,
        case
            when seen.has_excluded = 1 then 'excluded'
            when seen.has_outside_lookback = 1 then 'outside_lookback'
            when coalesce(seen.has_touch, 0) = 0 then 'no_touch'
        end as journey_reason,
        summaries.lead_creation_position is not null as has_lead_creation,
        summaries.deal_creation_position is not null as has_deal_creation,
        coalesce(seen.has_outside_lookback, 0) = 1 as has_outside_lookback,
        seen.last_excluded_us as last_excluded_us,
        seen.last_excluded_on as last_excluded_on
    from deals
    left join seen on deals.deal_id = seen.deal_id
    left join journeys.summaries as summaries on deals.deal_id = summaries.deal_id
)

select * from final
