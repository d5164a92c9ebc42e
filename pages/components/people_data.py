"""What the page about people keeps between its runs."""

from __future__ import annotations

from typing import Any

from attribution.views import one_person as one_person_view
from attribution.views import people as people_view
from attribution.views.one_person import OnePerson
from attribution.views.people import People
from attribution.views.state import Choice
from pages.components.keep import kept


@kept(64)
def people(version: str, choice: Choice, order: str, stage: str, words: str, page: int, _ds: Any) -> People:
    """One page of the list of people under a choice of filters."""
    return people_view.people(_ds, choice, order, stage, words, page)


@kept(4)
def stage_options(version: str, _ds: Any) -> dict[str, str]:
    """What the box of stages holds."""
    return people_view.stage_options(_ds)


@kept(64)
def one_person(version: str, asked: str, model: str, _ds: Any) -> OnePerson | None:
    """One person under a model; None where the data names nobody so."""
    return one_person_view.one_person(_ds, asked, model)


@kept(64)
def visitor_words(version: str, asked: str, _ds: Any) -> tuple[str, str | None]:
    """What to say of a link to nobody that names a visitor, and the person whom the visitor is."""
    return one_person_view.visitor_words(_ds, asked)
