"""What the store hands out: drafts, saves and issues, frozen; and the refusal that holds both texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from attribution.errors import StoreError

NOBODY = "somebody"  # who did not say their name
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Draft:
    """The spotlight of a month as it is being written. ``version`` counts its saves; 0: never saved."""

    month: str
    version: int = 0
    deal_ids: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    saved_by: str = ""
    saved_at: datetime | None = None

    def says_the_same(self, other: Draft) -> bool:
        """Whether two drafts hold the same, whoever saved them when."""
        return (self.deal_ids, dict(self.words)) == (other.deal_ids, dict(other.words))


@dataclass(frozen=True)
class Save:
    """One save of a draft: the text, the version it was written over, and whether it was refused."""

    save_id: int
    based_on: int
    is_refused: bool
    draft: Draft


@dataclass(frozen=True)
class Issue:
    """A published spotlight as it went out. Files are empty in listings."""

    issue_id: int
    month: str
    preset: str
    deal_ids: tuple[str, ...]
    words: Mapping[str, Any]
    headline: str
    html: str
    mail: str
    plain: str
    data_version: str
    is_pinned: bool
    published_by: str
    published_at: datetime


class SaveRefused(StoreError):
    """Somebody saved in the meantime. Both texts are here, and both are in the store."""

    def __init__(self, theirs: Draft, mine: Draft) -> None:
        """``theirs``: the draft as it is now; ``mine``: what was not saved over it."""
        super().__init__(
            f"{theirs.saved_by or NOBODY} saved the spotlight of {theirs.month} while you were writing. Yours was not saved over it: both texts are kept."
        )
        self.theirs = theirs
        self.mine = mine


def clean(value: Any) -> Any:
    """What people wrote, without what no database keeps: NUL characters and halves of characters."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(entry) for entry in value]
    return value


def name_of(said: str) -> str:
    """Who saves, on one line; "somebody" for who did not say."""
    return " ".join(clean(said).split())[:_LONGEST_NAME] or NOBODY


def now() -> datetime:
    """The moment of a save, in UTC."""
    return datetime.now(UTC)
