"""Names that somebody wrote into a title, a comment or a headline: found among all that the data knows, and taken out.

Persons are roles in every preset; where companies and amounts are masked, their names and amounts go as well. A text is cleaned before it is
cut to a length, so that no half name is left; a last look over the finished view catches what was put together later.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from attribution.spotlight.words import Words, Written

if TYPE_CHECKING:
    from attribution.dataset import Dataset

View = TypeVar("View")
Part = TypeVar("Part", bound=Written)

SHORTEST = 4  # characters of a name that is looked for however it is written: shorter ones are words, and names only where they begin with a capital
RUN = 6  # words by which a name is found
COMPANY, PERSON, DEAL = "[company]", "[person]", "[deal]"
_FORMS = (
    "ab ag aps as asa bv b.v co co. company corp corporation dac e.k ek eg gmbh group holding inc inc. kft kg kgaa limited llc llp ltd ltd. mbh "
    "nv n.v oy oyj plc pte pty s.a s.a.r.l s.p.a s.r.l sa sarl sas se sp spa srl ug & und and"
)
LEGAL_FORMS = frozenset(_FORMS.split())
_LEGAL_END = f"([ ,]+({'|'.join(sorted(map(re.escape, LEGAL_FORMS)))}))+$"
_NUMBER = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,'\u00a0\u202f\u2009 ]\d{3})+|\d+)([.,]\d{1,2})?(?![.,]?\d)")

_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Digits and underscores end a name, and so does the s of a genitive: TOURELLE_2026, Tourelles.
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = r"(?<![^\W\d_])", r"s?(?![^\W\d_])"

# Every name, address and domain that the data knows and that the text holds. Names are found by their first words among all runs of words of
# the text, one join for millions of names; scripts without spaces by looking into the text. Bound: the legal forms, runs of words, shortest name, the text.
# Companies are found without their legal form as well, where two words are left: one word may be any word.
_NAMES = """
with known as (
    select name as name, 'company' as kind from raw.accounts
    union all select domain, 'company' from raw.accounts
    union all select name, 'company' from raw.partners
    union all select name, 'person' from raw.contacts
    union all select email, 'person' from raw.contacts
    union all select name, 'person' from raw.people
    union all select email, 'person' from raw.people
    union all select alias, case when alias_kind = 'email' then 'person' else 'company' end from raw.identities
    where alias_kind in ('email', 'domain')
),
whole as (
    select distinct lower(trim(regexp_replace(replace(name, chr(160), ' '), '\\s+', ' ', 'g'))) as name, kind from known where name is not null
),
bare as (
    select regexp_replace(name, cast(? as varchar), '') as name, kind from whole where kind = 'company'
),
folded as (
    select name, kind from whole
    union
    select name, kind from bare where name like '% %'
),
keyed as (
    select
        name, kind,
        array_to_string(list_slice(string_split(trim(regexp_replace(name, '[^\\p{L}\\p{N}]+', ' ', 'g')), ' '), 1, 6), ' ') as first_words
    from folded
),
runs as (
    select unnest(cast(? as varchar[])) as words
)
select keyed.name as name, keyed.kind as kind from keyed inner join runs on keyed.first_words = runs.words where length(keyed.name) >= ?
union
select name, kind from folded
where length(name) >= 2 and regexp_matches(name, '[\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Hangul}\\p{Thai}]') and contains(?, name)
order by name, kind
"""
# Companies and people of the deals that are told, and all who work here: parts of their names are names as well.
_NEAR = """
select accounts.name, 'company' from marts.deals as deals inner join raw.accounts as accounts on deals.account_id = accounts.account_id
where list_contains(cast(? as varchar[]), deals.deal_id)
union
select contacts.name, 'person' from journeys.deal_people as deal_people
inner join identity.contacts as contacts on deal_people.contact_id = contacts.contact_id
where list_contains(cast(? as varchar[]), deal_people.deal_id)
union
select people.name, 'person' from raw.people as people
order by 1, 2
"""
# Ids of deals, companies and people among some words. Other than a deal's it has a digit in it: a team may be an owner, and its id a word.
_IDS = """
with words as (select unnest(cast(? as varchar[])) as word),
ids as (
    select deal_id as id, 'deal' as kind from marts.deals
    union all select account_id, 'company' from raw.accounts
    union all select partner_id, 'company' from raw.partners
    union all select contact_id, 'person' from raw.contacts
    union all select owner_id, 'person' from raw.people
)
select distinct words.word as word, ids.kind as kind
from ids inner join words on lower(ids.id) = words.word
where ids.kind = 'deal' or regexp_matches(words.word, '[0-9]')
order by word, kind
"""
_BETWEEN_IDS = (r"[\s\"“”‘’()\[\]]+", r"[\s\"“”‘’()\[\]<>#/?&=@,;|]+")  # the second: an id in an address, or after a number sign
# What people wrote that may be shown: titles of the month's pieces, roles, comments, what kind of company it is, teams.
_TEXTS = """
with won as (
    select deal_id, segment, industry, country from marts.deals where status = 'won' and closed_on between ? and ?
)
select assets.title from marts.asset_uses as uses inner join won on uses.deal_id = won.deal_id
inner join raw.content_assets as assets on uses.asset_id = assets.asset_id
union select segment from won union select industry from won union select country from won
union
select contacts.title from journeys.deal_people as people inner join won on people.deal_id = won.deal_id
inner join identity.contacts as contacts on people.contact_id = contacts.contact_id
union
select contacts.persona from journeys.deal_people as people inner join won on people.deal_id = won.deal_id
inner join identity.contacts as contacts on people.contact_id = contacts.contact_id
union
select links.role from raw.deal_contacts as links inner join won on links.deal_id = won.deal_id
union
select feedback.comment from raw.content_feedback as feedback where feedback.comment is not null
union
select team from raw.people
"""


@dataclass(frozen=True)
class KnownNames:
    """Names to take out: each, folded, with what stands in its place. ``amounts``: whole amounts of the data with their bands."""

    names: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[int, str] = field(default_factory=dict)

    def replace(self, text: str) -> str:
        """A text of somebody without names and amounts."""
        found = self.replace_names(text)
        return _NUMBER.sub(self._banded, found) if self.amounts else found

    def replace_names(self, text: str) -> str:
        """A text without names; our own figures stay."""
        if not self.names:
            return text
        for written in (visible(text), text):
            found = self._pattern.sub(lambda match: self._in_place_of(folded(match[0])), written)
            if found != written:
                return re.sub(rf"({re.escape(COMPANY)}|{re.escape(PERSON)})( \1)+", r"\1", found)
        return text

    def _in_place_of(self, name: str) -> str:
        return self.names.get(name) or self.names.get(name.removesuffix("s"), PERSON)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        return re.compile("|".join(_pattern_of(name) for name in longest_first), re.IGNORECASE)

    def _banded(self, match: re.Match[str]) -> str:
        return self.amounts.get(int(re.sub(r"\D", "", match[1])[:18]), match[0])


def _pattern_of(name: str) -> str:
    """A name as whole words, however it is spaced; in scripts without spaces it may stand inside a line of text."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    if len(name) < SHORTEST and not _UNSPACED.match(name[0]):
        words = f"(?-i:{re.escape(name.capitalize())}|{re.escape(name.upper())})"
    return (
        f"{'' if _UNSPACED.match(name[0]) else _NO_LETTER_BEFORE}{words}{'' if _UNSPACED.match(name[-1]) else _NO_LETTER_AFTER}"
    )


