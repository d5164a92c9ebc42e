-- One row per deal that the version before had and the source no longer has.
with final as (
    select deal_id, name, status, amount from checks.gone_deals
)

select * from final
