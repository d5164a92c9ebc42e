"""People who never were on a deal: names from forms, lists and the trade show, anonymous visitors, and a robot."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from story.catalogue import (
    ASSET,
    CAMPAIGN,
    COST_ARTICLE,
    DEVELOPERS,
    QA_WEBINAR_ASSET,
    QA_WEBINAR_CAMPAIGN,
    SITE,
    TRADE_SHOW,
    TRADE_SHOW_DAYS,
    running,
)
from story.clock import AS_OF, MONTHS, NOW, SEASON, at, buyer_moment, month_end, month_of, sales_moment
from story.companies import Account, Contact, Registry
from story.dice import Dice
from story.journeys import ANONYMOUS, KNOWN
from story.touches import Diary, Touch, kit_piece, palette

BOUGHT_TRAFFIC = date(2026, 4, 1)
BOT_HITS = 564


def lead_goal(month: date) -> int:
    """Return how many people become known in a month (the trade show's names not counted)."""
    index = (month.year - 2024) * 12 + month.month - 12
    goal = (94 + 2.4 * index) * SEASON[month.month]
    if month == BOUGHT_TRAFFIC:
        return int(0.7 * lead_goal(date(2026, 3, 1)))
    if month == month_of(AS_OF):
        goal *= 0.64
    return int(goal) if index >= 0 else 20


class Leads:
    """Makes the people without deals and what they did."""

    def __init__(self, registry: Registry, diary: Diary, sessions: list[datetime]) -> None:
        self.registry, self.diary, self.sessions = registry, diary, sessions
        self.dice = Dice("leads")
        self.accounts: list[Account] = []
        self.people: list[Contact] = []

    def fill(self, show_names: int) -> None:
        """Fill every month up to its goal, then add the trade show, the anonymous and the robot."""
        known: dict[date, int] = {}
        for contact in self.registry.contacts:
            month = month_of(contact.created_at.date())
            known[month] = known.get(month, 0) + 1
        for month in [date(2024, number, 1) for number in range(3, 12)] + list(MONTHS):
            for _ in range(max(0, lead_goal(month) - known.get(month, 0))):
                self._lead(month)
        for _ in range(show_names):
            self._show_name()
        self._anonymous()
        self._bot()

    def _account(self) -> Account:
        dice = self.dice
        if self.accounts and dice.chance(0.62):
            return dice.pick(self.accounts)
        losers = [account for account in self.registry.accounts if not account.has_won]
        if dice.chance(0.12):
            return dice.pick(losers)
        account = self.registry.account(dice.weighted({"small business": 50.0, "mid-market": 34.0, "enterprise": 16.0}))
        self.accounts.append(account)
        return account

    def _lead(self, month: date) -> None:
        dice, diary = self.dice, self.diary
        created = min(buyer_moment(month, month_end(month), dice), NOW - timedelta(hours=2))
        how = dice.weighted({"form": 72.0, "webinar": 12.0, "sales": 11.0, "email": 5.0})
        person = self.registry.contact(self._account(), created, how)
        self.people.append(person)
        day = created.date()
        if how == "form":
            channel = dice.weighted(ANONYMOUS)
            assets = palette(dice, 1, day)
            if day > date(2025, 5, 21) and dice.chance(0.06):
                assets = [ASSET[COST_ARTICLE]]
            if dice.chance(0.75):
                earlier = created - timedelta(days=dice.whole(0, 25) if dice.chance(0.4) else 0, minutes=dice.whole(5, 40))
                diary.visit(
                    person,
                    max(earlier, datetime(2024, 2, 1, 8)),
                    channel,
                    None,
                    assets if dice.chance(0.5) else [],
                    pages=dice.whole(1, 2),
                )
            region = person.account.region if person.account else ""
            campaigns = running(channel, day, region) if channel.startswith("paid") else []
            diary.form(
                person,
                created - timedelta(seconds=dice.whole(2, 40)),
                channel,
                None,
                dice.pick(("demo", "reports", "trial", "contact", "newsletter", "reports")),
                dice.pick(campaigns).campaign_id if campaigns else "",
            )
        elif how == "webinar":
            near = [moment for moment in self.sessions if moment.date() >= day]
            campaigns = running("webinars", day)
            if near and dice.chance(0.2) and near[0] < NOW:
                diary.webinar(
                    person, near[0] + timedelta(seconds=dice.whole(3, 500)), None, CAMPAIGN[QA_WEBINAR_CAMPAIGN], QA_WEBINAR_ASSET
                )
            elif campaigns:
                diary.webinar(
                    person, created + timedelta(days=dice.whole(0, 8), minutes=dice.whole(10, 40)), None, dice.pick(campaigns)
                )
        elif how == "sales":
            diary.sales(
                person,
                created + timedelta(minutes=dice.whole(1, 50)),
                None,
                "email_sent" if dice.chance(0.6) else "call",
                dice.pick(DEVELOPERS),
                False,
            )
        self._later(person)

    def _later(self, person: Contact) -> None:
        """Let the person come back, get mails and be called now and then."""
        dice, diary = self.dice, self.diary
        first = person.created_at.date() + timedelta(days=1)
        last = min(AS_OF, first + timedelta(days=dice.whole(20, 260)))
        if last <= first:
            return
        for _ in range(int(dice.skewed(1.6, 0.8, 0, 14))):
            what = dice.weighted({"mailing": 48.0, "visit": 32.0, "call": 11.0, "email": 9.0})
            moment = buyer_moment(first, last, dice) if what == "visit" else sales_moment(first, last, dice)
            if moment > NOW or moment <= person.created_at:
                continue
            if what == "mailing":
                sent = at(moment.date(), dice, {8: 1.0, 9: 5.0, 10: 3.0})
                if sent > person.created_at:
                    diary.mailing(
                        person,
                        sent,
                        None,
                        dice.pick(running("email", sent.date())),
                        palette(dice, 1, sent.date())[0] if dice.chance(0.5) else None,
                    )
            elif what == "visit":
                diary.visit(
                    person, moment, dice.weighted(KNOWN), None, palette(dice, 1, moment.date()) if dice.chance(0.4) else []
                )
            else:
                piece = kit_piece(dice, moment.date()) if what == "email" and dice.chance(0.12) else None
                diary.sales(
                    person, moment, None, "call" if what == "call" else "email_sent", dice.pick(DEVELOPERS), False, asset=piece
                )

    def _show_name(self) -> None:
        dice, diary = self.dice, self.diary
        moment = at(dice.pick(TRADE_SHOW_DAYS), dice, {9: 2.0, 10: 4.0, 11: 5.0, 12: 2.0, 13: 3.0, 14: 5.0, 15: 4.0, 16: 2.0})
        imported = datetime(2025, 9, 19, 9, 12) + timedelta(seconds=dice.whole(0, 1500))
        person = self.registry.contact(self._account(), imported, "show", dice.pick(DEVELOPERS))
        self.people.append(person)
        diary.event(person, moment, None, CAMPAIGN[TRADE_SHOW])
        if dice.chance(0.7):
            diary.mailing(person, at(date(2025, 9, 23), dice, {8: 1.0, 9: 2.0}), None, CAMPAIGN["CMP-021"], None)
        if dice.chance(0.3):
            diary.sales(
                person, sales_moment(date(2025, 9, 22), date(2025, 10, 17), dice), None, "call", dice.pick(DEVELOPERS), False
            )

    def _anonymous(self) -> None:
        """Visitors nobody ever gets to know, a few hundred of many; some hundreds came with the bought traffic."""
        dice, diary = self.dice, self.diary
        for _ in range(560):
            month = dice.pick(MONTHS)
            moment = min(buyer_moment(month, month_end(month), dice), NOW)
            channel = dice.weighted(ANONYMOUS)
            assets = palette(dice, 1, moment.date()) if dice.chance(0.5) else []
            stranger = Contact("", None, "", "", "", "", datetime(2030, 1, 1), "", ["v" + dice.letters(8)], "never")
            company = dice.pick(self.accounts).account_id if dice.chance(0.3) else ""
            for touch in diary.visit(stranger, moment, channel, None, assets, pages=dice.whole(1, 2)):
                touch.person, touch.shown_account = None, company
        for _ in range(430):
            day = BOUGHT_TRAFFIC + timedelta(days=dice.whole(0, 29))
            moment = datetime(day.year, day.month, day.day) + timedelta(seconds=dice.whole(0, 86399))
            diary.add(
                Touch(
                    moment,
                    "referral",
                    "page_view",
                    visitor_id="v" + dice.letters(8),
                    utm_source="trafficharbor.example",
                    utm_medium="cpv",
                    campaign_id="CMP-049",
                    url=SITE,
                )
            )

    def _bot(self) -> None:
        """One visitor asks for page after page, every eleven seconds, three nights long."""
        dice = self.dice
        slugs = [
            asset.slug
            for asset in ASSET.values()
            if asset.published and asset.published < date(2026, 4, 1) and asset.asset_id != COST_ARTICLE
        ] + ["", "product", "pricing", "customers", "trust"]
        for hit in range(BOT_HITS):
            night = datetime(2026, 4, 13 + hit // 188, 1, 4)
            self.diary.add(
                Touch(
                    night + timedelta(seconds=11 * (hit % 188)),
                    "referral",
                    "page_view",
                    visitor_id="vb07c0de1",
                    utm_source="trafficharbor.example",
                    utm_medium="cpv",
                    campaign_id="CMP-049",
                    url=f"{SITE}/{dice.pick(slugs)}".rstrip("/"),
                )
            )
