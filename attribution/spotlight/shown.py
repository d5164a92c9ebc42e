"""The spotlight as the files show it: frozen, and already masked. Nothing in here is more precise than the preset allows.

Money comes as ``Amount``: words for sentences and tables, and the number only where the preset shows numbers. Shares of bars are whole
per mille, so that a picture tells no more than its label.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """Money in words. ``text``: compact ("€1.24 M"); ``whole`` and ``cents``: exact ("1,240,000", ".00"), a band and "" where masked."""

    text: str
    whole: str
    cents: str = ""
    value: Decimal | None = None


@dataclass(frozen=True)
class Figure:
    """One of the figures on the cover. ``points``: its last months, oldest first, for the sparkline (none: it is not drawn)."""

    label: str
    value: str
    note: str = ""
    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One row of a table with bars. ``slot``: a topic's colour or "neutral"; ``part``: per mille of the longest bar; ``inner``: of it in colour."""

    label: str
    amount: Amount
    share: str
    part: int
    slot: str = "neutral"
    inner: int = 1000
    is_strong: bool = False
    is_apart: bool = False


@dataclass(frozen=True)
class Exposure:
    """How often won and lost deals used a piece, each before the same age, so that long deals don't flatter it. Shares 0 to 1."""

    won_with: int
    won_all: int
    lost_with: int
    lost_all: int
    won_share: float
    lost_share: float
    lift: float | None
    low: float | None
    high: float | None
    enough: bool
    no_difference: bool


@dataclass(frozen=True)
class Piece:
    """One piece of content in one deal. ``number``: in order of first use. ``credit``, ``second``: under the agreed and the second rule.

    ``credit`` and ``second`` are Decimals' words or shares of the deal, as the preset allows; ``first_use``: who met it first, when, before what.
    """

    number: int
    asset_id: str
    title: str
    topic: str
    slot: str
    first_use: str
    uses: int
    sent: int
    cost: Amount | None
    credit: Amount
    second: Amount
    took_part: Amount | None
    exposure: Exposure | None = None


@dataclass(frozen=True)
class Use:
    """One mark of the timeline. ``day``: days since the first; ``number``: of the piece, 0: no content; ``origin``: found, sales, marketing, others."""

    day: float
    lane: int
    number: int
    origin: str
    slot: str
    words: str


@dataclass(frozen=True)
class Lane:
    """One person of the timeline, by role, with what is said under it."""

    role: str
    note: str


@dataclass(frozen=True)
class Milestone:
    """A line over all lanes: lead, deal opened, a stage, won. ``is_fixed``: never left out, however near another line is."""

    day: float
    name: str
    words: str
    is_end: bool = False
    is_fixed: bool = False


@dataclass(frozen=True)
class Tick:
    """The beginning of a month on the axis; ``name`` is empty where there is no room for each, ``short`` for a phone."""

    day: float
    name: str
    short: str = ""


@dataclass(frozen=True)
class Timeline:
    """One deal over time; ``days`` is the length. ``silence``: first and last day of the longest time without a recorded step, and its words."""

    days: float
    lanes: tuple[Lane, ...]
    uses: tuple[Use, ...]
    milestones: tuple[Milestone, ...]
    ticks: tuple[Tick, ...]
    meetings: tuple[float, ...]
    silence: tuple[float, float, str] | None
    words: str


@dataclass(frozen=True)
class Pick:
    """One of the three that mattered: the rep's words, or what is known about a piece where nobody has said anything."""

    number: int
    slot: str
    text: str
    by: str = ""
    is_quote: bool = True


@dataclass(frozen=True)
class Row:
    """A last row of the ledger: what is not content, what no touch earned, the deal."""

    label: str
    credit: Amount
    second: Amount
    cost: Amount | None = None
    is_total: bool = False


@dataclass(frozen=True)
class Story:
    """One deal. ``computed``: the headline and the sentence that the numbers write; ``headline`` is the one that is shown;
    ``summary``: amount, pieces, people, days without the name."""

    deal_id: str
    name: str
    headline: str
    computed: str
    summary: str
    sentence: str
    amount: Amount
    pieces: tuple[Piece, ...]
    rows: tuple[Row, ...]
    people: int
    days: int
    timeline: Timeline | None
    picks: tuple[Pick, ...]
    picks_title: str
    picks_by: str
    cost: str
    effort: str
    unseen: str
    exposure_note: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskShown:
    """The closing ask. ``is_proposed``: the numbers propose it, nobody has agreed yet."""

    question: str
    why: str
    rows: tuple[tuple[str, str], ...]
    is_proposed: bool


@dataclass(frozen=True)
class Spotlight:
    """Everything that a spotlight's files show. ``missing``: designed states, each a sentence that says what to supply (preset inside only)."""

    month: str
    month_name: str
    preset: str
    stamp: str
    stamp_words: str
    headline: str
    computed_headline: str
    sentence: str
    figures: tuple[Figure, ...]
    topics_title: str
    topics: tuple[Bar, ...]
    deals_title: str
    deals: tuple[Bar, ...]
    stories: tuple[Story, ...]
    ask: AskShown | None
    thanks: tuple[str, ...]
    rule: str
    rule_head: str
    second_head: str
    meanings: tuple[tuple[str, str], ...]
    data_up_to: date
    data_version: str
    currency: str | None
    missing: tuple[str, ...] = ()
