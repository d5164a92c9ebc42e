-- One row per deal whose amount is known in the reporting currency.
with final as (
    select
        deal_id, name, account_id, pipeline, deal_type, deal_stage, status, owner_id, partner_id, loss_reason, competitor,
        self_reported_source, owner_reported_source, expected_close_on, previous_deal_id, created_us, created_until_us,
        is_created_timed, created_on, closed_us, is_closed_timed, closed_on, amount, cost_of_delivery, original_amount,
        original_currency, exchange_rate, rate_on, extra, source_file, source_row
    from staging.all_deals
    where amount is not null
)

select * from final
