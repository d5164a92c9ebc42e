-- One row per normalised address of an asset: scheme, "www.", query, fragment and trailing slash dropped, host in lower case.
with addresses as (
    select url_pattern as address, asset_id, 0 as is_own_url from raw.asset_urls
    union all
    select url as address, asset_id, 1 as is_own_url from raw.content_assets where url is not null
),

bare as (
    select
        asset_id,
        is_own_url,
        rtrim(regexp_replace(regexp_replace(address, '^([A-Za-z][A-Za-z0-9+.-]*:)?//', ''), '[?#].*$', ''), '/') as address
    from addresses
),

split as (
    select
        asset_id,
        is_own_url,
        regexp_replace(lower(split_part(address, '/', 1)), '^www\.', '') as host,
        substr(address, length(split_part(address, '/', 1)) + 1) as path
    from bare
),

ranked as (
    select
        host || path as url_pattern,
        host,
        path,
        asset_id,
        row_number() over (partition by host || path order by is_own_url, asset_id) as choice
    from split
    where host <> ''
),

final as (
    select url_pattern, host, path, asset_id, length(url_pattern) as pattern_length from ranked where choice = 1
)

select * from final
