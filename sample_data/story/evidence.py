"""What is known about deals beside the touches: people and claims, changes, questions, feedback, reviews, lines and invoices."""

from __future__ import annotations

from datetime import datetime, timedelta

from story import words
from story.cases import Deal
from story.catalogue import ASSET, ASSETS, COST_ARTICLE, SALES_KIT
from story.clock import AS_OF, MONTHS, NOW, add_work_hours, at, next_workday, sales_moment, stamp
from story.companies import Contact
from story.dice import Dice
from story.touches import Touch

Row = dict[str, str]


def money(cents: int) -> str:
    """Write cents as an amount with two decimals."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def deal_contacts(deals: list[Deal]) -> list[Row]:
    """Write who is on which deal in the CRM: often nobody, mostly one."""
    dice = Dice("roles")
    rows: list[Row] = []
    for deal in deals:
        count = deal.role_count
        if not deal.has_account or "returned lead" in deal.stories:
            count = max(1, count)
        people = [person for person in deal.account.group if person.created_at.date() <= deal.ends_on]
        for index, person in enumerate(people[:count]):
            role = {
                "champion": "Champion",
                "decision maker": "Decision maker",
                "technical": "Technical evaluator",
                "procurement": "Procurement",
            }.get(person.persona, "")
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "contact_id": person.contact_id,
                    "role": role if dice.chance(0.8) else "",
                    "is_primary": "true" if index == 0 else "false",
                }
            )
    return rows


def deal_parties(deals: list[Deal], touches: list[Touch]) -> list[Row]:
    """Write who claims a deal: its owner, whoever opened the door, the partner; on the contested ones both claim the whole."""
    dice = Dice("parties")
    door: dict[int, str] = {}
    for touch in touches:
        if touch.of_deal is not None and touch.actor == "sales" and touch.owner_id in ("U-07", "U-08", "U-09"):
            door.setdefault(id(touch.of_deal), touch.owner_id)
    rows: list[Row] = []
    contested = 0
    for deal in deals:
        both = "two claims" in deal.stories
        parts = [("owner", deal.owner_id, 1.0 if both or not deal.partner_id else 0.7, deal.created_at.date())]
        if id(door) and id(deal) in door and dice.chance(0.6):
            parts.append(("sdr", door[id(deal)], 0.1, deal.created_at.date()))
        if deal.partner_id:
            early = both and contested % 2 == 0
            shift = -dice.whole(5, 40) if early or not both else dice.whole(4, 20)
            parts.append(("partner", deal.partner_id, 1.0 if both else 0.3, deal.created_at.date() + timedelta(days=shift)))
        contested += both
        for kind, party, share, since in parts:
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "party_kind": kind,
                    "party_id": party,
                    "share": f"{share:.1f}",
                    "registered_on": since.isoformat(),
                }
            )
    return rows


def deal_changes(deals: list[Deal]) -> list[Row]:
    """Write moved close dates (four deals in ten), changed amounts and changed owners."""
    dice = Dice("changes")
    rows: list[Row] = []
    for deal in deals:
        last = min(NOW, at(deal.ends_on, dice, {8: 1.0}))
        if (last - deal.created_at).days < 6:
            continue

        def note(field: str, old: str, new: str, deal: Deal = deal, last: datetime = last) -> None:
            moment = sales_moment(deal.created_at.date() + timedelta(days=1), last.date() - timedelta(days=1), dice)
            rows.append(
                {"deal_id": deal.deal_id, "changed_at": stamp(moment), "field": field, "old_value": old, "new_value": new}
            )

        if dice.chance(0.4) and deal.expected_close_on is not None:
            planned = deal.expected_close_on - timedelta(days=dice.whole(12, 95))
            note("expected_close_on", planned.isoformat(), deal.expected_close_on.isoformat())
        if dice.chance(0.22):
            old = deal.amount_cents * dice.whole(82, 135) // 100 // 10000 * 10000
            note("amount", money(old), money(deal.amount_cents))
        if dice.chance(0.06):
            note("owner_id", dice.pick(("U-11", "U-12", "U-15", "U-17", "U-19")), deal.owner_id)
    rows.sort(key=lambda row: (row["changed_at"], row["deal_id"], row["field"]))
    return rows


def questions(deals: list[Deal]) -> list[Row]:
    """Write what buyers asked; a third of it no content answers yet."""
    dice = Dice("questions")
    found: list[tuple[datetime, Deal, Contact, str, str, str]] = []
    for deal in deals:
        if "sparse" in deal.stories or not dice.chance(0.42):
            continue
        for _ in range(dice.whole(1, 3 if deal.account.segment != "enterprise" else 4)):
            topic = dice.weighted({"cost": 30.0, "problems": 17.0, "versus": 16.0, "reviews": 11.0, "best": 6.0, "other": 20.0})
            moment = sales_moment(deal.created_at.date(), max(deal.created_at.date(), deal.ends_on - timedelta(days=1)), dice)
            asker = dice.pick([person for person in deal.account.group if person.created_at <= moment] or deal.account.group[:1])
            fitting = [
                asset
                for asset in ASSETS
                if asset.topic == topic and asset.published and asset.published <= moment.date() and asset.status == "published"
            ]
            answer = ""
            if fitting and dice.chance(0.62):
                article = ASSET[COST_ARTICLE]
                answer = (
                    article.asset_id
                    if topic == "cost" and article in fitting and dice.chance(0.7)
                    else dice.pick(fitting).asset_id
                )
            found.append((moment, deal, asker, dice.pick(words.QUESTIONS[topic]), topic, answer))
    found.sort(key=lambda entry: (entry[0], entry[1].deal_id))
    return [
        {
            "question_id": f"Q-{index:03d}",
            "asked_at": stamp(moment),
            "deal_id": deal.deal_id,
            "contact_id": asker.contact_id,
            "asked_by": deal.owner_id,
            "text": text,
            "topic": topic,
            "asset_id": answer,
        }
        for index, (moment, deal, asker, text, topic, answer) in enumerate(found, start=1)
    ]


COMMENTS = {
    5: (
        "Sent it before the price talk, no haggling afterwards.",
        "They forwarded it to the CFO.",
        "Answered the question I get every week.",
        "Saved me a meeting.",
        "",
    ),
    4: ("Good, a bit long.", "Useful; a French version would help.", "They read it, asked two follow-ups.", ""),
    3: ("Fine, nobody mentioned it.", "Numbers are from last year.", ""),
    2: ("Too general for a group with 40 entities.", "Reads like advertising.", ""),
    1: ("Screenshots are outdated, had to apologise.", "Wrong audience."),
}


def content_feedback(deals: list[Deal], touches: list[Touch]) -> list[Row]:
    """Write sales' own words on pieces they sent, and on a few they would not send."""
    dice = Dice("feedback")
    found: list[tuple[str, Row]] = []
    for touch in touches:
        if touch.actor == "sales" and touch.asset_id and touch.of_deal is not None and dice.chance(0.4):
            rating = int(
                dice.weighted(
                    {"5": 46.0, "4": 38.0, "3": 12.0, "2": 3.0, "1": 1.0}
                    if touch.asset_id == COST_ARTICLE
                    else {"5": 16.0, "4": 36.0, "3": 30.0, "2": 13.0, "1": 5.0}
                )
            )
            moment = stamp(add_work_hours(touch.occurred_at, dice.skewed(30.0, 0.8, 1.0, 200.0)))
            found.append(
                (
                    moment,
                    {
                        "asset_id": touch.asset_id,
                        "deal_id": touch.of_deal.deal_id,
                        "owner_id": touch.owner_id,
                        "given_at": moment,
                        "rating": str(rating),
                        "was_used": "true",
                        "reason": "",
                        "comment": dice.pick(COMMENTS[rating]),
                    },
                )
            )
    unused = [asset for asset in ASSETS if asset not in SALES_KIT and asset.published and asset.status == "published"]
    for deal in dice.some(deals, 46):
        asset = dice.pick(unused)
        moment_at = sales_moment(max(deal.created_at.date(), asset.published or MONTHS[0]), AS_OF, dice)
        found.append(
            (
                stamp(moment_at),
                {
                    "asset_id": asset.asset_id,
                    "deal_id": "",
                    "owner_id": deal.owner_id,
                    "given_at": stamp(moment_at),
                    "rating": "" if dice.chance(0.5) else str(dice.whole(1, 3)),
                    "was_used": "false",
                    "reason": dice.pick(
                        (
                            "did not know it exists",
                            "did not know it exists",
                            "not for my buyers",
                            "outdated",
                            "cannot find it in the folder",
                            "too long",
                        )
                    ),
                    "comment": "",
                },
            )
        )
    found.sort(key=lambda entry: (entry[0], entry[1]["asset_id"], entry[1]["owner_id"]))
    return [row for stamped, row in found if stamped <= stamp(NOW)]


