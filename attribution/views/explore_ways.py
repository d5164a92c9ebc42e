"""Ways on from the explore page: starting points, what to ask where a combination does not exist, and the deals behind a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attribution.answers.explore import inner
from attribution.charts import formats
from attribution.charts.marks import Mark
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.metrics import METRICS, metric
from attribution.pivot import TIMES, Missing, missing
from attribution.query import DIMENSIONS, dimension
from attribution.views import state
from attribution.views.credit import CODES, words_of

# What a figure is called where its label would not stand alone, or stands twice.
LABELS = {
    "influenced_revenue": "Revenue it took part in", "influenced_deals": "Deals it took part in", "influenced_pipeline": "Open amount it took part in",
    "sourced_revenue": "Revenue opened by marketing", "open_amount": "Open amount",
    "influenced_share": "Share that marketing or buyers took part in", "attributed_share": "Share credited to touches",
    "attributed_revenue": "Revenue credited to touches",
}  # fmt: skip
# The nearest figure that shares deals among touches, or that needs no spend.
TWINS = {
    "won_revenue": "revenue", "won_deals": "deals", "open_amount": "pipeline", "open_deals": "pipeline_deals", "sourced_share": "sourced_revenue",
    "influenced_share": "influenced_revenue", "attributed_share": "attributed_revenue", "spend": "revenue", "roi": "revenue", "roas": "revenue",
    "lost_deals": "deals", "win_rate": "influenced_deals", "mean_deal": "influenced_revenue",
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What the page asks: which figures, by which one or two dimensions, drawn how, in which order, how many rows."""

    metrics: tuple[str, ...] = ("revenue",)
    rows: str = "channel"
    columns: str = ""
    look: str = ""
    sort: str = ""
    top: int = 12

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions."""
        return (self.rows, self.columns) if self.columns else (self.rows,)


@dataclass(frozen=True)
class Way:
    """A question that works, for a button: the question itself, another date basis, or a filter to clear."""

    label: str
    question: Question | None = None
    date_basis: str = ""
    clear: str = ""


@dataclass(frozen=True)
class Refused:
    """A figure that does not exist for these dimensions and filters: why, and what works instead."""

    metric: str
    why: str
    ways: tuple[Way, ...]


PRESETS: tuple[tuple[str, Question], ...] = (
    ("Content by revenue", Question(("revenue", "influenced_deals"), "asset", look="bars")),
    ("Segment × channel", Question(("revenue",), "segment", "channel", "heat")),
    ("Quarter by channel", Question(("revenue",), "quarter", "channel", "bars")),
    ("Owners: win rate", Question(("win_rate", "won_deals", "lost_deals"), "owner", look="bars")),
    ("Months: spend and return", Question(("spend", "revenue", "roas"), "month", look="lines")),
)


def metric_labels() -> dict[str, str]:
    """Figure → what it is called here, in the order of the registry."""
    return {entry.name: LABELS.get(entry.name, entry.label) for entry in METRICS}


def dimension_labels(ds: Dataset) -> dict[str, str]:
    """Dimension → label; further columns of deals at the end, with their names told apart where they are those of a dimension."""
    labels = {entry.name: entry.label for entry in DIMENSIONS}
    taken = set(labels.values())
    for name in ds.extra_dimensions:
        words = formats.words(name)
        labels[name] = words if words not in taken else f"{words} (further column)"
    return labels


def words_for(ds: Dataset, by: str) -> tuple[str, str]:
    """(one, many) of a dimension inside a sentence."""
    return ("touch", "touches") if by == "touch" else words_of(by, dimension_labels(ds)[by])


def start(ds: Dataset) -> Question:
    """What the page opens with: segments by channel where there are segments, else channels by quarter."""
    return PRESETS[1][1] if ds.known_values["segment"] else Question(("revenue",), "channel", "quarter", "heat")


def refused(ds: Dataset, question: Question, filters: Filters) -> tuple[Refused, ...]:
    """The figures of a question that do not exist, each with its reason and at most three ways on."""
    found = [missing(ds, name, question.by, filters) for name in question.metrics]
    return tuple(Refused(one.metric, _why(ds, one), _ways(ds, question, one, filters)) for one in found if one)


def _why(ds: Dataset, one: Missing) -> str:
    label, name = metric_labels()[one.metric], inner(metric_labels()[one.metric])
    if one.reason == "whole_deals":
        word, many = words_for(ds, one.word)
        return f"{label} cannot be shown by {word}: a deal meets several {many}, so a whole deal belongs to none of them alone."
    if one.reason == "no_close":
        return f"{label} has no {one.word} yet: an open deal has no close date."
    who = "Spend" if one.metric == "spend" else f"{label} needs spend, which"
    if one.reason == "spend_filter":
        return f"{who} belongs to no deal, so it cannot be narrowed down to one {words_for(ds, one.word)[0]}; {name} is left out."
    known = [inner(entry.label) for entry in DIMENSIONS if entry.spend]
    return f"{who} is known by {', '.join(known[:-1])} and {known[-1]}, not by {words_for(ds, one.word)[0]}."


def _ways(ds: Dataset, question: Question, one: Missing, filters: Filters) -> tuple[Way, ...]:
    labels, dimensions = metric_labels(), dimension_labels(ds)
    candidates = []
    if one.reason == "no_close":
        candidates.append(Way("Count by the date deals were opened", date_basis="created"))
    if one.reason == "spend_filter":
        candidates.append(Way(f"Clear the filter {inner(dimensions[one.word])}", clear=one.word))
    if twin := TWINS.get(one.metric):
        swapped = tuple(dict.fromkeys(twin if name == one.metric else name for name in question.metrics))
        candidates += [Way(f"{labels[twin]} instead", _fresh(question, metrics=names)) for names in (swapped, (twin,))]
    if one.reason in ("whole_deals", "spend_dimension"):
        for instead in ("segment", "owner", "deal_type") if one.reason == "whole_deals" else ("channel", "month"):
            by = tuple(dict.fromkeys(instead if word == one.word else word for word in question.by))
            for names in (question.metrics, (one.metric,)):
                way = _fresh(question, metrics=names, rows=by[0], columns=by[1] if len(by) == 2 else "")
                candidates.append(Way(f"{labels[one.metric]} by {' and '.join(inner(dimensions[word]) for word in by)}", way))
        alone = "segment" if one.reason == "whole_deals" else "channel"
        way = _fresh(question, metrics=(one.metric,), rows=alone, columns="")
        candidates.append(Way(f"{labels[one.metric]} by {inner(dimensions[alone])}", way))
    first: dict[str, Way] = {}
    for candidate in candidates:
        if _works(ds, candidate.question, filters):
            first.setdefault(candidate.label, candidate)
    return tuple(first.values())[:3]


def _fresh(question: Question, **changes: object) -> Question:
    """Another question, with the look and order that suit it."""
    return replace(question, look="", sort="", **changes)  # type: ignore[arg-type]


def _works(ds: Dataset, question: Question | None, filters: Filters) -> bool:
    return question is None or not any(missing(ds, name, question.by, filters) for name in question.metrics)


def to_deals(ds: Dataset, name: str, cells: Sequence[tuple[str, Mark]]) -> dict[str, str] | None:
    """The address words of the deals page for a figure's cell: (dimension, its mark) pairs. None where no list of deals is behind it."""
    if any(mark.kind in ("other", "total") for _, mark in cells):
        return None
    deal = next((mark.key for by, mark in cells if by == "deal"), None)
    if deal:
        return {"deal": deal}
    what: dict[str, str] = {}
    for by, mark in cells:
        if by == "touch" or by in ds.extra_dimensions or (by in TIMES and mark.kind != "value"):
            return None
        word = "period" if by in TIMES else by
        if word in what and len(what[word]) == 7 and "Q" not in what[word]:
            continue  # a month is narrower than its quarter
        what[word] = mark.key
    if metric(name).statuses != ("won",):
        what["status"] = "decided" if len(metric(name).statuses) > 1 else metric(name).statuses[0]
    return {"behind": state.behind_words(what)}


def codes(ds: Dataset, by: str) -> bool:
    """Whether a dimension's values are words of ours (else names that people gave)."""
    return dimension(by, ds.extra_dimensions).name in CODES
