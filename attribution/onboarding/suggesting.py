"""All files together: what feeds what, which keys fit each other, which file says the same as another, and what is left out with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from attribution import schema
from attribution.connectors.plan import Constant, Expression, Renamed
from attribution.connectors.quoting import identifier, literal
from attribution.onboarding import matching, vocabulary
from attribution.onboarding.draft import Draft, Feed, Origin
from attribution.onboarding.looking import Column, Look, Part, contained
from attribution.onboarding.vocabulary import fold
from attribution.query import DIMENSIONS

_SAME = 0.9  # from this share of common keys on two files hold the same things
_KNOWS = 0.02  # a file of people of whom touches and deals name fewer is not the one they mean
_FEW, _MANY = 2, 50  # different words of a column that is worth keeping as a dimension
_MOST_EXTRA = 8
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY", "BRL", "INR")


@dataclass(frozen=True)
class Suggestion:
    """The draft to begin with, and for each part in a few words why (``reasons``) or why it is left out."""

    draft: Draft
    reasons: Mapping[str, str] = field(default_factory=dict)


def suggest(look: Look) -> Suggestion:
    """Return the draft that fits a folder best."""
    reasons: dict[str, str] = {}
    feeds: list[Feed] = []
    parts = {part.name: part for part in look.parts if part.problem is None and part.columns}
    for part in parts.values():
        best = matching.matches(part)[0]
        if part.rows == 0:
            reasons[part.name] = "holds a header and no rows"
        elif best.score < matching.ENOUGH:
            reasons[part.name] = "looks like none of our tables"
        else:
            feeds.append(best.feed)
    feeds = _without_twins(feeds, parts, reasons)
    feeds = _with_people(feeds, parts, reasons)
    feeds = _with_accounts(feeds, parts)
    feeds = _with_people_on_deals(feeds, parts)
    feeds = _with_first_visits(feeds, parts)
    feeds = _with_own_ids(feeds, parts)
    feeds = _with_further_people(feeds, parts)
    feeds = [replace(feed, extra=_extra(parts[feed.part], feed)) if feed.table == "deals" else feed for feed in feeds]
    return Suggestion(Draft(tuple(feeds), _currency(feeds, parts)), reasons)


def _column(feed: Feed, name: str, parts: Mapping[str, Part]) -> Column | None:
    """The file's column that feeds a canonical one directly."""
    origin = feed.columns.get(name)
    return parts[feed.part].column(origin.column) if isinstance(origin, Renamed) else None


def _key_of(feed: Feed, parts: Mapping[str, Part]) -> Column | None:
    key = {
        "deals": "deal_id",
        "contacts": "contact_id",
        "accounts": "account_id",
        "touches": "touch_id",
        "campaigns": "campaign_id",
    }.get(feed.table)
    return _column(feed, key, parts) if key else None


def _without_twins(feeds: list[Feed], parts: Mapping[str, Part], reasons: dict[str, str]) -> list[Feed]:
    """Of two files with the same keys one is enough: the one whose dates can be read in one way only, then the first by name."""
    kept: list[Feed] = []
    for feed in sorted(feeds, key=lambda feed: (is_ambiguous(feed, parts[feed.part])[0] or _is_ordered(feed, parts), feed.part)):
        key = _key_of(feed, parts)
        twin = None
        for other in kept:
            known = _key_of(other, parts) if other.table == feed.table else None
            if key is not None and known is not None and min(contained(key, known), contained(known, key)) > _SAME:
                twin = other
        if twin is None:
            kept.append(feed)
        else:
            reasons[feed.part] = f"holds the same {feed.table.replace('_', ' ')} as {twin.part}"
    return [feed for feed in feeds if feed in kept]


def _is_ordered(feed: Feed, parts: Mapping[str, Part]) -> bool:
    """Whether its dates need an order of day and month to be read."""
    columns = [_column(feed, name, parts) for name in ("created_at", "closed_at", "occurred_at")]
    return any(
        column.order.day_first + column.order.month_first + column.order.either for column in columns if column is not None
    )


def is_ambiguous(feed: Feed, part: Part) -> tuple[bool, bool]:
    """Whether the feed's dates, and whether its numbers, can be read in two ways, so that a person has to say which is right."""
    day = month = either = dotted = point = comma = both = 0
    for wanted in schema.table(feed.table).columns:
        origin = feed.columns.get(wanted.name)
        column = part.column(origin.column) if isinstance(origin, Renamed) else None
        if column is None:
            continue
        if wanted.type in ("timestamp", "date"):
            day, month = day + column.order.day_first, month + column.order.month_first
            either, dotted = either + column.order.either, dotted + column.order.dotted
        elif wanted.type in ("money", "rate", "number", "integer"):
            point, comma, both = point + column.mark.point, comma + column.mark.comma, both + column.mark.either
    dates = feed.options.date_order is None and _undecided(day, month, either, dotted == either)
    marks = feed.options.decimal is None and _undecided(point, comma, both, False)
    return dates, marks


