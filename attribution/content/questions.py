"""What buyers asked, the piece that was named for it, and whether it was sent and read in that deal: question → piece → sent → read → deal.

Reads raw.questions, identity.deal_ids, marts.deals, marts.asset_uses and staging.content_assets through ``Dataset.rows``. Questions count by
the day they were asked; an open deal's amount counts once, however many questions wait in it.

Near-equal texts are one question. Nothing is guessed: two texts are equal when they are the same after ``folded``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from attribution.content import scope
from attribution.content.words import Word

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.filters import Filters

# A piece answers a question when it was named for it this often. Once or twice is a salesperson's attempt, not an answer others can rely on.
PROVEN = 3


DECISIONS: tuple[Word, ...] = (
    Word("write", "Write it", f"no piece is made for it, and none was named for it {PROVEN} times or more"),
    Word("finish", "Finish it", "the piece made for it is asked for or in production, not published yet"),
    Word("send", "Send it", f"a published piece is made for it, or was named for it {PROVEN} times or more"),
)


STEPS: tuple[Word, ...] = (
    Word("asked", "Asked", "a buyer's question"),
    Word("named", "A piece named", "the question names the content that answers it"),
    Word("sent", "Sent by sales", "a salesperson sent that piece in that deal, before or after it was asked"),
    Word("read", "Read", "a buyer of that deal read the piece that was sent"),
    Word("won", "Deal won", "and the deal was won"),
)


@dataclass(frozen=True)
class Question:
    """One question of one buyer. ``amount`` in the reporting currency; ``read_on`` may come before ``sent_on``, or without it."""

    question_id: str
    text: str
    topic: str | None
    asked_on: date | None
    asked_by: str | None
    deal_id: str | None
    deal: str | None
    status: str | None
    amount: float
    owner: str | None
    asset_id: str | None
    asset: str | None
    sent_on: date | None
    read_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether its deal can still be won or lost."""
        return self.status == "open"

    @property
    def steps(self) -> tuple[str, ...]:
        """How far it came: the words of STEPS, from the first on."""
        reached = [
            True, self.asset_id is not None, self.sent_on is not None, self.read_on is not None, self.status == "won",
        ]  # fmt: skip
        came = reached.index(False) if False in reached else len(reached)
        return tuple(step.name for step in STEPS[:came])


@dataclass(frozen=True)
class Piece:
    """Content that has a question as its own: published, in production or asked for."""

    asset_id: str
    title: str
    status: str | None
    due_on: date | None
    key: str


@dataclass(frozen=True)
class Asked:
    """One question, however it was written. ``waiting``: its questions without a piece; ``pipeline``: of the open deals among them, each once.

    ``named``: (asset_id, title, how often it was ever named), most often first; ``own``: pieces made for it (it is their ``buyer_question``).
    """

    key: str
    text: str
    topic: str | None
    asked: tuple[Question, ...]
    named: tuple[tuple[str, str, int], ...]
    own: tuple[Piece, ...]

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Asked without a piece."""
        return tuple(question for question in self.asked if question.asset_id is None)

    @property
    def writings(self) -> int:
        """In how many ways it was written."""
        return len({question.text for question in self.asked})

    @property
    def last_on(self) -> date | None:
        """The last day on which it was asked without an answer."""
        return max((question.asked_on for question in self.waiting if question.asked_on), default=None)

    @property
    def open_deals(self) -> Mapping[str, float]:
        """Open deals that wait for an answer, with their amount."""
        return open_deals(self.waiting)

    @property
    def pipeline(self) -> float:
        """The amount of these deals, each once."""
        return round(sum(self.open_deals.values()), 2)

    @property
    def making(self) -> Piece | None:
        """The piece that is being made for it: the one that is due first, else the first that is asked for."""
        found = [piece for piece in self.own if piece.status in ("in_production", "requested")]
        return min(
            found, key=lambda piece: (piece.status != "in_production", piece.due_on or date.max, piece.asset_id), default=None
        )

    @property
    def made(self) -> Piece | None:
        """The published piece that is made for it; of several the one named most often."""
        counted = {asset_id: times for asset_id, _, times in self.named}
        found = [piece for piece in self.own if piece.status not in ("in_production", "requested")]
        return min(found, key=lambda piece: (-counted.get(piece.asset_id, 0), piece.asset_id), default=None)

    @property
    def proven(self) -> tuple[str, str, int] | None:
        """The piece that was named for it most often, if that is often enough: (id, title, times)."""
        return self.named[0] if self.named and self.named[0][2] >= PROVEN else None

    @property
    def decision(self) -> str:
        """What to do: a word of DECISIONS; empty where nobody waits."""
        if not self.waiting:
            return ""
        return "send" if self.made else "finish" if self.making else "send" if self.proven else "write"


def folded(text: str) -> str:
    """A question as it is compared: lower case, without accents and punctuation, any number the same number, single spaces."""
    plain = unicodedata.normalize("NFKD", text[:2000])
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
    words = re.sub(r"[\W_]+", " ", re.sub(r"\d+([.,]\d+)*", "0", letters)).strip()
    return words or " ".join(text.split())


def has_questions(ds: Dataset) -> bool:
    """Whether the table ``questions`` has a row."""
    return bool(ds.rows("select 1 from raw.questions limit 1"))


def questions(ds: Dataset, filters: Filters) -> tuple[Question, ...]:
    """Questions asked in the period, of the deals that the filters select; those without a deal where no filter selects deals."""
    here = filters.resolved(ds.settings, ds.as_of)
    deals, when = scope.deals_of(here), scope.days("asked_on", here)
    rows = ds.rows(
        f"""
        with asked as (
            select
                questions.question_id as question_id, questions.text as text, questions.topic as topic,
                to_local_date(questions.asked_at, reporting.time_zone) as asked_on, questions.asset_id as asset_id,
                coalesce(people.name, questions.asked_by) as asked_by, coalesce(deal_ids.deal_id, questions.deal_id) as deal_id
            from raw.questions as questions
            cross join (select time_zone from config.reporting) as reporting
            left join identity.deal_ids as deal_ids on questions.deal_id = deal_ids.alias
            left join raw.people as people on questions.asked_by = people.owner_id
        )

        select
            asked.question_id, asked.text, asked.topic, asked.asked_on, asked.asked_by, asked.deal_id, coalesce(deals.name, asked.deal_id),
            deals.status, coalesce(cast(deals.amount as double), 0), coalesce(deals.owner_name, deals.owner_id), asked.asset_id,
            coalesce(assets.title, asked.asset_id), to_local_date(from_us(uses.first_sent_us), reporting.time_zone),
            to_local_date(from_us(uses.first_buyer_us), reporting.time_zone)
        from asked
        cross join (select time_zone from config.reporting) as reporting
        left join marts.deals as deals on asked.deal_id = deals.deal_id
        left join staging.content_assets as assets on asked.asset_id = assets.asset_id
        left join marts.asset_uses as uses on asked.deal_id = uses.deal_id and asked.asset_id = uses.asset_id
        where {deals.sql} and {when.sql}
        order by asked.asked_on, asked.question_id""",
        [*deals.parameters, *when.parameters],
    )
    labels = ds.labels("asset")
    return tuple(Question(*(*row[:11], labels.get(row[10], row[11]), *row[12:])) for row in rows if row[1])


def pieces(ds: Dataset) -> tuple[Piece, ...]:
    """Content that has a buyer's question as its own."""
    rows = ds.rows(
        "select asset_id, coalesce(title, asset_id), status, due_on, buyer_question from staging.content_assets "
        "where buyer_question is not null and (status is null or status <> 'retired') order by asset_id"
    )
    labels = ds.labels("asset")
    return tuple(
        Piece(asset_id, labels.get(asset_id, title), status, due_on, folded(question))
        for asset_id, title, status, due_on, question in rows
    )


