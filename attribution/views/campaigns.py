"""The campaigns page's view: every campaign with what it reached and what it is credited with, parents with those below them.

Money, and the deals it comes from, follow the filters: revenue by the date basis, spend by its own day, as on the attribution page. What a
campaign reached (touches, people, companies, deals touched, who first met us) is since its start, whatever the filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from attribution.answers import campaigns as answers
from attribution.answers.words import Credited
from attribution.campaigns import Campaign, Family, Life, family, lives, start_of
from attribution.charts import formats
from attribution.charts.campaigns import MOST_ROWS, Bar
from attribution.charts.theme import UNATTRIBUTED
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.views.campaign_money import (
    ADDED,
    by_campaign,
    is_stopped,
    median_cycle,
    spent_before,
    took_part,
    under_the_other,
)
from attribution.views.overview import Figure
from attribution.views.state import Choice, Names, against_words, agreed_word, compared_with, rule_label

ORDERS = {
    "credited": "Credited revenue", "spend": "Spend", "return": "Credited per unit spent", "people": "People reached", "start": "Newest first",
}  # fmt: skip
MONEY = {"period": "in this period", "life": "since each start"}
FIGURES = ("revenue", "spend", "roas", "cost_per_deal", "pipeline")
OF_SPEND = ("spend", "roas", "cost_per_deal")
NO_RATIO = ("none", "unattributed")  # their credit does not come from what they spent


@dataclass(frozen=True)
class Known:
    """What does not depend on filters: the family of campaigns, and what each did since its start."""

    family: Family
    lives: Mapping[str, Life]
    today: date


@dataclass(frozen=True)
class Entry:
    """One campaign with those below it. ``kind``: campaign, campaigns (all of them), none (no campaign recorded), unattributed, total.

    ``revenue`` to ``pipeline`` are credited and, like ``spend``, follow the filters; ``other`` is revenue under the second rule.
    ``spent_before``: before the period; ``is_stopped``: most of its money was spent then and none of late, so that a ratio in the period
    says nothing.
    """

    key: str
    label: str
    kind: str = "campaign"
    campaign: Campaign | None = None
    life: Life = field(default_factory=Life)
    started: date | None = None
    age_days: int | None = None
    below: int = 0
    revenue: float = 0.0
    other: float = 0.0
    deals: float = 0.0
    pipeline: float = 0.0
    took_part: float | None = None
    took_deals: int | None = None
    took_pipeline: float | None = None
    spend: float | None = None
    spent_before: float = 0.0
    is_stopped: bool = False
    before: float | None = None
    too_early: tuple[str, ...] = ()

    @property
    def roas(self) -> float | None:
        """Credited revenue per unit spent; None without spend."""
        return self.revenue / self.spend if self.spend and self.kind not in NO_RATIO else None

    @property
    def roi(self) -> float | None:
        """(Credited revenue − spend) ÷ spend; None without spend."""
        return (self.revenue - self.spend) / self.spend if self.spend and self.kind not in NO_RATIO else None

    @property
    def cost_per_deal(self) -> float | None:
        """Spend ÷ credited won deals; None without either."""
        return self.spend / self.deals if self.spend and self.deals and self.kind not in NO_RATIO else None

    @property
    def bar(self) -> Bar:
        """Its row in the pictures."""
        life, is_young = self.life, bool(self.too_early)
        return Bar(
            self.key, self.label, self.revenue, self.spend, self.roas, life.won, life.open, life.lost, is_young, self.is_stopped
        )


@dataclass(frozen=True)
class Campaigns:
    """All that the page shows of all campaigns. ``entries``: in order, those below a campaign right after it; ``ends``: what has no campaign,
    what is unattributed, and the total of it all, each campaign once."""

    answer: str
    figures: tuple[Figure, ...]
    against: str
    entries: tuple[Entry, ...]
    ends: tuple[Entry, ...]
    cycle_days: float | None
    spend_known: bool
    notes: tuple[str, ...]

    @property
    def pictured(self) -> tuple[Entry, ...]:
        """The campaigns at the top of their family that are drawn."""
        tops = [entry for entry in self.entries if entry.campaign and not entry.campaign.parent]
        return tuple([entry for entry in tops if entry.revenue or entry.spend or entry.life.deals][:MOST_ROWS])

    def entry(self, campaign_id: str) -> Entry | None:
        """The campaign of that id."""
        return next((entry for entry in self.entries if entry.key == campaign_id), None)


def known(ds: Dataset) -> Known:
    """The family of campaigns, and what each did since its start."""
    relations = family(ds)
    zone = ZoneInfo(ds.settings.reporting.time_zone)
    return Known(relations, lives(ds, relations), ds.as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date())


def for_life(choice: Choice) -> Choice:
    """The same choice over all time: each campaign since its start."""
    return replace(
        choice, filters=replace(choice.filters, period="all", date_from=None, date_to=None, date_basis="closed"), compare="none"
    )


def campaigns(ds: Dataset, choice: Choice, second: str, order: str, found: Known, names: Names) -> Campaigns:
    """Every campaign under a choice of filters, beside a second rule."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    then = compared_with(choice, ds)
    spend_known = not here.select_deals_by_field and any(life.spend for life in found.lives.values())
    now = by_campaign(ds, choice.model, here, spend_known)
    other = under_the_other(ds, second, here)
    past = by_campaign(ds, choice.model, then, spend_known) if then else None
    took = took_part(ds, here, found.family.parents, found.family)
    early = spent_before(ds, here) if spend_known and here.date_from else {}
    cycle_days = median_cycle(ds, here)

    listed = []
    for campaign_id, campaign in found.family.campaigns.items():
        if here.campaigns and campaign_id not in here.campaigns:
            continue
        members, life = found.family.members(campaign_id), found.lives[campaign_id]
        started = start_of(campaign, life)
        sums = {name: sum(now.get(member, {}).get(name, 0.0) for member in members) for name in ADDED}
        before_it = sum(early[member][0] for member in members if member in early)
        last = max((early[member][1] for member in members if member in early), default=None)
        part = took.get(campaign_id) or now.get(campaign_id, {})
        listed.append(
            Entry(
                key=campaign_id, label=names.campaigns.get(campaign_id) or campaign.name, campaign=campaign, life=life, started=started,
                age_days=(found.today - started).days if started and started <= found.today else None, below=len(members) - 1,
                revenue=round(sums["revenue"], 6), other=round(sum(other.get(member, 0.0) for member in members), 6), deals=sums["deals"],
                pipeline=round(sums["pipeline"], 6), took_part=part.get("influenced_revenue", 0.0), took_deals=int(part.get("influenced_deals", 0)),
                took_pipeline=part.get("influenced_pipeline", 0.0), spend=round(sums["spend"], 2) or None if spend_known else None,
                spent_before=before_it, is_stopped=is_stopped(sums["spend"], before_it, last, here, found.today),
                before=sum(past.get(member, {}).get("revenue", 0.0) for member in members) if past is not None else None,
                too_early=answers.too_early("It", started, found.today, cycle_days, life.deals, life.open),
            )
        )  # fmt: skip
    entries = _in_order(listed, order)
    ends = _ends(now, other, past, set(found.family.campaigns), spend_known)
    figures = [
        figure for figure in _figures(now, past, set(found.family.campaigns)) if spend_known or figure.name not in OF_SPEND
    ]
    facts = _facts(ds, choice, second, here, then, entries, ends, now, past, found)
    return Campaigns(
        answer=answers.campaigns(facts), figures=tuple(figures), against=against_words(choice) if then else "", entries=tuple(entries), ends=tuple(ends),
        cycle_days=cycle_days, spend_known=spend_known, notes=_notes(found, entries, cycle_days, here, ds.settings.reporting.currency),
    )  # fmt: skip


