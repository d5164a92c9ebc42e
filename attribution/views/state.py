"""What the filter bar holds, names for ids, and the words that say under which filters and rule a view was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attribution.answers import words as answers
from attribution.bridge import STEPS
from attribution.charts import formats, tables, theme
from attribution.charts.theme import UNATTRIBUTED
from attribution.config import Settings
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.query import DIMENSIONS

LIMIT_OPTIONS = 2000
LONGEST_WAY = 6000  # characters of a way in a link


@dataclass(frozen=True)
class Choice:
    """What the filter bar holds: which rows, compared with what, under which model."""

    filters: Filters
    compare: str
    model: str
    mine: str = ""  # the owner whose things are kept; the filters above say so already


@dataclass(frozen=True)
class Names:
    """Names for ids and codes, and all values a filter can take. ``channels``: biggest first, over all data; ``labels``: dimension →
    code → words, for every dimension whose values are ids or codes."""

    channels: tuple[str, ...]
    channel_labels: dict[str, str]
    campaigns: dict[str, str]
    assets: dict[str, str]
    owners: dict[str, str]
    values: dict[str, tuple[str, ...]]
    slots: dict[str, int | None]
    labels: dict[str, dict[str, str]]


def names_of(ds: Dataset) -> Names:
    """Names, filter values and the colour of each channel: of all data, so that no filter changes them."""
    house = ds.settings.reporting.model
    by_channel = ds.credit(model=house, by=["channel"], measures=["deals", "pipeline_deals"], filters=Filters())
    by_channel["size"] = by_channel["deals"].astype(float) + by_channel["pipeline_deals"].astype(float) * 0.001
    by_channel = by_channel[by_channel["channel"] != UNATTRIBUTED].sort_values(["size", "channel"], ascending=[False, True])
    channels = tuple(str(name) for name in by_channel["channel"])
    labels = {name: _label(ds.settings.channels, name) for name in channels}
    labels = {
        **labels,
        **{name: _label(ds.settings.channels, name) for name in ds.known_values["channel"] if name not in labels},
    }
    channels = (*channels, *(name for name in labels if name not in channels))
    values = {word: tuple(listed[:LIMIT_OPTIONS]) for word, listed in ds.known_values.items()}
    values["channel"] = channels[:LIMIT_OPTIONS]
    own = [name for name, entry in ds.settings.channels.items() if entry.team == "sales"]
    ids = {dimension: ds.labels(dimension) for dimension in ("campaign", "asset", "owner", "partner", "kind", "topic")}
    codes = {"channel": labels, "opened_by": tables.TEAMS, "phase": tables.PHASES, "actor": tables.ACTORS}
    return Names(
        channels,
        labels,
        ids["campaign"],
        ids["asset"],
        ids["owner"],
        values,
        theme.channel_slots(channels, own),
        {**ids, **codes},
    )


def campaigns_of(ds: Dataset, owner: str) -> tuple[str, ...]:
    """The campaigns that an owner is responsible for."""
    rows = ds.rows("select campaign_id from raw.campaigns where owner_id = ? order by campaign_id", [owner])
    return tuple(str(row[0]) for row in rows)


def _label(entries: dict[str, Any], name: str) -> str:
    entry = entries.get(name)
    return (entry.label if entry is not None else None) or formats.words(name)


def compared_with(choice: Choice, ds: Dataset) -> Filters | None:
    """The filters of the period that figures are compared with; None where there is none."""
    if choice.compare == "before":
        found: Filters | None = choice.filters.before(ds.settings, ds.as_of)
    elif choice.compare == "year":
        found = choice.filters.year_before(ds.settings, ds.as_of)
    else:
        found = None
    return found


def against_words(choice: Choice) -> str:
    """What figures are compared with, in words."""
    return {"before": "the period before", "year": "the year before"}.get(choice.compare, "")


def caption(ds: Dataset, choice: Choice, is_credited: bool = True) -> str:
    """What a file was made under: filters, rule (where one applies), data."""
    resolved = choice.filters.resolved(ds.settings, ds.as_of)
    rule = f"credit rule {rule_label(ds, choice.model)}; " if is_credited else ""
    return f"{resolved.caption(ds.settings)}; {rule}data up to {formats.day(ds.as_of)}, version {ds.version}"


def query_text(ds: Dataset, choice: Choice, metrics: Sequence[str], by: Sequence[str]) -> str:
    """The statement behind a figure with its values in place, as it can be run on the database file."""
    question = ds.question(metrics, by, choice.filters.resolved(ds.settings, ds.as_of), choice.model)
    pieces = question.sql.split("?")
    values = ["'" + str(value).replace("'", "''") + "'" for value in question.parameters]
    return "".join(piece + value for piece, value in zip(pieces, [*values, ""], strict=True))


def filter_words(ds: Dataset, choice: Choice) -> str:
    """The filters alone, for sentences."""
    return str(choice.filters.resolved(ds.settings, ds.as_of).caption(ds.settings))


def behind_words(what: dict[str, str]) -> str:
    """What was clicked, as one URL parameter."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"))


