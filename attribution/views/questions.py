"""The page about buyers' questions: each question with what it is worth and what to do, by topic, and the way from question to deal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.answers import questions as answers
from attribution.charts import formats, used
from attribution.charts.campaigns import Step
from attribution.content import scope
from attribution.content.questions import (
    DECISIONS,
    STEPS,
    Asked,
    Question,
    came_to,
    grouped,
    named_ever,
    open_deals,
    pieces,
    questions,
    stopped_at,
)
from attribution.dataset import Dataset
from attribution.views.state import Choice, Names

MOST_BARS = 8
NO_TOPIC = "No topic"
LABELS = {entry.name: entry.label for entry in DECISIONS}


@dataclass(frozen=True)
class Entry:
    """One question on the page: how often it was asked, what waits for it, and what to do."""

    key: str
    text: str
    topic: str
    decision: str
    asked: int
    waiting: int
    deals: int
    pipeline: float
    last_on: date | None
    step: str


@dataclass(frozen=True)
class Questions:
    """All that the page shows. ``pipeline``: of the open ``deals`` that wait, each once; ``unsent``: of open deals, with a piece nobody sent."""

    answer: str
    currency: str | None
    asked: int
    waiting: int
    deals: int
    pipeline: float
    entries: tuple[Entry, ...]
    topics: tuple[used.Split, ...]
    steps: tuple[Step, ...]
    chain: str
    unsent: str
    to_send: tuple[Question, ...]
    records: tuple[Question, ...]
    topic_names: Mapping[str, str]

    @property
    def open_entries(self) -> tuple[Entry, ...]:
        """Questions that somebody waits for."""
        return tuple(entry for entry in self.entries if entry.decision)

    def bars(self, decisions: Sequence[str]) -> tuple[used.Bar, ...]:
        """The questions of some decisions that are worth most; by how often they were asked where no open deal waits. Pale: being made."""
        shown = [entry for entry in self.open_entries if entry.decision in decisions][:MOST_BARS]
        unit = self.unit
        return tuple(
            used.Bar(
                entry.key, entry.text, entry.pipeline if unit else float(entry.waiting), unit.label(entry.pipeline) if unit else formats.count(entry.waiting),
                _times(entry.waiting) if unit else "time" if entry.waiting == 1 else "times", entry.decision != "finish",
            )
            for entry in shown
        )  # fmt: skip

    @property
    def unit(self) -> formats.Unit | None:
        """The unit of both pictures; None where no open deal waits."""
        return formats.unit_for([entry.pipeline for entry in self.open_entries], self.currency) if self.pipeline else None

    @property
    def largest(self) -> float:
        """The length of the longest bar, so that both pictures have one scale."""
        return max([0.0, *(entry.pipeline if self.unit else float(entry.waiting) for entry in self.open_entries)])

    def count(self, decision: str) -> int:
        """How many questions call for a decision."""
        return len([entry for entry in self.entries if entry.decision == decision])


def view(ds: Dataset, choice: Choice, names: Names) -> Questions:
    """Buyers' questions under a choice of filters."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    currency, today = ds.settings.reporting.currency, scope.today(ds)
    listed = questions(ds, here)
    found = grouped(listed, pieces(ds), named_ever(ds))
    facts = [_waiting(asked) for asked in found]
    labels = names.labels.get("topic", {})
    entries = tuple(
        Entry(
            asked.key, asked.text, _topic(asked.topic, labels), asked.decision, len(asked.asked), len(asked.waiting),
            len(asked.open_deals), asked.pipeline, asked.last_on, answers.next_step(fact, currency, today) if asked.decision else "",
        )
        for asked, fact in zip(found, facts, strict=True)
    )  # fmt: skip
    waiting = [question for question in listed if question.asset_id is None]
    deals = open_deals(waiting)
    counts = [(step.name, len(came_to(listed, step.name))) for step in STEPS]
    to_send = tuple(
        question
        for question in listed
        if question.is_open and question.asset_id and not question.sent_on and not question.read_on
    )
    sendable = open_deals(to_send)
    answer = answers.QuestionsFacts(
        currency=currency, asked=len(listed), different=len(found), waiting=len(waiting), deals=len(deals), amount=round(sum(deals.values()), 2),
        ranked=tuple(fact for fact in facts if fact.decision), when="" if here.date_from is None and here.date_to is None else "in this period",
        today=today,
    )  # fmt: skip
    return Questions(
        answer=answers.questions(answer), currency=currency, asked=len(listed), waiting=len(waiting), deals=len(deals), pipeline=answer.amount, entries=entries,
        topics=_by_topic(listed, labels), steps=_steps(counts), chain=answers.chain(counts),
        unsent=answers.unsent(len(to_send), len(sendable), sum(sendable.values()), currency),
        to_send=tuple(sorted(to_send, key=lambda question: (-question.amount, question.deal_id or "", question.question_id))), records=listed,
        topic_names={topic: _topic(topic, labels) for topic in {question.topic for question in listed if question.topic}},
    )  # fmt: skip


