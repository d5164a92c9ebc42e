"""Generated data of any size as Parquet: a data folder with its own settings and rates, for trying out speed and scale.

Everything follows from the row's number and the seed: each value is a hash of both, so any row can be computed without the
others, nothing but the contacts' timeline is kept in memory, and the same seed gives the same rows whatever the number of
processors. Per 1,000,000 touches: 30,000 contacts of 10,000 accounts, 7,000 deals (3,000 won, 3,000 lost, 1,000 open). One touch
row in twenty is an exact copy of another; 60 % of the touches carry only a visitor, a third of which ``identities`` ties to a contact.

For data that tells a story, see ``sample_data/``; this one only has plausible shapes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from attribution import db
from attribution.errors import DataError

LARGEST = 1_000_000_000
LARGEST_SEED = 4_194_303
# Ids by the million get no dictionary in the file: to try one for each costs a tenth of the time and saves nothing.
_LARGEST_DICTIONARY = 2_000

# Days are counted from FIRST_DAY; the last of DAYS is as-of.
SETTINGS = """\
# Settings of generated data (python -m attribution sample --touches {touches} --seed {seed}).

[reporting]
currency = "EUR"
time_zone = "Europe/Berlin"
as_of = 2026-06-30
agreed_by = "nobody, this data is generated"
agreed_on = 2026-01-15

[channels.partners]
team = "partner"

[channels.sales]
team = "sales"
"""

# Shared by the tables, so that a touch knows its contact's account and that account's deal by arithmetic instead of a join.
# dice(): 0 to 1 from a number and a topic. moment(): days since the start → timestamp in working hours, in the same order.
MACROS = """
create macro all_days() as 1095;
create macro dice(number, topic) as (hash(number::bigint * 1024 + topic + seed()::bigint * 1099511627776) >> 11)::double / 9007199254740992;
create macro one_of(things, number) as things[1 + floor(len(things) * number)::bigint];
create macro moment(days) as make_timestamp(1688169600000000 + (floor(days)::bigint * 86400 + ((days - floor(days)) * 50000)::bigint + 21600) * 1000000);
create macro account_of_contact(contact) as floor(power(dice(contact, 1), 1.6) * account_count())::bigint;
create macro segment_of(account) as case when dice(account, 2) < 0.5 then 'small business' when dice(account, 2) < 0.85 then 'mid-market' else 'enterprise' end;
create macro pace_of(account) as case when dice(account, 2) < 0.5 then 0.2 when dice(account, 2) < 0.85 then 0.45 else 1.0 end;
create macro account_of_deal(deal) as (deal % buyer_count())::bigint;
create macro deal_of_contact(contact, account) as
    case when account + buyer_count() < deal_count() and dice(contact, 3) < 0.5 then account + buyer_count()
         when account < least(deal_count(), buyer_count()) then account end;
