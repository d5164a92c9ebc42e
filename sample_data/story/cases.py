"""Deals: who buys what, when, for how much, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from story import words
from story.catalogue import PARTNERS, SELLERS
from story.clock import AS_OF, MONTHS, SALES_HOURS, TRACKING_STARTS, at, month_end, next_workday, previous_workday
from story.companies import Account, Registry
from story.dice import Dice

WON = {"small business": 74, "mid-market": 54, "enterprise": 62}
LOST = {"small business": 88, "mid-market": 72, "enterprise": 70}
OPEN = {"small business": 14, "mid-market": 26, "enterprise": 36}
CLOSING_SEASON = {1: 0.75, 2: 0.85, 3: 1.2, 4: 0.85, 5: 0.9, 6: 1.25, 7: 0.9, 8: 0.65, 9: 1.15, 10: 0.95, 11: 1.0, 12: 1.4}
STAGES = ("discovery", "qualification", "evaluation", "proposal", "negotiation")
# Units of a currency for one euro in the middle of the period; the daily rates move around it.
UNITS = {"EUR": 1.0, "USD": 1.112, "GBP": 0.853, "CHF": 0.941, "SEK": 11.18}


@dataclass
class Deal:
    """A selling case; ``first_on`` is the day of the first touch, ``role_count`` how many people the CRM has on it."""

    deal_id: str
    name: str
    account: Account
    deal_type: str
    status: str
    created_at: datetime
    closed_on: date | None
    first_on: date
    amount_cents: int
    currency: str
    cost_cents: int
    owner_id: str
    partner_id: str = ""
    loss_reason: str = ""
    competitor: str = ""
    self_reported: str = ""
    owner_reported: str = ""
    expected_close_on: date | None = None
    follows: Deal | None = None
    role_count: int = 1
    has_account: bool = True
    has_amount: bool = True
    quiet_since: date | None = None
    stories: set[str] = field(default_factory=set)
    stage_changes: list[tuple[datetime, str]] = field(default_factory=list)
    stage: str = ""

    @property
    def ends_on(self) -> date:
        """The day on which its journey ends."""
        return self.closed_on or AS_OF

    @property
    def euros(self) -> float:
        """Its amount in euros, roughly."""
        return self.amount_cents / 100 / UNITS[self.currency]


def _months_of(count: int, season: dict[int, float], growth: float) -> list[date]:
    """Spread that many closings over the months by season and growth."""
    weights = [
        (1.0 + growth * index) * season[month.month] * (0.66 if month == MONTHS[-1] else 1.0)
        for index, month in enumerate(MONTHS)
    ]
    total = 0.0
    for weight in weights:
        total += weight
    result: list[date] = []
    reached = 0.0
    for month, weight in zip(MONTHS, weights, strict=True):
        reached += weight
        while len(result) < int(count * reached / total + 0.5):
            result.append(month)
    return result


class Casebook:
    """Makes the deals, oldest closing first, so that later ones can follow earlier ones."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.dice = Dice("deals")
        self.deals: list[Deal] = []

    def fill(self) -> list[Deal]:
        """Make all deals."""
        plan: list[tuple[date, str, str]] = []
        for status, counts, season, growth in (
            ("won", WON, CLOSING_SEASON, 0.036),
            ("lost", LOST, {**CLOSING_SEASON, 12: 1.0, 1: 1.1}, 0.03),
        ):
            for segment, count in counts.items():
                for month in _months_of(count, season, growth):
                    plan.append((self._closing_day(month), status, segment))
        for segment, count in OPEN.items():
            plan.extend((AS_OF, "open", segment) for _ in range(count))
        plan.sort()
        for closed_on, status, segment in plan:
            self.deals.append(self._deal(closed_on, status, segment))
        self._let_some_open_deals_age()
        self.deals.sort(key=lambda deal: (deal.created_at, deal.account.account_id))
        for index, deal in enumerate(self.deals, start=1):
            deal.deal_id = f"D-{index:04d}"
        return self.deals

    def _let_some_open_deals_age(self) -> None:
        """Give fourteen open deals a first touch of more than a year ago; on five of them nothing has happened for months."""
        dice = self.dice
        old = [
            deal
            for deal in self.deals
            if deal.status == "open" and deal.follows is None and (AS_OF - deal.created_at.date()).days > 75
        ]
        for index, deal in enumerate(old[:14]):
            deal.first_on = min(deal.first_on, AS_OF - timedelta(days=dice.whole(372, 505)))
            deal.stories.add("year-old touches")
            if index % 3 == 0:
                deal.quiet_since = max(deal.created_at.date() + timedelta(days=10), AS_OF - timedelta(days=dice.whole(110, 230)))

    def _closing_day(self, month: date) -> date:
        last = month_end(month)
        day = month + timedelta(days=self.dice.whole(0, (last - month).days))
        if month.month % 3 == 0 and self.dice.chance(0.35):
            day = last - timedelta(days=self.dice.whole(0, 5))
        day = next_workday(day)
        return previous_workday(last) if day > last else day

    def _deal(self, closed_on: date, status: str, segment: str) -> Deal:
        dice = self.dice
        cycle = int(
            {
                "small business": dice.skewed(31, 0.45, 9, 110),
                "mid-market": dice.skewed(72, 0.45, 20, 210),
                "enterprise": dice.skewed(152, 0.42, 55, 355),
            }[segment]
        )
        if status == "lost":
            cycle = int(cycle * 0.85)
        if status == "open":
            cycle = dice.whole(2, int(cycle * 1.25)) if dice.chance(0.8) else cycle + dice.whole(90, 260)
        cycle = min(cycle, (closed_on - TRACKING_STARTS).days - 32)
        created_on = previous_workday(closed_on - timedelta(days=max(3, cycle)))
        lead_time = int(
            {
                "small business": dice.skewed(34, 0.7, 2, 170),
                "mid-market": dice.skewed(76, 0.6, 10, 280),
                "enterprise": dice.skewed(118, 0.5, 30, 330),
            }[segment]
        )
        deal_type, account, before = self._buyer(segment, created_on)
        if deal_type != "new":
            lead_time = min(lead_time, 75)
        first_on = max(TRACKING_STARTS, created_on - timedelta(days=lead_time))
        amount = {
            "small business": dice.skewed(8300, 0.27, 5000, 15000),
            "mid-market": dice.skewed(43500, 0.38, 18000, 98000),
            "enterprise": dice.skewed(215000, 0.36, 100000, 400000),
        }[segment] * (0.72 if deal_type == "expansion" else 1.0)
        amount *= 0.87 + 0.25 * max(0, (closed_on - MONTHS[0]).days) / 720
        amount = min(400_000.0, max({"small business": 5000.0, "mid-market": 18000.0, "enterprise": 100_000.0}[segment], amount))
        currency = self._currency(account.country)
        amount_cents = self._price(amount * UNITS[currency])
        cost = {
            "small business": 6850 + amount * dice.skewed(0.24, 0.25, 0.14, 0.4),
            "mid-market": 7800 + amount * dice.skewed(0.3, 0.2, 0.18, 0.45),
            "enterprise": 21000 + amount * dice.skewed(0.27, 0.2, 0.15, 0.42),
        }[segment] * (0.8 if deal_type == "renewal" else 1.0)
        owner = (
            account.owner_id if account.owner_id > "U-10" or segment == "small business" else dice.pick(SELLERS[account.region])
        )
        product = dice.weighted(
            {"Close Core": 46.0, "Close Core + Reconcile": 30.0, "Group Close": 24.0 if segment != "small business" else 3.0}
        )
        users = max(3, round(amount / 1900) + dice.whole(1, 9) - 5)  # about 1,900 € for a user
        label = {
            "new": f"{product}, {users} users",
            "expansion": f"more users (+{users})" if dice.chance(0.5) else "Reconcile add-on",
            "renewal": "renewal",
        }[deal_type]
        deal = Deal(
            "",
            f"{account.name} – {label}",
            account,
            deal_type,
            status,
            at(created_on, dice, SALES_HOURS),
            None if status == "open" else closed_on,
            first_on,
            amount_cents,
            currency,
            int(cost * UNITS[currency]) * 100,
            owner,
            partner_id=dice.pick(PARTNERS)[0] if dice.chance(0.1) else "",
            role_count=int(dice.weighted({"0": 30.0, "1": 40.0, "2": 14.0, "3": 10.0, "4": 6.0})),
            follows=before,
            competitor=dice.weighted(words.COMPETITORS) if dice.chance(0.3 if segment == "small business" else 0.55) else "",
            self_reported=dice.pick(words.SELF_REPORTED) if dice.chance(0.3) else "",
            owner_reported=dice.weighted(
                {
                    "Outbound": 22.0,
                    "Marketing": 18.0,
                    "Network": 14.0,
                    "Partner": 8.0,
                    "Event": 9.0,
                    "Website": 14.0,
                    "unknown": 15.0,
                }
            ),
        )
        deal.account.has_won = deal.account.has_won or status == "won"
        if before is not None:
            deal.owner_id = before.owner_id
        if status == "lost":
            deal.loss_reason = dice.weighted(words.LOSS_REASONS)
            if deal.loss_reason == "competitor" and not deal.competitor:
                deal.competitor = dice.weighted(words.COMPETITORS)
        if status == "open":
            slipped = dice.chance(0.3)
            deal.expected_close_on = next_workday(AS_OF + timedelta(days=-dice.whole(3, 70) if slipped else dice.whole(8, 150)))
        else:
            deal.expected_close_on = closed_on
        self._walk_stages(deal)
        return deal

    def _buyer(self, segment: str, created_on: date) -> tuple[str, Account, Deal | None]:
        dice = self.dice
        wanted = dice.weighted({"new": 80.0, "expansion": 14.0, "renewal": 6.0})
        if wanted != "new":
            gap = 120 if wanted == "expansion" else 300
            earlier = [
                deal
                for deal in self.deals
                if deal.status == "won"
                and deal.account.segment == segment
                and deal.closed_on is not None
                and deal.closed_on + timedelta(days=gap) < created_on
                and "followed" not in deal.stories
            ]
            if earlier:
                before = dice.pick(earlier)
                before.stories.add("followed")
                return wanted, before.account, before
        return "new", self.registry.account(segment), None

    def _currency(self, country: str) -> str:
        dice = self.dice
        if country == "United Kingdom":
            return "GBP" if dice.chance(0.5) else "EUR"
        if country == "Switzerland":
            return "CHF" if dice.chance(0.4) else "EUR"
        if country == "Sweden":
            return "SEK" if dice.chance(0.3) else "EUR"
        return "USD" if dice.chance(0.03) else "EUR"

    def _price(self, units: float) -> int:
        dice = self.dice
        style = dice.weighted({"hundreds": 44.0, "tens": 26.0, "units": 12.0, "cents": 18.0})
        if style == "hundreds":
            return int(units / 100) * 10000
        if style == "tens":
            return int(units / 10) * 1000
        if style == "units":
            return int(units) * 100
        return int(units) * 100 + dice.pick((25, 40, 50, 60, 75, 80, 90, 95))

    def _walk_stages(self, deal: Deal) -> None:
        """Move the deal through its stages; one in fourteen goes back once."""
        dice = self.dice
        days = max(2, (deal.ends_on - deal.created_at.date()).days)
        reach = len(STAGES) if deal.status == "won" else dice.whole(1, 5)
        names = list(STAGES[:reach])
        if reach >= 3 and dice.chance(0.09):
            names.insert(dice.whole(2, reach - 1) + 1, names[dice.whole(0, 1) + reach - 3])
        marks = sorted(dice.unit() for _ in names[1:])
        moment = deal.created_at
        deal.stage_changes.append((moment, names[0]))
        for name, mark in zip(names[1:], marks, strict=True):
            later = at(
                previous_workday(deal.created_at.date() + timedelta(days=int(days * (0.06 + 0.86 * mark)))), dice, SALES_HOURS
            )
            if later > moment and later.date() < deal.ends_on:
                deal.stage_changes.append((later, name))
                moment = later
        deal.stage = deal.stage_changes[-1][1]
        if deal.closed_on is not None:
            deal.stage = "closed won" if deal.status == "won" else "closed lost"
            ending = at(deal.closed_on, dice, {14: 1.0, 15: 1.0, 16: 1.0})
            deal.stage_changes.append((max(ending, moment + timedelta(minutes=20)), deal.stage))
