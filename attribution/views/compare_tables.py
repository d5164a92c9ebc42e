"""The tables of the page that compares models: every rule in numbers, other settings, and one deal's touches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attribution.answers import compare as answers
from attribution.answers.credit import nth
from attribution.charts import formats, tables
from attribution.rounding import half_up
from attribution.views.compare import Compare, column_label, setting_words
from attribution.views.deals import Explained


def every_dot(view: Compare) -> pd.DataFrame:
    """The picture's twin and file: a row per value and rule, with the likely range, money, and how often the place holds."""
    found, rows = view.found, []
    labels = dict(zip(found.values, view.labels, strict=True))
    money = found.credits.totals
    for column, key in enumerate(found.credits.columns):
        is_value = column < len(found.values)
        for model, rule in enumerate(view.models.values()):
            rows.append(
                {
                    view.head: column_label(key, labels, view.one, view.many, found.credits.others),
                    "Rule": rule,
                    "Share": tables.percent(float(found.share[model, column])),
                    "Likely from": tables.percent(float(found.low[model, column])) if found.is_enough else None,
                    "Likely to": tables.percent(float(found.high[model, column])) if found.is_enough else None,
                    "Credited": float(half_up(float(money[model, column]))),
                    "Place": int(found.first_place[model, column]) if is_value and found.is_enough else None,
                    "Place holds": tables.percent(float(found.holds[model, column])) if is_value and found.is_enough else None,
                }
            )
    heads = [view.head, "Rule", "Share", "Likely from", "Likely to", "Credited", "Place", "Place holds"]
    return pd.DataFrame(rows, columns=heads)


def every_rule(view: Compare) -> tuple[pd.DataFrame, list[str]]:
    """(a row per value with its badge, its reason and its share in percent under every rule; the columns that hold shares)."""
    found = view.found
    labels = list(view.models.values())
    heads = _unique([formats.short(label, 30) for label in labels])
    frame = pd.DataFrame({view.head: list(view.labels)})
    if view.standings:
        frame["Badge"] = [f"{answers.SIGNS[entry.kind]} {answers.BADGES[entry.kind]}" for entry in view.standings]
        frame["Places"] = [answers.places(entry) for entry in view.standings]
        frame["Lowest"] = [tables.percent(entry.low) for entry in view.standings]
        frame["Lowest by"] = [labels[entry.lowest] for entry in view.verdicts]
        frame["Highest"] = [tables.percent(entry.high) for entry in view.standings]
        frame["Highest by"] = [labels[entry.highest] for entry in view.verdicts]
        if view.model:
            place = list(view.models).index(view.model)
            frame["Place holds"] = [tables.percent(float(part)) for part in found.holds[place]]
    for model, head in enumerate(heads):
        frame[head] = found.share[model, : len(found.values)] * 100
    if view.standings:
        frame["Why"] = [_unescaped(answers.reason(entry, view.rules, len(view.elsewhere))) for entry in view.standings]
    return frame, heads


def other_settings(view: Compare, model: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(place and share of each value under each setting, by one rule; the same shape, whether the place differs from that under the settings in use)."""
    place = list(view.models).index(model)
    cells = {view.head: list(view.labels)}
    differs = {view.head: [False] * len(view.labels)}
    own = view.found.first_place[place], view.found.last_place[place]
    columns = [("As it is", view.found.share[place], *own)]
    columns += [
        (setting_words(entry.setting), entry.share[place], entry.first_place[place], entry.last_place[place])
        for entry in view.elsewhere
    ]
    for head, share, first, last in columns:
        cells[head] = [f"{nth(int(first[value]))} · {formats.share(float(share[value]))}" for value in range(len(view.labels))]
        differs[head] = [bool(first[value] > own[1][value] or last[value] < own[0][value]) for value in range(len(view.labels))]
    return pd.DataFrame(cells), pd.DataFrame(differs)


def settings_words(view: Compare, model: str) -> str:
    """What other settings change, in a sentence, by one rule."""
    place = list(view.models).index(model)
    leader = int(view.found.share[place, : len(view.labels)].argmax())
    tried = view.elsewhere
    stays = [entry for entry in tried if int(entry.share[place].argmax()) == leader]
    moved = other_settings(view, model)[1].iloc[:, 1:].any(axis=1)
    label = formats.plain(view.labels[leader])
    lead = (
        f"{label} stays first under {'all ' if len(tried) > 1 else ''}{formats.counted(len(tried), 'other setting')}"
        if len(stays) == len(tried)
        else f"{label} stays first under {len(stays)} of {len(tried)}"
    )
    names = [formats.plain(name) for name, changed in zip(view.labels, moved, strict=True) if changed]
    if not names:
        return f"**{lead}, and no place changes.**"
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"**{lead}.** Places that change: {listed}."


@dataclass(frozen=True)
class Spread:
    """One deal's touches with their lowest and highest credit over the rules. ``widest``: (what, lowest, highest)."""

    table: pd.DataFrame
    widest: tuple[str, float, float] | None
    counted: int


def spread(shown: Explained, models: Mapping[str, str], house: str, head: str) -> Spread:
    """What each counted touch of a deal gets at least and at most, and by which rule; under ``head`` by the model ``house``."""
    rows: list[dict[str, object]] = []
    widest: tuple[str, float, float] | None = None
    names = list(models)
    for row, lane in zip(shown.touches.to_dict("records"), shown.lanes.to_dict("records"), strict=True):
        if not lane["counts"]:
            continue
        credit = np.array([float(row.get(f"credit_{name}") or 0.0) for name in names])
        low, high = float(credit.min()), float(credit.max())
        if widest is None or high - low > widest[2] - widest[1]:
            widest = (lane["what"], low, high)
        rows.append(
            {
                "Date": row["occurred_at"], "Who": lane["lane"], "What happened": lane["what"], "Channel": lane["channel"],
                "Lowest": low, "Lowest by": _by(credit, low, models), "Highest": high, "Highest by": _by(credit, high, models),
                head: float(row.get(f"credit_{house}") or 0.0),
            }
        )  # fmt: skip
    heads = ["Date", "Who", "What happened", "Channel", head, "Lowest", "Lowest by", "Highest", "Highest by"]
    return Spread(pd.DataFrame(rows, columns=heads), widest, len(rows))


def _by(credit: np.ndarray, value: float, models: Mapping[str, str]) -> str:
    """The rules that give this credit."""
    labels = [label for label, one in zip(models.values(), credit, strict=True) if abs(one - value) < 0.005]
    if len(labels) == len(models):
        return "every rule"
    return formats.short(labels[0], 40) + (f" and {len(labels) - 1} more" if len(labels) > 1 else "")


def _unescaped(text: str) -> str:
    """A sentence for a table, which reads no Markdown."""
    return re.sub(r"\\(.)", r"\1", text).replace("**", "")


def _unique(heads: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for head in heads:
        seen[head] = seen.get(head, 0) + 1
        result.append(head if seen[head] == 1 else f"{head} ({seen[head]})")
    return result
