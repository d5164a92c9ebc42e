"""What is known about one deal before anything is written: its counted touches with their credits, its people by role, and its milestones.

Credits are those of ``Dataset.explain``, so they are the Deals page's, to the cent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attribution.answers.spotlight import isolated
from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.spotlight.masks import Writer

if TYPE_CHECKING:
    from attribution.dataset import Dataset

BIG_FIVE = ("cost", "problems", "versus", "reviews", "best")
MEETING_WORDS = ("call", "meeting", "demo", "workshop", "visit", "onsite")
SELLERS = ("sales", "partner", "service")
MOST_STAGES = 4  # lines of stages on a timeline, besides lead, deal opened and won
UNNAMED = {"visitor": "Visitors without a name", "account": "Somebody at the company", "deal": "Somebody on the deal"}
ENDS = ("won", "lost")


@dataclass(frozen=True)
class Touch:
    """One counted touch. ``at``: local time; ``credit`` and ``second``: under the agreed and the second rule; ``cause``: the touch that led to it."""

    touch_id: str
    at: datetime
    lane: str
    kind: str
    actor: str
    asset_id: str | None
    title: str
    credit: Decimal
    second: Decimal
    weight: float
    second_weight: float
    cause: str | None = None

    @property
    def is_meeting(self) -> bool:
        """Whether it is a call or meeting of somebody who sells."""
        return is_meeting(self.kind, self.actor)


@dataclass(frozen=True)
class Reached:
    """A line of the timeline: a milestone or the first time the deal entered a stage."""

    at: datetime
    name: str
    is_end: bool = False
    is_fixed: bool = False


@dataclass(frozen=True)
class DealFacts:
    """One deal. ``touches`` in order; ``roles``: lane → role in words; ``stages``: those entered, in order; ``unattributed``: (reason, credit, second)."""

    deal: dict[str, Any]
    amount: Decimal
    touches: tuple[Touch, ...]
    roles: dict[str, str]
    start: datetime
    end: datetime
    reached: tuple[Reached, ...]
    stages: tuple[tuple[str, datetime], ...]
    meetings: tuple[datetime, ...]
    unattributed: tuple[tuple[str, Decimal, Decimal], ...]
    uncounted: dict[str, int]
    silent_people: int
    people_on_deal: int
    topics: dict[str, str | None]

    @cached_property
    def content(self) -> tuple[Touch, ...]:
        """The touches that used content."""
        return tuple(touch for touch in self.touches if touch.asset_id)

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The pieces in the order of their first use."""
        return tuple(dict.fromkeys(touch.asset_id for touch in self.content if touch.asset_id))

    @cached_property
    def people(self) -> int:
        """People known by name who used content."""
        return len({touch.lane for touch in self.content if touch.lane not in UNNAMED})

    @property
    def days(self) -> int:
        """Days from the first touch to the close."""
        return (self.end.date() - self.start.date()).days

    def number(self, moment: datetime) -> int:
        """The day of a moment, counted from the first touch (day 0)."""
        return (moment.date() - self.start.date()).days

    def before(self, moment: datetime) -> str:
        """What came next: "before the lead", "before proposal", "after the deal was won"."""
        later = next((entry for entry in self.reached if entry.at > moment), None)
        if later is None:
            return "on the last day"
        return {"Lead": "before the lead", "Deal opened": "before the deal was opened", "Won": "before the deal was won"}.get(
            later.name, f"before {later.name[:1].lower()}{later.name[1:]}"
        )


def is_meeting(kind: str, actor: str) -> bool:
    """Whether a touch is a call or meeting of somebody who sells: by the words of its kind."""
    return actor in SELLERS and any(word in MEETING_WORDS for word in kind.lower().replace("-", "_").split("_"))


