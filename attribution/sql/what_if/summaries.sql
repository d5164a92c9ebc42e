-- One row per deal with a journey under a shorter lookback: how many touches it has and which of them hold the milestones.
with final as (
    select
        cuts.deal_id as deal_id,
        cuts.cut as cut,
        cuts.touch_count as touch_count,
        built.last_occurred_us as last_occurred_us,
        case when built.lead_creation_position > cuts.cut then built.lead_creation_position - cuts.cut end as lead_creation_position,
        case when built.deal_creation_position > cuts.cut then built.deal_creation_position - cuts.cut end as deal_creation_position,
        case
            when built.last_non_direct_position > cuts.cut then built.last_non_direct_position - cuts.cut else cuts.touch_count
        end as last_non_direct_position
    from journeys.cuts as cuts
    inner join journeys.built_summaries as built on cuts.deal_id = built.deal_id
)

select * from final
