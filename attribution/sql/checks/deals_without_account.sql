-- One row per deal without an account.
with final as (
    select deals.deal_id as deal_id, deals.name as name, deals.status as status, deals.amount as amount, deals.source_file as source_file, deals.source_row as source_row
    from staging.deals as deals
    inner join identity.deal_accounts as deal_accounts on deals.deal_id = deal_accounts.deal_id
    where deal_accounts.account_id is null
)

select * from final
