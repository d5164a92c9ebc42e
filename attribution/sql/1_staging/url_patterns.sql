-- One row per normalised address of an asset: scheme, "www.", query, fragment and trailing slash dropped, host in lower case.
with addresses as (
    select url_pattern as address, asset_id, 0 as is_own_url from raw.asset_urls
    union all
    select url as address, asset_id, 1 as is_own_url from raw.content_assets where url is not null
),

normalised as (
    select asset_id, is_own_url, normalised_address(address) as url_pattern from addresses
),

split as (
    select
        asset_id,
        is_own_url,
        url_pattern,
        split_part(url_pattern, '/', 1) as host,
        substr(url_pattern, length(split_part(url_pattern, '/', 1)) + 1) as path
    from normalised
),

ranked as (
    select
        url_pattern,
        host,
        path,
        asset_id,
        row_number() over (partition by url_pattern order by is_own_url, asset_id) as choice
    from split
    where host <> ''
),

final as (
    select url_pattern, host, path, asset_id, length(url_pattern) as pattern_length from ranked where choice = 1
)

select * from final