def named_ever(ds: Dataset) -> dict[str, tuple[tuple[str, str, int], ...]]:
    """Question as compared → the pieces that were ever named for it, most often first: (id, title, times). Whatever the filters."""
    rows = ds.rows(
        "select questions.text, questions.asset_id, coalesce(assets.title, questions.asset_id), count(*) from raw.questions as questions "
        "left join staging.content_assets as assets on questions.asset_id = assets.asset_id "
        "where questions.asset_id is not null and questions.text is not null group by 1, 2, 3"
    )
    labels = ds.labels("asset")
    times: dict[str, Counter[tuple[str, str]]] = {}
    for text, asset_id, title, count in rows:
        times.setdefault(folded(text), Counter())[asset_id, labels.get(asset_id, title)] += count
    return {
        key: tuple((*entry, count) for entry, count in sorted(counted.items(), key=lambda item: (-item[1], item[0])))
        for key, counted in times.items()
    }


def grouped(
    listed: Iterable[Question], own: Iterable[Piece] = (), named: Mapping[str, tuple[tuple[str, str, int], ...]] | None = None
) -> tuple[Asked, ...]:
    """Near-equal questions as one, those worth most first: by the open deals that wait, then by how often they were asked without a piece."""
    by_key: dict[str, list[Question]] = {}
    for question in listed:
        by_key.setdefault(folded(question.text), []).append(question)
    made: dict[str, list[Piece]] = {}
    for piece in own:
        made.setdefault(piece.key, []).append(piece)
    found = [_one(key, questions, (named or {}).get(key, ()), made.get(key, [])) for key, questions in by_key.items()]
    return tuple(sorted(found, key=lambda asked: (-asked.pipeline, -len(asked.waiting), -len(asked.asked), asked.key)))


def _one(key: str, listed: Sequence[Question], named: tuple[tuple[str, str, int], ...], own: Sequence[Piece]) -> Asked:
    texts, topics = (
        Counter(question.text for question in listed),
        Counter(question.topic for question in listed if question.topic),
    )
    return Asked(key, _most(texts) or "", _most(topics), tuple(listed), named, tuple(own))


def _most(counted: Counter[str]) -> str | None:
    """The most frequent word; of two as frequent the first by the alphabet."""
    return min(counted, key=lambda word: (-counted[word], word), default=None)


def open_deals(listed: Iterable[Question]) -> dict[str, float]:
    """The open deals of some questions with their amount: each deal once."""
    return {question.deal_id: question.amount for question in listed if question.is_open and question.deal_id}


def came_to(listed: Iterable[Question], step: str) -> tuple[Question, ...]:
    """The questions that came at least as far as a step of the way."""
    return tuple(question for question in listed if step in question.steps)


def stopped_at(listed: Iterable[Question], step: str) -> tuple[Question, ...]:
    """The questions that came to a step and not to the next one."""
    return tuple(question for question in listed if question.steps[-1] == step)
