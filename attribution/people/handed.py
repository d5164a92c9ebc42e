"""The hand-overs of one person: what was promised, when sales answered, in how many business hours, and what was decided.

Judged by the meeting's rule (attribution/meeting/first_response.py); nobody else's rows are read. Reads raw.handoffs and what the rule reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.meeting.first_response import FirstResponses, Handoff
from attribution.meeting.spans import to_us

if TYPE_CHECKING:
    from attribution.dataset import Dataset

_HANDED = """
select
    handoff_id, to_us(handed_at), from_owner_id, owner_id, score, attempts, lower(outcome), to_us(outcome_at), reason,
    case when to_us(first_response_at) <= ? then to_us(first_response_at) end, deal_id, source_file, source_row
from raw.handoffs
where list_contains(cast(? as varchar[]), contact_id) and handed_at is not null and to_us(handed_at) <= ?
order by 2, 1
"""


@dataclass(frozen=True)
class Handed(Handoff):
    """One hand-over with the deal it names and where it is supplied."""

    deal_id: str | None
    source_file: str | None
    source_row: int | None


def handed(ds: Dataset, ids: Sequence[str], sales_us: Sequence[int]) -> tuple[Handed, ...]:
    """The hand-overs of a person known by these ids, the oldest first. ``sales_us``: the moments at which sales touched the person."""
    now_us = to_us(ds.as_of)
    rows = ds.rows(_HANDED, [now_us, list(ids), now_us])
    if not rows:
        return ()
    responses, found = FirstResponses(ds, now_us), []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        next_us = following[1] if following else now_us + 1
        touched_us = min((moment for moment in sales_us if row[1] <= moment < next_us and moment <= now_us), default=None)
        deal_id, source_file, source_row = row[10:]
        judged = responses.judged(row[:10], touched_us)
        found.append(Handed(**vars(judged), deal_id=deal_id, source_file=source_file, source_row=source_row))
    return tuple(found)
