"""Which rows of which table follow from which changed rows. A superset is right; a row too few is a wrong figure.

A rule names the key of its table, queries for the keys whose rows may be other ones now, and what of each table it reads is
enough to compute these keys' rows. The queries may read

    changed.<schema>_<table>    rows that are gone (``is_new`` false) or new (true) in a table further up
    built.<schema>.<table>      the copy: tables further up are up to date, this one and those further down are not yet
    affected.<schema>_<table>   the keys found, for slices

A query is skipped where a table of ``changed`` that it names is empty, so none may find anything then.
Tables without a rule are computed whole where something that they read has changed; those by deal for the affected deals (deals.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """How one table is brought up to date.

    ``slices``: table that it reads → query for the rows that the affected keys need; a name without a dot is a step on the way to
    the next ones (``slices.<name>``). ``first``: such steps that the queries for the keys read, each the union of its own (skipped
    in the same way). ``whole_after``: tables whose change makes this one computed whole. ``not_before``: query for keys that had no
    row, so that none is looked for; ``had``: a condition that the rows of all others meet, where that finds them sooner than their keys.
    ``old``: what the rules read of its changed rows, where reading whole old rows costs more than to take all affected ones for changed.
    """

    key: str
    affected: tuple[str, ...]
    slices: Mapping[str, str] = field(default_factory=dict)
    whole_after: tuple[str, ...] = ()
    not_before: str = ""
    had: str = ""
    old: tuple[str, ...] = ()
    first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _of_aliases(table: str, columns: str, alias: str, condition: str = "true") -> tuple[str, str]:
    """Queries for rows that name a person by an id or an address that stands for somebody else now."""
    return (
        f"select {columns} from {table} where {condition} and {alias} in (select alias from changed.identity_contact_ids)",
        f"select {columns} from {table} where {condition} and {alias} like '%@%' "
        f"and lower({alias}) in (select alias from changed.identity_contact_ids)",
    )


def _by(key: str, table: str, rule: str, columns: str = "*") -> dict[str, str]:
    """The slice of a table that has the key itself."""
    return {table: f"select {columns} from built.{table} where {key} in (select {key} from affected.{rule})"}


# What any table reads of identity.contacts. Names, addresses and titles of all people are most of it, and take half of the time to read.
CONTACT = "contact_id, account_id, created_us, created_until_us, is_created_timed"


# What staging.touches reads of raw.touches, and marts.lead_touches of touches.touches.
_RAW_TOUCH = (
    "touch_id, occurred_at, occurred_on, contact_id, visitor_id, account_id, deal_id, channel, kind, actor, campaign_id, asset_id, url, "
    "owner_id, source_file, source_row"
)
_LEAD_TOUCH = "touch_id, occurred_us, contact_id, channel, campaign_id, asset_id, kind, actor"

# People whose touches are other ones now.
_TOUCHED_PEOPLE = (
    "select contact_id from changed.touches_touches",
    "select contact_id from changed.touches_linked_contacts",
    """select linked.contact_id from changed.touches_touches as touches
    inner join built.touches.linked_contacts as linked on touches.touch_id = linked.touch_id""",
)
# People who lose a touch or have it changed, and the rows of all touches of theirs.
_LOST_A_TOUCH = """select contact_id from changed.touches_touches where not is_new and contact_id is not null
union select contact_id from changed.touches_linked_contacts where not is_new
union select linked.contact_id from changed.touches_touches as touches
inner join built.touches.linked_contacts as linked on touches.touch_id = linked.touch_id where not touches.is_new"""
_TOUCHES_IN_DEPTH = """select rowid as number, touch_id from built.touches.touches where contact_id in (select contact_id from slices.in_depth)
union
select rowid as number, touch_id from built.touches.touches where touch_id in (
    select touch_id from built.touches.linked_contacts where contact_id in (select contact_id from slices.in_depth)
)"""
_NEW_TOUCHES = "select touch_id from changed.raw_touches group by touch_id having bool_and(is_new)"

_DEAL_CONTACTS = (
    "select deal_id from changed.raw_deal_contacts",
    *_of_aliases("built.raw.deal_contacts", "deal_id", "contact_id"),
)

RULES: dict[str, Rule] = {
    "staging.all_deals": Rule(
        "deal_id",
        (
            "select deal_id from changed.raw_deals",
            """select deals.deal_id from built.staging.all_deals as deals
            inner join changed.staging_rates as rates on coalesce(deals.original_currency, '') = rates.currency and deals.rate_on = rates.needed_on""",
            "select deal_id from built.raw.deals where status = 'open' and exists (select 1 from changed.staging_as_of)",
        ),
        _by("deal_id", "raw.deals", "staging_all_deals"),
    ),
    "staging.deals": Rule(
        "deal_id",
        ("select deal_id from changed.staging_all_deals",),
        _by("deal_id", "staging.all_deals", "staging_deals"),
    ),
    "staging.url_assets": Rule(
        "url",
        ("select url from changed.raw_touches where url is not null and asset_id is null",),
        {
            "raw.touches": "select * from built.raw.touches where asset_id is null and url in (select url from affected.staging_url_assets)"
        },
        whole_after=("staging.url_patterns",),
    ),
    "identity.contact_ids": Rule(
        "alias",
        (
            "select contact_id as alias from changed.raw_contacts",
            "select email as alias from changed.raw_contacts where email is not null",
            "select alias from changed.identity_merged_contacts",
            """select email as alias from built.raw.contacts
            where email is not null and contact_id in (select alias from changed.identity_merged_contacts)""",
            """select lower(alias) as alias from built.raw.identities
            where alias_kind = 'email' and target_id in (select alias from changed.identity_merged_contacts)""",
            "select lower(alias) as alias from changed.raw_identities where alias_kind = 'email'",
        ),
        {
            "raw.contacts": """select * from built.raw.contacts
            where contact_id in (select alias from affected.identity_contact_ids) or email in (select alias from affected.identity_contact_ids)""",
            "raw.identities": """select * from built.raw.identities
            where alias_kind = 'email' and lower(alias) in (select alias from affected.identity_contact_ids)""",
        },
    ),
    "identity.contacts": Rule(
        "contact_id",
        (
            "select contact_id from changed.raw_contacts",
            """select merged.contact_id from changed.raw_contacts as contacts
            inner join built.identity.merged_contacts as merged on contacts.contact_id = merged.alias""",
            "select alias as contact_id from changed.identity_merged_contacts",
            "select contact_id from changed.identity_merged_contacts",
            """select coalesce(merged.contact_id, contacts.contact_id) as contact_id from built.raw.contacts as contacts
            left join built.identity.merged_contacts as merged on contacts.contact_id = merged.alias
            where contacts.account_id in (select alias from changed.identity_account_ids)""",
            """select contact_id from built.identity.contacts
            where lower(split_part(email, '@', 2)) in (select domain from changed.identity_domain_accounts)""",
        ),
        {
            "raw.contacts": """select * from built.raw.contacts where contact_id in (
                select contact_id from affected.identity_contacts
                union all
                select alias from built.identity.merged_contacts where contact_id in (select contact_id from affected.identity_contacts)
            )"""
        },
    ),
    "identity.visitor_contacts": Rule(
        "visitor_id",
        (
            "select alias as visitor_id from changed.raw_identities where alias_kind = 'visitor'",
            *_of_aliases("built.raw.identities", "alias as visitor_id", "target_id", "alias_kind = 'visitor'"),
        ),
        {
            "raw.identities": """select * from built.raw.identities
            where alias_kind = 'visitor' and alias in (select visitor_id from affected.identity_visitor_contacts)""",
            "identity.contact_ids": """select * from built.identity.contact_ids where alias in (
                select target_id from slices.raw_identities union all select lower(target_id) from slices.raw_identities
            )""",
        },
    ),
    "identity.deal_contacts": Rule(
        "deal_id",
        (
            *_DEAL_CONTACTS,
            *(
                f"select deal_ids.deal_id from ({named}) as named inner join built.identity.deal_ids as deal_ids on named.deal_id = deal_ids.alias"
                for named in _DEAL_CONTACTS
            ),
            "select alias as deal_id from changed.identity_deal_ids",
            "select deal_id from changed.identity_deal_ids",
        ),
        {
            "raw.deal_contacts": """select * from built.raw.deal_contacts where deal_id in (
                select deal_id from affected.identity_deal_contacts
                union all
                select alias from built.identity.deal_ids where deal_id in (select deal_id from affected.identity_deal_contacts)
            )"""
        },
    ),
    "identity.deal_accounts": Rule(
        "deal_id",
        (
            "select deal_id from changed.staging_deals",
            "select deal_id from changed.identity_deal_contacts",
            "select deal_id from built.identity.deal_contacts where contact_id in (select contact_id from changed.identity_contacts)",
            "select deal_id from built.staging.deals where account_id in (select alias from changed.identity_account_ids)",
        ),
        {
            **_by("deal_id", "staging.deals", "identity_deal_accounts"),
            **_by("deal_id", "identity.deal_contacts", "identity_deal_accounts"),
            "identity.contacts": f"""select {CONTACT} from built.identity.contacts where contact_id in (
                select contact_id from built.identity.deal_contacts where deal_id in (select deal_id from affected.identity_deal_accounts)
            )""",
        },
    ),
    "touches.linked_contacts": Rule(
        "touch_id",
        ("select touch_id from changed.raw_touch_links", *_of_aliases("built.raw.touch_links", "touch_id", "contact_id")),
        _by("touch_id", "raw.touch_links", "touches_linked_contacts"),
    ),
    # Also the touches whose links changed in any way: the tables after this one take its rows for these keys.
    # Ids are text, and looking for some among ten million is the most of a small refresh; numbers of rows are found ten times sooner.
    "touches.touches": Rule(
        "touch_id",
        (
            "select touch_id from changed.raw_touches",
            "select touch_id from changed.raw_touch_links",
            "select touch_id from changed.touches_linked_contacts",
            "select touch_id from slices.renamed_touches",
            "select touch_id from built.raw.touch_links where account_id in (select alias from changed.identity_account_ids)",
            "select touch_id from built.raw.touch_links where deal_id in (select alias from changed.identity_deal_ids)",
            """select touch_id from built.touches.touches where asset_id in (
                select asset_id from changed.staging_content_assets
                group by asset_id
                having count(*) < 2 or min(coalesce(topic, '')) <> max(coalesce(topic, ''))
            )""",
        ),
        {
            "raw.touches": f"""select {_RAW_TOUCH} from changed.raw_touches where is_new
            union all
            select {_RAW_TOUCH} from slices.renamed_touches where touch_id not in (select touch_id from changed.raw_touches)
            union all
            select {_RAW_TOUCH} from built.raw.touches where touch_id in (
                select touch_id from affected.touches_touches
                where touch_id not in (select touch_id from changed.raw_touches)
                and touch_id not in (select touch_id from slices.renamed_touches)
            )""",
            **_by("touch_id", "raw.touch_links", "touches_touches"),
            **_by("touch_id", "touches.linked_contacts", "touches_touches"),
            "identity.contact_ids": """select * from built.identity.contact_ids where alias in (
                select contact_id from slices.raw_touches union all select lower(contact_id) from slices.raw_touches
            )""",
            "identity.visitor_contacts": """select * from built.identity.visitor_contacts
            where visitor_id in (select visitor_id from slices.raw_touches)""",
        },
        not_before=_NEW_TOUCHES,
        had=f"""source_row in (
            select source_row from slices.raw_touches where touch_id not in ({_NEW_TOUCHES})
            union all
            select source_row from changed.raw_touches where not is_new
        )""",
        old=("touch_id", "contact_id"),
        first={
            "renamed_rows": (
                *_of_aliases("built.raw.touches", "rowid as number", "contact_id"),
                """select rowid as number from built.raw.touches
                where visitor_id in (select visitor_id from changed.identity_visitor_contacts)""",
                "select rowid as number from built.raw.touches where account_id in (select alias from changed.identity_account_ids)",
                "select rowid as number from built.raw.touches where deal_id in (select alias from changed.identity_deal_ids)",
                """select rowid as number from built.raw.touches
                where asset_id is null and exists (select 1 from changed.staging_url_patterns)
                and url in (select url from changed.staging_url_assets)""",
            ),
            "renamed_touches": (
                f"select {_RAW_TOUCH} from built.raw.touches where rowid in (select number from slices.renamed_rows)",
            ),
        },
    ),
    "touches.linked_deals": Rule(
        "touch_id",
        ("select touch_id from affected.touches_touches",),
        {
            "touches.touches": "select * from fresh.touches_touches",
            **_by("touch_id", "raw.touch_links", "touches_touches"),
        },
    ),
    "touches.account_touches": Rule(
        "touch_id",
        ("select touch_id from affected.touches_touches",),
        {
            "touches.touches": "select * from fresh.touches_touches",
            **_by("touch_id", "raw.touch_links", "touches_touches"),
        },
    ),
    # Of a person who lost no touch, what the row says stands for the touches that were: finding them among all costs more than all the rest.
    # Only where a new touch is as early as the first one, their ids decide. A touch that such a person shares with one who lost a touch is in the
    # slice as the other's alone: their own row counts it already.
    "touches.people": Rule(
        "contact_id",
        _TOUCHED_PEOPLE,
        {
            "in_depth": f"""{_LOST_A_TOUCH}
            union select people.contact_id from built.touches.people as people inner join (
                select contact_id, occurred_us from fresh.touches_touches
                union all
                select linked.contact_id, touches.occurred_us from fresh.touches_touches as touches
                inner join built.touches.linked_contacts as linked on touches.touch_id = linked.touch_id
            ) as gained on people.contact_id = gained.contact_id and people.first_us = gained.occurred_us""",
            "touches.linked_contacts": """select touch_id, contact_id from built.touches.linked_contacts
            where contact_id in (select contact_id from slices.in_depth) or (
                contact_id in (select contact_id from affected.touches_people)
                and touch_id in (select touch_id from affected.touches_touches)
            )""",
            "further_touches": _TOUCHES_IN_DEPTH,
            "known_touches": """select *, unnest(range(touch_count)) as number from built.touches.people
            where contact_id in (select contact_id from affected.touches_people)
            and contact_id not in (select contact_id from slices.in_depth)""",
            "touches.touches": """select touch_id, contact_id, occurred_us, occurred_on, campaign_id, kind from fresh.touches_touches
            union all
            select touch_id, case when contact_id in (select contact_id from slices.in_depth) then contact_id else '' end, occurred_us, occurred_on,
                campaign_id, kind
            from built.touches.touches where rowid in (
                select number from slices.further_touches where touch_id not in (select touch_id from affected.touches_touches)
            )
            union all
            select '', contact_id, case when number = 0 then first_us else last_us end, first_on, first_campaign_id, first_kind
            from slices.known_touches""",
        },
    ),
    # Of a person who lost no touch, the content and campaigns that were and the new touches are enough.
    "touches.reached_people": Rule(
        "contact_id",
        _TOUCHED_PEOPLE,
        {
            "in_depth": _LOST_A_TOUCH,
            "touches.linked_contacts": """select touch_id, contact_id from built.touches.linked_contacts
            where contact_id in (select contact_id from affected.touches_reached_people)""",
            "further_touches": _TOUCHES_IN_DEPTH,
            "touches.touches": """select touch_id, asset_id, campaign_id, contact_id from fresh.touches_touches
            union all
            select touch_id, asset_id, campaign_id, contact_id from built.touches.touches where rowid in (
                select number from slices.further_touches where touch_id not in (select touch_id from affected.touches_touches)
            )
            union all
            select cast(null as varchar) as touch_id, asset_id, campaign_id, contact_id from built.touches.reached_people
            where contact_id in (select contact_id from affected.touches_reached_people)
            and contact_id not in (select contact_id from slices.in_depth)""",
        },
    ),
    "touches.reached_accounts": Rule(
        "account_id",
        (
            "select account_id from changed.identity_contacts",
            """select contacts.account_id from built.identity.contacts as contacts
            inner join changed.touches_reached_people as people on contacts.contact_id = people.contact_id""",
            "select account_id from changed.touches_account_touches",
        ),
        {
            **_by("account_id", "identity.contacts", "touches_reached_accounts", CONTACT),
            "touches.reached_people": """select * from built.touches.reached_people
            where contact_id in (select contact_id from slices.identity_contacts)""",
            **_by("account_id", "touches.account_touches", "touches_reached_accounts"),
        },
    ),
    "journeys.deal_people": Rule(
        "deal_id",
        (
            "select deal_id from changed.identity_deal_accounts",
            "select deal_id from changed.identity_deal_contacts",
            "select deal_id from built.identity.deal_accounts where account_id in (select account_id from changed.identity_contacts)",
        ),
        {
            **_by("deal_id", "identity.deal_accounts", "journeys_deal_people"),
            **_by("deal_id", "identity.deal_contacts", "journeys_deal_people"),
            "identity.contacts": f"""select {CONTACT} from built.identity.contacts where account_id in (
                select account_id from built.identity.deal_accounts where deal_id in (select deal_id from affected.journeys_deal_people)
            )""",
        },
    ),
    # The last touch before the CRM knew somebody: of whom only touches are new, the one that was last and the new ones are enough.
    "marts.lead_touches": Rule(
        "contact_id",
        ("select contact_id from changed.identity_contacts", *_TOUCHED_PEOPLE),
        {
            **_by("contact_id", "identity.contacts", "marts_lead_touches", CONTACT),
            "in_depth": f"select contact_id from changed.identity_contacts union {_LOST_A_TOUCH}",
            "last_before": """select * from built.marts.lead_touches
            where contact_id in (select contact_id from affected.marts_lead_touches)
            and contact_id not in (select contact_id from slices.in_depth)""",
            # A touch stands for all whose last one it was; so it is theirs by a link.
            "touches.linked_contacts": """select touch_id, contact_id from built.touches.linked_contacts
            where contact_id in (select contact_id from affected.marts_lead_touches)
            union select touch_id, contact_id from slices.last_before""",
            "further_touches": _TOUCHES_IN_DEPTH,
            "touches.touches": f"""select {_LEAD_TOUCH} from fresh.touches_touches
            union all
            select {_LEAD_TOUCH} from built.touches.touches where rowid in (
                select number from slices.further_touches where touch_id not in (select touch_id from affected.touches_touches)
            )
            union all
            select distinct touch_id, occurred_us, cast(null as varchar) as contact_id, channel, campaign_id, asset_id, kind, actor
            from slices.last_before
            where touch_id not in (select touch_id from affected.touches_touches)
            and touch_id not in (select touch_id from slices.further_touches)""",
        },
    ),
}

# Tables with one row per key that no rule computes, and are cheap: whole, but only where one of these queries finds something.
WHOLE_ONLY_IF: dict[str, tuple[str, ...]] = {
    "identity.merged_contacts": ("select alias from changed.raw_identities where alias_kind = 'merged'",),
    "identity.account_ids": ("select alias from changed.raw_identities where alias_kind = 'account'",),
    "identity.deal_ids": ("select alias from changed.raw_identities where alias_kind = 'deal'",),
    "identity.domain_accounts": (
        "select alias from changed.raw_identities where alias_kind = 'domain'",
        "select account_id from changed.raw_accounts",
        "select alias from changed.identity_account_ids",
    ),
}