_CAUSES = "select touch_id, caused_by_touch_id from raw.touches where list_contains(cast(? as varchar[]), touch_id) and caused_by_touch_id is not null"
_PEOPLE = """
select people.contact_id, max(contacts.title), max(links.role), max(contacts.persona)
from journeys.deal_people as people
left join identity.contacts as contacts on people.contact_id = contacts.contact_id
left join raw.deal_contacts as links on people.deal_id = links.deal_id and people.contact_id = links.contact_id
where people.deal_id = ?
group by people.contact_id
order by people.contact_id
"""


def facts_of(ds: Dataset, deal_id: str, writer: Writer) -> DealFacts:
    """Everything about one deal. QueryError for an unknown deal."""
    reporting = ds.settings.reporting
    zone = ZoneInfo(reporting.time_zone)
    found = ds.explain(deal_id, reporting.model)
    deal, second = found.deal, f"credit_{reporting.second_model}"
    rows = found.touches.astype(object).where(found.touches.notna(), None).to_dict("records")
    second_weights = _weights(ds, deal_id, reporting.second_model)
    counted_rows = [row for row in rows if row["reason"] is None]
    causes = dict(ds.rows(_CAUSES, [[row["touch_id"] for row in counted_rows]])) if counted_rows else {}
    touches = tuple(
        Touch(
            touch_id=str(row["touch_id"]), at=_local(row["occurred_at"], zone), lane=_lane(row), kind=str(row["kind"] or ""),
            actor=str(row["actor"] or "buyer"), asset_id=row["asset_id"], title=writer.said(row["asset_title"] or row["asset_id"]),
            credit=_cents(row[f"credit_{reporting.model}"]), second=_cents(row[second]), weight=float(row["weight"] or 0),
            second_weight=second_weights.get(row["touch_id"], 0.0), cause=causes.get(row["touch_id"]),
        )
        for row in counted_rows
    )  # fmt: skip
    end = _local(deal["closed_at"] or deal["end_at"], zone)
    start = touches[0].at if touches else _local(deal["created_at"], zone)
    people = ds.rows(_PEOPLE, [deal_id])
    with_touches = {str(row["person_id"]) for row in rows if row["person_kind"] == "contact"}
    stages = _stages(ds, found.stages, zone, end)
    titles = {str(row["person_id"]): row["person_title"] for row in rows}
    return DealFacts(
        deal=deal, amount=Decimal(str(deal["amount"])), touches=touches,
        roles=_roles(touches, {row[0]: row[1:] for row in people}, titles, writer), start=min(start, end), end=end,
        reached=_reached(deal, stages, zone, start, end), stages=stages,
meetings=_meetings(rows, zone), unattributed=_unattributed(found.unattributed, reporting.model, reporting.second_model),
        uncounted=dict(Counter(str(row["reason"]) for row in rows if row["reason"] is not None)),
        silent_people=len({row[0] for row in people} - with_touches) if deal["join_rule"] != "account" else 0,
        people_on_deal=len(people) if deal["join_rule"] != "account" else 0,
        topics=_topics(ds, [touch.asset_id for touch in touches if touch.asset_id]),
    )  # fmt: skip


def _meetings(rows: list[dict[str, Any]], zone: ZoneInfo) -> tuple[datetime, ...]:
    """Calls and meetings, also several on one day; those after the end, too old or left out by our rule are none of this deal."""
    held = (
        row
        for row in rows
        if row["reason"] in (None, "repeat") and is_meeting(str(row["kind"] or ""), str(row["actor"] or "buyer"))
    )
    return tuple(sorted(_local(row["occurred_at"], zone) for row in held))


def _weights(ds: Dataset, deal_id: str, model: str) -> dict[str, float]:
    column = ds.settings.model(model).column
    return dict(ds.rows(f"select touch_id, {column} from marts.credits where deal_id = ?", [deal_id]))


def _topics(ds: Dataset, asset_ids: list[str]) -> dict[str, str | None]:
    return dict(
        ds.rows("select asset_id, topic from raw.content_assets where list_contains(cast(? as varchar[]), asset_id)", [asset_ids])
    )


