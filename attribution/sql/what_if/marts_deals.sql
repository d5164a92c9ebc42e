-- One row per deal with everything that a figure about deals is cut by: as built, but for what follows from a shorter journey.
with final as (
    select
        built.deal_id as deal_id,
        built.name as name,
        built.account_id as account_id,
        built.account_name as account_name,
        built.segment as segment,
        built.industry as industry,
        built.country as country,
        built.owner_id as owner_id,
        built.owner_name as owner_name,
        built.partner_id as partner_id,
        built.partner_name as partner_name,
        built.pipeline as pipeline,
        built.deal_type as deal_type,
        built.deal_stage as deal_stage,
        built.status as status,
        built.created_us as created_us,
        built.created_on as created_on,
        built.closed_us as closed_us,
        built.closed_on as closed_on,
        built.cycle_days as cycle_days,
        built.amount as amount,
        built.cost_of_delivery as cost_of_delivery,
        built.original_amount as original_amount,
        built.original_currency as original_currency,
        built.exchange_rate as exchange_rate,
        built.expected_close_on as expected_close_on,
        built.loss_reason as loss_reason,
        built.competitor as competitor,
        built.extra as extra,
        built.join_rule as join_rule,
        cuts.first_touch_us as first_touch_us,
        coalesce(cuts.touch_count, 0) as touch_count,
        coalesce(openings.team, 'unknown') as opened_by,
        openings.touch_id as opening_touch_id,
        coalesce(openings.team = 'marketing', false) as is_sourced,
        coalesce(cuts.is_influenced, 0) = 1 as is_influenced,
        built.source_file as source_file,
        built.source_row as source_row
    from marts.built_deals as built
    left join journeys.cuts as cuts on built.deal_id = cuts.deal_id
    left join marts.openings as openings on built.deal_id = openings.deal_id
)

select * from final
