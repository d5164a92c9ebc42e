"""Search over deals, accounts, people, campaigns and content: by name, id, e-mail address or domain, whatever the case and the accents.

An index of one version is made in memory when somebody first searches (below a second for 300,000 people); a search then reads
one short column per kind and never the touches. Words are looked for as they are: %, _ and quotes mean nothing special.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from attribution import db

KINDS = ("deal", "account", "person", "campaign", "asset")
MOST_LETTERS = 100
MOST_WORDS = 6

# Letters that are no accented form of another letter, as people type them without their own keyboard.
_ODD, _PLAIN = "øłđıħ", "oldih"
_MACROS = (
    "create macro plain_letters(words) as translate(replace(replace(replace("
    f"strip_accents(lower(words)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), '{_ODD}', '{_PLAIN}')",
    # Most names have no such letter, and finding that out is ten times cheaper than replacing them.
    "create macro folded(words) as case when strlen(words) = length(words) then lower(words) else plain_letters(words) end",
)

# One statement per kind: id, name, what it is also found by, the words and the number of its fact, its day, and its weight.
_SOURCES = {
    "deal": """
        select deal_id as id, coalesce(nullif(trim(name), ''), account_name, deal_id) as name, coalesce(account_name, '') as also,
            status as word, cast(amount as double) as number, closed_on as day, cast(amount as double) as weight
        from base.marts.deals
    """,
    "account": """
        with names as (
            select coalesce(ids.account_id, accounts.account_id) as id, accounts.account_id as own_id, accounts.name as name,
                accounts.domain as domain
            from base.raw.accounts as accounts
            left join base.identity.account_ids as ids on accounts.account_id = ids.alias
        ),
        merged as (
            select id, coalesce(max(case when own_id = id then name end), max(name), id) as name,
                coalesce(max(case when own_id = id then domain end), max(domain)) as domain,
                string_agg(concat_ws(' ', own_id, name, domain), ' ' order by own_id) as also
            from names group by id
        ),
        counts as (select account_id, count(*) as deals from base.marts.deals group by account_id)
        select id, name, also, domain as word, cast(coalesce(deals, 0) as double) as number, null as day,
            cast(coalesce(deals, 0) as double) as weight
        from merged left join counts on merged.id = counts.account_id
    """,
    "person": """
        with counts as (select contact_id, count(*) as deals from base.journeys.deal_people group by contact_id),
        aliases as (
            select contact_id, string_agg(alias, ' ' order by alias) as also
            from base.identity.contact_ids where alias <> contact_id group by contact_id
        )
        select people.contact_id as id, coalesce(nullif(trim(people.name), ''), people.email, people.contact_id) as name,
            concat_ws(' ', people.email, aliases.also) as also, accounts.name as word,
            cast(coalesce(counts.deals, 0) as double) as number, null as day, cast(coalesce(counts.deals, 0) as double) as weight
        from base.identity.contacts as people
        left join counts on people.contact_id = counts.contact_id
        left join aliases on people.contact_id = aliases.contact_id
        left join base.raw.accounts as accounts on people.account_id = accounts.account_id
    """,
    "campaign": """
        select campaign_id as id, coalesce(name, campaign_id) as name, coalesce(objective, '') as also, channel as word,
            null as number, starts_on as day, coalesce(to_us(cast(starts_on as timestamp)) / 1e15, 0) as weight
        from base.raw.campaigns
    """,
    "asset": """
        select asset_id as id, coalesce(title, asset_id) as name, coalesce(url, '') as also, format as word,
            null as number, published_on as day, 0 as weight
        from base.raw.content_assets
    """,
}


@dataclass(frozen=True)
class Hit:
    """One thing that was found. ``word``, ``number`` and ``day`` are its facts: a deal's status, amount and close; an account's
    domain and deals; a person's account and deals; a campaign's channel and start; the format of content and its publication."""

    kind: str
    id: str
    name: str
    word: str
    number: float | None
    day: date | None


class Index:
    """What can be found in one version of the data. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Read the names out of a version's file; the file is let go afterwards. Raises DatabaseError."""
        self._connection = db.connect()
        for macro in _MACROS:
            self._connection.execute(macro)
        with db.attached(self._connection, path, "base"):
            for kind, source in _SOURCES.items():
                self._connection.execute(
                    f"create table {kind} as select id, name, word, number, day, weight, folded(name) as folded_name, "
                    f"folded(concat_ws(' ', name, id, also)) as folded_all from ({source})"
                )

    def find(self, words: str, most: int = 6) -> dict[str, tuple[Hit, ...]]:
        """Kind → the best hits that hold every word, at most ``most`` and one (so that more can be told); kinds without hits are absent.

        An id first, then names that begin with the words, then those with a word that does; the largest first.
        """
        typed = (
            " ".join(words[: 10 * MOST_LETTERS].split())[:MOST_LETTERS]
            .encode("utf-8", "ignore")
            .decode("utf-8")
            .replace("\x00", "")
        )
        if not typed:
            return {}
        cursor = self._connection.cursor()
        folded = str((cursor.execute("select folded(?)", [typed]).fetchone() or ("",))[0])
        parts = folded.split()[:MOST_WORDS]
        if not parts:
            return {}
        held = " and ".join(["contains(folded_all, ?)"] * len(parts))
        found = {}
        for kind in KINDS:
            rows = cursor.execute(
                f"select id, name, word, number, day from {kind} where {held} order by case when lower(id) = lower(?) then 0 "
                "when starts_with(folded_name, ?) then 1 when contains(folded_name, ?) then 2 else 3 end, "
                "weight desc, length(name), name, id limit ?",
                [*parts, typed, folded, f" {folded}", most + 1],
            ).fetchall()
            if rows:
                found[kind] = tuple(Hit(kind, row[0], row[1], row[2] or "", row[3], row[4]) for row in rows)
        return found

    def name(self, kind: str, identity: str) -> str:
        """The name of one thing; its id where nothing has that id."""
        if kind not in KINDS:
            return identity
        row = self._connection.cursor().execute(f"select name from {kind} where id = ?", [identity]).fetchone()
        return str(row[0]) if row else identity

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()
