"""What people write into a spotlight: headlines, quotes, the closing ask and thanks. Every field may be empty; computed words stand in.

>>> Words(headline="They read the price first").model_dump_json()
>>> Words.model_validate_json(text)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

PICKS = 3  # the pieces that mattered to the rep

HEADLINE, SENTENCE, TEXT, NAME = 160, 300, 1200, 120  # characters


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """A day that a form left empty is no day."""
    return None if isinstance(value, str) and not value.strip() else value


Headline = Annotated[str, BeforeValidator(_trimmed), Field(max_length=HEADLINE)]
Sentence = Annotated[str, BeforeValidator(_trimmed), Field(max_length=SENTENCE)]
Text = Annotated[str, BeforeValidator(_trimmed), Field(max_length=TEXT)]
Name = Annotated[str, BeforeValidator(_trimmed), Field(max_length=NAME)]
Day = Annotated[date | None, BeforeValidator(_day)]


class Written(BaseModel):
    """A part of the words: frozen, and closed against unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(Written):
    """One of the rep's picks: which piece, what was said about it, by whom (a role reads better than a name) and when."""

    asset_id: Name = ""
    text: Sentence = ""
    said_by: Name = ""
    said_on: Day = None


class DealWords(Written):
    """The words of one deal: its headline, and at most three quotes in the order of the rep's pick."""

    headline: Headline = ""
    quotes: tuple[Quote, ...] = Field((), max_length=PICKS)


class Ask(Written):
    """The one missing piece: the buyers' question it answers, who writes it by when, what it costs, who reads it first."""

    question: Sentence = ""
    writes: Name = ""
    by_on: Day = None
    cost: Name = ""
    first_reader: Sentence = ""


class Words(Written):
    """All words of one spotlight; ``deals`` by deal id."""

    headline: Headline = ""
    deals: Mapping[str, DealWords] = Field(default_factory=dict)
    ask: Ask = Ask()
    thanks: Text = ""

    def of(self, deal_id: str) -> DealWords:
        """The words of one deal; empty where nobody wrote any."""
        return self.deals.get(deal_id) or DealWords()
