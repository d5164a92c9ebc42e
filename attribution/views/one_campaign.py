"""One campaign with those below it, since its start: credit by month, from touches to won deals, content and channels, deals, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.answers import campaigns as answers
from attribution.charts import formats, tables
from attribution.charts.campaigns import Step
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.views.campaigns import Campaigns, Entry, Known
from attribution.views.state import Choice, Names, agreed_word, rule_label

LISTED = 1000  # rows of deals and people that a page shows; the largest, or the latest


@dataclass(frozen=True)
class OneCampaign:
    """All that the page shows of one campaign. ``entry`` holds its figures under the filters, ``since_start`` those of all time; so is the rest.

    ``care``: why it cannot be judged yet, or not in this period.
    """

    entry: Entry
    title: str
    answer: str
    about: str
    care: tuple[str, ...]
    in_all: float
    since_start: Entry
    months: tuple[str, ...]
    amounts: tuple[float, ...]
    inside: tuple[bool, ...]
    steps: tuple[Step, ...]
    channels: pd.DataFrame
    assets: pd.DataFrame
    deals: pd.DataFrame
    people: pd.DataFrame
    below: tuple[Entry, ...]


def one_campaign(
    ds: Dataset, choice: Choice, second: str, found: Known, view: Campaigns, campaign_id: str, names: Names
) -> OneCampaign | None:
    """One campaign under a choice of filters; None for an id that is not listed."""
    entry = view.entry(campaign_id)
    if entry is None or entry.campaign is None:
        return None
    members = found.family.members(campaign_id)
    deals = _deals(ds, members, choice.model, second)
    in_all = round(float(deals["Credited"].sum()), 2)
    here = choice.filters.resolved(ds.settings, ds.as_of)
    months, amounts = _months(deals, entry, found.today)
    total = next((end.revenue for end in view.ends if end.kind == "total"), 0.0)
    facts = answers.OneFacts(
        name=entry.label, currency=ds.settings.reporting.currency, total=total, credited=entry.revenue, other=entry.other, deals=entry.deals,
        took_part=entry.took_deals or 0, below=entry.below, touched=entry.life.deals, started=entry.started, in_all=in_all,
        spend_in_all=entry.life.spend or None, agreed=agreed_word(ds, choice.model), rule=rule_label(ds, choice.model),
        second=rule_label(ds, second) if second != choice.model else "", is_whole_life=abs(in_all - entry.revenue) < 0.005,
    )  # fmt: skip
    since_start = Entry(entry.key, entry.label, revenue=in_all, deals=float(deals["Share"].sum()), spend=entry.life.spend or None)
    early = [answers.earlier_one(ds.settings.reporting.currency)] if entry.is_stopped else []
    return OneCampaign(
        entry=entry, title=f"What did {formats.plain(formats.short(entry.label, 80))} bring?", answer=answers.one_campaign(facts),
        about=_about(entry, names), care=(*entry.too_early, *early), in_all=in_all, since_start=since_start, months=months, amounts=amounts,
        inside=tuple(_inside(month, here) for month in months), steps=_steps(entry), deals=deals, people=_people(ds, members),
        channels=_cut(ds, members, choice.model, "channel", names), assets=_cut(ds, members, choice.model, "asset", names),
        below=tuple(other for other in view.entries if other.campaign and other.key != campaign_id and campaign_id in other.campaign.path),
    )  # fmt: skip


def _filters(ds: Dataset, members: Sequence[str]) -> Filters | None:
    """All time, these campaigns only; None where no touch names any of them (money spent alone earns no credit)."""
    touched = tuple(member for member in members if member in set(ds.known_values["campaign"]))
    return Filters(campaigns=touched) if touched else None


def _deals(ds: Dataset, members: Sequence[str], model: str, second: str) -> pd.DataFrame:
    """Every deal that one of the campaigns touched, most credit first. Credit of lost deals is 0."""
    filters = _filters(ds, members)
    met = ds.frame(
        "with members as (select unnest(cast(? as varchar[])) as campaign_id), "
        "met as (select journeys.deal_id as deal_id, cast(sum(journeys.touches) as bigint) as touch_count from marts.credits_by_campaign as journeys "
        "inner join members on journeys.campaign_id = members.campaign_id group by journeys.deal_id) "
        'select deals.deal_id as deal_id, coalesce(deals.name, deals.account_name, deals.deal_id) as "Deal", '
        'deals.status as "Status", cast(deals.amount as double) as "Amount", met.touch_count as "Its touches", deals.touch_count as "All touches", '
        'coalesce(openings.campaign_id in (select campaign_id from members), false) as "Opened by it", '
        'deals.created_on as "Opened", deals.closed_on as "Closed", deals.account_name as "Company" '
        "from met inner join marts.deals as deals on met.deal_id = deals.deal_id "
        "left join marts.openings as openings on deals.deal_id = openings.deal_id",
        [list(members)],
    )
    credited = _credited(ds, filters, model)
    other = _credited(ds, filters, second)
    nothing = (0.0, 0.0, 0.0)
    for place, (head, column) in enumerate((("Credited", 0), ("Open credit", 1), ("Share", 2))):
        met.insert(4 + place, head, [credited.get(key, nothing)[column] for key in met["deal_id"]])
    met.insert(6, "Second rule", [other.get(key, nothing)[0] for key in met["deal_id"]])
    return met.sort_values(
        ["Credited", "Open credit", "Amount", "deal_id"], ascending=[False, False, False, True], ignore_index=True
    )


def _credited(ds: Dataset, filters: Filters | None, model: str) -> dict[str, tuple[float, float, float]]:
    """Deal → credited revenue, credited open amount, and the part of the won deal (0–1)."""
    if filters is None:
        return {}
    frame = ds.credit(model, ["deal"], ["revenue", "pipeline", "deals"], filters)
    columns = (frame[name].astype(float) for name in ("revenue", "pipeline", "deals"))
    return {str(key): (won, still, part) for key, won, still, part in zip(frame["deal"], *columns, strict=True)}


def _months(deals: pd.DataFrame, entry: Entry, today: date) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Credited revenue by month of the close, from the start to the data's end; quarters where these are many months."""
    won = deals[(deals["Status"] == "won") & deals["Closed"].notna()]
    keys = [f"{closed:%Y-%m}" for closed in pd.to_datetime(won["Closed"])]
    starts = [f"{entry.started:%Y-%m}"] if entry.started and entry.started <= today else []
    if not keys and not starts:
        return (), ()
    first, last = min([*keys, *starts]), max([*keys, f"{today:%Y-%m}"])
    periods = tables.complete_periods(first, last)
    sums = dict.fromkeys(periods, 0.0)
    for key, amount in zip(keys, won["Credited"], strict=True):
        sums[key if key in sums else tables.quarter(key)] += float(amount)
    return tuple(sums), tuple(round(value, 2) for value in sums.values())


