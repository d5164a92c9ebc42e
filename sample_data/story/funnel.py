"""Leads on their way: qualified, handed over, accepted or sent back, and the scores they had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from story.cases import Deal
from story.catalogue import DEVELOPERS, SELLERS, SLOW_TEAM, TEAM_OF
from story.clock import AS_OF, MONTHS, NOW, SALES_HOURS, add_work_hours, at, is_workday, month_end, month_of, sales_moment
from story.companies import Contact
from story.dice import Dice

PRESSED = tuple(month for month in MONTHS if date(2026, 3, 1) <= month <= date(2026, 8, 1))
PRESSED_COUNT = 100
NEW_RULE = date(2026, 9, 1)
REASONS = {
    "no budget": 16.0,
    "not a decision maker": 15.0,
    "cannot be reached": 20.0,
    "no need now": 17.0,
    "wrong company size": 10.0,
    "student or teacher": 5.0,
    "works for a competitor": 2.0,
    "only wanted the template": 15.0,
}


@dataclass
class Handoff:
    """A lead given from marketing to sales."""

    contact: Contact
    handed_at: datetime
    from_owner_id: str
    owner_id: str
    score: int
    deal: Deal | None
    first_response_at: datetime | None
    attempts: int
    outcome: str
    outcome_at: datetime | None
    reason: str = ""


class Funnel:
    """Makes hand-overs and lifecycle changes; ``champions`` are the deals' first people, ``leads`` everyone else who might be handed over."""

    def __init__(self, deals: list[Deal], leads: list[Contact], returned: list[tuple[Deal, datetime, datetime]]) -> None:
        self.dice = Dice("funnel")
        self.deals, self.leads, self.returned = deals, leads, returned
        self.handoffs: list[Handoff] = []
        self.scores: list[tuple[Contact, datetime, int]] = []

    def fill(self) -> None:
        """Make everything, month by month."""
        returned = {id(deal) for deal, _, _ in self.returned}
        for deal, rejected_at, back_at in self.returned:
            self._returned(deal, rejected_at, back_at)
        for deal in self.deals:
            if deal.follows is None and id(deal) not in returned and "sparse" not in deal.stories:
                self._of_deal(deal)
        for month in MONTHS:
            self._month(month)
        self.handoffs.sort(key=lambda entry: (entry.handed_at, entry.contact.contact_id))
        self._lifecycle()

    def _seller(self, contact: Contact, deal: Deal | None = None) -> str:
        if deal is not None:
            return deal.owner_id
        region = contact.account.region if contact.account else "DACH"
        return self.dice.pick(SELLERS[region])

    def _hours(self, owner_id: str) -> float:
        if TEAM_OF[owner_id] == SLOW_TEAM:
            return self.dice.skewed(31.0, 0.55, 4.0, 130.0)
        return self.dice.skewed(3.1, 0.9, 0.1, 45.0)

    def _returned(self, deal: Deal, rejected_at: datetime, back_at: datetime) -> None:
        dice, contact = self.dice, deal.account.group[0]
        handed = min(rejected_at - timedelta(hours=3), contact.created_at + timedelta(hours=dice.whole(2, 20)))
        owner = self._seller(contact, deal)
        reason = dice.pick(("no budget", "no need now", "no need now", "cannot be reached"))
        self.handoffs.append(
            Handoff(
                contact,
                handed,
                dice.pick(DEVELOPERS),
                owner,
                dice.whole(52, 70),
                None,
                min(add_work_hours(handed, self._hours(owner)), rejected_at),
                dice.whole(1, 4),
                "rejected",
                rejected_at,
                reason,
            )
        )
        contact.stages.append((handed - timedelta(minutes=9), "marketing_qualified", "", ""))
        contact.stages.append((rejected_at, "recycled", owner, reason))
        accepted = back_at + timedelta(hours=dice.whole(1, 5))
        self.handoffs.append(
            Handoff(
                contact,
                back_at,
                dice.pick(DEVELOPERS),
                owner,
                dice.whole(71, 95),
                deal,
                accepted - timedelta(minutes=31),
                dice.whole(1, 2),
                "accepted",
                accepted,
            )
        )
        contact.stages.append((back_at - timedelta(minutes=9), "marketing_qualified", "", ""))
        contact.stages.append((accepted, "sales_accepted", owner, ""))

    def _of_deal(self, deal: Deal) -> None:
        dice, contact = self.dice, deal.account.group[0]
        if contact.how == "sales" and dice.chance(0.75):
            return
        owner = self._seller(contact, deal)
        hours = self._hours(owner)
        earliest = contact.created_at + timedelta(minutes=dice.whole(6, 50))
        handed = max(earliest, deal.created_at - timedelta(days=dice.whole(1, 14) + int(hours / 7)))
        if handed >= deal.created_at:
            return
        response = min(add_work_hours(handed, hours), deal.created_at - timedelta(minutes=4))
        if response <= handed:
            return
        accepted = response + (deal.created_at - response) / 2
        accepted = accepted.replace(microsecond=0)
        if handed.date() < MONTHS[0]:
            return
        giver = "U-03" if owner in DEVELOPERS else dice.pick(DEVELOPERS)
        self.handoffs.append(
            Handoff(contact, handed, giver, owner, dice.whole(62, 99), deal, response, dice.whole(1, 3), "accepted", accepted)
        )
        contact.stages.append((handed - timedelta(minutes=dice.whole(2, 5)), "marketing_qualified", "", ""))
        contact.stages.append((accepted, "sales_accepted", owner, ""))

    def _goal(self, month: date) -> int:
        if month in PRESSED:
            return PRESSED_COUNT
        index = MONTHS.index(month)
        if month >= NEW_RULE:
            return (64, 69, 43)[index - 21]
        return 44 + index * 4 // 3 + self.dice.whole(-6, 6) - (9 if month.month in (8, 12) else 0)

    def _month(self, month: date) -> None:
        """Hand over further leads up to the month's number; where 100 are wanted, the missing ones come in its last days."""
        dice = self.dice
        last = month_end(month)
        present = [entry for entry in self.handoffs if month_of(entry.handed_at.date()) == month]
        missing = self._goal(month) - len(present)
        used = {id(entry.contact) for entry in self.handoffs}
        fresh = [
            contact for contact in self.leads if id(contact) not in used and contact.created_at.date() < last - timedelta(days=5)
        ]
        recent = [contact for contact in fresh if contact.created_at.date() > last - timedelta(days=125)]
        chosen = dice.some(recent, missing)
        if len(chosen) < missing:
            older = [contact for contact in fresh if contact.created_at.date() <= last - timedelta(days=125)]
            chosen += dice.some(older, missing - len(chosen))
        pressed = month in PRESSED
        wanted_accepted = (48 + dice.whole(0, 5) if pressed else int(self._rate(month) * (missing + len(present)))) - sum(
            1 for entry in present if entry.outcome == "accepted"
        )
        burst = [last - timedelta(days=back) for back in range(6) if is_workday(last - timedelta(days=back))][:4]
        order = sorted(chosen, key=lambda contact: (contact.created_at, contact.contact_id), reverse=True)
        for index, contact in enumerate(order):
            late = pressed and index >= len(order) * 45 // 100
            first = max(month, contact.created_at.date())
            moment = at(dice.pick(burst), dice, SALES_HOURS) if late else sales_moment(first, last, dice)
            if moment <= contact.created_at:
                moment = max(moment, contact.created_at + timedelta(minutes=dice.whole(9, 300)))
            if moment.date() > last or moment > NOW:
                moment = at(burst[0], dice, {9: 1.0, 10: 1.0, 11: 1.0})
            self._plain(contact, moment, index < wanted_accepted, late)

    def _rate(self, month: date) -> float:
        return 0.79 if month >= NEW_RULE else 0.72 + 0.05 * self.dice.unit()

    def _plain(self, contact: Contact, moment: datetime, accepted: bool, late: bool) -> None:
        dice = self.dice
        owner = self._seller(contact)
        response: datetime | None = add_work_hours(moment, self._hours(owner))
        threshold = 65 if moment.date() >= NEW_RULE else 50
        score = threshold + dice.whole(0, 3) if late else dice.whole(threshold, 92)
        age = (AS_OF - moment.date()).days
        outcome = "accepted" if accepted else dice.weighted({"rejected": 62.0, "recycled": 30.0, "pending": 8.0})
        if not accepted and age < 12:
            outcome = "pending"
        if outcome != "accepted" and dice.chance(0.22 if late else 0.1):
            response = None
        if response is not None and response > NOW:
            response, outcome = None, "pending"
        decided = None
        if outcome != "pending":
            decided = (response or add_work_hours(moment, 60.0)) + timedelta(hours=dice.whole(1, 70), minutes=dice.whole(0, 59))
            decided = min(decided, NOW)
        elif dice.chance(0.6):
            response = None
        reason = "" if outcome in ("accepted", "pending") else dice.weighted(REASONS)
        self.handoffs.append(
            Handoff(
                contact,
                moment,
                dice.pick(DEVELOPERS) if dice.chance(0.7) else "U-03",
                owner,
                score,
                None,
                response,
                0 if response is None else dice.whole(1, 6 if outcome != "accepted" else 3),
                outcome,
                decided,
                reason,
            )
        )
        qualified = max(contact.created_at + timedelta(seconds=50), moment - timedelta(minutes=dice.whole(1, 200)))
        contact.stages.append((min(qualified, moment), "marketing_qualified", "", ""))
        if decided is None:
            return
        if outcome == "accepted":
            contact.stages.append((decided, "sales_accepted", owner, ""))
            later = decided + timedelta(days=dice.whole(3, 40))
            if later < NOW and dice.chance(0.45):
                contact.stages.append((later, "sales_qualified", owner, ""))
                later += timedelta(days=dice.whole(10, 60))
            if later < NOW and dice.chance(0.6):
                contact.stages.append((later, dice.pick(("recycled", "recycled", "disqualified")), owner, dice.weighted(REASONS)))
        else:
            contact.stages.append(
                (decided, "disqualified" if outcome == "rejected" and dice.chance(0.6) else "recycled", owner, reason)
            )

    def _lifecycle(self) -> None:
        """Complete every person's stages: known, opportunity and customer with their deals, lost ones back to marketing."""
        dice = self.dice
        for deal in self.deals:
            closing = datetime.combine(deal.closed_on, deal.created_at.time()) if deal.closed_on else None
            for index, contact in enumerate(deal.account.group):
                if closing is not None and contact.created_at >= closing:
                    continue
                entered = max(deal.created_at, contact.created_at + timedelta(minutes=1))
                if index == 0:
                    contact.stages.append((entered, "sales_qualified", deal.owner_id, ""))
                if deal.follows is None:
                    contact.stages.append((entered + timedelta(seconds=30), "opportunity", deal.owner_id, ""))
                if closing is None or closing <= entered:
                    continue
                if deal.status == "won" and deal.follows is None:
                    contact.stages.append((closing, "customer", deal.owner_id, ""))
                elif deal.status == "lost" and index < 3 and dice.chance(0.6):
                    contact.stages.append((closing + timedelta(hours=20), "recycled", deal.owner_id, deal.loss_reason))
        for contact in self.leads:
            if not contact.stages and dice.chance(0.12):
                later = contact.created_at + timedelta(days=dice.whole(1, 60))
                if later < NOW:
                    contact.stages.append((later, "marketing_qualified", "", ""))

    def write_scores(self, contacts: list[Contact]) -> None:
        """Note scores: one when the person became known, one at every qualification."""
        dice = self.dice
        at_handoff: dict[int, list[Handoff]] = {}
        for entry in self.handoffs:
            at_handoff.setdefault(id(entry.contact), []).append(entry)
        for contact in contacts:
            if id(contact) in at_handoff:
                self.scores.append((contact, contact.created_at, dice.whole(5, 38)))
                for entry in at_handoff[id(contact)]:
                    self.scores.append((contact, entry.handed_at - timedelta(minutes=1), entry.score))
