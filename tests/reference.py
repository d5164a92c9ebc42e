"""A slow, obvious oracle: what the definitions say, in plain Python, without SQL, pandas or an import of ``attribution``.

It reads canonical rows (plain dicts) and settings (a plain dict with the sections of attribution.toml) and answers which
touches make the journey of a deal, what every model gives to each of them, and what the tables and the bridge must show.
It is written from the definitions alone, so that a difference between it and the product is a finding about one of the
two, never a copied mistake. Weights are exact fractions until the last step.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests import path_oracle
from tests.reference_facts import DAY, Facts, Moment, Row, Rows, half_up

POSITIONS = ("first", "lead_creation", "deal_creation", "last")
NAMED: dict[
    str, dict[str, float]
] = {  # percent of each position; "middle" is everything that holds none of the model's own named positions
    "first_touch": {"first": 100},
    "last_touch": {"last": 100},
    "lead_creation": {"lead_creation": 100},
    "deal_creation": {"deal_creation": 100},
    "position_based": {"first": 40, "middle": 20, "last": 40},
    "u_shaped": {"first": 40, "lead_creation": 40, "middle": 20},
    "w_shaped": {"first": 30, "lead_creation": 30, "deal_creation": 30, "middle": 10},
    "full_path": {"first": 22.5, "lead_creation": 22.5, "deal_creation": 22.5, "last": 22.5, "middle": 10},
    "j_shaped": {"first": 20, "middle": 20, "last": 60},
    "inverse_j": {"first": 60, "middle": 20, "last": 20},
}
LEARNED = ("markov", "markov_shapley")
MODELS = (*NAMED, "last_non_direct", "linear", "time_decay", "shapley", *LEARNED)


@dataclass
class Journey:
    """The touches of one deal in order, where it ends, its milestones, and what was left out on the way."""

    touches: list[Row]
    end: int
    lead_bound: int | None
    deal_bound: int
    milestones: dict[str, str | None]
    has_excluded: bool
    has_outside: bool


@dataclass
class Split:
    """What one model makes of one deal: weight per touch_id, the missing share and its reason (None where nothing is missing)."""

    weights: dict[str, Fraction] = field(default_factory=dict)
    unattributed: Fraction = Fraction(0)
    reason: str | None = None


def rounded_table(values: Mapping[Any, Fraction], total: Decimal | None = None) -> dict[Any, Decimal]:
    """Round a table to cents by largest remainder against its own rounded total (or the given one); ties by name."""
    cents = {key: value * 100 for key, value in values.items()}
    goal = half_up(sum(values.values(), Fraction(0))) if total is None else total
    floors = {key: value.numerator // value.denominator for key, value in cents.items()}
    missing = int(goal * 100) - sum(floors.values())
    by_remainder = sorted(cents, key=lambda key: (floors[key] - cents[key], name_of(key)))
    for key in by_remainder[:missing]:
        floors[key] += 1
    return {key: Decimal(value) / 100 for key, value in floors.items()}


def name_of(key: Any) -> tuple[str, ...]:
    """What a row of a table is sorted by: its values as text, a missing one first."""
    return tuple("" if part is None else str(part) for part in (key if isinstance(key, tuple) else (key,)))


class Oracle(Facts):
    """Answers for one set of rows under one set of settings."""

    def __init__(self, rows: Rows, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__(rows, settings)
        self._journeys: dict[str, Journey] = {}

    # --- journeys -------------------------------------------------------------------------------------------------

    def joined(self, deal_id: str) -> tuple[list[Row], set[str]]:
        """The touches and the people that the join rule selects for a deal."""
        rule = self.settings["journeys"]["join_rule"]
        own = set(self.deal_contacts(deal_id))
        if rule == "deal_else_account":
            rule = "deal" if own else "account"
        if rule == "primary":
            primary = self.primary_contact(deal_id)
            people = {primary} if primary else set()
            return [touch for touch in self.touches if touch["people"] & people], people
        if rule == "deal":
            return [touch for touch in self.touches if touch["people"] & own or deal_id in touch["deals"]], own
        account = self.account_of_deal(deal_id)
        people = set(own)
        if account:
            people |= {person for person in self.people if self.account_of_contact(person) == account}
        return [
            touch
            for touch in self.touches
            if touch["people"] & people or deal_id in touch["deals"] or (account and account in touch["accounts"])
        ], people

    def end_of(self, deal_id: str) -> Moment:
        """Where the journey of a deal ends."""
        deal = self.deals[deal_id]
        if deal["status"] == "open":
            return Moment(self.as_of, self.as_of)
        closed = self.column_moment("deals", deal, "closed_at")
        assert closed is not None
        return Moment(closed.end, closed.end, closed.day) if closed.day else Moment(closed.start, closed.start)

    def previous_win(self, deal_id: str) -> int | None:
        """The end of the last won deal of the same account that ended before this one."""
        account, end = self.account_of_deal(deal_id), self.end_of(deal_id).end
        ends = [
            self.end_of(key).end
            for key, row in self.deals.items()
            if key != deal_id and row["status"] == "won" and account and self.account_of_deal(key) == account
        ]
        return max((value for value in ends if value < end), default=None)

    def in_lookback(self, touch: Row, end: Moment) -> bool:
        """Say whether a touch is late enough."""
        days = self.settings["journeys"]["lookback_days"]
        if days == 0:
            return True
        if end.day is not None:
            return self.day_of(touch["us"]) >= end.day - timedelta(days=math.ceil(days))
        return touch["us"] >= end.end - int(days * DAY)

    def journey(self, deal_id: str) -> Journey:
        """Join, actors and exclusions, grain, then end and lookback."""
        if deal_id in self._journeys:
            return self._journeys[deal_id]
        rules = self.settings["journeys"]
        touches, people = self.joined(deal_id)
        end = self.end_of(deal_id)
        won_before = self.previous_win(deal_id) if rules["start"] == "after_previous_win" else None

        def late_enough(touch: Row) -> bool:
            return self.in_lookback(touch, end) and (won_before is None or touch["us"] > won_before)

        def is_excluded(touch: Row) -> bool:
            return (
                touch["actor"] not in rules["actors"]
                or touch["channel"] in rules["exclude_channels"]
                or touch["kind"] in rules["exclude_kinds"]
            )

        excluded = [touch for touch in touches if is_excluded(touch)]
        kept = sorted((touch for touch in touches if not is_excluded(touch)), key=lambda touch: (touch["us"], touch["touch_id"]))
        if rules["grain"] == "day":
            firsts: dict[Any, Row] = {}
            for touch in kept:
                same = tuple(touch.get(name) for name in ("person", "channel", "campaign_id", "asset_id", "kind"))
                firsts.setdefault((same, self.day_of(touch["us"])), touch)
            kept = list(firsts.values())
        in_time = [touch for touch in kept if touch["us"] <= end.end]
        counted = [touch for touch in in_time if late_enough(touch)]
        created = [self.group_created[person] for person in people if person in self.group_created]
        earliest = min(created, key=lambda moment: (moment.start, moment.end), default=None)
        lead_bound = self.with_grace(earliest) if earliest else None
        deal_created = self.column_moment("deals", self.deals[deal_id], "created_at")
        assert deal_created is not None
        deal_bound = self.with_grace(deal_created)

        def last_until(bound: int | None) -> str | None:
            return next((touch["touch_id"] for touch in reversed(counted) if bound is not None and touch["us"] <= bound), None)

        self._journeys[deal_id] = Journey(
            touches=counted,
            end=end.end,
            lead_bound=lead_bound,
            deal_bound=deal_bound,
            milestones={
                "first": counted[0]["touch_id"] if counted else None,
                "lead_creation": last_until(lead_bound),
                "deal_creation": last_until(deal_bound),
                "last": counted[-1]["touch_id"] if counted else None,
            },
            has_excluded=any(touch["us"] <= end.end and late_enough(touch) for touch in excluded),
            has_outside=len(in_time) > len(counted),
        )
        return self._journeys[deal_id]

    def phase(self, deal_id: str, touch: Row) -> str:
        """Before the lead existed, before the deal was opened, or after."""
        journey = self.journey(deal_id)
        if journey.lead_bound is not None and touch["us"] <= journey.lead_bound:
            return "before lead"
        return "before deal" if touch["us"] <= journey.deal_bound else "after deal opened"

    # --- models ---------------------------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[str, ...]:
        """All models: the built-in ones and the custom ones of the settings."""
        return (*MODELS, *self.settings["models"]["custom"])

    def shares(self, model: str) -> dict[str, Fraction]:
        """Percentages of a model by position as fractions of 1, without those it gives nothing."""
        given = NAMED.get(model) or self.settings["models"]["custom"][model]
        places = (*POSITIONS, "middle")
        return {name: Fraction(str(given[name])) / 100 for name in places if given.get(name)}

    def policy(self, model: str) -> str:
        """What happens to a share without a touch."""
        models = self.settings["models"]
        own: dict[str, Any] = models["custom"].get(model) or models.get(model) or {}
        return own.get("missing_share") or models["missing_share"]

    def split(self, deal_id: str, model: str) -> Split:
        """Weights of one deal under one model, which with the missing share sum to exactly 1."""
        journey = self.journey(deal_id)
        weights = self.raw_split(journey, model)
        result = Split({key: value for key, value in weights.items() if value})
        result.unattributed = 1 - sum(result.weights.values(), Fraction(0))
        if result.unattributed:
            result.reason = self.reason(journey, model)
        return result

    def raw_split(self, journey: Journey, model: str) -> dict[str, Fraction]:
        """Weights after the missing-share policy."""
        touches = journey.touches
        if not touches:
            return {}
        ids = [touch["touch_id"] for touch in touches]
        if model == "linear":
            return {key: Fraction(1, len(ids)) for key in ids}
        if model == "last_non_direct":
            direct = self.settings["journeys"]["direct_channels"]
            others = [touch["touch_id"] for touch in touches if touch["channel"] not in direct]
            return {(others or ids)[-1]: Fraction(1)}
        if model == "time_decay":
            half_life = self.settings["models"]["time_decay"]["half_life_days"]
            latest = touches[-1]["us"]  # only ratios matter: days before the last touch avoid 0 / 0 in very long journeys
            raw = {touch["touch_id"]: Fraction(2.0 ** (-(latest - touch["us"]) / DAY / half_life)) for touch in touches}
            return {key: value / sum(raw.values()) for key, value in raw.items()}
        if model in LEARNED:
            effects, dimension = self.learned[model], self.settings["models"]["markov"]["dimension"]
            counted = {touch["touch_id"]: effects.get(self.touch_value(touch, dimension) or "", Fraction(0)) for touch in touches}
            total = sum(counted.values())
            return {key: value / total if total else Fraction(1, len(ids)) for key, value in counted.items()}
        if model == "shapley":
            dimension = self.settings["models"]["shapley"]["dimension"]
            groups: dict[Any, list[str]] = defaultdict(list)
            for touch in touches:
                groups[self.touch_value(touch, dimension)].append(touch["touch_id"])
            return {key: Fraction(1, len(groups) * len(group)) for group in groups.values() for key in group}
        return self.position_split(journey, model)

    @cached_property
    def learned(self) -> dict[str, dict[str, Fraction]]:
        """Learned model → effect of each value: what P(conversion) loses without it, and its fair part of P(conversion)."""
        rules = self.settings["models"]["markov"]
        rows = []
        for deal_id, deal in self.deals.items():
            touches = self.journey(deal_id).touches
            if not touches or (deal["status"] == "open" and not self.has_gone_quiet(deal_id)):
                continue
            won = deal["status"] == "won"
            rows.append((tuple(self.touch_value(touch, rules["dimension"]) or "" for touch in touches), int(won), int(not won)))
        if not any(won for _, won, _ in rows):
            return {model: {} for model in LEARNED}
        chain = {
            state: {after: float(probability) for after, probability in following.items()}
            for state, following in path_oracle.moves(rows, rules["order"]).items()
        }
        exact = (path_oracle.effects(rows, chain=chain), path_oracle.fair_parts(rows, chain=chain))
        return {
            model: {name: Fraction(float(value)) if value > 1e-15 else Fraction(0) for name, value in found.items()}
            for model, found in zip(LEARNED, exact, strict=True)
        }

    def has_gone_quiet(self, deal_id: str) -> bool:
        """No touch of its journey, no change of its stage and not the day it was opened lie within stale_days before the data ends."""
        created = self.column_moment("deals", self.deals[deal_id], "created_at")
        assert created is not None
        seen = [created.start, *(touch["us"] for touch in self.journey(deal_id).touches)]
        seen += [self.moment(row["entered_at"]).start for row in self.rows["deal_stage_changes"] if row["deal_id"] == deal_id]
        return max(seen) < self.as_of - self.settings["models"]["markov"]["stale_days"] * DAY

    def position_split(self, journey: Journey, model: str) -> dict[str, Fraction]:
        """Weights of a model of named positions."""
        shares = self.shares(model)
        holders: dict[str, list[str]] = {
            place: [key] if (key := journey.milestones[place]) else [] for place in shares if place != "middle"
        }
        taken = {key for keys in holders.values() for key in keys}
        if "middle" in shares:
            holders["middle"] = [touch["touch_id"] for touch in journey.touches if touch["touch_id"] not in taken]
        present = {place: shares[place] for place, keys in holders.items() if keys}
        missing = 1 - sum(present.values(), Fraction(0))
        if not present:
            return {}
        if self.policy(model) == "proportional":
            present = {place: share / (1 - missing) for place, share in present.items()}
        elif self.policy(model) == "equal":
            present = {place: share + missing / len(present) for place, share in present.items()}
        weights: dict[str, Fraction] = defaultdict(Fraction)
        for place, share in present.items():
            for key in holders[place]:
                weights[key] += share / len(holders[place])
        return weights

    def reason(self, journey: Journey, model: str) -> str:
        """Why a share is missing: the first that holds."""
        shares = self.shares(model) if model in NAMED or model in self.settings["models"]["custom"] else {}
        if journey.has_excluded:
            return "excluded"
        if journey.has_outside:
            return "outside_lookback"
        if not journey.touches:
            return "no_touch"
        if "lead_creation" in shares and not journey.milestones["lead_creation"]:
            return "no_touch_before_lead_creation"
        if "deal_creation" in shares and not journey.milestones["deal_creation"]:
            return "no_touch_before_deal_creation"
        return "policy"

    # --- dimensions and tables ----------------------------------------------------------------------------------------

    def team(self, touch: Row) -> str:
        """Whose a touch is."""
        if touch["actor"] != "buyer":
            return touch["actor"]
        return self.settings["channels"].get(touch["channel"], {}).get("team", "marketing")

    def opener(self, deal_id: str) -> Row | None:
        """The touch that opened the deal."""
        place = self.settings["reporting"]["opened_by"]
        key = self.journey(deal_id).milestones[place]
        return self.by_id[key] if key else None

    def opened_by(self, deal_id: str) -> str:
        """The team of the touch that opened the deal."""
        opener = self.opener(deal_id)
        return self.team(opener) if opener else "unknown"

    def is_influenced(self, deal_id: str) -> bool:
        """Any touch of a marketing or buyer actor."""
        return any(touch["actor"] in ("marketing", "buyer") for touch in self.journey(deal_id).touches)

    def touch_value(self, touch: Row, dimension: str, deal_id: str | None = None) -> str | None:
        """The value of a dimension of the touch."""
        if dimension == "phase":
            assert deal_id is not None
            return self.phase(deal_id, touch)
        if dimension == "topic":
            return self.assets.get(touch["asset_id"] or "", {}).get("topic")
        return touch.get({"campaign": "campaign_id", "asset": "asset_id", "touch": "touch_id"}.get(dimension, dimension))

    def closed_on(self, deal_id: str) -> date | None:
        """The local day of the close."""
        if self.deals[deal_id]["status"] == "open":
            return None
        end = self.end_of(deal_id)
        return end.day or self.day_of(end.end)

    def created_on(self, deal_id: str) -> date:
        """The local day of the creation."""
        created = self.column_moment("deals", self.deals[deal_id], "created_at")
        assert created is not None
        return created.day or self.day_of(created.start)

    def deal_value(self, deal_id: str, dimension: str) -> str | None:
        """The value of a dimension of the deal."""
        deal = self.deals[deal_id]
        if dimension in ("segment", "industry", "country"):
            return self.accounts.get(self.account_of_deal(deal_id) or "", {}).get(dimension)
        if dimension in ("month", "quarter"):
            day = self.closed_on(deal_id)
            if day is None:
                return None
            return f"{day:%Y-%m}" if dimension == "month" else f"{day.year}-Q{(day.month + 2) // 3}"
        if dimension == "opened_by":
            return self.opened_by(deal_id)
        return deal.get({"deal": "deal_id", "owner": "owner_id", "partner": "partner_id"}.get(dimension, dimension))

    def credit(
        self,
        model: str,
        by: Iterable[str],
        measure: str = "revenue",
        deals: Iterable[str] | None = None,
        keep: Callable[[Row], bool] | None = None,
    ) -> dict[tuple, Fraction]:
        """One measure by dimensions, unrounded; ``deals`` are those that the filters select.

        ``keep`` are filters that select credits (channel, campaign, the date basis touch): they leave Unattributed out, and whole
        deals count where a kept touch is in the journey, or opened the deal.

        Measures: revenue, deals, pipeline, pipeline_deals, influenced_revenue, influenced_deals, sourced_revenue.
        """
        by = tuple(by)
        touch_dimensions = {"channel", "campaign", "asset", "topic", "kind", "actor", "touch", "phase"} & set(by)
        status = "open" if measure.startswith("pipeline") else "won"
        table: dict[tuple, Fraction] = defaultdict(Fraction)
        for deal_id, deal in self.deals.items():
            if deal["status"] != status or (deals is not None and deal_id not in set(deals)):
                continue

            def key_of(touch: Row | None, deal_id: str = deal_id) -> tuple:
                return tuple(
                    self.deal_value(deal_id, name)
                    if name not in touch_dimensions
                    else "Unattributed"
                    if touch is None
                    else self.touch_value(touch, name, deal_id)
                    for name in by
                )

            whole = Fraction(1) if measure.endswith("deals") else Fraction(self.amount(deal_id) or 0)
            journey = self.journey(deal_id)
            if measure.startswith("influenced"):
                counted = touch_dimensions or keep is not None or self.is_influenced(deal_id)
                for key in {key_of(touch) for touch in journey.touches if keep is None or keep(touch)} if counted else ():
                    table[key] += whole
            elif measure.startswith("sourced"):
                opener = self.opener(deal_id)
                if opener and self.team(opener) == "marketing" and (keep is None or keep(opener)):
                    table[key_of(opener)] += whole
            else:
                split = self.split(deal_id, model)
                for touch_id, weight in split.weights.items():
                    if keep is None or keep(self.by_id[touch_id]):
                        table[key_of(self.by_id[touch_id])] += weight * whole
                if split.unattributed and keep is None:
                    table[key_of(None)] += split.unattributed * whole
        return dict(table)

    def reconcile(self, model: str, deals: Iterable[str] | None = None) -> dict[str, tuple[Fraction, Fraction]]:
        """The bridge: step → (deals, revenue), unrounded; ``deals`` are those that pass the filters."""
        won = [key for key, row in self.all_deals.items() if row["status"] == "won"]
        scope = [key for key in won if key in self.deals and (deals is None or key in set(deals))]

        def total(keys: Iterable[str], share: Callable[[str], Fraction] = lambda _: Fraction(1)) -> tuple[Fraction, Fraction]:
            parts = [(share(key), share(key) * Fraction(self.amount(key) or 0)) for key in keys]
            return sum((part[0] for part in parts), Fraction(0)), sum((part[1] for part in parts), Fraction(0))

        splits = {key: self.split(key, model) for key in scope}
        bridge = {
            "crm_won": total(won),
            "quarantined": total(key for key in won if key not in self.deals),
            "filtered_out": total(key for key in won if key in self.deals and key not in scope),
            "in_scope": total(scope),
            "with_touches": total(key for key in scope if self.journey(key).touches),
            "attributed": total(scope, lambda key: 1 - splits[key].unattributed),
        }
        for reason in sorted({split.reason for split in splits.values() if split.reason}):
            bridge[f"unattributed:{reason}"] = total(
                (key for key in scope if splits[key].reason == reason), lambda key: splits[key].unattributed
            )
        return bridge

    def deal_table(self, deal_id: str, model: str) -> dict[str, Decimal]:
        """Credits of one deal by touch (and Unattributed), rounded against the deal's amount."""
        split = self.split(deal_id, model)
        parts: dict[str, Fraction] = dict(split.weights)
        if split.unattributed:
            parts["Unattributed"] = split.unattributed
        amount = self.amount(deal_id)
        assert amount is not None
        return rounded_table({key: weight * Fraction(amount) for key, weight in parts.items()}, amount)
