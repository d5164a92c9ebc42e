"""Which deals follow from which changed rows, and what of the large tables their journeys need. See rules.py for what a query may read."""

from __future__ import annotations

from attribution.refresh.rules import CONTACT

# What journeys.deal_touches reads of touches.touches.
_JOURNEY_TOUCH = (
    "touch_id, contact_id, visitor_id, account_id, deal_id, occurred_us, occurred_on, person_kind, channel, campaign_id, asset_id, topic, "
    "kind, actor, sender_id, is_back_filled, source_file, source_row"
)

# The deals whose journey, credit or row in the marts may be another one now.
AFFECTED_DEALS: tuple[str, ...] = (
    "select deal_id from changed.staging_deals",
    "select deal_id from changed.identity_deal_accounts",
    "select deal_id from changed.identity_deal_contacts",
    "select deal_id from changed.journeys_deal_people",
    # An open deal's journey ends as-of.
    "select deal_id from built.staging.deals where status = 'open' and exists (select 1 from changed.staging_as_of)",
    # The lead is as old as its contacts.
    "select deal_id from built.journeys.deal_people where contact_id in (select contact_id from changed.identity_contacts)",
    # A touch that is another one now, by every way that leads or led from it to a deal: a way that is no more stands in old rows.
    "select deal_id from built.journeys.deal_people where contact_id in (select contact_id from changed.touches_touches)",
    """select people.deal_id from changed.touches_touches as touches
    inner join built.touches.linked_contacts as linked on touches.touch_id = linked.touch_id
    inner join built.journeys.deal_people as people on linked.contact_id = people.contact_id""",
    # What changed touches name now has just been computed: it need not be looked for among all.
    "select deal_id from fresh.touches_linked_deals where touch_id in (select touch_id from changed.touches_touches)",
    """select deals.deal_id from fresh.touches_account_touches as named
    inner join built.identity.deal_accounts as deals on named.account_id = deals.account_id
    where named.touch_id in (select touch_id from changed.touches_touches)""",
    # A link that is another one now.
    "select deal_id from built.journeys.deal_people where contact_id in (select contact_id from changed.touches_linked_contacts)",
    "select deal_id from changed.touches_linked_deals",
    "select deal_id from built.identity.deal_accounts where account_id in (select account_id from changed.touches_account_touches)",
    # start = after_previous_win: a deal begins where its account's previous one ended.
    """select deals.deal_id from built.identity.deal_accounts as deals
    inner join changed.identity_deal_accounts as changed_deals on deals.account_id = changed_deals.account_id
    where (select start_rule from built.config.journeys) = 'after_previous_win'""",
    """select deals.deal_id from built.identity.deal_accounts as deals
    inner join built.identity.deal_accounts as siblings on deals.account_id = siblings.account_id
    inner join changed.staging_deals as changed_deals on siblings.deal_id = changed_deals.deal_id
    where (select start_rule from built.config.journeys) = 'after_previous_win'""",
    # What the mart says about a deal's company and people.
    "select deal_id from built.identity.deal_accounts where account_id in (select account_id from changed.raw_accounts)",
    "select deal_id from built.staging.deals where owner_id in (select owner_id from changed.raw_people)",
    "select deal_id from built.staging.deals where partner_id in (select partner_id from changed.raw_partners)",
)

# What a table by deal may read besides tables by deal: a change in these is in AFFECTED_DEALS. A change in any other computes it whole.
SEEN_IN_AFFECTED_DEALS = frozenset(
    (
        "staging.as_of", "staging.deals", "identity.contacts", "identity.deal_contacts", "identity.deal_accounts",
        "touches.touches", "touches.linked_contacts", "touches.linked_deals", "touches.account_touches", "journeys.deal_people",
        "raw.accounts", "raw.people", "raw.partners",
    )
)  # fmt: skip

_PEOPLE = "select contact_id from built.journeys.deal_people where deal_id in (select deal_id from affected.deals)"
_ACCOUNTS = "select account_id from fresh.journeys_deals where join_rule = 'account'"
_WITH_SIBLINGS = """deal_id in (
    select deal_id from affected.deals
    union all
    select deals.deal_id from built.identity.deal_accounts as deals
    inner join built.identity.deal_accounts as siblings on deals.account_id = siblings.account_id
    where siblings.deal_id in (select deal_id from affected.deals)
)"""

# What of large tables the affected deals need, by the table that reads it; the rest of what it reads is taken by deal, or whole.
DEAL_SLICES: dict[str, dict[str, str]] = {
    "journeys.deals": {
        "staging.deals": f"select * from built.staging.deals where {_WITH_SIBLINGS}",
        "identity.deal_accounts": f"select * from built.identity.deal_accounts where {_WITH_SIBLINGS}",
        "identity.contacts": f"select {CONTACT} from built.identity.contacts where contact_id in ({_PEOPLE})",
    },
    # A touch that is what it was and reached an affected deal before stands in that deal's old rows, with all that is asked of it.
    # So only the touches of people who are new to a deal, and those that a link names, are looked for among all.
    "journeys.deal_touches": {
        "known_rows": "select rowid as number from built.journeys.deal_touches where deal_id in (select deal_id from affected.deals)",
        "known_touches": f"""select distinct
            touch_id,
            case when person_kind = 'contact' then person_id end as contact_id,
            case when person_kind = 'visitor' then person_id end as visitor_id,
            case when person_kind = 'account' then person_id end as account_id,
            case when person_kind = 'deal' then person_id end as deal_id,
            {_JOURNEY_TOUCH.removeprefix("touch_id, contact_id, visitor_id, account_id, deal_id, ")}
        from built.journeys.deal_touches
        where rowid in (select number from slices.known_rows) and touch_id not in (select touch_id from affected.touches_touches)""",
        "touches.linked_contacts": f"select * from built.touches.linked_contacts where contact_id in ({_PEOPLE})",
        "touches.linked_deals": "select * from built.touches.linked_deals where deal_id in (select deal_id from affected.deals)",
        "touches.account_touches": f"select * from built.touches.account_touches where account_id in ({_ACCOUNTS})",
        "further_touches": """select rowid as number, touch_id from built.touches.touches
        where contact_id in (select contact_id from changed.journeys_deal_people where is_new)
        union
        select rowid as number, touch_id from built.touches.touches where touch_id in (
            select touch_id from (
                select touch_id from slices.touches_linked_contacts
                union select touch_id from slices.touches_linked_deals
                union select touch_id from slices.touches_account_touches
            ) as named
            where touch_id not in (select touch_id from slices.known_touches)
        )""",
        "touches.touches": f"""select {_JOURNEY_TOUCH} from slices.known_touches
        union all
        select {_JOURNEY_TOUCH} from fresh.touches_touches
        union all
        select {_JOURNEY_TOUCH} from built.touches.touches where rowid in (
            select number from slices.further_touches
            where touch_id not in (select touch_id from slices.known_touches)
            and touch_id not in (select touch_id from affected.touches_touches)
        )""",
    },
}