def texts_of(ds: Dataset, first: date, last: date) -> list[str]:
    """What people wrote that a spotlight of these days may show."""
    return [row[0] for row in ds.rows(_TEXTS, [first, last]) if row[0]]


def known_names(
    ds: Dataset, texts: Iterable[str], deal_ids: Collection[str], is_masked: bool, with_ids: bool = False
) -> KnownNames:
    """The names of the data that the texts hold: persons always, companies (and ids ``with_ids``) where the preset masks them."""
    joined = "\n".join(texts)
    text = folded(f"{joined}\n{visible(joined)}")
    names: dict[str, str] = {}
    for name, kind in ds.rows(_NAMES, [_LEGAL_END, runs_of(text), SHORTEST, text]):
        if kind == "person" or is_masked:
            names[name] = PERSON if kind == "person" else COMPANY
    if is_masked:
        for name, kind in ds.rows(_NEAR, [list(deal_ids), list(deal_ids)]):
            for part in _parts(name or "", kind):
                if folded(part) in text:
                    names.setdefault(folded(part), PERSON if kind == "person" else COMPANY)
        if with_ids:
            words = {word.strip(".,;:!?") for cut in _BETWEEN_IDS for word in re.split(cut, text)}
            for identity, kind in ds.rows(_IDS, [sorted(words)]):
                if len(identity) >= SHORTEST and not identity.isdigit():
                    names.setdefault(identity, f"[{kind}]")
    return KnownNames(names)


