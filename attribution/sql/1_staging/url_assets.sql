-- One row per address seen in a touch that belongs to an asset: the longest pattern wins.
with urls as (
    select distinct url from raw.touches where url is not null and asset_id is null
),

normalised as (
    select url, normalised_address(url) as address from urls
),

patterns as (
    select url_pattern, path, asset_id, pattern_length from staging.url_patterns
),

-- A pattern without * is the address itself or its beginning up to a slash; a bare host stands for itself alone.
matches as (
    select normalised.url as url, patterns.asset_id as asset_id, patterns.pattern_length as pattern_length, patterns.url_pattern as url_pattern
    from normalised
    inner join patterns on normalised.address = patterns.url_pattern
    union all
    select normalised.url as url, patterns.asset_id as asset_id, patterns.pattern_length as pattern_length, patterns.url_pattern as url_pattern
    from normalised
    inner join patterns
        on patterns.path <> ''
        and patterns.url_pattern not like '%*%'
        and substr(normalised.address, 1, patterns.pattern_length + 1) = patterns.url_pattern || '/'
    union all
    select normalised.url as url, patterns.asset_id as asset_id, patterns.pattern_length as pattern_length, patterns.url_pattern as url_pattern
    from normalised
    inner join patterns
        on patterns.url_pattern like '%*%'
        and normalised.address like replace(
            replace(replace(replace(patterns.url_pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'
        ) escape '\'
),

ranked as (
    select url, asset_id, row_number() over (partition by url order by pattern_length desc, url_pattern) as choice from matches
),

final as (
    select url, asset_id from ranked where choice = 1
)

select * from final
