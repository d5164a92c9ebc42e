"""A pack without the names of companies and people, for those who need its figures and not its customers. Amounts, days and stages stay.

Who a record is about is known from its place, so it becomes a number ("Company 3") whatever its name is, the same one everywhere in the pack. In
sentences, notes, decisions and actions the names are found that the data knows (spotlight/names.py) and those of the records. Links and ids are
left out: they would lead back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.meeting.block import Record
from attribution.meeting.pack import MeetingPack, Part, Todo
from attribution.spotlight.names import COMPANY, KnownNames, folded, known_names, strings_of, without_names

if TYPE_CHECKING:
    from attribution.dataset import Dataset

FIRM, HUMAN, TRADE = "Company", "Person", "Deal"
OF_PEOPLE, OF_DEALS = ("funnel", "promises", "stuck"), ("plan", "changes", "deals", "funnel", "stuck")
NAMED_PEOPLE, NAMED_FIRMS = ("owner", "handed_by", "author", "said_by"), ("company",)
# What is no text of somebody: it is never searched for names.
_OWN = ("key", "question", "short", "minutes", "data_version", "currency", "closed_at", "tone", "kind", "unit")


@dataclass
class _Numbers:
    """Names and what stands in their place; one number for one name, and for a longer name that begins with it."""

    given: dict[str, str] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def of(self, name: str | None, kind: str) -> str:
        """What stands in place of a name; "" for none."""
        if not name or not name.strip():
            return ""
        if name not in self.given:
            self._last[kind] = self._last.get(kind, 0) + 1
            self.same(name, f"{kind}{formats.SPACE}{self._last[kind]}")
        return self.given[name]

    def same(self, name: str, mask: str) -> None:
        """A further name of the same company or person; long ones are cut in sentences."""
        for written in (name, formats.short(name), formats.short(name, 60)):
            self.given.setdefault(written, mask)

    def like(self, name: str, kind: str) -> str:
        """What stands in place of a name that the data knows: the number of who bears it, or a name that begins with it."""
        near = next((known for known in self.given if folded(known).startswith(folded(name))), None)
        if near:
            self.given.setdefault(name, self.given[near])
        return self.of(name, kind)


def masked(pack: MeetingPack, ds: Dataset) -> MeetingPack:
    """The pack with companies and people as numbers."""
    numbers = _Numbers()
    titles = _deals(ds, [record for part in pack.parts for record in _records(part)])
    for title, company in titles.values():
        mask = numbers.of(company, FIRM) or numbers.of(title, TRADE)
        numbers.same(title, mask)
    parts = tuple(_part(part, titles, numbers) for part in pack.parts)
    earlier = tuple(_todo(todo, numbers) for todo in pack.earlier)
    made = replace(pack, parts=parts, earlier=earlier, closed_by=numbers.of(pack.closed_by, HUMAN), app_url="", is_masked=True)
    exact = _exactly(numbers)
    made = without_names(made, exact, skip=_OWN)
    ordinary = _ordinary(made)
    for name, kind in known_names(ds, _texts(made), list(titles), True, with_ids=True).names.items():
        if name not in ordinary:
            numbers.like(name, FIRM if kind == COMPANY else TRADE if kind == "[deal]" else HUMAN)
    found = KnownNames({folded(name): mask for name, mask in numbers.given.items() if len(name) >= 4})
    return without_names(made, found.replace_names, skip=_OWN)


def _records(part: Part) -> tuple[Record, ...]:
    return part.block.records if part.block else ()


def _deals(ds: Dataset, records: Iterable[Record]) -> dict[str, tuple[str, str | None]]:
    """Deal → its name and its company, of all deals that the records name."""
    ids = {one.key for one in records} | {
        str(value) for one in records for name, value in one.fields if name == "deal_id" and value
    }
    rows = ds.rows(
        "select deal_id, coalesce(name, deal_id), account_name from marts.deals where list_contains(cast(? as varchar[]), deal_id) order by deal_id",
        [sorted(ids)],
    )
    return {deal_id: (name, company) for deal_id, name, company in rows}


def _part(part: Part, titles: dict[str, tuple[str, str | None]], numbers: _Numbers) -> Part:
    block = part.block
    if block is not None:
        grids = tuple(
            replace(grid, rows=tuple(tuple(replace(cell, link="", behind="") for cell in row) for row in grid.rows))
            for grid in block.grids
        )
        bars = tuple(replace(bar, link="") for bar in block.picture.bars) if block.picture else ()
        block = replace(
            block, records=tuple(_record(one, part.key, titles, numbers) for one in block.records), grids=grids,
            figures=tuple(replace(figure, link="") for figure in block.figures), picture=replace(block.picture, bars=bars) if block.picture else None,
        )  # fmt: skip
    return replace(
        part, block=block, decisions=tuple(replace(said, by=numbers.of(said.by, HUMAN)) for said in part.decisions),
        actions=tuple(_todo(todo, numbers) for todo in part.actions),
    )  # fmt: skip


def _record(record: Record, block: str, titles: dict[str, tuple[str, str | None]], numbers: _Numbers) -> Record:
    """One record by its number; of its columns what is no text stays."""
    columns = dict(record.fields)
    for names, kind in ((NAMED_PEOPLE, HUMAN), (NAMED_FIRMS, FIRM)):
        for name in names:
            if isinstance(said := columns.get(name), str):
                numbers.of(said, kind)
    name = record.name
    if block in OF_DEALS and (record.key in titles or block not in OF_PEOPLE):
        title, company = titles.get(record.key, (name, None))
        name = numbers.of(company, FIRM) or numbers.of(title, FIRM)
        numbers.same(record.name, name)
    elif block in OF_PEOPLE and record.key:
        name = numbers.of(name, HUMAN)
    kept = tuple((column, value) for column, value in record.fields if not isinstance(value, str) or _is_day(value))
    return replace(record, name=name, link="", key="", fields=kept)


def _todo(todo: Todo, numbers: _Numbers) -> Todo:
    return replace(todo, owner=numbers.of(todo.owner, HUMAN), about="", link="")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _texts(pack: MeetingPack) -> Iterator[str]:
    return (text for text in strings_of(pack) if text)


def _ordinary(pack: MeetingPack) -> set[str]:
    """Words that the blocks themselves write small: where one is part of a name (First Bank), alone it is no name."""
    written = " ".join(text for part in pack.parts for text in strings_of(part.block) if text)
    return {word for word in re.findall(r"[^\W\d_]+", written) if word.islower()}


def _exactly(numbers: _Numbers) -> Callable[[str], str]:
    """A function: a text without the names that were given a number, letter for letter; short ones (HP, 3M) are found as well."""
    longest_first = sorted((name for name in numbers.given if len(name) > 1), key=lambda name: (-len(name), name))
    if not longest_first:
        return lambda text: text
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return lambda text: pattern.sub(lambda match: numbers.given[match[0]], text)
