-- One row per deal: where its journey ends and begins, by which rule it is joined, and until when its milestones count touches.
with settings as (
    select join_rule, lookback_days, lookback_us, start_rule, grace_us from config.journeys
),

as_of as (
    select as_of_us, as_of_on from staging.as_of
),

deals_with_people as (
    select distinct deal_id from identity.deal_contacts
),

-- The lead is as old as the oldest of the contacts that the join rule selects, with or without touches.
lead_creations as (
    select
        deal_people.deal_id as deal_id,
        contacts.created_us as created_us,
        contacts.created_until_us as created_until_us,
        contacts.is_created_timed as is_created_timed,
        row_number() over (
            partition by deal_people.deal_id order by contacts.created_us, contacts.created_until_us, contacts.contact_id
        ) as age
    from journeys.deal_people as deal_people
    inner join identity.contacts as contacts on deal_people.contact_id = contacts.contact_id
    where contacts.created_us is not null
),

ends as (
    select
        deals.deal_id as deal_id,
        deal_accounts.account_id as account_id,
        deals.status as status,
        coalesce(deals.closed_us, as_of.as_of_us) as end_us,
        case when deals.status <> 'open' and not deals.is_closed_timed then deals.closed_on end as end_on,
        deals.created_us as created_us,
        deals.created_until_us as created_until_us,
        deals.is_created_timed as is_created_timed
    from staging.deals as deals
    inner join identity.deal_accounts as deal_accounts on deals.deal_id = deal_accounts.deal_id
    cross join as_of
),

-- With start = after_previous_win a touch up to the account's previous won deal belongs to that deal's story.
previous_wins as (
    select deal_id, max(previous_win_us) as previous_win_us
    from (
        select
            later.deal_id as deal_id,
            earlier.end_us as previous_win_us
        from ends as later
        cross join settings
        inner join ends as earlier
            on later.account_id = earlier.account_id
            and earlier.status = 'won'
            and earlier.deal_id <> later.deal_id
            and earlier.end_us < later.end_us
        where settings.start_rule = 'after_previous_win'
    ) as wins
    group by deal_id
),

final as (
    select
        ends.deal_id as deal_id,
        ends.account_id as account_id,
        ends.status as status,
        case
            when settings.join_rule = 'deal_else_account' and deals_with_people.deal_id is null then 'account'
            when settings.join_rule = 'deal_else_account' then 'deal'
            else settings.join_rule
        end as join_rule,
        ends.end_us as end_us,
        ends.end_on as end_on,
        -- A day is 24 hours; where the close has only a date, whole days are compared instead (earliest_on).
        case when settings.lookback_us > 0 and ends.end_on is null then ends.end_us - settings.lookback_us end as earliest_us,
        case
            when settings.lookback_us > 0 and ends.end_on is not null then ends.end_on - cast(ceil(settings.lookback_days) as integer)
        end as earliest_on,
        previous_wins.previous_win_us as previous_win_us,
        lead_creations.created_us as lead_created_us,
        -- Systems log the creating form late, hence the grace; a bare date already counts to the end of its day.
        lead_creations.created_until_us + case when lead_creations.is_created_timed then settings.grace_us else 0 end as lead_until_us,
        ends.created_us as deal_created_us,
        ends.created_until_us + case when ends.is_created_timed then settings.grace_us else 0 end as deal_until_us
    from ends
    cross join settings
    left join deals_with_people on ends.deal_id = deals_with_people.deal_id
    left join previous_wins on ends.deal_id = previous_wins.deal_id
    left join lead_creations on ends.deal_id = lead_creations.deal_id and lead_creations.age = 1
)

select * from final