def _inside(period: str, here: Filters) -> bool:
    """Whether any day of a month or quarter is in the filters' period."""
    year, _, rest = period.partition("-")
    first = (int(rest[1]) - 1) * 3 + 1 if rest.startswith("Q") else int(rest)
    last = first + 2 if rest.startswith("Q") else first
    from_key, to_key = f"{year}-{first:02d}", f"{year}-{last:02d}"
    return not ((here.date_from and to_key < f"{here.date_from:%Y-%m}") or (here.date_to and from_key > f"{here.date_to:%Y-%m}"))


def _steps(entry: Entry) -> tuple[Step, ...]:
    life = entry.life
    decided = life.won + life.lost
    return (
        Step("Touches", life.touches),
        Step(
            "People reached",
            life.people,
            f"in {formats.counted(life.companies, 'company', 'companies')}" if life.companies else "",
        ),
        Step("Deals touched", life.deals, f"{formats.count(life.open)} still open" if life.open else ""),
        Step("Deals won", life.won, f"{formats.share(life.won / decided)} of those decided" if decided else ""),
    )


def _cut(ds: Dataset, members: Sequence[str], model: str, by: str, names: Names) -> pd.DataFrame:
    """Touches, people and credit of the campaigns by channel or by content, most credit first."""
    column = {"channel": "channel", "asset": "asset_id"}[by]
    rows = ds.rows(
        "with members as (select unnest(cast(? as varchar[])) as campaign_id), "
        f"own as (select coalesce(touches.{column}, '') as cut, touches.contact_id as contact_id, count(*) as touch_count "
        "from touches.touches as touches inner join members on touches.campaign_id = members.campaign_id group by 1, 2), "
        "reached as (select cut, contact_id from own where contact_id is not null "
        f"union select coalesce(touches.{column}, '') as cut, linked.contact_id as contact_id "
        "from touches.linked_contacts as linked inner join touches.touches as touches on linked.touch_id = touches.touch_id "
        "inner join members on touches.campaign_id = members.campaign_id), "
        "people as (select cut, count(*) as person_count from reached group by cut), "
        "counted as (select cut, cast(sum(touch_count) as bigint) as touch_count from own group by cut) "
        "select counted.cut, counted.touch_count, coalesce(people.person_count, 0) "
        "from counted left join people on counted.cut = people.cut",
        [list(members)],
    )
    filters = _filters(ds, members)
    credited = {}
    if filters is not None:
        frame = ds.credit(model, [by], ["revenue"], filters)
        credited = {_text(key): float(value) for key, value in zip(frame[by], frame["revenue"], strict=True)}
    labels: Mapping[str, str] = names.channel_labels if by == "channel" else names.assets
    head = "Channel" if by == "channel" else "Content"
    listed = [
        (
            labels.get(_text(key)) or (formats.words(key) if key else f"No {head.lower()}"),
            touches,
            people,
            credited.get(_text(key), 0.0),
        )
        for key, touches, people in rows
    ]
    listed.sort(key=lambda row: (-row[3], -row[1], row[0]))
    return pd.DataFrame(listed, columns=[head, "Touches", "People", "Credited"])