def deal_reviews(deals: list[Deal]) -> list[Row]:
    """Write the voices on a fifth of the closed deals; owner and buyer often disagree about price."""
    dice = Dice("reviews")
    rows: list[Row] = []
    for deal in deals:
        if deal.status == "open" or not dice.chance(0.42 if deal.account.segment == "enterprise" else 0.2):
            continue
        owner = deal.loss_reason or dice.pick(("product fit", "trust", "references", "price", "speed of answer"))
        buyer = (
            owner
            if dice.chance(0.45)
            else dice.pick(
                ("trust", "unclear total cost", "too slow to answer", "missing reference", "missing feature")
                if deal.status == "lost"
                else ("answered every question openly", "references", "product fit", "price")
            )
        )
        missing = dice.pick(("A-055", "A-056", "A-058", "A-059", "A-057")) if deal.status == "lost" and dice.chance(0.4) else ""
        rows.append(
            {
                "deal_id": deal.deal_id,
                "voice": "owner",
                "reason_code": owner,
                "note": dice.pick(words.CALL_NOTES) if dice.chance(0.3) else "",
                "missing_asset": "",
            }
        )
        if dice.chance(0.7):
            rows.append({"deal_id": deal.deal_id, "voice": "buyer", "reason_code": buyer, "note": "", "missing_asset": missing})
        if dice.chance(0.4):
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "voice": "marketing",
                    "reason_code": buyer if dice.chance(0.5) else owner,
                    "note": "",
                    "missing_asset": missing,
                }
            )
    return rows