def behind_from(text: str | None) -> dict[str, str]:
    """What was clicked, from a URL; nothing where that is not understood."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    known = (
        "step",
        "period",
        "status",
        "account",
        "person",
        "way",
        *(entry.name for entry in DIMENSIONS if entry.name not in ("touch", "deal", "month", "quarter")),
    )
    what = (
        {word: str(found[word])[: LONGEST_WAY if word == "way" else 500] for word in known if word in found}
        if isinstance(found, dict)
        else {}
    )
    return {} if what.get("step", "in_scope") not in STEPS else what


def rule_label(ds: Dataset, model: str) -> str:
    """A model by its shares, for sentences."""
    return str(ds.settings.model(model).label)


def short_rules(settings: Settings) -> dict[str, str]:
    """Model → words for a box, a table or a picture, where the shares have to do: "30·30·30·10 (agreed)", "40·40·20 U shaped"."""
    reporting, short = settings.reporting, {}
    for entry in settings.all_models():
        is_house = entry.name == reporting.model
        words = answers.rule_short(tuple(entry.shares.items()), "" if is_house else entry.name, entry.label)
        short[entry.name] = f"{words} ({reporting.rule_word})" if is_house else words
    return short


def agreed_word(ds: Dataset, model: str) -> str:
    """What the rule of the bar is to sentences: "agreed" or "house", with "not" before it where it is another."""
    reporting = ds.settings.reporting
    return reporting.rule_word if model == reporting.model else f"not {reporting.rule_word}"


def house_rule(ds: Dataset) -> str:
    """What sentences call the rule of the settings: "agreed rule", or "house rule" where nobody agreed on it."""
    return f"{ds.settings.reporting.rule_word} rule"


def rule_line(ds: Dataset, model: str) -> str:
    """The line that names the rule: its shares, who agreed on it, what counts."""
    entry, reporting, journeys = ds.settings.model(model), ds.settings.reporting, ds.settings.journeys
    line = answers.rule_line(
        tuple(entry.shares.items()), entry.label, model == reporting.model, reporting.agreed_by, reporting.agreed_on,
        answers.what_counts(journeys.lookback_days, journeys.actors),
    )  # fmt: skip
    return " · ".join([line, *ds.learned_words([model])])


def models_shown(ds: Dataset, model: str, others: tuple[str, ...]) -> list[tuple[str, str]]:
    """(name, column head) of the rules in the table of touches: the chosen one, the agreed one, the second one, and some others."""
    reporting = ds.settings.reporting
    listed = list(dict.fromkeys([model, reporting.model, reporting.second_model, *others]))
    heads = {
        reporting.model: formats.capital(house_rule(ds)),
        "last_touch": "Last contact",
        "first_touch": "First contact",
    }
    return [(name, heads.get(name) or formats.short(ds.settings.model(name).label, 28)) for name in listed]


def footer_words(ds: Dataset) -> tuple[str, str]:
    """What the numbers stand on: how far the data reaches, and which build they come from."""
    return f"Data up to {formats.day(ds.as_of)}", f"Built {formats.day(ds.built_at, year=False)}, {ds.built_at:%H:%M} UTC"
