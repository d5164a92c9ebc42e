"""Money and counts: exchange rates, spend, what finance booked, targets, web traffic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from story.cases import UNITS, Deal
from story.catalogue import ASSETS, CAMPAIGNS, COST_ARTICLE, SELLERS
from story.clock import AS_OF, MONTHS, SEASON, WEEKDAY_SHARE, is_holiday, month_end, month_of, next_workday, previous_workday
from story.dice import Dice
from story.evidence import Row, money
from story.leads import BOUGHT_TRAFFIC

# The order whose date of closing the CRM lost (a row that ends in quarantine); finance has its invoice.
UNDATED_ORDER_CENTS = 840_000
BANK_HOLIDAYS = {date(2024, 3, 29), date(2024, 4, 1), date(2025, 4, 18), date(2025, 4, 21), date(2026, 4, 3), date(2026, 4, 6)}


class Rates:
    """Daily rates on business days: a walk that is drawn back to its middle. Invented, only roughly like the real ones."""

    def __init__(self) -> None:
        dice = Dice("rates")
        self.table: dict[tuple[date, str], Decimal] = {}
        level = {currency: units for currency, units in UNITS.items() if currency != "EUR"}
        day = date(2024, 1, 2)
        while day <= AS_OF:
            if (
                day.weekday() < 5
                and (day.month, day.day) not in ((1, 1), (5, 1), (12, 25), (12, 26))
                and day not in BANK_HOLIDAYS
            ):
                for currency in level:
                    pull = (UNITS[currency] - level[currency]) * 0.012
                    level[currency] += pull + UNITS[currency] * 0.0031 * dice.bell()
                    self.table[day, currency] = Decimal(int(level[currency] * 10000 + 0.5)) / 10000
            day += timedelta(days=1)

    def rows(self) -> list[Row]:
        """Write them, day by day."""
        return [
            {"rate_on": day.isoformat(), "currency": currency, "units_per_base": f"{rate:.4f}"}
            for (day, currency), rate in self.table.items()
        ]

    def euro_cents(self, cents: int, currency: str, day: date) -> int:
        """Convert at the day's rate or the last one before it, rounded half up."""
        if currency == "EUR":
            return cents
        while (day, currency) not in self.table:
            day -= timedelta(days=1)
        return int((Decimal(cents) / self.table[day, currency]).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def finance_totals(deals: list[Deal], rates: Rates) -> tuple[list[Row], Deal, list[Deal]]:
    """Write what finance booked: the won deals without one that was cancelled, and two signed on the last days booked a month later."""
    booked = dict.fromkeys(MONTHS, 0)
    won = [deal for deal in deals if deal.status == "won"]
    plain = [deal for deal in won if not deal.stories and deal.has_amount and deal.currency == "EUR" and deal.euros > 40_000]
    cancelled = min(
        (deal for deal in plain if date(2026, 1, 15) <= deal.ends_on <= date(2026, 4, 30)),
        key=lambda deal: abs(deal.euros - 95_000),
    )
    late = [
        deal
        for deal in plain
        if deal is not cancelled
        and deal.ends_on < date(2026, 9, 1)
        and month_end(deal.ends_on) - deal.ends_on <= timedelta(days=4)
    ][-2:]
    for deal in won:
        assert deal.closed_on is not None
        cents = rates.euro_cents(deal.amount_cents if deal.has_amount else 0, deal.currency, deal.closed_on)
        month = month_of(deal.closed_on)
        if deal in late:
            month = MONTHS[MONTHS.index(month) + 1]
        if deal is not cancelled:
            booked[month] += cents
    booked[date(2026, 6, 1)] += UNDATED_ORDER_CENTS
    rows = [
        {"period_start_on": month.isoformat(), "period": "month", "amount": money(cents), "currency": "EUR"}
        for month, cents in booked.items()
    ]
    return rows, cancelled, late


def _months(first: date, last: date) -> list[date]:
    result, month = [], month_of(first)
    while month <= last:
        result.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return result


def spend() -> list[Row]:
    """Write monthly campaign costs, events' bills, content production and upkeep, and tools."""
    dice = Dice("spend")
    rows: list[Row] = []

    def bill(
        day: date, cents: int, kind: str, campaign_id: str = "", channel: str = "", asset_id: str = "", currency: str = "EUR"
    ) -> None:
        if day <= AS_OF:
            rows.append(
                {
                    "spent_on": day.isoformat(),
                    "campaign_id": campaign_id,
                    "channel": channel,
                    "asset_id": asset_id,
                    "amount": money(cents),
                    "currency": currency,
                    "spend_kind": kind,
                }
            )

    for campaign in CAMPAIGNS:
        months = _months(campaign.starts, campaign.ends)
        if campaign.channel == "events" and len(months) == 1:
            share = {"event": 62, "people": 24, "production": 14}
            for kind, percent in share.items():
                day = next_workday(campaign.starts + timedelta(days={"event": -35, "people": 9, "production": -12}[kind]))
                bill(
                    day,
                    campaign.budget * percent + dice.whole(-4000, 4000),
                    kind,
                    campaign.campaign_id,
                    currency=campaign.currency,
                )
            continue
        kind = {"email": "tools", "webinars": "production", "events": "event", "partners": "people"}.get(
            campaign.channel, "media"
        )
        for month in months:
            cents = int(campaign.budget * 100 / len(months) * SEASON[month.month] * (0.8 + 0.4 * dice.unit()))
            bill(previous_workday(month_end(month)), cents, kind, campaign.campaign_id, currency=campaign.currency)
    for asset in ASSETS:
        if asset.published is not None and asset.published >= MONTHS[0]:
            bill(
                next_workday(asset.published),
                content_cost(asset.asset_id) * 100,
                "production",
                channel="",
                asset_id=asset.asset_id,
            )
    for asset_id, day in (
        ("A-007", date(2025, 12, 2)),
        ("A-007", date(2026, 6, 9)),
        ("A-001", date(2025, 9, 2)),
        ("A-005", date(2026, 1, 13)),
        ("A-008", date(2026, 4, 21)),
        ("A-021", date(2026, 2, 3)),
    ):
        bill(day, dice.whole(280, 900) * 100 + dice.pick((0, 50)), "upkeep", asset_id=asset_id)
    for month in MONTHS:
        bill(previous_workday(month_end(month)), 48900, "tools", channel="email")
        bill(previous_workday(month_end(month)), 139000 if month.year < 2026 else 149000, "tools", channel="sales")
        bill(previous_workday(month_end(month)), 32500, "tools", channel="webinars")
    rows.sort(key=lambda row: (row["spent_on"], row["campaign_id"], row["channel"], row["asset_id"], row["spend_kind"]))
    return rows


def content_cost(asset_id: str) -> int:
    """Return what a piece cost to make, in euros."""
    asset = next(entry for entry in ASSETS if entry.asset_id == asset_id)
    dice = Dice("cost of " + asset_id)
    median = {
        "article": 950,
        "template": 600,
        "report": 11500,
        "e-book": 4800,
        "white paper": 3600,
        "case study": 2100,
        "video": 5200,
        "podcast": 700,
        "webinar": 1800,
        "calculator": 8900,
        "infographic": 1200,
    }
    return 1450 if asset_id == COST_ARTICLE else int(dice.skewed(median[asset.format], 0.3, 200, 16000)) // 10 * 10


def targets() -> list[Row]:
    """Write marketing's monthly figures (with the bonus that pays for them), sales' quotas and the shared goal."""
    rows: list[Row] = []

    def aim(
        team: str, metric: str, start: date, period: str, target: int, bonus: int = 0, owner_id: str = "", segment: str = ""
    ) -> None:
        rows.append(
            {
                "team": team,
                "metric": metric,
                "period_start_on": start.isoformat(),
                "period": period,
                "owner_id": owner_id,
                "segment": segment,
                "target": str(target),
                "bonus_amount": money(bonus * 100) if bonus else "",
            }
        )

    for index, month in enumerate([*MONTHS, date(2026, 12, 1)]):
        paid = month >= date(2026, 3, 1)
        aim("marketing", "visitors", month, "month", 5000 if paid else 3200 + 40 * index, 900 if paid else 0)
        aim("marketing", "leads", month, "month", 160 if month.year == 2026 else 130, 600 if paid else 0)
        aim(
            "marketing",
            "handoffs",
            month,
            "month",
            100 if date(2026, 3, 1) <= month <= date(2026, 8, 1) else (60 if month >= date(2026, 9, 1) else 50),
            1500 if date(2026, 3, 1) <= month <= date(2026, 8, 1) else 0,
        )
    for year in (2025, 2026):
        for quarter in (1, 4, 7, 10):
            start = date(year, quarter, 1)
            aim("shared", "won_revenue", start, "quarter", 2_050_000 if year == 2025 else 2_750_000)
            aim("shared", "pipeline_created", start, "quarter", 5_600_000 if year == 2025 else 8_200_000)
            for sellers in SELLERS.values():
                for owner in sellers:
                    aim("sales", "won_revenue", start, "quarter", 235_000 if year == 2025 else 345_000, 6000, owner_id=owner)
        aim("shared", "won_revenue", date(year, 1, 1), "year", 8_200_000 if year == 2025 else 11_000_000)
        for segment, target in (
            ("small business", 300_000),
            ("mid-market", 1_700_000),
            ("enterprise", 6_200_000 if year == 2025 else 9_000_000),
        ):
            aim("shared", "won_revenue", date(year, 1, 1), "year", target, segment=segment)
    return rows


SESSIONS = {
    "organic_search": 118.0,
    "direct": 92.0,
    "referral": 27.0,
    "paid_search": 34.0,
    "paid_social": 22.0,
    "email": 19.0,
    "partners": 5.0,
}


def activity_counts() -> list[Row]:
    """Write daily sessions by channel, monthly visitors and mail openings, and monthly page views of content; April 2026 has bought sessions."""
    dice = Dice("traffic")
    daily: dict[tuple[date, str], int] = {}
    totals: dict[date, int] = {}
    day = MONTHS[0]
    while day <= AS_OF:
        growth = 1.0 + 0.38 * (day - MONTHS[0]).days / 720
        for channel, base in SESSIONS.items():
            share = 0.42 + 0.58 * min(1.0, WEEKDAY_SHARE[day.weekday()]) if not is_holiday(day) else 0.35
            value = int(base * growth * share * SEASON[day.month] * dice.skewed(1.0, 0.13, 0.5, 2.0))
            daily[day, channel] = value
            totals[month_of(day)] = totals.get(month_of(day), 0) + value
        day += timedelta(days=1)
    missing = totals[date(2026, 3, 1)] * 3 // 2 - totals[BOUGHT_TRAFFIC]
    for index in range(30):
        extra = missing * (index + 1) // 30 - missing * index // 30
        daily[BOUGHT_TRAFFIC + timedelta(days=index), "referral"] += extra
    totals[BOUGHT_TRAFFIC] += missing
    rows: list[Row] = []

    def count(day: date, metric: str, value: int, period: str, aggregation: str, channel: str = "", asset_id: str = "") -> None:
        rows.append(
            {
                "observed_on": day.isoformat(),
                "metric": metric,
                "value": str(value),
                "period": period,
                "aggregation": aggregation,
                "channel": channel,
                "asset_id": asset_id,
            }
        )

    for (day, channel), value in daily.items():
        count(day, "sessions", value, "day", "sum", channel)
    weights = {asset.asset_id: asset.pull for asset in ASSETS}
    for index, month in enumerate(MONTHS):
        bought = missing if month == BOUGHT_TRAFFIC else 0
        count(month, "visitors", (totals[month] - bought) * dice.whole(37, 40) // 100 + bought * 36 // 100, "month", "unique")
        part = 0.64 if month == MONTHS[-1] else 1.0
        count(
            month,
            "email_opens",
            int((5200 + 110 * index) * SEASON[month.month] * part * dice.skewed(1.0, 0.08, 0.7, 1.4)),
            "month",
            "sum",
            "email",
        )
        for asset in ASSETS:
            if asset.published is None or month_of(asset.published) > month:
                continue
            age = max(0, (month - asset.published).days)
            pull = weights[asset.asset_id] or (1.5 if asset.asset_id == COST_ARTICLE else 0.25)
            views = int(430 * pull * (1.3 if age < 90 else 1.0) * SEASON[month.month] * part * dice.skewed(1.0, 0.2, 0.4, 2.5))
            count(month, "page_views", views, "month", "sum", asset_id=asset.asset_id)
    return rows
