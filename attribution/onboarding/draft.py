"""The draft of a mapping: which file feeds which tables and how; changed box by box, and written as the mapping.toml that a build reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from attribution import schema
from attribution.connectors.detect import toml_text
from attribution.connectors.plan import Constant, Expression, Options, Renamed
from attribution.connectors.quoting import identifier, literal

STATUSES = ("won", "lost", "open")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class StatusWords:
    """Deals' status from the words of a column: (word, status) pairs; a word that is not listed goes to quarantine, never to a guess."""

    column: str
    words: tuple[tuple[str, str], ...]

    def sql(self) -> str:
        """The expression that a mapping holds for it."""
        cases = {word.strip().casefold(): status for word, status in self.words}
        listed = " ".join(f"when {literal(word)} then {literal(status)}" for word, status in cases.items())
        column = identifier(self.column)
        return f"case lower(trim(coalesce({column}, ''))) {listed} else {column} end" if listed else column


Origin = Renamed | Constant | Expression | StatusWords


@dataclass(frozen=True)
class Feed:
    """One block of the mapping: a file (and sheet) that feeds a table. ``extra``: further columns kept, name → column of the file."""

    file: str
    sheet: str | None
    table: str
    columns: Mapping[str, Origin] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    where: str | None = None
    options: Options = field(default_factory=Options)

    @property
    def part(self) -> str:
        """The part it reads, as Part.name."""
        return self.file if self.sheet is None else f"{self.file} · {self.sheet}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that are not supplied."""
        return tuple(name for name in schema.table(self.table).required if name not in self.columns)


@dataclass(frozen=True)
class Draft:
    """All feeds, and what holds where a file does not say: the currency of amounts and the time zone of times."""

    feeds: tuple[Feed, ...] = ()
    currency: str | None = None
    time_zone: str | None = None

    def feeds_of(self, part: str) -> tuple[Feed, ...]:
        """The feeds that read one part."""
        return tuple(feed for feed in self.feeds if feed.part == part)

    def feed(self, part: str, table: str) -> Feed | None:
        """The feed of a part into a table; None where there is none."""
        return next((feed for feed in self.feeds if feed.part == part and feed.table == table), None)

    def with_feed(self, feed: Feed) -> Draft:
        """The draft with a feed put in the place of the one of the same part and table, or added."""
        found = False
        feeds = []
        for old in self.feeds:
            if (old.part, old.table) == (feed.part, feed.table):
                found = True
                old = feed
            feeds.append(old)
        return replace(self, feeds=tuple(feeds) if found else (*feeds, feed))

    def without(self, part: str, table: str) -> Draft:
        """The draft without one feed."""
        return replace(self, feeds=tuple(feed for feed in self.feeds if (feed.part, feed.table) != (part, table)))

    def with_column(self, part: str, table: str, column: str, origin: Origin | None) -> Draft:
        """The draft with one box changed; None: the column is not supplied."""
        feed = self.feed(part, table)
        if feed is None:
            return self
        columns = {name: old for name, old in feed.columns.items() if name != column}
        if origin is not None:
            columns[column] = origin
        return self.with_feed(replace(feed, columns=columns))

    def with_options(self, file: str, **changes: object) -> Draft:
        """The draft with other options for all feeds of a file (date_order, decimal …)."""
        feeds = tuple(
            replace(feed, options=replace(feed.options, **changes)) if feed.file == file else feed  # type: ignore[arg-type]
            for feed in self.feeds
        )
        return replace(self, feeds=feeds)

    def problems(self) -> tuple[str, ...]:
        """What a build would refuse outright, in words; empty where the mapping is complete."""
        found = []
        for required in schema.REQUIRED_TABLES:
            if not any(feed.table == required for feed in self.feeds):
                found.append(f"No file is said to hold {required}; without them there is nothing to share out.")
        for feed in self.feeds:
            if feed.missing:
                words = " and ".join(schema.table(feed.table).column(name).meaning for name in feed.missing)
                found.append(f"{feed.part}: {feed.table.replace('_', ' ')} need a column for {words}.")
        return tuple(found)


def to_toml(draft: Draft) -> str:
    """Return the draft as the text of a mapping.toml, tables in the schema's order."""
    lines = ["# Which file becomes which table. Written by Closed Loop; change it as you like and build again."]
    if draft.time_zone:
        lines.append(f"time_zone = {toml_text(draft.time_zone)}")
    if draft.currency:
        lines.append(f"currency = {toml_text(draft.currency)}")
    order = {name: place for place, name in enumerate(schema.TABLE_NAMES)}
    for feed in sorted(draft.feeds, key=lambda feed: order[feed.table]):
        lines += ["", f"[[{feed.table}]]", f"file = {toml_text(feed.file)}"]
        if options := _options(feed.options):
            lines.append(f"csv = {{ {options} }}")
        if feed.options.sheet:
            lines.append(f"sheet = {toml_text(feed.options.sheet)}")
        if feed.where:
            lines.append(f"where = {toml_text(feed.where)}")
        names = [column.name for column in schema.table(feed.table).columns if column.name in feed.columns]
        lines.append(f"[{feed.table}.columns]")
        lines += [f"{name} = {_origin(feed.columns[name])}" for name in names]
        if feed.extra:
            lines.append(f"[{feed.table}.extra]")
            lines += [f"{_key(name)} = {toml_text(column)}" for name, column in feed.extra.items()]
    return "\n".join(lines) + "\n"


def _options(options: Options) -> str:
    texts = {name: getattr(options, name) for name in ("separator", "decimal", "encoding", "date_order")}
    parts = [f"{name} = {toml_text(value)}" for name, value in texts.items() if value is not None]
    if options.header is not None:
        parts.append(f"header = {'true' if options.header else 'false'}")
    if options.skip:
        parts.append(f"skip = {options.skip}")
    return ", ".join(parts)


def _origin(origin: Origin) -> str:
    if isinstance(origin, Renamed):
        return toml_text(origin.column)
    if isinstance(origin, Constant):
        return f"{{ value = {toml_text(str(origin.value))} }}"
    return f"{{ sql = {toml_text(origin.sql() if isinstance(origin, StatusWords) else origin.sql)} }}"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else toml_text(name)
