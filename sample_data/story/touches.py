"""The diary of everything that marketing, sales, partners and buyers did, one method per kind of event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from story import words
from story.cases import Deal
from story.catalogue import ASSET, ASSETS, COST_ARTICLE, MARKETERS, SALES_KIT, SITE, Asset, Campaign, running
from story.companies import Account, Contact
from story.dice import Dice

UTM = {
    "paid_search": ("google", "cpc"),
    "paid_social": ("linkedin", "paid_social"),
    "email": ("newsletter", "email"),
    "partners": ("partner", "referral"),
    "webinars": ("webinar", "email"),
    "events": ("event", "qr"),
}
BAD_UTM = (
    ("", ""),
    ("", ""),
    ("(not set)", "(not set)"),
    ("undefined", "undefined"),
    ("Google%20Ads", "CPC "),
    ("linkedin.com/", "social?utm_content=2"),
    ("{{source}}", "{{medium}}"),
)
PAGES = {
    "": 26.0,
    "product": 20.0,
    "pricing": 15.0,
    "product/reconcile": 9.0,
    "product/group-close": 8.0,
    "integrations/sap": 6.0,
    "integrations/datev": 4.0,
    "customers": 8.0,
    "about": 5.0,
    "trust": 4.0,
    "partners": 2.0,
    "careers": 3.0,
    "demo": 7.0,
}
EARLY = {"top": 1.0, "middle": 0.8, "bottom": 0.15}
LATE = {"top": 0.3, "middle": 0.9, "bottom": 1.2}


@dataclass(eq=False)
class Touch:
    """One event; ``shown_account`` is a company that the web tool guessed from the address of an anonymous visitor."""

    occurred_at: datetime
    channel: str
    kind: str
    contact: Contact | None = None
    visitor_id: str = ""
    shown_account: str = ""
    deal: Deal | None = None
    actor: str = "buyer"
    direction: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    campaign_id: str = ""
    asset_id: str = ""
    url: str = ""
    minutes: int = 0
    owner_id: str = ""
    outcome: str = ""
    note: str = ""
    cause: Touch | None = None
    guests: list[tuple[Contact, str]] = field(default_factory=list)
    of_deal: Deal | None = None
    person: Contact | None = None
    touch_id: str = ""
    contact_id: str = ""


class Diary:
    """Collects touches; ``wrong_accounts`` are the companies that an address is mistaken for."""

    def __init__(self, topic: str) -> None:
        self.dice = Dice(topic)
        self.touches: list[Touch] = []
        self.wrong_accounts: list[Account] = []

    def add(self, touch: Touch, of_deal: Deal | None = None) -> Touch:
        """Note a touch down."""
        touch.of_deal = of_deal
        touch.person = touch.person or touch.contact
        self.touches.append(touch)
        return touch

    # What buyers do on the web

    def visit(
        self,
        person: Contact,
        moment: datetime,
        channel: str,
        deal: Deal | None,
        assets: list[Asset],
        campaign: Campaign | None = None,
        pages: int = 0,
    ) -> list[Touch]:
        """Let a person come to the site and look at one to five pages."""
        dice = self.dice
        device = person.devices[-1] if dice.chance(0.2) else person.devices[0]
        known = moment >= person.created_at and (device == person.devices[0] or dice.chance(0.15))
        person.used_devices.add(device)
        if (
            campaign is None
            and channel in ("paid_search", "paid_social", "partners", "referral")
            and (channel != "referral" or dice.chance(0.3))
        ):
            choices = running(channel, moment.date(), person.account.region if person.account else "")
            campaign = dice.pick(choices) if choices else None
        source, medium = UTM.get(channel, ("", ""))
        if channel == "paid_search" and dice.chance(0.18):
            source = "bing"
        if channel == "organic_search" and dice.chance(0.55):
            source, medium = dice.weighted({"google": 82.0, "bing": 12.0, "duckduckgo": 6.0}), "organic"
        if channel == "referral":
            source, medium = (
                dice.weighted(
                    {
                        "softwarecompare.example": 40.0,
                        "kontrollerblog.example": 30.0,
                        "erp-forum.example": 18.0,
                        "wikipages.example": 12.0,
                    }
                ),
                "referral",
            )
        if source and dice.chance(0.1 if channel != "organic_search" else 0.04):
            source, medium = dice.pick(BAD_UTM)
        guessed = ""
        if not known and person.account is not None and dice.chance(0.6):
            guessed = (
                person.account.account_id
                if dice.chance(0.78) or not self.wrong_accounts
                else dice.pick(self.wrong_accounts).account_id
            )
        made: list[Touch] = []
        count = pages or int(dice.weighted({"1": 46.0, "2": 28.0, "3": 15.0, "4": 7.0, "5": 4.0}))
        for page in range(count):
            asset = assets[page] if page < len(assets) else None
            if asset is None or asset.published is None or asset.published > moment.date():
                asset, path = None, dice.weighted(PAGES)
                if page == 0 and channel == "paid_search":
                    path = "product"
                url = f"{SITE}/{path}".rstrip("/")
            else:
                url = asset.url
            kind = "page_view"
            if page == 0 and channel in ("paid_search", "paid_social") and dice.chance(0.55):
                kind = "ad_click"
            elif (
                asset is not None
                and asset.format in ("template", "report", "white paper", "e-book", "calculator")
                and dice.chance(0.45)
            ):
                kind = "content_download" if asset.format != "calculator" else "page_view"
            if page == 0 and source and dice.chance(0.12):
                url += f"?utm_source={source.split('/')[0].replace(' ', '')}"
            elif dice.chance(0.06):
                url = url.replace("https://", dice.pick(("http://", "https://www.", "https://"))) + "/"
            shows_asset = asset is not None and dice.chance(0.45)
            made.append(
                self.add(
                    Touch(
                        moment,
                        channel,
                        kind,
                        contact=person if known else None,
                        visitor_id=device,
                        shown_account=guessed,
                        utm_source=source,
                        utm_medium=medium,
                        campaign_id=campaign.campaign_id if campaign else "",
                        asset_id=asset.asset_id if asset and shows_asset else "",
                        url=url,
                        person=person,
                    ),
                    deal,
                )
            )
            moment += timedelta(seconds=dice.whole(14, 400))
        return made

    def form(
        self,
        person: Contact,
        moment: datetime,
        channel: str,
        deal: Deal | None,
        path: str,
        campaign_id: str = "",
        asset_id: str = "",
    ) -> Touch:
        """Let a person fill a form; the CRM knows the person a few seconds later, so the touch still is the visitor's."""
        person.used_devices.add(person.devices[0])
        source, medium = UTM.get(channel, ("", ""))
        if source and self.dice.chance(0.1):
            source, medium = self.dice.pick(BAD_UTM)
        return self.add(
            Touch(
                moment,
                channel,
                "form",
                contact=person if self.dice.chance(0.85) else None,
                visitor_id=person.devices[0],
                direction="inbound",
                utm_source=source,
                utm_medium=medium,
                campaign_id=campaign_id,
                asset_id=asset_id,
                url=f"{SITE}/{path}",
                person=person,
            ),
            deal,
        )

    # What marketing does

    def mailing(self, person: Contact, moment: datetime, deal: Deal | None, campaign: Campaign, asset: Asset | None) -> None:
        """Send one e-mail of marketing, which may be opened and clicked."""
        dice = self.dice
        asset_id = asset.asset_id if asset else ""
        sent = self.add(
            Touch(
                moment,
                "email",
                "email_sent",
                contact=person,
                actor="marketing",
                direction="outbound",
                campaign_id=campaign.campaign_id,
                asset_id=asset_id,
                owner_id=MARKETERS[0] if dice.chance(0.15) else "",
            ),
            deal,
        )
        if dice.chance(0.4):
            opened = moment + timedelta(minutes=dice.whole(2, 900))
            self.add(Touch(opened, "email", "email_open", contact=person, campaign_id=campaign.campaign_id, cause=sent), deal)
            if dice.chance(0.5):
                clicked = opened + timedelta(seconds=dice.whole(20, 200))
                self.add(
                    Touch(
                        clicked,
                        "email",
                        "email_click",
                        contact=person,
                        utm_source="newsletter",
                        utm_medium="email",
                        campaign_id=campaign.campaign_id,
                        asset_id=asset_id,
                        url=asset.url if asset else SITE,
                        cause=sent,
                    ),
                    deal,
                )

    def webinar(self, person: Contact, moment: datetime, deal: Deal | None, campaign: Campaign, asset_id: str = "") -> Touch:
        """Let a person attend a webinar, mostly after signing up for it."""
        dice = self.dice
        signed = None
        if dice.chance(0.6):
            before = moment - timedelta(days=dice.whole(1, 9), minutes=dice.whole(3, 300))
            signed = self.add(
                Touch(
                    before,
                    "webinars",
                    "form",
                    contact=person,
                    direction="inbound",
                    utm_source="webinar",
                    utm_medium="email",
                    campaign_id=campaign.campaign_id,
                    url=f"{SITE}/webinars",
                ),
                deal,
            )
        return self.add(
            Touch(
                moment,
                "webinars",
                "webinar_attended",
                contact=person,
                campaign_id=campaign.campaign_id,
                asset_id=asset_id,
                minutes=dice.whole(12, 62),
                cause=signed,
            ),
            deal,
        )

    def event(self, person: Contact, moment: datetime, deal: Deal | None, campaign: Campaign, owner_id: str = "") -> Touch:
        """Let a person come to the stand (or to dinner)."""
        return self.add(
            Touch(
                moment,
                "events",
                "event_visit",
                contact=person,
                campaign_id=campaign.campaign_id,
                minutes=self.dice.whole(3, 35) if "dinner" not in campaign.name else 150,
                owner_id=owner_id,
                note="badge scan" if self.dice.chance(0.3) else "",
            ),
            deal,
        )

    # What sales and partners do

    def sales(
        self,
        person: Contact,
        moment: datetime,
        deal: Deal | None,
        kind: str,
        owner_id: str,
        names_deal: bool,
        asset: Asset | None = None,
        guests: list[Contact] | None = None,
    ) -> Touch:
        """Note a call, an e-mail, a meeting or a demo of a salesperson."""
        dice = self.dice
        touch = Touch(
            moment,
            "sales",
            kind,
            contact=person,
            deal=deal if names_deal else None,
            actor="sales",
            direction="outbound",
            owner_id=owner_id,
        )
        if kind == "call":
            touch.outcome = dice.weighted({"connected": 52.0, "voicemail": 24.0, "no answer": 20.0, "wrong number": 1.5, "": 2.5})
            touch.minutes = dice.whole(4, 34) if touch.outcome == "connected" else dice.whole(1, 2)
        elif kind in ("meeting", "demo"):
            touch.outcome = dice.weighted({"held": 84.0, "rescheduled": 8.0, "no show": 5.0, "": 3.0})
            touch.minutes = dice.pick((30, 30, 45, 45, 60, 60, 60, 90)) if touch.outcome in ("held", "") else 0
            touch.guests = [(guest, dice.pick(("attendee", "attendee", "optional"))) for guest in guests or []]
        else:
            touch.asset_id = asset.asset_id if asset else ""
        if dice.chance(0.33 if kind in ("call", "meeting", "demo") else 0.05):
            touch.note = dice.pick(words.CALL_NOTES)
        return self.add(touch, deal)

    def reply(self, person: Contact, moment: datetime, deal: Deal | None, owner_id: str, cause: Touch) -> None:
        """Let a buyer answer a salesperson's e-mail."""
        self.add(Touch(moment, "sales", "email_reply", contact=person, direction="inbound", owner_id=owner_id, cause=cause), deal)

    def partner(self, person: Contact, moment: datetime, deal: Deal, kind: str) -> Touch:
        """Note what a partner did."""
        return self.add(
            Touch(
                moment,
                "partners",
                kind,
                contact=person,
                deal=deal,
                actor="partner",
                direction="outbound" if kind != "referral" else "inbound",
                campaign_id="CMP-045" if self.dice.chance(0.6) else "",
                minutes=self.dice.pick((30, 45, 60)) if kind == "meeting" else 0,
            ),
            deal,
        )


def palette(dice: Dice, count: int, day: date, late: bool = False) -> list[Asset]:
    """Return some pieces that were out on that day, the ones with more pull more often; never the cost article, which is placed by hand."""
    weights = {
        asset.asset_id: asset.pull * (LATE if late else EARLY)[asset.stage]
        for asset in ASSETS
        if asset.published is not None and asset.published <= day and asset.asset_id != COST_ARTICLE and asset.pull > 0
    }
    return [ASSET[dice.weighted(weights)] for _ in range(count)]


def kit_piece(dice: Dice, day: date) -> Asset | None:
    """Return a piece of the sales kit that was out on that day."""
    pieces = [
        asset for asset in SALES_KIT if asset.published is not None and asset.published <= day and asset.asset_id != COST_ARTICLE
    ]
    return dice.pick(pieces) if pieces else None
