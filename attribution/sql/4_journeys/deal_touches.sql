-- One row per deal and touch that reaches it, once however many ways lead there, with its place in the journey or what keeps it from counting.
with settings as (
    select grain from config.journeys
),

deals as (
    select deal_id, account_id, join_rule, end_us, earliest_us, earliest_on, previous_win_us, lead_until_us, deal_until_us from journeys.deals
),

through_own_contact as (
    select deal_people.deal_id as deal_id, touches.touch_id as touch_id
    from journeys.deal_people as deal_people
    inner join touches.touches as touches on deal_people.contact_id = touches.contact_id
),

other_ways as (
    select deal_people.deal_id as deal_id, linked_contacts.touch_id as touch_id
    from journeys.deal_people as deal_people
    inner join touches.linked_contacts as linked_contacts on deal_people.contact_id = linked_contacts.contact_id
    union
    select deals.deal_id as deal_id, linked_deals.touch_id as touch_id
    from deals
    inner join touches.linked_deals as linked_deals on deals.deal_id = linked_deals.deal_id
    where deals.join_rule in ('deal', 'account')
    union
    select deals.deal_id as deal_id, account_touches.touch_id as touch_id
    from deals
    inner join touches.account_touches as account_touches on deals.account_id = account_touches.account_id
    where deals.join_rule = 'account'
),

reached as (
    select deal_id, touch_id from through_own_contact
    union all
    select other_ways.deal_id as deal_id, other_ways.touch_id as touch_id
    from other_ways
    inner join touches.touches as touches on other_ways.touch_id = touches.touch_id
    left join journeys.deal_people as deal_people
        on other_ways.deal_id = deal_people.deal_id and touches.contact_id = deal_people.contact_id
    where deal_people.deal_id is null
),

judged as (
    select
        reached.deal_id as deal_id,
        reached.touch_id as touch_id,
        touches.occurred_us as occurred_us,
        touches.occurred_on as occurred_on,
        touches.person_kind as person_kind,
        coalesce(touches.contact_id, touches.visitor_id, touches.account_id, touches.deal_id) as person_id,
        touches.channel as channel,
        touches.campaign_id as campaign_id,
        touches.asset_id as asset_id,
        touches.topic as topic,
        touches.kind as kind,
        touches.actor as actor,
        touches.sender_id as sender_id,
        touches.is_back_filled as is_back_filled,
        touches.source_file as source_file,
        touches.source_row as source_row,
        coalesce(touches.occurred_us <= deals.lead_until_us, false) as is_before_lead,
        coalesce(touches.occurred_us <= deals.deal_until_us, false) as is_before_deal,
        actors.actor is null or excluded_channels.channel is not null or excluded_kinds.kind is not null as is_excluded,
        touches.occurred_us > deals.end_us as is_after_end,
        coalesce(touches.occurred_us < deals.earliest_us, false)
        or coalesce(touches.occurred_on < deals.earliest_on, false)
        or coalesce(touches.occurred_us <= deals.previous_win_us, false) as is_outside_lookback
    from reached
    inner join touches.touches as touches on reached.touch_id = touches.touch_id
    inner join deals on reached.deal_id = deals.deal_id
    left join config.actors as actors on touches.actor = actors.actor
    left join config.excluded_channels as excluded_channels on touches.channel = excluded_channels.channel
    left join config.excluded_kinds as excluded_kinds on touches.kind = excluded_kinds.kind
),

-- grain = day: the first touch per person, channel, campaign, asset, kind and day stands for its repeats.
numbered as (
    select
        judged.deal_id as deal_id,
        judged.touch_id as touch_id,
        judged.occurred_us as occurred_us,
        judged.occurred_on as occurred_on,
        judged.person_kind as person_kind,
        judged.person_id as person_id,
        judged.channel as channel,
        judged.campaign_id as campaign_id,
        judged.asset_id as asset_id,
        judged.topic as topic,
        judged.kind as kind,
        judged.actor as actor,
        judged.sender_id as sender_id,
        judged.is_back_filled as is_back_filled,
        judged.source_file as source_file,
        judged.source_row as source_row,
        judged.is_before_lead as is_before_lead,
        judged.is_before_deal as is_before_deal,
        judged.is_excluded as is_excluded,
        judged.is_after_end as is_after_end,
        judged.is_outside_lookback as is_outside_lookback,
        case
            when settings.grain = 'event' or judged.is_excluded then 1
            else row_number() over (
                partition by
                    judged.deal_id, judged.is_excluded, judged.person_kind, judged.person_id, judged.channel, judged.campaign_id,
                    judged.asset_id, judged.kind, judged.occurred_on
                order by judged.occurred_us, judged.touch_id
            )
        end as repeat_number
    from judged
    cross join settings
),

counted as (
    select
        deal_id,
        touch_id,
        occurred_us,
        occurred_on,
        person_kind,
        person_id,
        channel,
        campaign_id,
        asset_id,
        topic,
        kind,
        actor,
        sender_id,
        is_back_filled,
        source_file,
        source_row,
        is_before_lead,
        is_before_deal,
        is_excluded,
        repeat_number > 1 as is_repeat,
        is_after_end,
        is_outside_lookback,
        not is_excluded and repeat_number = 1 and not is_after_end and not is_outside_lookback as is_counted
    from numbered
),

final as (
    select
        deal_id,
        touch_id,
        case
            when is_counted then row_number() over (partition by deal_id, is_counted order by occurred_us, touch_id)
        end as touch_position,
        occurred_us,
        occurred_on,
        person_kind,
        person_id,
        channel,
        campaign_id,
        asset_id,
        topic,
        kind,
        actor,
        sender_id,
        is_back_filled,
        source_file,
        source_row,
        is_before_lead,
        is_before_deal,
        is_excluded,
        is_repeat,
        is_after_end,
        is_outside_lookback,
        is_counted
    from counted
    -- So that one deal is found without reading all: the ledger is computed from these rows as they come, and lies in the same order.
    order by deal_id
)

select * from final
