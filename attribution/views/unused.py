"""The page about unused content: pieces by reason and by decision, with what is sunk in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from attribution.answers import unused as answers
from attribution.charts import formats, used
from attribution.content import scope
from attribution.content.assets import Known, under
from attribution.content.unused import DECISIONS, REASONS, Sunk, Unused, by_decision, by_reason, sunk, unused
from attribution.dataset import Dataset
from attribution.filters import ALL_TIME
from attribution.views.campaign_money import median_cycle
from attribution.views.state import Choice, Names

DECISION_LABELS = {entry.name: entry.label for entry in DECISIONS}
REASON_LABELS = {entry.name: entry.label for entry in REASONS}
CALM = ("wait", "leave")  # decisions that ask nobody to do something
MOST_FIRST = 4


@dataclass(frozen=True)
class Entry:
    """One piece on the page, with what to do in a sentence."""

    piece: Unused
    topic: str
    step: str

    @property
    def title(self) -> str:
        """Its title."""
        return self.piece.asset.title


@dataclass(frozen=True)
class UnusedContent:
    """All that the page shows. ``whole``: of all listed pieces, each once; ``reasons`` may share pieces, ``decisions`` do not."""

    answer: str
    entries: tuple[Entry, ...]
    public: int
    whole: Sunk
    reasons: dict[str, Sunk]
    decisions: dict[str, Sunk]
    notes: tuple[str, ...]
    currency: str | None

    @property
    def first(self) -> tuple[Entry, ...]:
        """What to decide first: the most expensive piece of each decision that asks for something, then the next most expensive ones."""
        calls = [entry for entry in self.entries if entry.piece.decision not in CALM]
        leaders = list({entry.piece.decision: entry for entry in reversed(calls)}.values())
        others = [entry for entry in calls if entry not in leaders]
        chosen = sorted(leaders, key=lambda entry: -entry.piece.cost)[:MOST_FIRST]
        return tuple(sorted((*chosen, *others[: MOST_FIRST - len(chosen)]), key=lambda entry: -entry.piece.cost))

    @property
    def bars(self) -> tuple[used.Bar, ...]:
        """Decisions by what is sunk in their pieces (by their number where no cost is known); pale: nobody has to do something."""
        is_money = bool(self.whole.cost)
        unit = formats.unit_for([float(entry.cost) for entry in self.decisions.values()], self.currency)
        rows = [
            used.Bar(
                name, DECISION_LABELS[name], float(entry.cost) if is_money else float(entry.pieces), unit.label(float(entry.cost)) if is_money else "",
                formats.counted(entry.pieces, "piece"), name not in CALM,
            )
            for name, entry in self.decisions.items() if entry.pieces
        ]  # fmt: skip
        return tuple(sorted(rows, key=lambda row: (not row.is_strong, -row.value, row.label)))

    @property
    def unit(self) -> formats.Unit:
        """The unit of the picture."""
        return formats.unit_for([float(entry.cost) for entry in self.decisions.values()], self.currency)


def has_content(ds: Dataset) -> bool:
    """Whether the table ``content_assets`` has a row."""
    return bool(ds.rows("select 1 from staging.content_assets limit 1"))


def view(ds: Dataset, choice: Choice, names: Names, content: Known) -> UnusedContent:
    """Unused content; the filters, but for their period, select the deals that count as bought."""
    currency, today = ds.settings.reporting.currency, scope.today(ds)
    pieces = under(ds, ALL_TIME, {}, content)
    public = [asset for asset in pieces if asset.is_public and asset.is_planned]
    cycle_days = median_cycle(ds, scope.any_time(choice.filters))
    listed = unused(ds, pieces, choice.filters, cycle_days)
    labels = names.labels.get("topic", {})
    topics = {topic: labels.get(topic) or formats.words(topic) for topic in {piece.asset.topic for piece in listed} if topic}
    entries = tuple(
        Entry(piece, topic, answers.next_step(piece, currency, today, cycle_days, topic))
        for piece in listed
        for topic in [topics.get(piece.asset.topic or "", "")]
    )
    decisions, whole = dict(by_decision(listed)), sunk(listed)
    groups = [
        answers.Group(
            name, entry.pieces, float(entry.cost), next((piece.asset.title for piece in listed if piece.decision == name), "")
        )
        for name, entry in decisions.items()
    ]
    calm = sunk([piece for piece in listed if piece.decision in CALM])
    facts = answers.UnusedFacts(
        currency, len(public), whole.pieces - calm.pieces, float(whole.cost - calm.cost), float(sum(asset.cost or 0 for asset in public)), groups,
        calm.pieces, float(calm.cost),
    )  # fmt: skip
    retired = len([asset for asset in pieces if asset.status == "retired"])
    unplanned = len([asset for asset in pieces if asset.is_public and not asset.is_planned])
    notes = [
        answers.without_cost(whole.without_cost),
        f"{formats.counted(retired, 'retired piece')} {'is' if retired == 1 else 'are'} left out: that decision is made."
        if retired
        else "",
        f"{formats.counted(unplanned, 'piece')} that touches name and `content_assets` lacks {'is' if unplanned == 1 else 'are'} left out."
        if unplanned
        else "",
    ]
    return UnusedContent(
        answers.unused(facts),
        entries,
        len(public),
        whole,
        dict(by_reason(listed)),
        decisions,
        tuple(note for note in notes if note),
        currency,
    )


def chosen(view: UnusedContent, decision: str, reasons: Sequence[str], search: str) -> tuple[Entry, ...]:
    """The pieces with a decision (all without one), one of some reasons (any without them), and all words in title, author, topic or id."""
    wanted = search.lower().split()
    return tuple(
        entry
        for entry in view.entries
        if decision in ("", entry.piece.decision)
        and (not reasons or set(reasons) & set(entry.piece.reasons))
        and all(word in _words(entry) for word in wanted)
    )


def _words(entry: Entry) -> str:
    asset = entry.piece.asset
    return " ".join(str(part) for part in (asset.title, asset.asset_id, asset.author, entry.topic, asset.format) if part).lower()


def table(entries: Sequence[Entry], whole: Sunk | None = None) -> pd.DataFrame:
    """Pieces as people read them; ``whole``: the total of the last row."""
    rows: list[tuple[object, ...]] = [
        (
            entry.title, DECISION_LABELS[entry.piece.decision], entry.step, float(entry.piece.cost) if entry.piece.asset.cost is not None else None,
            ", ".join(REASON_LABELS[reason] for reason in entry.piece.reasons), entry.piece.asset.author, entry.piece.asset.published_on,
            entry.piece.asset.last_read_on, entry.piece.asset.readers, entry.piece.asset.sent, entry.piece.reading.won, entry.piece.reading.lost,
            entry.topic,
        )
        for entry in entries
    ]  # fmt: skip
    if whole is not None:
        rows.append(("Total, each piece once", "", "", float(whole.cost), "", None, None, None, None, None, None, None, ""))
    heads = [
        "Piece", "Decision", "What to do next", "Cost", "Why it is here", "Author", "Published", "Last read", "Readers", "Sent", "Won deals", "Lost deals",
        "Topic",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=heads).astype(
        {"Published": object, "Last read": object, **dict.fromkeys(("Readers", "Sent", "Won deals", "Lost deals"), "Int64")}
    )


def decisions_table(view: UnusedContent) -> pd.DataFrame:
    """What to do, in numbers: decisions add up to the total."""
    rows = [(DECISION_LABELS[name], entry.pieces, float(entry.cost)) for name, entry in view.decisions.items() if entry.pieces]
    return pd.DataFrame([*rows, ("Total", view.whole.pieces, float(view.whole.cost))], columns=["Decision", "Pieces", "Cost"])