def _in_order(listed: Sequence[Entry], order: str) -> list[Entry]:
    """Families largest first, those below a campaign right after it."""

    def place(entry: Entry) -> tuple[object, ...]:
        size = {
            "spend": entry.spend or 0.0, "return": entry.roas if entry.roas is not None else -1.0, "people": float(entry.life.people),
            "start": float(entry.started.toordinal()) if entry.started else 0.0,
        }.get(order, entry.revenue)  # fmt: skip
        return (-size, -entry.revenue, -entry.life.deals, entry.label, entry.key)

    here = {entry.key for entry in listed}
    under: dict[str, list[Entry]] = {}
    for entry in sorted(listed, key=place):
        parent = entry.campaign.parent if entry.campaign else ""
        under.setdefault(parent if parent in here else "", []).append(entry)
    ordered: list[Entry] = []
    stack = list(reversed(under.get("", [])))
    while stack:
        entry = stack.pop()
        ordered.append(entry)
        stack += reversed(under.get(entry.key, []))
    return ordered


def _ends(
    now: Mapping[str, Mapping[str, float]], other: Mapping[str, float], past: Mapping[str, Mapping[str, float]] | None,
    ids: set[str], spend_known: bool,
) -> list[Entry]:  # fmt: skip
    """All campaigns, what has none, what is unattributed, and the total: each campaign once, so that it is the CRM's."""

    def row(keys: Sequence[str], label: str, kind: str) -> Entry:
        sums = {name: sum(now.get(key, {}).get(name, 0.0) for key in keys) for name in ADDED}
        return Entry(
            key="", label=label, kind=kind, revenue=round(sums["revenue"], 6), other=round(sum(other.get(key, 0.0) for key in keys), 6),
            deals=sums["deals"], pipeline=round(sums["pipeline"], 6), spend=round(sums["spend"], 2) or None if spend_known else None,
            before=sum(past.get(key, {}).get("revenue", 0.0) for key in keys) if past is not None else None,
        )  # fmt: skip

    leftover = [] if UNATTRIBUTED in ids else [UNATTRIBUTED]
    rows = [row([""], "No campaign", "none"), *(row([key], UNATTRIBUTED, "unattributed") for key in leftover)]
    rows = [entry for entry in rows if entry.revenue or entry.other or entry.pipeline or entry.spend]
    # Also those credited before the period alone: without them the change is too large.
    everything = sorted({*now, *other, *(past or ())})
    whole = row([key for key in everything if key in ids], "All campaigns", "campaigns")
    return [*([whole] if ids else []), *rows, row(everything, "Total", "total")]


