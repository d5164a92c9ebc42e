-- One row per database: the moment up to which the data is known (UTC microseconds), and its day in the reporting time zone.
with reporting as (
    select as_of_us, built_us, time_zone from config.reporting
),

moments as (
    select to_us(occurred_at) as moment_us from raw.touches
    union all
    select to_us(created_at) as moment_us from raw.deals
    union all
    select to_us(closed_at) as moment_us from raw.deals where status <> 'open'
    union all
    select to_us(entered_at) as moment_us from raw.deal_stage_changes
    union all
    select to_us(entered_at) as moment_us from raw.lifecycle_changes
    union all
    select to_us(handed_at) as moment_us from raw.handoffs
),

latest as (
    -- A single wrong date in the future must not move everybody's "last 90 days".
    select max(moments.moment_us) as moment_us
    from moments
    cross join reporting
    where moments.moment_us <= reporting.built_us
),

chosen as (
    select coalesce(reporting.as_of_us, latest.moment_us, reporting.built_us) as as_of_us, reporting.time_zone as time_zone
    from latest
    cross join reporting
),

final as (
    select as_of_us, to_local_date(from_us(as_of_us), time_zone) as as_of_on from chosen
)

select * from final
