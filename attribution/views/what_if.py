"""What another rule would change: the same rows under other settings, recomputed in memory. Nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.answers import credit as answers
from attribution.answers.credit import CreditFacts, Moved
from attribution.charts import formats
from attribution.config import Settings
from attribution.dataset import Dataset
from attribution.views.credit import CODES, Question, every_row, is_of_touch, words_for
from attribution.views.state import Choice, Names

FIGURES = 4
LOOKBACKS = (30, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 0)  # days; 0 = no limit
HALF_LIVES = (7, 14, 30, 45, 60, 90, 120, 180)  # days
JOIN_RULES = {
    "deal": "the people on the deal", "primary": "its main contact", "account": "everybody at the account",
    "deal_else_account": "on the deal, else the account",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """What a what-if sets: the model and how journeys are made."""

    model: str
    lookback_days: float
    half_life_days: float
    join_rule: str
    grain: str
    actors: tuple[str, ...]

    def overrides(self, settings: Settings) -> tuple[tuple[str, Any], ...]:
        """The settings that differ from those in force: what must be recomputed."""
        journeys, decay = settings.journeys, settings.models.time_decay
        wanted: dict[str, tuple[Any, Any]] = {
            "journeys.lookback_days": (self.lookback_days, journeys.lookback_days),
            "journeys.join_rule": (self.join_rule, journeys.join_rule),
            "journeys.grain": (self.grain, journeys.grain),
            "journeys.actors": (self.actors, tuple(journeys.actors)),
        }
        if self.model == "time_decay":
            wanted["models.time_decay.half_life_days"] = (self.half_life_days, decay.half_life_days)
        return tuple((key, value) for key, (value, now) in wanted.items() if not _same(value, now))


@dataclass(frozen=True)
class Shift:
    """One figure: what, its amount then, the change in words with an arrow, and what it was."""

    label: str
    value: str
    change: str
    arrow: str
    was: str


@dataclass(frozen=True)
class WhatIf:
    """What would change, in one sentence and at most four figures; ``agreed``: it is the agreed rule after all."""

    answer: str
    shifts: tuple[Shift, ...]
    agreed: bool


def first_rule(settings: Settings, model: str, second: str) -> Rule:
    """What the what-if starts with: a third rule, all else as agreed, so that nothing has to be recomputed."""
    others = [name for name in ("last_touch", "linear", "first_touch", "w_shaped") if name not in (model, second)]
    journeys = settings.journeys
    return Rule(
        others[0],
        journeys.lookback_days,
        settings.models.time_decay.half_life_days,
        journeys.join_rule,
        journeys.grain,
        tuple(journeys.actors),
    )


def lookback_options(settings: Settings) -> tuple[float, ...]:
    """Days to choose from, those in force among them; no limit last."""
    days = sorted({*LOOKBACKS, settings.journeys.lookback_days} - {0})
    return (*days, 0)


def half_life_options(settings: Settings) -> tuple[float, ...]:
    """Half-lives to choose from, the one in force among them."""
    return tuple(sorted({*HALF_LIVES, settings.models.time_decay.half_life_days}))


def what_if(ds: Dataset, other: Dataset, choice: Choice, question: Question, rule: Rule, names: Names) -> WhatIf:
    """Compare the page's rows with those of ``other`` (the same data under the rule's settings) and the rule's model."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    now = {row.key: row for row in every_row(ds, choice.model, question, here, names)}
    then = {row.key: row for row in every_row(other, rule.model, question, here, names)}
    keys = list(dict.fromkeys([*now, *then]))
    values = [key for key in keys if _kind(key, now, then) == "value"]
    places, places_then = _places(values, now), _places(values, then)
    ranked = sorted(
        (
            Moved((now.get(key) or then[key]).label, _amount(key, now), _amount(key, then), places[key], places_then[key])
            for key in values
        ),
        key=lambda moved: moved.place,
    )
    left = sum(row.amount for row in now.values() if row.kind == "unattributed")
    left_then = sum(row.amount for row in then.values() if row.kind == "unattributed")
    moved = sum(abs(_amount(key, then) - _amount(key, now)) for key in keys) / 2
    counted = "open_deals" if question.measure == "pipeline" else "won_deals"
    facts = CreditFacts(
        currency=ds.settings.reporting.currency, measure=question.measure, many=words_for(ds, question.by)[1], total=sum(row.amount for row in now.values()),
        deals=int(ds.metric_rows([counted], [], here)[0][counted] or 0),
        unattributed=left, codes=question.by in CODES, of_touch=is_of_touch(ds, question.by, here), parts=here.select_credits,
    )  # fmt: skip
    return WhatIf(
        answer=answers.what_if(facts, ranked, moved, left_then),
        shifts=_shifts(ranked, left, left_then, question.measure, facts),
        agreed=rule.model == ds.settings.reporting.model and not rule.overrides(ds.settings),
    )


def _shifts(ranked: Sequence[Moved], left: float, left_then: float, measure: str, facts: CreditFacts) -> tuple[Shift, ...]:
    """The values that move most, and what is unattributed where any is."""
    moved = sorted(
        (entry for entry in ranked if abs(entry.then - entry.amount) >= 0.005), key=lambda entry: -abs(entry.then - entry.amount)
    )
    rest = abs(left) >= 0.005 or abs(left_then) >= 0.005
    shown = [
        (f"{formats.short(entry.label, 24)} · {_place_words(entry)}", entry.amount, entry.then)
        for entry in moved[: FIGURES - 1 if rest else FIGURES]
    ]
    if shown and rest:
        shown.append(("Unattributed", left, left_then))
    return tuple(
        Shift(
            label=formats.plain(label),
            value=_words(then, measure, facts.currency),
            change=_words(abs(then - amount), measure, facts.currency) if abs(then - amount) >= 0.005 else "same",
            arrow="off" if abs(then - amount) < 0.005 else "up" if then > amount else "down",
            was=f"from {_words(amount, measure, facts.currency)}",
        )
        for label, amount, then in shown
    )


def _words(value: float, measure: str, currency: str | None) -> str:
    return f"{value:.1f}" if measure == "deals" else formats.money(value, currency)


def _place_words(entry: Moved) -> str:
    if entry.place == entry.place_then:
        return f"stays {answers.nth(entry.place)}"
    return f"{answers.nth(entry.place)} to {answers.nth(entry.place_then)}"


def _places(keys: Sequence[str], rows: Mapping[str, Any]) -> dict[str, int]:
    """Key → its place by amount, 1 = most."""
    ordered = sorted(keys, key=lambda key: (-_amount(key, rows), key))
    return {key: place for place, key in enumerate(ordered, start=1)}


def _amount(key: str, rows: Mapping[str, Any]) -> float:
    return float(rows[key].amount) if key in rows else 0.0


def _kind(key: str, *tables: Mapping[str, Any]) -> str:
    return next(str(rows[key].kind) for rows in tables if key in rows)


def _same(first: Any, second: Any) -> bool:
    return set(first) == set(second) if isinstance(first, tuple) else first == second