create macro status_of(deal) as case when deal % 7 = 6 then 'open' when (deal % 7) % 2 = 0 then 'won' else 'lost' end;
create macro cycle_of(deal) as (20 + 280 * dice(deal, 4)) * pace_of(account_of_deal(deal));
create macro end_of(deal) as case when deal % 7 = 6 then all_days() else 150 + 940 * dice(deal, 5) end;
create macro creation_of(deal) as end_of(deal) - cycle_of(deal) * case when deal % 7 = 6 then dice(deal, 6) else 1 end;
create macro start_of(deal) as greatest(0, creation_of(deal) - 6 - 260 * pace_of(account_of_deal(deal)) * dice(deal, 7));
create macro contact_name(contact) as
    one_of(['Anna', 'Bram', 'Carla', 'Dag', 'Elin', 'Fred', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Klara', 'Lars', 'Mona', 'Nils', 'Oda'], dice(contact, 8))
    || ' ' ||
    one_of(['Alder', 'Birk', 'Clay', 'Dorn', 'Esk', 'Falk', 'Gren', 'Holm', 'Inger', 'Jarl', 'Kamp', 'Lund', 'Moor', 'Nord', 'Oak'], dice(contact, 9));
"""

# What every touch of a contact needs, computed once for each contact instead of once for each touch.
CONTACTS = """
create temp table timeline as
with housed as (
    select contact, account_of_contact(contact) as account from range(contact_count()) as numbers(contact)
),
placed as (
    select contact, account, deal_of_contact(contact, account) as deal from housed
),
days as (
    select
        contact,
        account,
        deal,
        case when deal is null then 900 * dice(contact, 20)
             else start_of(deal) + (end_of(deal) - start_of(deal)) * 0.6 * power(dice(contact, 20), 2) end as first_day,
        case when deal is null then least(all_days(), 900 * dice(contact, 20) + 15 + 180 * dice(contact, 21))
             else least(all_days(), end_of(deal) + case when deal % 7 <> 6 and dice(contact, 21) < 0.4 then 45 else 0 end) end as last_day
    from placed
)
select
    contact,
    account,
    deal,
    first_day,
    last_day,
    first_day + 0.45 * dice(contact, 22) * (last_day - first_day) as known_day,
    creation_of(deal) as deal_day
from days
"""

# One query per table, in the order in which they are written. The touches are not sorted (that would need memory for all of
# them): they stream from range() to the file in the order of their numbers, which the engine keeps.
QUERIES: dict[str, str] = {
    "accounts": """
        select
            'A' || account as account_id,
            'Company ' || account as name,
            'company-' || account || '.example' as domain,
            one_of(['Manufacturing', 'Logistics', 'Retail', 'Software', 'Energy', 'Healthcare', 'Construction'], dice(account, 30)) as industry,
            segment_of(account) as segment,
            (8 + 9000 * pace_of(account) * power(dice(account, 31), 3))::bigint as employees,
            one_of(['Germany', 'Austria', 'Switzerland', 'Sweden', 'United Kingdom', 'Netherlands', 'France'], power(dice(account, 32), 1.7)) as country,
            'U' || (1 + floor(40 * dice(account, 33)))::bigint as owner_id
        from range(account_count()) as numbers(account)
        order by account
    """,
    "contacts": """
        select
            'C' || contact as contact_id,
            'A' || account as account_id,
            lower(replace(contact_name(contact), ' ', '.')) || '.' || contact || '@company-' || account || '.example' as email,
            contact_name(contact) as name,
            one_of(['CFO', 'Head of Accounting', 'Controller', 'Accountant', 'IT Manager', 'Procurement Manager'], dice(contact, 35)) as title,
            moment(known_day) as created_at,
            'U' || (1 + floor(40 * dice(account, 33)))::bigint as owner_id
        from timeline
        order by contact
    """,
    "identities": """
        select
            'v' || contact as alias,
            'visitor' as alias_kind,
            'C' || contact as target_id,
            moment(known_day) as identified_at
        from timeline
        order by contact
    """,
    "deals": """
        select
            'D' || deal as deal_id,
            'Deal ' || deal as name,
            'A' || account_of_deal(deal) as account_id,
            case when deal < buyer_count() then 'new' else 'expansion' end as deal_type,
            moment(creation_of(deal)) as created_at,
            case when deal % 7 <> 6 then moment(end_of(deal)) end as closed_at,
            case status_of(deal) when 'open' then one_of(['discovery', 'evaluation', 'proposal'], dice(deal, 40))
                 else 'closed ' || status_of(deal) end as deal_stage,
            status_of(deal) as status,
            cast(pace_of(account_of_deal(deal)) * pace_of(account_of_deal(deal)) * (60000 + 340000 * power(dice(deal, 41), 2)) as decimal(18, 2)) as amount,
            case when dice(deal, 42) < 0.85 then 'EUR' when dice(deal, 42) < 0.95 then 'USD' else 'GBP' end as currency,
            'U' || (1 + floor(40 * dice(account_of_deal(deal), 33)))::bigint as owner_id
        from range(deal_count()) as numbers(deal)
        order by deal
    """,
    "deal_contacts": """
        with chosen as (
            select deal, contact, row_number() over (partition by deal order by contact) as place
            from timeline
            where deal is not null and dice(deal, 50) < 0.6
        )
        select
            'D' || deal as deal_id,
            'C' || contact as contact_id,
            case when place = 1 then 'Champion' else 'Attendee' end as role,
            place = 1 as is_primary
        from chosen
        where place <= 1 + floor(4 * dice(deal, 51))
        order by deal, contact
    """,
    "campaigns": """
        select
            'K' || campaign as campaign_id,
            'Campaign ' || campaign as name,
            (['paid_search', 'paid_social', 'email', 'webinars', 'events', 'partners'])[1 + campaign % 6] as channel,
            date '2023-07-01' + (campaign // 6 * 60)::integer as starts_on,
            cast(4000 + 60000 * dice(campaign, 55) as decimal(18, 2)) as budget,
            'EUR' as currency
        from range(108) as numbers(campaign)
        order by campaign
    """,
    "spend": """
        select
            date '2023-07-01' + (campaign // 6 * 60 + week * 7)::integer as spent_on,
            'K' || campaign as campaign_id,
            cast((4000 + 60000 * dice(campaign, 55)) / 8 as decimal(18, 2)) as amount,
            'EUR' as currency,
            'media' as spend_kind
        from range(108) as numbers(campaign), range(8) as weeks(week)
        order by campaign, week
    """,
    "content_assets": """
        select
            'P' || asset as asset_id,
            'Article ' || asset as title,
            'https://pallwerk.example/learn/' || asset as url,
            'article' as format,
            (['cost', 'problems', 'versus', 'reviews', 'best', 'other'])[1 + asset % 6] as topic,
            one_of(['top', 'middle', 'bottom'], dice(asset, 56)) as funnel_stage,
            date '2022-01-10' + (asset * 3)::integer as published_on,
            'published' as status,
            cast(400 + 3000 * dice(asset, 57) as decimal(18, 2)) as cost,
            'EUR' as currency
        from range(180) as numbers(asset)
        order by asset
    """,
    "people": """
        select 'U' || person as owner_id, 'Employee ' || person as name, case when person <= 30 then 'sales' else 'marketing' end as team
        from range(1, 41) as numbers(person)
        order by person
    """,
    "fx_rates": """
        select
            date '2023-06-01' + day::integer as rate_on,
            currency,
            round(middle * (0.96 + 0.04 * dice(day // 30, 60) + 0.004 * dice(day, 61)), 4) as units_per_base
        from range(1126) as numbers(day), (values ('GBP', 0.86), ('USD', 1.1)) as currencies(currency, middle)
        where isodow(date '2023-06-01' + day::integer) < 6
        order by day, currency
    """,
    "touches": """
        with numbered as (
            select
                row_number,
                case when row_number % 20 = 19 then row_number - 1 - floor(19 * dice(row_number, 70))::bigint else row_number end as touch
            from range(touch_count()) as numbers(row_number)
        ),
        visited as (
            select row_number, touch, floor(power(dice(touch, 71), 1.5) * contact_count())::bigint as contact, dice(touch, 72) as who
            from numbered
        ),
        known as (
            select row_number, touch, who, contact, account, deal, first_day, last_day, known_day, deal_day
            from visited
            inner join timeline using (contact)
        ),
        timed as (
            select row_number, touch, who, contact, account, deal, deal_day,
                case when who < 0.4 then known_day + dice(touch, 73) * (last_day - known_day)
                     when who < 0.54 then first_day + dice(touch, 73) * (known_day - first_day)
                     else first_day + dice(touch, 73) * (last_day - first_day) end as day,
                dice(touch, 74) as by_channel,
                dice(touch, 75) as by_kind
            from known
        ),
        sourced as (
            select row_number, touch, who, contact, account, deal, day, by_kind,
                deal is not null and day > deal_day as in_deal,
                case
                    when who < 0.4 and by_channel < (case when deal is not null and day > deal_day then 0.45 else 0.15 end) then 'sales'
                    when who < 0.4 and by_channel < 0.65 then 'email'
                    when who < 0.4 and by_channel < 0.74 then 'webinars'
                    when who < 0.4 and by_channel < 0.78 then 'events'
                    when by_channel * 7919 % 1 < 0.34 then 'organic_search'
                    when by_channel * 7919 % 1 < 0.62 then 'direct'
                    when by_channel * 7919 % 1 < 0.76 then 'paid_search'
                    when by_channel * 7919 % 1 < 0.87 then 'paid_social'
                    when by_channel * 7919 % 1 < 0.96 then 'referral'
                    else 'partners'
                end as channel
            from timed
        ),
        described as (
            select row_number, touch, who, contact, account, deal, day, in_deal, channel,
                case channel
                    when 'sales' then case when by_kind < 0.4 then 'email_sent' when by_kind < 0.75 then 'call'
                                           when by_kind < 0.95 then 'meeting' else 'demo' end
                    when 'email' then case when by_kind < 0.55 then 'email_sent' when by_kind < 0.85 then 'email_open' else 'email_click' end
                    when 'webinars' then 'webinar_attended'
                    when 'events' then 'event_visit'
                    else case when by_kind < 0.82 then 'page_view' when by_kind < 0.9 then 'content_download' when by_kind < 0.94 then 'form'
                              when channel in ('paid_search', 'paid_social') then 'ad_click' else 'page_view' end
                end as kind
            from sourced
        )
        select
            'T' || touch as touch_id,
            moment(day) as occurred_at,
            case when who < 0.4 then 'C' || contact end as contact_id,
            case when who >= 0.6 then 'w' || floor(contact_count() * 4 * dice(touch, 76))::bigint
                 when who >= 0.4 then 'v' || contact end as visitor_id,
            case when who >= 0.6 and dice(touch, 77) < 0.3 then 'A' || account end as account_id,
            case when channel = 'sales' and in_deal and dice(touch, 78) < 0.5 then 'D' || deal end as deal_id,
            channel,
            kind,
            case when channel = 'sales' then 'sales' when kind = 'email_sent' then 'marketing' else 'buyer' end as actor,
            case channel when 'paid_search' then 'google' when 'paid_social' then 'linkedin' when 'email' then 'newsletter' end as utm_source,
            case channel when 'paid_search' then 'cpc' when 'paid_social' then 'paid_social' when 'email' then 'email' end as utm_medium,
            case when channel in ('paid_search', 'paid_social', 'email', 'webinars', 'events', 'partners')
                then 'K' || (least(17, floor(day / 60))::bigint * 6 + case channel when 'paid_search' then 0 when 'paid_social' then 1 when 'email' then 2
                             when 'webinars' then 3 when 'events' then 4 else 5 end) end as campaign_id,
            case when kind = 'content_download' or (kind in ('page_view', 'email_click', 'email_sent') and dice(touch, 79) < 0.3)
                then 'P' || floor(180 * power(dice(touch, 80), 2.2))::bigint end as asset_id,
            case when kind in ('call', 'meeting', 'demo', 'webinar_attended') then floor(5 + 55 * dice(touch, 81)) end as minutes,
            case when channel = 'sales' then 'U' || (1 + floor(40 * dice(account, 33)))::bigint end as owner_id
        from described
    """,
}


def write_sample(
    touches: int, out: Path, seed: int = 7, progress: Callable[[str], None] = lambda message: None
) -> dict[str, int]:
    """Write a data folder with that many touch rows; return the rows per table.

    The folder is made where it is missing; an earlier sample in it is replaced. Raises DataError for numbers out of range and for a folder
    that cannot be written or holds other files.
    """
    if not 1 <= touches <= LARGEST:
        raise DataError(f"--touches is {touches}; it must be from 1 to {LARGEST:,}. Try --touches 1000000.")
    if not 0 <= seed <= LARGEST_SEED:
        raise DataError(f"--seed is {seed}; it must be from 0 to {LARGEST_SEED:,}. Try --seed 7 (the default).")
    _prepare(out)
    connection = db.connect()
    try:
        counts = _write_tables(connection, touches, out, seed, progress)
        settings = out / "attribution.toml"
        settings.write_text(SETTINGS.format(touches=touches, seed=seed), encoding="utf-8", newline="\n")
    except (db.Error, OSError) as error:
        raise DataError(
            f"{out}: could not be written ({str(error).splitlines()[0]}). Free some space or choose another folder with --out."
        ) from error
    finally:
        connection.close()
    return counts


def _write_tables(
    connection: db.Connection, touches: int, out: Path, seed: int, progress: Callable[[str], None]
) -> dict[str, int]:
    """Write each table beside its place, then move it there: a broken run leaves no half file under a table's name."""
    for name, number in {
        "seed": seed,
        "touch_count": touches,
        "contact_count": max(3, touches * 3 // 100),
        "account_count": max(1, touches // 100),
        "buyer_count": max(1, touches * 6 // 1000),
        "deal_count": max(2, touches * 7 // 1000),
    }.items():
        connection.execute(f"create macro {name}() as {int(number)}")
    connection.execute(MACROS)
    connection.execute(CONTACTS)
    counts = {}
    for table, query in QUERIES.items():
        progress(f"Writing {table} …")
        unfinished = out / f"{table}.parquet.part"
        target = str(unfinished).replace("'", "''")
        row = connection.execute(
            f"copy ({query}) to '{target}' (format parquet, dictionary_size_limit {_LARGEST_DICTIONARY})"
        ).fetchone()
        counts[table] = int(row[0]) if row else 0
        unfinished.replace(out / f"{table}.parquet")
    return counts


def _prepare(out: Path) -> None:
    """Make the folder, or say why it can't be used."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: is a file, and the sample needs a folder. Name another one with --out.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        strangers = sorted(path.name for path in out.iterdir() if path.name.removesuffix(".part") not in _OWN_FILES)
    except OSError as error:
        raise DataError(f"{out}: the folder cannot be made or read ({error.strerror}). Name another one with --out.") from error
    if strangers:
        raise DataError(
            f"{out}: holds other files ({', '.join(strangers[:3])}), which would be loaded together with the sample. Name an empty folder with --out."
        )
    if not os.access(out, os.W_OK | os.X_OK):
        raise DataError(f"{out}: the folder cannot be written. Change its permissions, or name another one with --out.")


_OWN_FILES = {"attribution.toml", *(f"{table}.parquet" for table in QUERIES)}
