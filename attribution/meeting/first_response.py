"""The first response to a lead that was handed over: what was promised, when sales answered, in how many business hours, what was decided.

The first response is the first moment of which anything says that sales answered: a touch of sales with that person after the hand-over
(and before the next one of the same person), or ``first_response_at`` where that is earlier or no touch is recorded. Business hours are those
of ``[meeting]`` in the time zone of who received the lead, else in that of the settings.

The one place of this rule: the meeting asks it for everybody (handovers.py), the page of one person for theirs (people/handed.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from attribution.meeting.block import RATE_DAYS
from attribution.meeting.business_hours import BusinessHours, business_hours
from attribution.meeting.persons import Colleague, colleagues
from attribution.meeting.spans import DAY_US, local_day

if TYPE_CHECKING:
    from attribution.dataset import Dataset

Outcome = Literal["accepted", "rejected", "recycled", "waiting"]
FIRST_RESPONSE = "first_response_hours"
TOLERANCE = 1e-9  # hours: the promise itself is kept
_PROMISES = """
select valid_from, threshold, coalesce(agreed_by, definition_id)
from raw.definitions
where kind = 'sla' and metric = ? and threshold > 0 and valid_from is not null
order by valid_from, version, definition_id
"""


@dataclass(frozen=True)
class Promise:
    """In how many business hours a lead is answered, from which day on, and who says so (empty: the settings)."""

    hours: float
    from_on: date | None = None
    definition: str = ""


def promises(ds: Dataset) -> tuple[Promise, ...]:
    """What was promised, the oldest first: the settings, and from its day on each agreed definition of the first response."""
    agreed = (Promise(float(hours), day, str(by)) for day, hours, by in ds.rows(_PROMISES, [FIRST_RESPONSE]))
    return (Promise(ds.settings.meeting.first_response_hours), *agreed)


def promised_on(known: Sequence[Promise], day: date) -> Promise:
    """What was promised on a day: the definition that held then, else what the settings say."""
    return [promise for promise in known if promise.from_on is None or promise.from_on <= day][-1]


@dataclass(frozen=True)
class Handoff:
    """One lead that was handed over. ``hours``: business hours until the first response, until now where there is none; ``promised``: hours.

    ``by_touch``: the response is a touch of sales, else it is as supplied. ``has_hours``: False where the settings leave no business hour at
    all, so that nobody can be late.
    """

    handoff_id: str
    handed_us: int
    handed_on: date
    sender: str | None
    owner: str | None
    score: float | None
    attempts: int | None
    outcome: Outcome
    outcome_us: int | None
    reason: str | None
    response_us: int | None
    by_touch: bool
    hours: float
    promised: float
    has_hours: bool

    @property
    def is_open(self) -> bool:
        """Whether a promise is open: nobody answered yet, and nobody decided."""
        return self.response_us is None and self.outcome == "waiting"

    @property
    def is_in_time(self) -> bool | None:
        """Whether the answer came within the promise; None where the time is not up, the lead was decided on without an answer, or no day
        has business hours."""
        if not self.has_hours:
            return None
        if self.response_us is None:
            return False if self.is_open and self.hours > self.promised + TOLERANCE else None
        return self.hours <= self.promised + TOLERANCE


class FirstResponses:
    """The rule as a moment sees it (``now_us``); promises, colleagues and calendars are read once for any number of hand-overs."""

    def __init__(self, ds: Dataset, now_us: int) -> None:
        self.ds, self.now_us = ds, now_us
        self.promises, self.staff = promises(ds), colleagues(ds)
        self._calendars: dict[str, BusinessHours] = {}
        self.has_hours = self._calendar(None).hours(now_us - RATE_DAYS * DAY_US, now_us) > 0

    def judged(self, row: Sequence[Any], touched_us: int | None) -> Handoff:
        """One hand-over. ``row``: handoff_id, handed_us, sender, owner_id, score, attempts, outcome, outcome_us, reason, supplied_us (of the
        first response); ``touched_us``: the first touch of sales with that person after it and before the next one."""
        handoff_id, handed_us, sender, owner_id, score, attempts, outcome, outcome_us, reason, supplied_us = row
        response_us = min((moment for moment in (supplied_us, touched_us) if moment is not None), default=None)
        until_us = max(handed_us, self.now_us if response_us is None else response_us)
        handed_on, owner, giver = local_day(self.ds, handed_us), self.staff.get(owner_id), self.staff.get(sender)
        is_decided = outcome in ("accepted", "rejected", "recycled") and (outcome_us is None or outcome_us <= self.now_us)
        return Handoff(
            handoff_id, handed_us, handed_on, giver.name if giver else sender, owner.name if owner else owner_id, score, attempts,
            outcome if is_decided else "waiting", outcome_us if is_decided else None, reason if is_decided else None,
            response_us, response_us is not None and response_us == touched_us, self._calendar(owner).hours(handed_us, until_us),
            promised_on(self.promises, handed_on).hours, self.has_hours,
        )  # fmt: skip

    def _calendar(self, colleague: Colleague | None) -> BusinessHours:
        """The business hours of a colleague, made once; those of the settings' time zone where his is not known or none."""
        zone = (colleague.time_zone if colleague else None) or self.ds.settings.reporting.time_zone
        if zone not in self._calendars:
            try:
                self._calendars[zone] = business_hours(self.ds.settings.meeting, zone)
            except (KeyError, ValueError, OSError):  # no zone has that name
                self._calendars[zone] = self._calendar(None)
        return self._calendars[zone]