def _people(ds: Dataset, members: Sequence[str]) -> pd.DataFrame:
    """Those whose very first touch was one of the campaigns', latest first."""
    return ds.frame(
        "with members as (select unnest(cast(? as varchar[])) as campaign_id), "
        "met as (select people.contact_id as contact_id, people.first_us as first_us, people.first_on as first_on, people.first_kind as first_kind "
        "from touches.people as people inner join members on people.first_campaign_id = members.campaign_id "
        "order by people.first_us desc, people.contact_id limit ?), "
        "on_deals as (select contact_id, count(distinct deal_id) as deal_count from identity.deal_contacts group by contact_id) "
        'select coalesce(contacts.name, contacts.email, met.contact_id) as "Person", met.contact_id as contact_id, '
        'contacts.title as "Title", accounts.name as "Company", '
        'met.first_on as "First met", met.first_kind as "What happened", coalesce(on_deals.deal_count, 0) as "Deals" '
        "from met left join identity.contacts as contacts on met.contact_id = contacts.contact_id "
        "left join raw.accounts as accounts on contacts.account_id = accounts.account_id "
        "left join on_deals on met.contact_id = on_deals.contact_id "
        "order by met.first_us desc, met.contact_id",
        [list(members), LISTED],
    )


def _about(entry: Entry, names: Names) -> str:
    """What was planned, in one line."""
    campaign = entry.campaign
    assert campaign is not None
    above = [names.campaigns.get(key) or key for key in campaign.path[:-1]]
    running = (
        f"{formats.day(campaign.starts_on)} – {formats.day(campaign.ends_on)}" if campaign.starts_on and campaign.ends_on else ""
    )
    parts = [
        names.channel_labels.get(campaign.channel) or formats.words(campaign.channel) if campaign.channel else "",
        running or (f"since {formats.day(entry.started)}" if entry.started else ""),
        f"{formats.days(entry.age_days)} old" if entry.age_days is not None else "",
        f"objective {formats.words(campaign.objective).lower()}" if campaign.objective else "",
        campaign.owner or "",
        f"part of {' › '.join(above)}" if above else "",
        entry.key,
    ]
    return " · ".join(formats.plain(formats.short(part, 80)) for part in parts if part)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
