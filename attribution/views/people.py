"""The list of people: figures, the stages they are in now, and one page of rows, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attribution.answers import people as answers
from attribution.charts import formats
from attribution.charts.used import Bar
from attribution.dataset import Dataset
from attribution.meeting import stages
from attribution.meeting.spans import local_day
from attribution.people import listing
from attribution.people.listing import NO_STAGE, Group, Listed
from attribution.people.listing import ORDERS as ORDERS
from attribution.views.choices import EVERY, MISSING, choices
from attribution.views.state import Choice

NO_STAGE_KNOWN = "No stage known"
HEADS = ["Person", "Title", "Company", "Segment", "Stage now", "Touches", "Last touch", "On deals", "Won", "Owner"]


@dataclass(frozen=True)
class People:
    """The list under a choice of filters. ``bars``: empty where no stage is known; ``ids``: of the rows of ``table``; ``pages``: at least 1."""

    answer: str
    people: int
    touches: int
    on_deals: int
    on_won: int
    bars: tuple[Bar, ...]
    stages: pd.DataFrame
    alt: str
    matching: int
    page: int
    pages: int
    table: pd.DataFrame
    ids: tuple[str, ...]


def stage_options(ds: Dataset) -> dict[str, str]:
    """What the box of stages holds: code → words."""
    known = {stage: stages.name(stage) for stage in listing.known_stages(ds)}
    return choices("All stages", known, NO_STAGE_KNOWN if known else "")


def people(ds: Dataset, choice: Choice, order: str, stage: str, words: str, page: int) -> People:
    """People under a choice of filters, in an order, a page at a time; ``page`` counts from 0."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    asked = None if stage == EVERY else NO_STAGE if stage == MISSING else stage
    found = listing.people(ds, here, order, asked, words, page)
    everybody, touches, on_deals, on_won = (
        sum(getattr(group, word) for group in found.groups) for word in ("people", "touches", "on_deals", "on_won")
    )
    when = formats.span(here.date_from, here.date_to) if here.date_from or here.date_to else ""
    facts = answers.ListFacts(everybody, touches, on_deals, on_won, when, bool(here.channels or here.campaigns))
    groups = _in_order(ds, found.groups)
    return People(
        answer=answers.people(facts), people=everybody, touches=touches, on_deals=on_deals, on_won=on_won,
        bars=tuple(_bar(group, stage) for group in groups), stages=_stages(groups),
        alt=answers.stages_alt([(_name(group.stage), group.people) for group in groups]), matching=found.matching, page=page,
        pages=max(1, -(-found.matching // listing.PAGE)), table=_table(ds, found), ids=tuple(row.contact_id for row in found.rows),
    )  # fmt: skip


def _in_order(ds: Dataset, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """By stage, people of no known stage last; nothing where no stage is known of anybody."""
    place = {stage: number for number, stage in enumerate(listing.known_stages(ds))}
    known = any(group.stage != NO_STAGE for group in groups)
    return tuple(sorted(groups, key=lambda group: place.get(group.stage, len(place)))) if known else ()


def _bar(group: Group, chosen: str) -> Bar:
    key = group.stage or MISSING
    on = f"{formats.count(group.on_deals)} on deals" if group.on_deals else ""
    return Bar(key, _name(group.stage), group.people, formats.count(group.people), on, chosen in (EVERY, key))


def _name(stage: str) -> str:
    return stages.name(stage) if stage else NO_STAGE_KNOWN


def _stages(groups: tuple[Group, ...]) -> pd.DataFrame:
    rows = [(_name(group.stage), group.people, group.touches, group.on_deals, group.on_won) for group in groups]
    return pd.DataFrame(rows, columns=["Stage now", "People", "Touches", "On deals", "On won deals"])


def _table(ds: Dataset, found: Listed) -> pd.DataFrame:
    rows = [
        (
            row.name, row.title, row.company, formats.words(row.segment, "") or None, stages.name(row.stage) if row.stage else None, row.touches,
            local_day(ds, row.last_us) if row.last_us is not None else None, row.deals, row.won, row.owner,
        )
        for row in found.rows
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=HEADS)
