-- One row per deal with everything that a figure about deals is cut by.
with influences as (
    select
        deal_id,
        max(touch_count) as touch_count,
        max(case when actor in ('buyer', 'marketing') then 1 else 0 end) as is_influenced,
        min(occurred_us) as first_touch_us
    from credits.weights
    group by deal_id
),

final as (
    select
        deals.deal_id as deal_id,
        deals.name as name,
        deal_accounts.account_id as account_id,
        accounts.name as account_name,
        accounts.segment as segment,
        accounts.industry as industry,
        accounts.country as country,
        deals.owner_id as owner_id,
        people.name as owner_name,
        deals.partner_id as partner_id,
        partners.name as partner_name,
        deals.pipeline as pipeline,
        deals.deal_type as deal_type,
        deals.deal_stage as deal_stage,
        deals.status as status,
        deals.created_us as created_us,
        deals.created_on as created_on,
        deals.closed_us as closed_us,
        deals.closed_on as closed_on,
        deals.closed_on - deals.created_on as cycle_days,
        deals.amount as amount,
        deals.cost_of_delivery as cost_of_delivery,
        deals.original_amount as original_amount,
        deals.original_currency as original_currency,
        deals.exchange_rate as exchange_rate,
        deals.expected_close_on as expected_close_on,
        deals.loss_reason as loss_reason,
        deals.competitor as competitor,
        deals.extra as extra,
        journey_deals.join_rule as join_rule,
        influences.first_touch_us as first_touch_us,
        coalesce(influences.touch_count, 0) as touch_count,
        coalesce(openings.team, 'unknown') as opened_by,
        openings.touch_id as opening_touch_id,
        coalesce(openings.team = 'marketing', false) as is_sourced,
        coalesce(influences.is_influenced, 0) = 1 as is_influenced,
        deals.source_file as source_file,
        deals.source_row as source_row
    from staging.deals as deals
    inner join identity.deal_accounts as deal_accounts on deals.deal_id = deal_accounts.deal_id
    inner join journeys.deals as journey_deals on deals.deal_id = journey_deals.deal_id
    left join raw.accounts as accounts on deal_accounts.account_id = accounts.account_id
    left join raw.people as people on deals.owner_id = people.owner_id
    left join raw.partners as partners on deals.partner_id = partners.partner_id
    left join influences on deals.deal_id = influences.deal_id
    left join marts.openings as openings on deals.deal_id = openings.deal_id
)

select * from final
