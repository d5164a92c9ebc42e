-- One row per deal: what is missing from its journey under a shorter lookback, as the reasons for a share that no touch can get.
with final as (
    select
        built.deal_id as deal_id,
        summaries.deal_id is not null as has_touch,
        case
            when
                built.last_excluded_us is not null
                and not coalesce(built.last_excluded_us < deals.earliest_us, false)
                and not coalesce(built.last_excluded_on < deals.earliest_on, false)
                then 'excluded'
            when built.has_outside_lookback or (built.has_touch and coalesce(cuts.cut, 1) > 0) then 'outside_lookback'
            when summaries.deal_id is null then 'no_touch'
        end as journey_reason,
        summaries.lead_creation_position is not null as has_lead_creation,
        summaries.deal_creation_position is not null as has_deal_creation
    from journeys.built_gaps as built
    inner join journeys.deals as deals on built.deal_id = deals.deal_id
    left join journeys.cuts as cuts on built.deal_id = cuts.deal_id
    left join journeys.summaries as summaries on built.deal_id = summaries.deal_id
)

select * from final
