-- One row per deal as built, with the beginning of its journey under another lookback.
with settings as (
    select lookback_days, lookback_us from config.journeys
),

built as (
    select
        deal_id, account_id, status, join_rule, end_us, end_on, previous_win_us, lead_created_us, lead_until_us, deal_created_us, deal_until_us
    from journeys.built_deals
),

final as (
    select
        built.deal_id as deal_id,
        built.account_id as account_id,
        built.status as status,
        built.join_rule as join_rule,
        built.end_us as end_us,
        built.end_on as end_on,
        case when settings.lookback_us > 0 and built.end_on is null then built.end_us - settings.lookback_us end as earliest_us,
        case
            when settings.lookback_us > 0 and built.end_on is not null then built.end_on - cast(ceil(settings.lookback_days) as integer)
        end as earliest_on,
        built.previous_win_us as previous_win_us,
        built.lead_created_us as lead_created_us,
        built.lead_until_us as lead_until_us,
        built.deal_created_us as deal_created_us,
        built.deal_until_us as deal_until_us
    from built
    cross join settings
)

select * from final
