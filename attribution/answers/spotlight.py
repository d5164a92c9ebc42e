"""The sentences of a spotlight: its cover, each of its deals, what they cost, and what cannot be seen. Plain text, no Markdown.

Pure functions of plain facts; tests hold golden sentences. None of them claims a cause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import bidirectional

from attribution.charts import formats
from attribution.charts.formats import SPACE, counted, share

TITLE = 70  # characters of a title inside a sentence


@dataclass(frozen=True)
class CoverFacts:
    """What the cover says of a month. Money in words, as the preset allows; shares None where nothing was won.

    ``top_title``: the piece that most won deals used, ``top_deals`` of them; ``top_topic``: the topic credited with most;
    ``other_month``: the latest month with a won deal.
    """

    month: str
    before: str
    deals: int
    with_content: int
    won: str = ""
    credited: str = ""
    credited_share: float | None = None
    before_share: float | None = None
    rule: str = "the agreed rule"
    top_topic: str = ""
    top_amount: str = ""
    top_title: str = ""
    top_deals: int = 0
    is_masked: bool = False
    other_month: str = ""


def cover_headline(facts: CoverFacts) -> str:
    """What stands on top until somebody writes something better."""
    if not facts.deals:
        return f"No deal was won in {facts.month}"
    if not facts.with_content:
        return f"No won deal of {facts.month} used a piece of content"
    if facts.top_deals > 1:
        return f"“{in_short(facts.top_title)}” was used in {facts.top_deals} of the {counted(facts.deals, 'deal')} won in {facts.month}"
    return f"What buyers read before they signed in {facts.month}"


def cover_sentence(facts: CoverFacts) -> str:
    """The computed sentence under the headline: part taken, credit with its base and the month before, the strongest topic."""
    if not facts.deals:
        other = (
            f"The latest month with a won deal is {facts.other_month}."
            if facts.other_month
            else "No deal in the data is won yet."
        )
        return f"So there is no deal to tell. {other} Every deal with the status won and a close date in {facts.month} would be here."
    part = f"Content took part in {facts.with_content or 'none'} of the {counted(facts.deals, 'deal')} won in {facts.month}."
    if facts.deals == 1:
        part = f"Content {'took' if facts.with_content else 'took no'} part in the one deal won in {facts.month}."
    if not facts.with_content or facts.credited_share is None:
        return part
    earlier = f"; {facts.before} {share(facts.before_share)}" if facts.before_share is not None else ""
    if facts.is_masked:
        credit = f"Under {facts.rule} it is credited with {share(facts.credited_share)} of what was won ({facts.before} {share(facts.before_share)})"
        credit = credit if facts.before_share is not None else credit.rsplit(" (", 1)[0]
    else:
        credit = (
            f"Under {facts.rule} it is credited with {facts.credited} of {facts.won} ({share(facts.credited_share)}{earlier})"
        )
    topic = f", pages on {facts.top_topic.lower()} with the most" if facts.top_topic else ""
    amount = f": {facts.top_amount}" if topic and facts.top_amount and not facts.is_masked else ""
    return f"{part} {credit}{topic}{amount}."


@dataclass(frozen=True)
class StoryFacts:
    """What is said of one deal. ``first``: role, title and day of its first piece; ``last``: role and day of the person who came last."""

    uses: int
    by_sales: int
    by_marketing: int
    first: tuple[str, str, str] | None = None
    first_before: str = ""
    last: tuple[str, str] | None = None


def story_summary(amount: str, pieces: int, people: int, days: int) -> str:
    """A deal in figures: amount, pieces, people, days."""
    parts = [amount, counted(pieces, "piece") if pieces else "no content"]
    parts += [counted(people, "person", "people")] if people else []
    return ", ".join([*parts, formats.days(days)])


def story_sentence(facts: StoryFacts) -> str:
    """Who came first, with what, before what; who came last; how the pieces came to them."""
    if facts.first is None:
        return (
            "No piece of content is recorded on the way to this deal: nobody read, watched or was sent one. "
            "Either that is so, or readings are not tied to its people."
        )
    role, title, day = facts.first
    sentences = [f"First came {role}, with “{in_short(title)}” on {day}, {facts.first_before}."]
    if facts.last is not None:
        sentences.append(f"Last came {facts.last[0]}, on {facts.last[1]}.")
    found = facts.uses - facts.by_sales - facts.by_marketing
    sent = [f"{facts.by_sales} sent by sales"] if facts.by_sales else []
    sent += (
        [f"{facts.by_marketing} by marketing" if sent else f"{facts.by_marketing} sent by marketing"]
        if facts.by_marketing
        else []
    )
    if sent:
        sentences.append(f"Of {counted(facts.uses, 'use')}, {found} were their own doing, {' and '.join(sent)}.")
    elif facts.uses > 1:
        sentences.append(f"All {counted(facts.uses, 'use')} were their own doing.")
    return " ".join(sentences)


def cost_sentence(pieces: int, known: int, cost: str, part: str) -> str:
    """What the pieces cost, and the part of this deal where the cost is shared out over all that used them."""
    if not pieces:
        return "No content was used, so none was paid for."
    if not known:
        return "No cost of these pieces is recorded: content_assets.cost or rows of spend with their asset_id would show it."
    whose = "The piece" if pieces == 1 else f"The {pieces}{SPACE}pieces"
    unknown = f" ({pieces - known} of them without a recorded cost)" if known < pieces else ""
    return f"{whose} cost {cost}{unknown}. Shared out over every deal that used them, this deal’s part is {part}."


def unseen_sentence(silent: int, people: int, visitors: int, since: str, older: int, left_out: int) -> str:
    """What the record cannot show."""
    sentences = []
    if silent and people:
        sentences.append(
            f"{silent} of the {counted(people, 'person', 'people')} on the deal left no trace."
            if people > 1
            else "The one person on the deal left no trace."
        )
    if visitors:
        sentences.append(f"{counted(visitors, 'use')} could not be given to a person.")
    if since:
        sentences.append(f"Nothing is known before {since}.")
    if older:
        sentences.append(f"{counted(older, 'touch', 'touches')} {'is' if older == 1 else 'are'} too old to count.")
    if left_out:
        sentences.append(f"{counted(left_out, 'touch', 'touches')} {'is' if left_out == 1 else 'are'} left out by our rule.")
    sentences.append("What was printed, forwarded or said is not recorded.")
    return " ".join(sentences)


def ask_sentence(times: int, deals: int, pipeline: str) -> str:
    """Why a question deserves a piece."""
    asked = f"Asked {'once' if times == 1 else f'{times}{SPACE}times'} without an answer to send"
    worth = f", in {counted(deals, 'open deal')} worth {pipeline}" if deals else ""
    return f"{asked}{worth}. Nothing published answers it."


def change_words(now: float, before: float, month: str) -> str:
    """A change of a count with its base: "+3 980 (+9 %) against September"."""
    if round(now) == round(before):
        return f"as many as in {month}"
    difference = now - before
    sign = "+" if difference > 0 else ""
    part = f" ({sign}{share(difference / before)})" if before else ""
    return f"{sign}{formats.count(difference)}{part} against {month}"


def in_short(title: str) -> str:
    """A title inside a sentence: up to its question mark or colon where it has one early enough, else cut."""
    text = formats.short(title, 500)
    first = re.match(rf"(.{{12,{TITLE - 1}}}?)(\?|!|:)\s", text) if len(text) > 45 else None
    return isolated(first[1] + first[2].replace(":", "") if first else formats.short(text, TITLE))


def isolated(text: str) -> str:
    """A user's text inside ours: where it runs from right to left it is kept apart, so that it cannot turn our figures round."""
    if any(bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        return f"\u2068{text}\u2069"
    return text
