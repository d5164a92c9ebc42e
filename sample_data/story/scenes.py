"""The stories that the sample must tell, woven into the journeys so that each can be found by its numbers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from story.cases import Deal
from story.catalogue import (
    ASSET,
    CAMPAIGN,
    COST_ARTICLE,
    DEVELOPERS,
    NURTURE,
    PARTNERS,
    QA_WEBINAR_ASSET,
    QA_WEBINAR_CAMPAIGN,
    TRADE_SHOW,
    TRADE_SHOW_DAYS,
)
from story.clock import AS_OF, NOW, at, buyer_moment, next_workday, sales_moment, to_utc
from story.companies import Registry
from story.dice import Dice
from story.touches import Diary, Touch

ARTICLE_TARGET_EUROS = 2_000_000


class Scenes:
    """Weaves the stories; ``alone`` are deals of accounts with no other deal, so that one story does not leak into another."""

    def __init__(self, registry: Registry, deals: list[Deal], diary: Diary) -> None:
        self.registry, self.deals, self.diary = registry, deals, diary
        self.dice = Dice("scenes")
        count: dict[str, int] = {}
        for deal in deals:
            count[deal.account.account_id] = count.get(deal.account.account_id, 0) + 1
        self.alone = [deal for deal in deals if count[deal.account.account_id] == 1 and "sparse" not in deal.stories]
        self.rejected: list[tuple[Deal, datetime, datetime]] = []

    def weave(self) -> None:
        """Weave all stories."""
        self._returned_leads()
        self._cost_article()
        self._trade_show()
        self._webinar()
        self._two_claims()

    def _free(self, status: str) -> list[Deal]:
        """Return deals of that outcome that carry no story yet, in a shuffled order."""
        return self.dice.shuffled([deal for deal in self.alone if deal.status == status and not deal.stories])

    def _returned_leads(self) -> None:
        """Nine leads were rejected, nurtured, and bought about a year later."""
        dice = self.dice
        for deal in self._free("won"):
            if len(self.rejected) == 9:
                break
            if (
                (deal.account.segment == "enterprise" and len(self.rejected) % 3)
                or deal.closed_on is None
                or deal.closed_on < date(2026, 1, 20)
            ):
                continue
            champion = deal.account.group[0]
            asked_on = next_workday(deal.closed_on - timedelta(days=dice.whole(368, 410)))
            if asked_on < date(2024, 12, 5):
                continue
            asked = buyer_moment(asked_on, asked_on, dice)
            champion.created_at, champion.how = asked, "form"
            deal.first_on = min(deal.first_on, asked_on)
            channel = dice.pick(("paid_search", "organic_search", "paid_social"))
            self.diary.visit(champion, asked - timedelta(minutes=7), channel, deal, [], pages=2)
            self.diary.form(champion, asked - timedelta(seconds=20), channel, deal, "demo")
            rejected_at = sales_moment(asked_on + timedelta(days=2), asked_on + timedelta(days=9), dice)
            back_at = max(
                deal.created_at - timedelta(days=dice.whole(3, 12), minutes=dice.whole(1, 300)), rejected_at + timedelta(days=120)
            )
            day = asked_on + timedelta(days=25)
            while day < back_at.date():
                sent = at(next_workday(day), dice, {8: 1.0, 9: 4.0, 10: 3.0})
                self.diary.mailing(
                    champion,
                    sent,
                    deal,
                    CAMPAIGN[NURTURE],
                    dice.pick(
                        [
                            asset
                            for asset in ASSET.values()
                            if asset.published and asset.published < day and asset.stage != "bottom"
                        ]
                    ),
                )
                day += timedelta(days=dice.whole(24, 47))
            deal.stories.add("returned lead")
            self.rejected.append((deal, rejected_at, back_at))

    def _cost_article(self) -> None:
        """The cost article was read by the champions of won deals worth two million euros since it came out."""
        dice = self.dice
        published = ASSET[COST_ARTICLE].published
        assert published is not None
        limits = {"enterprise": 6, "mid-market": 18, "small business": 60}
        left = float(ARTICLE_TARGET_EUROS)
        fitting = [
            deal
            for deal in self._free("won")
            if deal.closed_on and deal.closed_on > published + timedelta(days=45) and deal.currency == "EUR"
        ]
        for segment in ("enterprise", "mid-market", "small business"):
            for deal in fitting:
                if (
                    deal.account.segment == segment
                    and limits[segment]
                    and deal.euros < left
                    and not (segment == "enterprise" and deal.euros > 260_000)
                ):
                    limits[segment] -= 1
                    left -= deal.euros
                    self._read_article(deal, dice.whole(4, 7))
                    deal.stories.add("cost article")
        others = [
            deal
            for status, count in (("lost", 26), ("open", 12))
            for deal in self._free(status)[:count]
            if deal.ends_on > published + timedelta(days=20)
        ]
        for deal in others:
            self._read_article(deal, dice.whole(1, 3))
            deal.stories.add("cost article")

    def _read_article(self, deal: Deal, times: int) -> None:
        dice, asset = self.dice, ASSET[COST_ARTICLE]
        assert asset.published is not None
        champion = deal.account.group[0]
        first = max(asset.published, deal.first_on + timedelta(days=1))
        last = deal.ends_on - timedelta(days=2)
        if last <= first:
            first = last = deal.ends_on - timedelta(days=2)
        readers = [champion, champion, *deal.account.group[1:4]]
        for turn in range(times):
            person = champion if turn < 2 else dice.pick(readers)
            moment = min(buyer_moment(first, last, dice), NOW - timedelta(hours=3))
            self.diary.visit(
                person,
                moment,
                dice.weighted({"organic_search": 62.0, "direct": 22.0, "paid_search": 16.0}),
                deal,
                [asset],
                pages=dice.whole(1, 2),
            )
        if dice.chance(0.6) and deal.created_at.date() < last:
            begin = max(first, deal.created_at.date() + timedelta(days=1))
            moment = sales_moment(begin, max(begin, last), dice)
            if moment.date() <= last:
                sent = self.diary.sales(champion, moment, deal, "email_sent", deal.owner_id, True, asset=asset)
                clicked = moment + timedelta(minutes=dice.whole(3, 200))
                self.diary.add(
                    Touch(
                        clicked,
                        "sales",
                        "email_click",
                        contact=champion,
                        url=asset.url,
                        asset_id=COST_ARTICLE,
                        cause=sent,
                        direction="inbound",
                    ),
                    deal,
                )

    def _trade_show(self) -> None:
        """The trade show brought 200 names; two of them won."""
        dice = self.dice
        day = TRADE_SHOW_DAYS[1]
        for status, count in (("won", 2), ("lost", 4), ("open", 1)):
            fitting = [
                deal
                for deal in self._free(status)
                if deal.first_on <= day < deal.ends_on - timedelta(days=25) and deal.account.segment != "small business"
            ]
            if status == "won":
                fitting = [deal for deal in fitting if deal.euros < 190_000]
            for deal in fitting[:count]:
                champion = deal.account.group[0]
                moment = at(dice.pick(TRADE_SHOW_DAYS), dice, {9: 1.0, 10: 2.0, 11: 3.0, 13: 2.0, 14: 3.0, 15: 2.0})
                if champion.created_at > moment:
                    champion.created_at, champion.how = moment + timedelta(minutes=2), "event"
                self.diary.event(champion, moment, deal, CAMPAIGN[TRADE_SHOW])
                deal.stories.add("trade show")
        self.names_left = 200 - sum(1 for touch in self.diary.touches if touch.campaign_id == TRADE_SHOW)

    def sessions(self) -> list[datetime]:
        """Return when the question-and-answer webinar was held: every second and last Thursday."""
        result = []
        day = date(2025, 1, 30)
        while day <= AS_OF:
            if day.day > 7 and (8 <= day.day <= 14 or (day + timedelta(days=7)).month != day.month):
                result.append(to_utc(datetime.combine(day, time(10))))
            day += timedelta(days=7)
        return result

    def _webinar(self) -> None:
        """Buyers attend the webinar as the last thing before they sign; nobody starts with it."""
        dice, diary = self.dice, self.diary
        campaign = CAMPAIGN[QA_WEBINAR_CAMPAIGN]
        limits = {"enterprise": 7, "mid-market": 8, "small business": 5}
        for deal in self._free("won"):
            near = [
                moment
                for moment in self.sessions()
                if deal.closed_on and timedelta(0) <= deal.closed_on - moment.date() <= timedelta(days=5)
            ]
            if not near or not limits[deal.account.segment] or near[-1].date() <= deal.created_at.date() + timedelta(days=3):
                continue
            limits[deal.account.segment] -= 1
            deal.stories.add("last webinar")
            moment = near[-1] + timedelta(minutes=dice.whole(0, 6), seconds=dice.whole(0, 59))
            champion = deal.account.group[0]
            end = datetime.combine(deal.ends_on + timedelta(days=1), time())
            members = set(map(id, deal.account.group))
            diary.touches = [
                touch
                for touch in diary.touches
                if not (
                    touch.person is not None
                    and id(touch.person) in members
                    and near[-1] - timedelta(minutes=90) <= touch.occurred_at < end
                )
            ]
            diary.webinar(champion, moment, deal, campaign, QA_WEBINAR_ASSET)
            for guest in deal.account.group[1:3]:
                if guest.created_at < moment and dice.chance(0.5):
                    diary.webinar(guest, moment + timedelta(seconds=dice.whole(1, 200)), deal, campaign, QA_WEBINAR_ASSET)
        for deal in self._free("open")[:7] + self._free("lost")[:6]:
            near = [
                moment
                for moment in self.sessions()
                if deal.created_at + timedelta(days=8) < moment < datetime.combine(deal.ends_on, time())
            ]
            if near:
                diary.webinar(
                    deal.account.group[0], near[-1] + timedelta(seconds=dice.whole(1, 400)), deal, campaign, QA_WEBINAR_ASSET
                )
                deal.stories.add("late webinar")

    def _two_claims(self) -> None:
        """On eight deals a partner and a salesperson both claim the whole."""
        dice = self.dice
        done = 0
        for deal in self._free("won") + self._free("open"):
            if done == 8:
                break
            if (
                deal.account.segment == "small business"
                or (deal.status == "open") != (done >= 6)
                or (deal.ends_on - deal.created_at.date()).days < 25
            ):
                continue
            deal.partner_id = deal.partner_id or dice.pick(PARTNERS)[0]
            deal.stories.add("two claims")
            champion = deal.account.group[0]
            last = deal.ends_on - timedelta(days=3)
            for turn in range(dice.whole(2, 4)):
                begin = champion.created_at.date() + timedelta(days=1) if turn == 0 and done % 2 == 0 else deal.created_at.date()
                moment = sales_moment(begin, max(begin, last), dice)
                if champion.created_at < moment:
                    self.diary.partner(champion, moment, deal, dice.pick(("meeting", "call", "email_sent")))
            for _ in range(2):
                moment = sales_moment(deal.created_at.date() + timedelta(days=1), last, dice)
                self.diary.sales(
                    champion,
                    moment,
                    deal,
                    dice.pick(("call", "meeting")),
                    deal.owner_id if dice.chance(0.8) else dice.pick(DEVELOPERS),
                    True,
                )
            done += 1