def deal_lines(deals: list[Deal]) -> list[Row]:
    """Split every deal into licence and onboarding."""
    rows: list[Row] = []
    for deal in deals:
        if deal.deal_type == "renewal" or not deal.has_amount:
            continue
        onboarding = deal.amount_cents * (22 if deal.account.segment == "enterprise" else 15) // 100 // 5000 * 5000
        product = deal.name.split(" – ")[1].split(",")[0] if deal.deal_type == "new" else "Close Core"
        for number, (name, cents, recurring) in enumerate(
            ((product, deal.amount_cents - onboarding, deal.amount_cents - onboarding), ("Onboarding", onboarding, 0)), start=1
        ):
            rows.append(
                {
                    "deal_id": deal.deal_id,
                    "line_id": str(number),
                    "product": name,
                    "amount": money(cents),
                    "recurring_amount": money(recurring) if recurring else "",
                }
            )
    return rows


def revenue_events(deals: list[Deal], cancelled: Deal) -> list[Row]:
    """Write an invoice per won deal, a month after signing, and the refund of the cancelled one."""
    dice = Dice("invoices")
    found: list[tuple[str, Row]] = []
    for deal in deals:
        if deal.status != "won" or deal.closed_on is None or not deal.has_amount:
            continue
        steps = [("invoice", next_workday(deal.closed_on + timedelta(days=dice.whole(5, 35))), deal.amount_cents)]
        if deal is cancelled:
            steps.append(("refund", steps[0][1] + timedelta(days=19), -deal.amount_cents))
        for kind, day, cents in steps:
            if day <= AS_OF:
                found.append(
                    (
                        day.isoformat(),
                        {
                            "event_id": "",
                            "deal_id": deal.deal_id,
                            "account_id": deal.account.account_id,
                            "happened_on": day.isoformat(),
                            "kind": kind,
                            "amount": money(cents),
                            "currency": deal.currency,
                            "recurring_months": "12" if kind == "invoice" else "",
                        },
                    )
                )
    found.sort(key=lambda entry: (entry[0], entry[1]["deal_id"], entry[1]["kind"]))
    for index, (_, row) in enumerate(found, start=1):
        row["event_id"] = f"R-{index:04d}"
    return [row for _, row in found]