def _undecided(first: int, second: int, either: int, either_is_clear: bool) -> bool:
    """The loader's rule (connectors/decide.py): nothing decides, or more than one in a hundred contradicts."""
    more, fewer = max(first, second), min(first, second)
    if more:
        return fewer > 0.01 * (more + fewer)
    return either > 0 and not either_is_clear


def _with_people(feeds: list[Feed], parts: Mapping[str, Part], reasons: dict[str, str]) -> list[Feed]:
    """The contacts are those whom touches and deals name; their id is the column that these name them by."""
    named = [column for feed in feeds if feed.table in ("touches", "deal_contacts") for column in _named_people(feed, parts)]
    named += [column for feed in feeds if feed.table == "deals" for column in _person_columns(parts[feed.part])]
    people = [feed for feed in feeds if feed.table == "contacts"]
    if len(people) == 0 or not named:
        return feeds
    best: dict[str, tuple[float, Column]] = {}
    for feed in people:
        keys = [column for column in parts[feed.part].columns if parts[feed.part].is_key(column) or column.emails > 0.9]
        scored = [(max(_known_share(reference, key) for reference in named), key) for key in keys]
        if scored:
            best[feed.part] = max(scored, key=lambda entry: entry[0])
    anybody = any(score > _KNOWS for score, _ in best.values())
    result = []
    for feed in feeds:
        if feed.table != "contacts" or not anybody:
            result.append(feed)
            continue
        score, key = best.get(feed.part, (0.0, None))
        if key is None or score <= _KNOWS:
            reasons[feed.part] = "no touch and no deal names these people by an id that this file has"
            continue
        current = _column(feed, "contact_id", parts)
        if current is None or max(_known_share(reference, current) for reference in named) < score:
            columns = {name: origin for name, origin in feed.columns.items() if origin != Renamed(key.name) or name == "email"}
            feed = replace(feed, columns={**columns, "contact_id": Renamed(key.name)})
        result.append(feed)
    return result


def _named_people(feed: Feed, parts: Mapping[str, Part]) -> list[Column]:
    """The columns that name people, directly or within an expression."""
    origin = feed.columns.get("contact_id")
    if isinstance(origin, Expression):
        return [column for column in parts[feed.part].columns if identifier(column.name) in origin.sql]
    column = _column(feed, "contact_id", parts)
    return [] if column is None else [column]


def _known_share(reference: Column, key: Column) -> float:
    """Which share of the references a key knows; lists of ids joined by ';' are compared by their first value's shape only."""
    if reference.lists > 0.02:
        first = {value.split(";")[0].strip() for value, _ in reference.values if value}
        keys = {value for value, _ in key.values}
        return 1.0 if first & keys else 0.0
    return contained(reference, key)


def _person_columns(part: Part) -> list[Column]:
    names = vocabulary.names_of("deal_contacts", "contact_id")
    return [column for name in names for column in part.columns if fold(column.name) == name]


def _with_accounts(feeds: list[Feed], parts: Mapping[str, Part]) -> list[Feed]:
    """The companies' id is the column that deals and contacts name them by; of several columns that may name a company, the one that does."""
    companies = [feed for feed in feeds if feed.table == "accounts"]
    if not companies:
        return feeds
    company = companies[0]
    part = parts[company.part]
    keys = [column for column in part.columns if part.is_key(column)]
    chosen: Column | None = None
    result = {id(feed): feed for feed in feeds}
    for feed in sorted(feeds, key=lambda feed: feed.table != "deals"):
        if feed.table not in ("deals", "contacts", "touches"):
            continue
        candidates = [
            column for column in parts[feed.part].columns if vocabulary.name_score(feed.table, "account_id", column.name) > 0.5
        ]
        pairs = [
            (contained(reference, key) + 0.1 * vocabulary.name_score("accounts", "account_id", key.name), place, reference, key)
            for place, reference in enumerate(candidates)
            for key in ([chosen] if chosen else keys)
            if reference.lists <= 0.02
        ]
        share, _, reference, key = max(pairs, key=lambda entry: (entry[0], -entry[1]), default=(0.0, 0, None, None))
        if reference is not None and key is not None and share > 0.3:
            chosen = key
            result[id(feed)] = replace(feed, columns={**feed.columns, "account_id": Renamed(reference.name)})
    if chosen is not None:
        result[id(company)] = replace(company, columns={**company.columns, "account_id": Renamed(chosen.name)})
    return [result[id(feed)] for feed in feeds]


def _with_people_on_deals(feeds: list[Feed], parts: Mapping[str, Part]) -> list[Feed]:
    """A deals file that names people feeds the people on deals too, unless a file of its own does."""
    if any(feed.table == "deal_contacts" for feed in feeds):
        return feeds
    added = []
    for feed in feeds:
        if feed.table == "deals" and _person_columns(parts[feed.part]):
            link = matching.fill(parts[feed.part], "deal_contacts")
            columns = {**link.columns, "deal_id": feed.columns.get("deal_id", link.columns.get("deal_id"))}
            column = _person_columns(parts[feed.part])[0]
            if not isinstance(columns.get("contact_id"), Expression):
                columns["contact_id"] = Renamed(column.name)
            where = None
            if column.filled < parts[feed.part].rows:
                where = f"coalesce({identifier(column.name)}, '') <> ''"
            kept = {
                name: origin
                for name, origin in columns.items()
                if origin is not None and name in ("deal_id", "contact_id", "role")
            }
            added.append(replace(link, columns=kept, where=where))
    return [*feeds, *added]


