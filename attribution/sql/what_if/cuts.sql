-- One row per deal that keeps a touch under a shorter lookback: how many touches its journey loses at its beginning, and what is left.
with deals as (
    select deal_id, earliest_us, earliest_on from journeys.deals
),

final as (
    select
        built.deal_id as deal_id,
        min(built.touch_position) - 1 as cut,
        count(*) as touch_count,
        min(built.occurred_us) as first_touch_us,
        max(case when built.actor in ('buyer', 'marketing') then 1 else 0 end) as is_influenced
    from credits.built_weights as built
    inner join deals on built.deal_id = deals.deal_id
    where (deals.earliest_us is null or built.occurred_us >= deals.earliest_us)
        and (deals.earliest_on is null or built.occurred_on >= deals.earliest_on)
    group by built.deal_id
)

select * from final
