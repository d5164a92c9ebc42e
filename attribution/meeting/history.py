"""What the source recorded about changes of deals (``raw.deal_changes``): what a field held on an earlier day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attribution.dataset import Dataset

_CHANGES = """
select
    coalesce(deal_ids.deal_id, changes.deal_id) as deal_id, lower(changes.field) as field,
    to_local_date(changes.changed_at, reporting.time_zone) as changed_on, changes.old_value, changes.new_value
from raw.deal_changes as changes
cross join (select time_zone from config.reporting) as reporting
left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
where list_contains(cast(? as varchar[]), lower(changes.field)) and changes.changed_at is not null
order by changes.changed_at, changes.source_row
"""


@dataclass(frozen=True)
class Change:
    """A field of a deal changing: the day in the settings' time zone, what it held before and after, as the source wrote it."""

    on: date
    old: str | None
    new: str | None


@dataclass(frozen=True)
class History:
    """Recorded changes: (deal, field) → its changes in order. ``of_amounts``: whether changes of amounts are recorded at all."""

    changes: Mapping[tuple[str, str], Sequence[Change]]
    of_amounts: bool

    def of(self, deal_id: str, field: str) -> Sequence[Change]:
        """The changes of one field of a deal, in order."""
        return self.changes.get((deal_id, field), ())

    def on(self, deal_id: str, field: str, day: date) -> tuple[bool, str | None]:
        """(whether a recorded change says what the field held at the end of a day, what it held)."""
        changes = self.of(deal_id, field)
        later = next((change for change in changes if change.on > day), None)
        if later is not None:
            return True, later.old
        return (True, changes[-1].new) if changes else (False, None)


def recorded(ds: Dataset, fields: Sequence[str]) -> History:
    """The recorded changes of some fields of deals; a change on the last day of the data is one of that day."""
    found: dict[tuple[str, str], list[Change]] = {}
    for deal_id, field, changed_on, old, new in ds.rows(_CHANGES, [list(fields)]):
        found.setdefault((deal_id, field), []).append(Change(changed_on, old, new))
    return History(found, any(field == "amount" for _, field in found))


def decimal_of(text: str | None) -> Decimal | None:
    """An amount as a log of changes wrote it; None for what is none."""
    try:
        value = Decimal(str(text).strip()) if text is not None else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def date_of(text: str | None) -> date | None:
    """A day as a log of changes wrote it; None for what is none."""
    try:
        return date.fromisoformat(str(text).strip()[:10]) if text else None
    except ValueError:
        return None