def _waiting(asked: Asked) -> answers.Waiting:
    made, making, proven = asked.made, asked.making, asked.proven
    common = {
        "text": asked.text,
        "decision": asked.decision,
        "times": len(asked.waiting),
        "deals": len(asked.open_deals),
        "amount": asked.pipeline,
    }
    if asked.decision == "send" and made:
        return answers.Waiting(**common, title=made.title, is_made_for_it=True)  # type: ignore[arg-type]
    if asked.decision == "send" and proven:
        return answers.Waiting(**common, title=proven[1], named=proven[2])  # type: ignore[arg-type]
    if asked.decision == "finish" and making:
        stopgap = proven[1] if proven else ""
        return answers.Waiting(**common, title=making.title, status=making.status or "", due_on=making.due_on, stopgap=stopgap)  # type: ignore[arg-type]
    return answers.Waiting(**common)  # type: ignore[arg-type]


def _by_topic(listed: Sequence[Question], labels: Mapping[str, str]) -> tuple[used.Split, ...]:
    """Questions by topic: without a piece, with one; most without first."""
    topics: dict[str, list[Question]] = {}
    for question in listed:
        topics.setdefault(question.topic or "", []).append(question)
    rows = []
    for topic, asked in topics.items():
        without = len([question for question in asked if question.asset_id is None])
        rows.append(
            used.Split(
                topic, _topic(topic, labels), (without, len(asked) - without), f"{formats.share(without / len(asked))} without"
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.parts[0], -sum(row.parts), row.key))[:MOST_BARS])


def _steps(counts: Sequence[tuple[str, int]]) -> tuple[Step, ...]:
    """The way as a funnel, each step with its share of the one before."""
    labels = {step.name: step.label for step in STEPS}
    steps, before = [], 0
    for name, number in counts:
        steps.append(Step(labels[name], number, f"{formats.share(number / before)} of these" if before else ""))
        before = number
    return tuple(steps)


def decided(view: Questions, decision: str) -> tuple[Entry, ...]:
    """The questions that call for a decision; all that call for one without a name."""
    return tuple(entry for entry in view.open_entries if decision in ("", entry.decision))


def table(entries: Sequence[Entry], with_total: Questions | None = None) -> pd.DataFrame:
    """Questions as people read them; the last row counts every open deal once where ``with_total`` gives the sums."""
    rows = [
        (entry.text, LABELS.get(entry.decision, "Answered"), entry.step, entry.pipeline, entry.deals, entry.waiting, entry.asked, entry.last_on, entry.topic)
        for entry in entries
    ]  # fmt: skip
    if with_total is not None:
        whole, asked = with_total, sum(entry.asked for entry in entries)
        rows.append(
            ("All of them", "", "Each open deal counts once.", whole.pipeline, whole.deals, whole.waiting, asked, None, "")
        )
    heads = ["Question", "Decision", "Next step", "Pipeline", "Open deals", "Without a piece", "Asked", "Last asked", "Topic"]
    return pd.DataFrame(rows, columns=heads).astype({"Last asked": object})


def records(listed: Iterable[Question], topics: Mapping[str, str]) -> pd.DataFrame:
    """Single questions with how far each came, latest first."""
    statuses = {"won": "Won", "lost": "Lost", "open": "Open"}
    rows = [
        (
            question.asked_on, question.text, topics.get(question.topic or "", NO_TOPIC), question.asked_by, question.asset, question.sent_on,
            question.read_on, question.deal, statuses.get(question.status or "", formats.DASH), question.amount if question.status else None,
        )
        for question in sorted(listed, key=lambda question: (question.asked_on or date.min, question.question_id), reverse=True)
    ]  # fmt: skip
    heads = ["Asked on", "Question", "Topic", "Told by", "Piece", "Sent", "Read", "Deal", "Outcome", "Amount"]
    return pd.DataFrame(rows, columns=heads).astype(dict.fromkeys(("Asked on", "Sent", "Read"), object))


def deals_in_order(listed: Iterable[Question]) -> tuple[str, ...]:
    """The deals of ``records``, row by row; empty where a question has none that is known."""
    ordered = sorted(listed, key=lambda question: (question.asked_on or date.min, question.question_id), reverse=True)
    return tuple((question.deal_id or "") if question.status else "" for question in ordered)


def sending(listed: Iterable[Question]) -> pd.DataFrame:
    """Pieces to send in open deals, largest deal first."""
    rows = [
        (question.deal, question.amount, question.text, question.asset, question.owner, question.asked_on)
        for question in listed
    ]  # fmt: skip
    heads = ["Deal", "Amount", "Asked", "Piece to send", "Who sends it", "Asked on"]
    return pd.DataFrame(rows, columns=heads).astype({"Asked on": object})


def at_step(view: Questions, step: str, stopped: bool) -> tuple[Question, ...]:
    """The questions that came to a step, or those that stopped there."""
    return stopped_at(view.records, step) if stopped else came_to(view.records, step)


def _topic(topic: str | None, labels: Mapping[str, str]) -> str:
    return (labels.get(topic) or formats.words(topic)) if topic else NO_TOPIC


def _times(number: int) -> str:
    return "once" if number == 1 else f"{formats.count(number)} times"