def runs_of(text: str) -> list[str]:
    """All runs of one to RUN words of a text, as the first words of names are compared: letters and digits only."""
    words = re.findall(r"[^\W_]+", text)
    runs = {" ".join(words[place : place + length]) for length in range(1, RUN + 1) for place in range(len(words) - length + 1)}
    return sorted(runs | {run.removesuffix("s") for run in runs})


def amounts_of(ds: Dataset, first: date, last: date, written: Callable[[Decimal], str]) -> dict[int, str]:
    """Whole amounts that somebody may have typed, of the month's won deals and their sum, with what stands in their place."""
    rows = ds.rows("select amount from marts.deals where status = 'won' and closed_on between ? and ?", [first, last])
    listed = [row[0] for row in rows] + [sum((row[0] for row in rows), Decimal(0))]
    return {int(amount): written(amount) for amount in listed if amount >= 1000}


def _parts(name: str, kind: str) -> list[str]:
    """What a name is shortened to: a company without its legal form and its first word, a person's first and last name.

    Short ones as well, but for a company's first word: "The" is one.
    """
    words = [word.strip(",.") for word in name.split()]
    if kind == "company":
        bare = [word for word in words if word.lower() not in LEGAL_FORMS]
        found = [" ".join(bare), *(word for word in bare[:1] if len(word) >= SHORTEST)]
    else:
        found = [words[0], words[-1]] if len(words) > 1 else words
    return [part for part in found if len(part) > 1 and not part.isdigit()]


def spoken(words: Words) -> tuple[str, ...]:
    """Every text that a person wrote for this spotlight."""
    quotes = [quote for deal in words.deals.values() for quote in deal.quotes]
    return (
        words.headline, words.thanks, *(deal.headline for deal in words.deals.values()), *(quote.text for quote in quotes),
        *(quote.said_by for quote in quotes), words.ask.question, words.ask.writes, words.ask.cost, words.ask.first_reader,
    )  # fmt: skip


def cleaned_words(part: Part, clean: Callable[[str], str]) -> Part:
    """The same words, cleaned; ids stay. Not validated again: what stands in place of a name may be longer than it."""
    changes: dict[str, object] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, str) and name != "asset_id":
            changes[name] = clean(value)
        elif isinstance(value, Written):
            changes[name] = cleaned_words(value, clean)
        elif isinstance(value, tuple):
            changes[name] = tuple(cleaned_words(entry, clean) for entry in value)
        elif isinstance(value, Mapping):
            changes[name] = {key: cleaned_words(entry, clean) for key, entry in value.items()}
    return part.model_copy(update=changes)


def strings_of(view: object) -> list[str]:
    """Every text of a view, however deep."""
    if isinstance(view, str):
        return [view]
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        return [text for entry in dataclasses.fields(view) for text in strings_of(getattr(view, entry.name))]
    return [text for entry in view for text in strings_of(entry)] if isinstance(view, (tuple, list)) else []


def without_names(view: View, clean: Callable[[str], str], keep: Collection[str] = (), skip: Collection[str] = ()) -> View:
    """The view with every text cleaned, but for texts in ``keep`` (what a writer may say) and fields named in ``skip``."""
    if isinstance(view, str):
        return view if view in keep else clean(view)  # type: ignore[return-value]
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        kept = [entry.name for entry in dataclasses.fields(view) if entry.name not in skip]
        return dataclasses.replace(view, **{name: without_names(getattr(view, name), clean, keep, skip) for name in kept})
    if isinstance(view, tuple):
        return tuple(without_names(entry, clean, keep, skip) for entry in view)  # type: ignore[return-value]
    return view


def visible(text: str) -> str:
    """A text as it is read: composed letters, without characters that show nothing and would hide a name from a comparison."""
    return unicodedata.normalize("NFC", "".join(letter for letter in text if unicodedata.category(letter) != "Cf"))


def folded(text: str) -> str:
    """A text as names are compared: lower case, single spaces."""
    return " ".join(text.lower().split())