def _figures(
    now: Mapping[str, Mapping[str, float]], past: Mapping[str, Mapping[str, float]] | None, ids: set[str]
) -> tuple[Figure, ...]:
    """What campaigns are credited with and cost in all, and the ratios of these totals."""
    here, then = _totals(now, ids), _totals(past, ids) if past is not None else {}
    return tuple(Figure(name, here.get(name), None if name == "pipeline" else then.get(name), ()) for name in FIGURES)


def _totals(values: Mapping[str, Mapping[str, float]], ids: set[str]) -> dict[str, float | None]:
    sums = {name: sum(row.get(name, 0.0) for key, row in values.items() if key in ids) for name in ADDED}
    whole = Entry("", "", **{name: sums[name] for name in ADDED})  # type: ignore[arg-type]
    return {**sums, "spend": sums["spend"] or None, "roas": whole.roas, "cost_per_deal": whole.cost_per_deal}


def _facts(
    ds: Dataset, choice: Choice, second: str, here: Filters, then: Filters | None, entries: Sequence[Entry], ends: Sequence[Entry],
    now: Mapping[str, Mapping[str, float]], past: Mapping[str, Mapping[str, float]] | None, found: Known,
) -> answers.CampaignsFacts:  # fmt: skip
    ids, total = set(found.family.campaigns), ends[-1]
    sums = _totals(now, ids)
    tops = [entry for entry in entries if entry.campaign and entry.campaign.path[0] == entry.key]
    won = ds.metric_rows(["won_deals"], [], here, choice.model)[0]
    earlier = (_totals(past, ids)["revenue"] or 0.0) / total.before if past is not None and total.before else None
    return answers.CampaignsFacts(
        currency=ds.settings.reporting.currency, total=total.revenue, credited=sums["revenue"] or 0.0, deals=int(won["won_deals"]),
        campaigns=len([key for key in ids if now.get(key, {}).get("revenue", 0.0) > 0.005]),
        ranked=tuple(Credited(entry.label, entry.revenue, entry.other) for entry in sorted(tops, key=lambda entry: -entry.revenue)),
        spend=sums["spend"], share_before=earlier, against=against_words(choice) if then else "", agreed=agreed_word(ds, choice.model),
        rule=rule_label(ds, choice.model), second=rule_label(ds, second) if second != choice.model else "", parts=here.select_credits,
    )  # fmt: skip


def _notes(
    found: Known, entries: Sequence[Entry], cycle_days: float | None, here: Filters, currency: str | None
) -> tuple[str, ...]:
    """Where the numbers need care: too early to judge, money spent before the period, parents that could not be followed."""
    tops = [entry for entry in entries if entry.campaign and not entry.campaign.parent]
    young = len([entry for entry in tops if entry.age_days is not None and cycle_days and entry.age_days < cycle_days])
    still_open = len([entry for entry in tops if (entry.life.open_share or 0.0) >= answers.MANY_OPEN])
    stopped = [entry for entry in tops if entry.revenue and entry.is_stopped]
    lines = [
        answers.young_line(young, still_open, cycle_days),
        answers.earlier_line(len(stopped), sum(entry.spent_before for entry in stopped), currency),
    ]
    if here.select_deals_by_field and any(life.spend for life in found.lives.values()):
        lines.append("Spend belongs to no deal, so it is left out while a filter selects deals.")
    if not found.family.has_table:
        lines.append(
            "The table campaigns is not there, so campaigns have ids instead of names, and start with their first touch."
        )
    if found.family.circles:
        lines.append(
            f"The parents of {formats.counted(len(found.family.circles), 'campaign')} lead back to themselves; they stand on their own."
        )
    if strangers := len(found.family.strangers):
        lines.append(
            f"{formats.counted(strangers, 'parent')} named in campaigns {'is' if strangers == 1 else 'are'} not among the campaigns."
        )
    return tuple(line for line in lines if line)
