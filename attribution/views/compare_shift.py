"""The calculator of the page that compares models: moving spend between values that hold under every rule. No forecast."""

from __future__ import annotations

from attribution.answers import compare as answers
from attribution.answers.compare import ShiftFacts
from attribution.charts.formats import money, plain
from attribution.compare import shift as shifts
from attribution.views.compare import Compare


def able(view: Compare) -> list[str]:
    """The values that can take part: the same under every rule, and with spend."""
    return [key for key in view.found.values if not _refusal(view, key)]


def _refusal(view: Compare, key: str) -> str:
    verdict = next((entry for entry in view.verdicts if entry.key == key), None)
    return shifts.refusal(verdict, (view.spend or {}).get(key))


def reasons(view: Compare) -> list[str]:
    """Why values cannot take part, one line for each reason, those with most spend first."""
    spend = view.spend or {}
    found: dict[str, list[str]] = {}
    for key, label in sorted(zip(view.found.values, view.labels, strict=True), key=lambda entry: -spend.get(entry[0], 0.0)):
        if why := _refusal(view, key):
            found.setdefault(why, []).append(label)
    return [answers.refused(labels, why, view.is_codes) for why, labels in found.items()]


def nobody(view: Compare) -> str:
    """Why there is no calculator."""
    return (
        f"No two {plain(view.many)} with spend have the same place under every rule, so no shift of spend is computed: "
        "under one rule it would look like a gain, under another like a loss."
    )


def first_amount(view: Compare, key: str) -> float:
    """An amount to start with: a tenth of what is spent, in round thousands where there are any."""
    tenth = (view.spend or {})[key] / 10
    return float(round(tenth, -3) or round(tenth, 2))


def words(view: Compare, source: str, target: str, amount: float, model: str, rule: str, currency: str | None) -> str:
    """What a shift goes along with, or why it cannot be said."""
    labels = dict(zip(view.found.values, view.labels, strict=True))
    for key in (source, target):
        if why := _refusal(view, key):
            return answers.refused([labels[key]], why, view.is_codes)
    spend = view.spend or {}
    if source == target:
        return "Choose two different ones: nothing moves."
    if amount <= 0:
        return "Choose how much spend to move."
    if amount > spend[source]:
        return (
            f"Only {money(spend[source], currency)} was spent on {plain(labels[source])} under these filters: no more can move."
        )
    if amount > spend[target]:
        return (
            f"Only {money(spend[target], currency)} was spent on {plain(labels[target])} under these filters: nothing here says what more than twice "
            "that would go along with."
        )
    found = shifts.shift(view.found, model, source, target, (spend[source], spend[target]), amount)
    return answers.shift(
        ShiftFacts(
            labels[source],
            labels[target],
            amount,
            found.per_from,
            found.per_to,
            found.change,
            found.low,
            found.high,
            found.same_sign,
            found.models,
            currency,
            rule,
            view.is_codes,
        )
    )