def _with_first_visits(feeds: list[Feed], parts: Mapping[str, Part]) -> list[Feed]:
    """HubSpot's contacts carry when and through what each person first came: a touch each."""
    added = []
    for feed in feeds:
        names = {fold(column.name): column for column in parts[feed.part].columns}
        source, seen = names.get("original_traffic_source") or names.get("original_source"), names.get("time_first_seen")
        if feed.table == "contacts" and source is not None and seen is not None:
            visit = matching.fill(parts[feed.part], "touches")
            made = Expression(f"'first-visit-' || {identifier(_text(feed, 'contact_id'))}")
            columns: dict[str, Origin] = {
                "touch_id": made, "occurred_at": Renamed(seen.name), "contact_id": feed.columns["contact_id"], "channel": Renamed(source.name),
                "kind": Constant("first_visit"),
            }  # fmt: skip
            # "Offline sources" is how HubSpot calls imports and typing in: no visit.
            visited = f"coalesce({identifier(seen.name)}, '') <> '' and lower(coalesce({identifier(source.name)}, '')) <> 'offline sources'"
            added.append(replace(visit, columns=columns, where=visited))
    return [*feeds, *added]


def _with_further_people(feeds: list[Feed], parts: Mapping[str, Part]) -> list[Feed]:
    """A meeting with several people, named in one cell: the first is the touch's person, all of them are linked to it."""
    added = []
    for feed in feeds:
        people = [column for column in _named_people(feed, parts) if column.lists > 0.02] if feed.table == "touches" else []
        if people:
            link = Feed(feed.file, feed.sheet, "touch_links", options=feed.options)
            columns = {"touch_id": feed.columns["touch_id"], "contact_id": Expression(matching.split(people[0].name, many=True))}
            added.append(replace(link, columns=columns, where=f"coalesce({identifier(people[0].name)}, '') <> ''"))
    return [*feeds, *added]


def _text(feed: Feed, name: str) -> str:
    origin = feed.columns[name]
    return origin.column if isinstance(origin, Renamed) else ""


def _with_own_ids(feeds: list[Feed], parts: Mapping[str, Part]) -> list[Feed]:
    """Touches of two files whose ids may be the same (calls and meetings are counted apart) get the file's name before their id."""
    touching = [feed for feed in feeds if feed.table == "touches" and isinstance(feed.columns.get("touch_id"), Renamed)]
    result = []
    for feed in feeds:
        column = _column(feed, "touch_id", parts) if feed in touching else None
        others = [_column(other, "touch_id", parts) for other in touching if other is not feed]
        if column is not None and any(other is not None and (_clash(column, other)) for other in others):
            prefix = literal(matching.told(feed.part) + ":")
            feed = replace(feed, columns={**feed.columns, "touch_id": Expression(f"{prefix} || {identifier(column.name)}")})
        result.append(feed)
    return result


def _clash(one: Column, other: Column) -> bool:
    figures = all(value.isdigit() for column in (one, other) for value in column.examples)
    return figures or contained(one, other) > 0 or contained(other, one) > 0


def _extra(part: Part, feed: Feed) -> dict[str, str]:
    """Further columns of deals that are worth keeping: a few different words, in at least half of the rows."""
    used = {origin.column for origin in feed.columns.values() if isinstance(origin, Renamed)}
    taken = {column.name for column in schema.table("deals").columns} | {dimension.name for dimension in DIMENSIONS}
    extra: dict[str, str] = {}
    for column in part.columns:
        is_word = (
            not fold(column.name).endswith(("_id", "_ids"))
            and column.like_dates < 0.5
            and column.like_numbers < 0.5
            and column.truths < 1
            and column.lists < 0.02
        )
        if column.name not in used and is_word and _FEW <= column.distinct <= _MANY and column.filled * 2 >= part.rows:
            name = fold(column.name)[:60] or "further"
            name = f"{name}_in_export" if name in taken or name in extra else name
            if column.distinct * 3 <= max(part.rows, 6) and len(extra) < _MOST_EXTRA:
                extra[name] = column.name
    status = feed.columns.get("status")
    return {name: column for name, column in extra.items() if column != getattr(status, "column", None)}


def _currency(feeds: list[Feed], parts: Mapping[str, Part]) -> str | None:
    """The currency that some sign or name in the deals gives away; None where none does."""
    for feed in feeds:
        if feed.table == "deals" and "currency" not in feed.columns:
            amount = _column(feed, "amount", parts)
            texts = " ".join(amount.examples) + " " + amount.name if amount is not None else ""
            for sign, code in (("€", "EUR"), ("£", "GBP"), ("R$", "BRL"), ("₹", "INR"), *((code, code) for code in _CURRENCIES)):
                if sign in texts:
                    return code
    return None