def _local(moment: Any, zone: ZoneInfo) -> datetime:
    value = moment.to_pydatetime() if hasattr(moment, "to_pydatetime") else moment
    return value.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)


def _cents(value: Any) -> Decimal:
    return Decimal(repr(round(float(value or 0), 2))).quantize(Decimal("0.01"))


def _lane(row: dict[str, Any]) -> str:
    kind = str(row["person_kind"])
    return kind if kind in UNNAMED else str(row["person_id"])


def _roles(
    touches: tuple[Touch, ...], people: dict[str, tuple[Any, ...]], titles: dict[str, Any], writer: Writer
) -> dict[str, str]:
    """Lane → role; two people with one role are told apart by a number."""
    found: dict[str, str] = {}
    used: Counter[str] = Counter()
    for lane in dict.fromkeys(touch.lane for touch in touches):
        if lane in UNNAMED:
            found[lane] = UNNAMED[lane]
            continue
        title, role, persona = people.get(lane, (titles.get(lane), None, None))
        words = isolated(writer.said(writer.role(title, role, persona), 60))
        used[words] += 1
        found[lane] = words if used[words] == 1 else f"{words} ({used[words]})"
    return found


def _stages(ds: Dataset, frame: Any, zone: ZoneInfo, end: datetime) -> tuple[tuple[str, datetime], ...]:
    """Stages in the order in which they were entered, one after the other; entering the one it is in says nothing."""
    found: list[tuple[str, datetime]] = []
    for row in frame.to_dict("records"):
        moment = _local(row["entered_at"], zone)
        if moment <= end and (not found or found[-1][0] != row["stage"]):
            found.append((str(row["stage"]), moment))
    return tuple(found)


def _reached(
    deal: dict[str, Any], stages: tuple[tuple[str, datetime], ...], zone: ZoneInfo, start: datetime, end: datetime
) -> tuple[Reached, ...]:
    """The lines of the timeline: lead, deal opened, the last few stages on the way, and the end."""
    opened = _local(deal["deal_created_at"], zone)
    lead = _local(deal["lead_created_at"], zone) if deal["lead_created_at"] is not None else None
    first: dict[str, datetime] = {}
    for stage, moment in stages:
        first.setdefault(stage, moment)
    on_the_way = [
        Reached(moment, formats.words(stage))
        for stage, moment in first.items()
        if moment.date() > opened.date()
        and moment.date() < end.date()
        and not any(word in stage.lower().split() for word in ENDS)
    ]
    listed = [
        *([Reached(lead, "Lead", is_fixed=True)] if lead is not None and start.date() <= lead.date() <= end.date() else []),
        *([Reached(opened, "Deal opened", is_fixed=True)] if start.date() <= opened.date() <= end.date() else []),
        *on_the_way[-MOST_STAGES:],
        Reached(end, "Won" if deal["status"] == "won" else formats.words(deal["status"]), True, True),
    ]
    return tuple(sorted(listed, key=lambda entry: (entry.at, entry.is_end)))


def _unattributed(entries: list[dict[str, Any]], model: str, second: str) -> tuple[tuple[str, Decimal, Decimal], ...]:
    found: dict[str, list[Decimal]] = {}
    for entry in entries:
        for place, name in enumerate((model, second)):
            if entry["model"] == name:
                found.setdefault(str(entry["reason"]), [Decimal("0.00"), Decimal("0.00")])[place] = _cents(entry["credit"])
    return tuple((reason, first, other) for reason, (first, other) in found.items())


def uses_words(uses: int, first: date, writer: Writer, number: int) -> str:
    """What stands under a role on the timeline: "8 uses from 19 Mar"."""
    since = f"from day {number}" if writer.preset.is_masked else f"from {formats.day(first, year=False)}"
    return f"{counted(uses, 'use')} {since}"
