"""The touches of every deal, from the first look to after the close."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from story.cases import Deal
from story.catalogue import CAMPAIGN, DEVELOPERS, Asset, running
from story.clock import AS_OF, BUYER_HOURS, NOW, SALES_HOURS, at, buyer_moment, next_workday, previous_workday, sales_moment
from story.companies import Contact, Registry
from story.dice import Dice
from story.touches import Diary, kit_piece, palette

GROUP = {"small business": (1, 2), "mid-market": (3, 5), "enterprise": (6, 10)}
MEDIAN_TOUCHES = {"small business": 13.0, "mid-market": 30.0, "enterprise": 72.0}
STATUS_FACTOR = {"won": 1.0, "lost": 0.6, "open": 0.62}
OPENERS = {
    "small business": {
        "organic_search": 34.0,
        "paid_search": 22.0,
        "direct": 9.0,
        "paid_social": 8.0,
        "referral": 8.0,
        "webinars": 4.0,
        "events": 2.0,
        "partners": 4.0,
        "sales": 5.0,
        "email": 2.0,
    },
    "mid-market": {
        "organic_search": 29.0,
        "paid_search": 15.0,
        "direct": 9.0,
        "paid_social": 11.0,
        "referral": 8.0,
        "webinars": 6.0,
        "events": 6.0,
        "partners": 5.0,
        "sales": 12.0,
        "email": 2.0,
    },
    "enterprise": {
        "organic_search": 23.0,
        "paid_search": 9.0,
        "direct": 9.0,
        "paid_social": 13.0,
        "referral": 6.0,
        "webinars": 7.0,
        "events": 10.0,
        "partners": 6.0,
        "sales": 21.0,
        "email": 1.0,
    },
}
ANONYMOUS = {"organic_search": 36.0, "direct": 24.0, "paid_search": 12.0, "paid_social": 13.0, "referral": 11.0, "partners": 2.0}
KNOWN = {
    "organic_search": 27.0,
    "direct": 38.0,
    "paid_search": 8.0,
    "paid_social": 9.0,
    "referral": 7.0,
    "email": 9.0,
    "partners": 2.0,
}
BEFORE_DEAL = {"visit": 44.0, "mailing": 26.0, "webinar": 6.0, "event": 4.0, "download": 6.0, "call": 5.0, "email": 8.0}
IN_DEAL = {
    "visit": 38.0,
    "mailing": 15.0,
    "webinar": 3.5,
    "event": 1.5,
    "download": 4.0,
    "call": 9.0,
    "email": 15.0,
    "meeting": 8.0,
    "demo": 2.0,
}


def write_journeys(registry: Registry, deals: list[Deal]) -> Diary:
    """Write the journeys of all deals."""
    diary = Diary("journeys")
    diary.wrong_accounts = [account for account in registry.accounts if not account.has_won] or registry.accounts
    plain = [
        deal
        for deal in deals
        if deal.status == "won" and deal.account.segment != "enterprise" and not deal.stories and deal.follows is None
    ]
    for deal in diary.dice.some(plain, 9):
        deal.stories.add("sparse")
    for deal in deals:
        _Journey(diary, registry, deal).write()
    return diary


class _Journey:
    """Writes one deal's touches."""

    def __init__(self, diary: Diary, registry: Registry, deal: Deal) -> None:
        self.diary, self.registry, self.deal = diary, registry, deal
        self.dice: Dice = diary.dice
        self.created_on = deal.created_at.date()
        self.last_day = previous_workday(deal.ends_on - timedelta(days=1)) if deal.status != "open" else deal.quiet_since or AS_OF
        self.assets: list[Asset] = palette(self.dice, 1, deal.first_on)
        if deal.account.segment == "enterprise" or self.dice.chance(0.25):
            self.assets += palette(self.dice, 1, self.last_day, late=True)
        self.kit_piece = kit_piece(self.dice, self.created_on) if self.dice.chance(0.4) else None
        self.people: list[Contact] = []

    def write(self) -> None:
        """Write it: the opening, the way to the deal, the deal, the aftermath."""
        deal, dice = self.deal, self.dice
        sparse = "sparse" in deal.stories
        self._people(sparse)
        if sparse:
            if dice.chance(0.5):
                self.diary.sales(
                    self.people[0], sales_moment(self.created_on, self.created_on, dice), deal, "call", deal.owner_id, True
                )
            return
        median = MEDIAN_TOUCHES[deal.account.segment] * STATUS_FACTOR[deal.status]
        elapsed = max(0.25, min(1.0, (deal.ends_on - deal.first_on).days / 60)) if deal.status == "open" else 1.0
        wanted = int(dice.skewed(median * elapsed, 0.62, 3, median * 5))
        start = len(self.diary.touches)
        self._opening()
        self._fixed_points()
        share = {}
        for index in range(len(self.people)):
            share[index] = 45.0 if index == 0 else 55.0 / max(1, len(self.people) - 1) * dice.skewed(1.0, 0.6, 0.2, 4.0)
        for _ in range(wanted * 2):
            if len(self.diary.touches) - start >= wanted:
                break
            self._happening(self.people[dice.weighted(share)])
        if deal.closed_on is not None and dice.chance(0.5):
            self._aftermath()

    def _people(self, sparse: bool) -> None:
        deal, dice, account = self.deal, self.dice, self.deal.account
        self.people = [person for person in account.group if person.created_at < deal.created_at + timedelta(days=30)]
        low, high = GROUP[account.segment]
        wanted = dice.whole(low, high) - (1 if deal.status != "won" and high > 2 else 0)
        fresh = not self.people
        if fresh:
            span = max(0, (self.created_on - deal.first_on).days)
            opener = dice.weighted(OPENERS[account.segment]) if not deal.partner_id or dice.chance(0.5) else "partners"
            self.opener = opener
            if sparse or opener == "sales":
                known = sales_moment(deal.first_on, min(self.created_on, deal.first_on + timedelta(days=4)), dice)
                how = "sales"
            elif opener == "events":
                known, how = self._event_day(deal.first_on), "event"
            elif opener in ("webinars", "email"):
                known, how = at(next_workday(deal.first_on), dice, {8: 1.0, 9: 1.0}), "form"
            else:
                known, how = (
                    buyer_moment(
                        deal.first_on + timedelta(days=span * 15 // 100), deal.first_on + timedelta(days=span * 85 // 100), dice
                    ),
                    "form",
                )
            known = min(known, deal.created_at - timedelta(minutes=dice.whole(15, 2000)))
            self.people.append(self.registry.contact(account, known, how, deal.owner_id))
        else:
            self.opener = dice.weighted({"direct": 40.0, "sales": 40.0, "email": 20.0})
        champion = self.people[0]
        while len(self.people) < wanted:
            early = champion.created_at.date()
            known = (
                buyer_moment(early, self.created_on, dice)
                if dice.chance(0.3)
                else sales_moment(self.created_on, self.last_day, dice)
            )
            known = max(champion.created_at + timedelta(hours=1), min(known, NOW - timedelta(hours=5)))
            self.people.append(self.registry.contact(account, known, "form" if dice.chance(0.42) else "sales", deal.owner_id))

    def _event_day(self, day: date) -> datetime:
        near = [campaign for campaign in running("events", day) if "dinner" not in campaign.name]
        if not near:
            return at(next_workday(day), self.dice, SALES_HOURS)
        return at(near[0].starts, self.dice, BUYER_HOURS)

    def _opening(self) -> None:
        deal, dice, diary, champion = self.deal, self.dice, self.diary, self.people[0]
        day = next_workday(deal.first_on) if dice.chance(0.9) else deal.first_on
        day = min(day, self.created_on)
        if self.opener == "sales":
            seller = dice.pick(DEVELOPERS) if dice.chance(0.5) else deal.owner_id
            diary.sales(
                champion,
                champion.created_at + timedelta(minutes=dice.whole(0, 20)),
                deal,
                "email_sent" if dice.chance(0.6) else "call",
                seller,
                False,
            )
        elif self.opener == "partners" and deal.partner_id:
            diary.partner(champion, sales_moment(day, day, dice), deal, "referral")
        elif self.opener == "events":
            days = running("events", champion.created_at.date()) or [CAMPAIGN["CMP-041"]]
            diary.event(
                champion,
                champion.created_at - timedelta(minutes=dice.whole(1, 9)),
                deal,
                days[0],
                deal.owner_id if dice.chance(0.4) else "",
            )
        elif self.opener == "webinars":
            campaigns = running("webinars", day) or [CAMPAIGN["CMP-030"]]
            diary.webinar(champion, champion.created_at + timedelta(minutes=dice.whole(30, 59)), deal, campaigns[0])
        elif self.opener == "email":
            campaigns = running("email", day)
            diary.mailing(champion, champion.created_at + timedelta(minutes=5), deal, dice.pick(campaigns), None)
        else:
            moment = min(buyer_moment(day, day, dice), champion.created_at - timedelta(minutes=30))
            diary.visit(champion, moment, self.opener, deal, self.assets if dice.chance(0.7) else [], pages=dice.whole(1, 3))

    def _fixed_points(self) -> None:
        """Write what every deal has: the forms that made people known, the meeting before the deal, the demo in it."""
        deal, dice, diary = self.deal, self.dice, self.diary
        for person in self.people:
            if person.how == "form" and person.created_at >= datetime(deal.first_on.year, deal.first_on.month, deal.first_on.day):
                moment = person.created_at - timedelta(seconds=dice.whole(2, 45))
                channel = (
                    dice.weighted(ANONYMOUS)
                    if person is not self.people[0]
                    else (self.opener if self.opener in ANONYMOUS else "direct")
                )
                campaigns = running(channel, moment.date(), deal.account.region) if channel.startswith("paid") else []
                path = dice.weighted({"demo": 40.0, "pricing": 14.0, "trial": 16.0, "reports": 18.0, "contact": 12.0})
                diary.form(person, moment, channel, deal, path, dice.pick(campaigns).campaign_id if campaigns else "")
        champion = self.people[0]
        first = champion.created_at.date()
        if dice.chance(0.75):
            when = min(
                sales_moment(max(first, self.created_on - timedelta(days=6)), self.created_on, dice),
                deal.created_at - timedelta(minutes=8),
            )
            if when > champion.created_at:
                diary.sales(
                    champion,
                    when,
                    deal,
                    "meeting" if dice.chance(0.5) else "call",
                    dice.pick(DEVELOPERS) if dice.chance(0.6) else deal.owner_id,
                    False,
                )
        if self.last_day > self.created_on and dice.chance(0.8):
            until = min(self.last_day, self.created_on + timedelta(days=20))
            diary.sales(
                champion,
                sales_moment(next_workday(self.created_on + timedelta(days=1)), until, dice),
                deal,
                "demo",
                deal.owner_id,
                True,
                guests=self.people[1:3],
            )

    def _happening(self, person: Contact) -> None:
        """Write one thing that this person does or receives at some time of the journey."""
        deal, dice, diary = self.deal, self.dice, self.diary
        end, begin = self.last_day, deal.first_on
        if person is not self.people[0]:
            begin = max(begin, min(end, person.created_at.date() - timedelta(days=dice.whole(0, 40))))
        if dice.chance(0.54) and end > self.created_on:
            begin = max(begin, self.created_on)
        moment = min(buyer_moment(begin, end, dice), NOW)
        if moment.date() < deal.first_on or moment.date() > end:
            return
        if moment < person.created_at:
            diary.visit(person, moment, dice.weighted(ANONYMOUS), deal, self._reading())
            return
        mix = IN_DEAL if moment >= deal.created_at else BEFORE_DEAL
        what = dice.weighted(mix)
        if deal.partner_id and dice.chance(0.12):
            diary.partner(person, sales_moment(moment.date(), end, dice), deal, dice.pick(("meeting", "call", "email_sent")))
            return
        if what in ("call", "email", "meeting", "demo"):
            self._selling(person, what, sales_moment(moment.date(), end, dice), moment >= deal.created_at)
        elif what == "visit":
            diary.visit(person, moment, dice.weighted(KNOWN), deal, self._reading())
        elif what == "download":
            asset = dice.pick(self.assets)
            if asset.published and asset.published <= moment.date():
                touch = diary.form(person, moment, dice.weighted(KNOWN), deal, asset.slug, asset_id=asset.asset_id)
                touch.kind = "content_download"
        elif what == "mailing":
            campaigns = running("email", moment.date())
            sent = at(next_workday(moment.date()), dice, {8: 1.0, 9: 5.0, 10: 3.0})
            if sent.date() <= end and sent > person.created_at:
                asset = dice.pick(self.assets)
                shown = asset if dice.chance(0.4) and asset.published and asset.published <= sent.date() else None
                diary.mailing(person, sent, deal, dice.pick(campaigns), shown)
        elif what == "webinar":
            campaigns = running("webinars", moment.date())
            if campaigns and person.created_at.date() + timedelta(days=10) < moment.date():
                diary.webinar(
                    person,
                    at(moment.date(), dice, {10: 1.0}),
                    deal,
                    dice.pick(campaigns),
                    self._recording(moment.date()) if dice.chance(0.25) else "",
                )
        elif what == "event":
            campaigns = running("events", moment.date())
            if campaigns:
                diary.event(person, moment, deal, dice.pick(campaigns), deal.owner_id if dice.chance(0.5) else "")

    def _recording(self, day: date) -> str:
        for asset_id, since in (("A-045", date(2026, 1, 29)), ("A-044", date(2025, 3, 13)), ("A-043", date(2024, 10, 17))):
            if day >= since:
                return asset_id
        return ""

    def _selling(self, person: Contact, what: str, moment: datetime, in_deal: bool) -> None:
        deal, dice, diary = self.deal, self.dice, self.diary
        if moment <= person.created_at or moment.date() > self.last_day:
            return
        seller = deal.owner_id if in_deal or dice.chance(0.4) else dice.pick(DEVELOPERS)
        if what == "email":
            piece = self.kit_piece if dice.chance(0.25) else None
            sent = diary.sales(person, moment, deal, "email_sent", seller, in_deal and dice.chance(0.6), asset=piece)
            if dice.chance(0.35):
                answered = moment + timedelta(minutes=dice.whole(8, 1500))
                if answered.date() <= self.last_day:
                    diary.reply(person, answered, deal, seller, sent)
        else:
            guests = dice.some(
                [other for other in self.people if other is not person and other.created_at < moment], dice.whole(0, 3)
            )
            diary.sales(person, moment, deal, what, seller, in_deal and dice.chance(0.9), guests=guests)

    def _reading(self) -> list[Asset]:
        return [self.dice.pick(self.assets)] if self.dice.chance(0.42) else []

    def _aftermath(self) -> None:
        """Write touches after the close: newsletters, the help pages, a thank-you call."""
        deal, dice, diary = self.deal, self.dice, self.diary
        assert deal.closed_on is not None
        first = deal.closed_on + timedelta(days=1)
        last = min(AS_OF, deal.closed_on + timedelta(days=dice.whole(10, 160)))
        if first >= last:
            return
        for _ in range(int(dice.skewed(5 if deal.account.segment == "enterprise" else 2, 0.6, 1, 22))):
            person = dice.pick(self.people)
            moment = sales_moment(first, last, dice)
            if moment <= person.created_at or moment > NOW or moment.date() <= deal.closed_on:
                continue
            kind = dice.weighted({"mailing": 45.0, "visit": 35.0, "call": 12.0, "email": 8.0})
            if kind == "mailing":
                diary.mailing(person, moment, None, dice.pick(running("email", moment.date())), None)
            elif kind == "visit":
                diary.visit(person, moment, dice.weighted(KNOWN), None, self._reading())
            else:
                diary.sales(person, moment, None, "call" if kind == "call" else "email_sent", deal.owner_id, False)
