-- One row per touch, its time as UTC microseconds and as a day (its own where it has no time, else in the reporting time zone), its asset found by address where it names none.
with reporting as (
    select time_zone from config.reporting
),

steady_days as (
    select day, ahead_us from steady_days((select time_zone from config.reporting))
),

url_assets as (
    select url, asset_id from staging.url_assets
),

assets as (
    select asset_id, topic from staging.content_assets
),

located as (
    select
        touches.touch_id as touch_id,
        to_us(touches.occurred_at) as occurred_us,
        case
            when touches.occurred_on is not null then touches.occurred_on
            when steady_days.day is not null then cast(from_us(to_us(touches.occurred_at) + steady_days.ahead_us) as date)
            else to_local_date(touches.occurred_at, reporting.time_zone)
        end as occurred_on,
        touches.contact_id as contact_id,
        touches.visitor_id as visitor_id,
        touches.account_id as account_id,
        touches.deal_id as deal_id,
        touches.channel as channel,
        touches.kind as kind,
        touches.actor as actor,
        touches.campaign_id as campaign_id,
        coalesce(touches.asset_id, url_assets.asset_id) as asset_id,
        touches.owner_id as owner_id,
        touches.source_file as source_file,
        touches.source_row as source_row
    from raw.touches
    cross join reporting
    left join steady_days on cast(touches.occurred_at as date) = steady_days.day
    left join url_assets on touches.url = url_assets.url and touches.asset_id is null
),

final as (
    select
        located.touch_id as touch_id,
        located.occurred_us as occurred_us,
        located.occurred_on as occurred_on,
        located.contact_id as contact_id,
        located.visitor_id as visitor_id,
        located.account_id as account_id,
        located.deal_id as deal_id,
        located.channel as channel,
        located.kind as kind,
        located.actor as actor,
        located.campaign_id as campaign_id,
        located.asset_id as asset_id,
        assets.topic as topic,
        -- Only asked of content that sales sent; empty elsewhere, it costs nothing to keep.
        case when located.actor = 'sales' and located.asset_id is not null then located.owner_id end as sender_id,
        located.source_file as source_file,
        located.source_row as source_row
    from located
    left join assets on located.asset_id = assets.asset_id
)

select * from final
