"""The presets: what a spotlight may say to whom. Inside shows companies and amounts; partner and public show bands; persons are roles in all.

A preset decides how money, companies, persons and days are written while a spotlight is made. Afterwards ``without_names`` walks the finished
view and takes out every name that the data knows and that somebody wrote into a title, a comment or a headline.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from attribution.charts import formats
from attribution.charts.formats import SPACE
from attribution.errors import QueryError, near_name
from attribution.rounding import half_up
from attribution.spotlight.shown import Amount

if TYPE_CHECKING:
    from attribution.dataset import Dataset

View = TypeVar("View")

STEPS = (1.0, 2.5, 5.0, 10.0)  # bands begin and end at these, times a power of ten
SHORTEST = 4  # characters of a name that is looked for: shorter ones are words
COMPANY, PERSON = "[company]", "[person]"
_FORMS = (
    "ab ag aps as asa bv b.v co co. company corp corporation dac e.k ek eg gmbh group holding inc inc. kft kg kgaa limited llc llp ltd ltd. mbh "
    "nv n.v oy oyj plc pte pty s.a s.a.r.l s.p.a s.r.l sa sarl sas se sp spa srl ug & und and"
)
LEGAL_FORMS = frozenset(_FORMS.split())


@dataclass(frozen=True)
class Preset:
    """Who may read it: ``name`` in links and files, the stamp's two parts, and whether companies and amounts are masked, and days and titles too."""

    name: str
    label: str
    stamp: str
    is_masked: bool = False
    is_public: bool = False


PRESETS: tuple[Preset, ...] = (
    Preset("inside", "Inside", "Companies and amounts shown, persons as roles. Not to be passed on outside the company."),
    Preset(
        "partner", "Partner", "No company named, amounts as bands, persons as roles. For partners, not for publication.", True
    ),
    Preset("public", "Public", "No company and no person named, amounts as bands, no days. Free to pass on.", True, True),
)


def preset(name: str) -> Preset:
    """The preset of that name. QueryError with a near name otherwise."""
    names = [entry.name for entry in PRESETS]
    if name not in names:
        hint = near_name(name, names) or f" Known: {', '.join(names)}."
        raise QueryError(f"preset {name!r}: there is no preset of that name.{hint}")
    return PRESETS[names.index(name)]


@dataclass(frozen=True)
class Writer:
    """Writes money, companies, persons and days as the preset allows."""

    preset: Preset
    currency: str | None

    def amount(self, value: Decimal | float) -> Amount:
        """Money: exact to the cent inside, else its band."""
        exact = half_up(value)
        if self.preset.is_masked:
            words = band(float(exact), self.currency)
            return Amount(words, words)
        text = formats.exact(float(exact), None)
        return Amount(self.money(exact), text[:-3], text[-3:], exact)

    def money(self, value: Decimal | float) -> str:
        """Money in a sentence: three digits inside, else its band."""
        return band(float(value), self.currency) if self.preset.is_masked else formats.money(float(value), self.currency)

    def full(self, value: Decimal) -> str:
        """Money in a headline: every digit inside, without cents that are none; else its band."""
        return self.money(value) if self.preset.is_masked else formats.exact(float(value), self.currency).removesuffix(".00")

    def credit(self, value: Decimal, whole: Decimal, weight: float) -> Amount:
        """What a piece is credited with: money inside, else its share of the deal."""
        if self.preset.is_masked:
            words = formats.share(weight if weight else float(value / whole) if whole else 0.0)
            return Amount(words, words)
        return self.amount(value)

    def company(self, deal: Mapping[str, Any]) -> str:
        """The company inside; else what kind of company it is."""
        if not self.preset.is_masked:
            return str(deal.get("account_name") or deal.get("name") or deal["deal_id"])
        size = formats.words(deal["segment"]) if deal.get("segment") else ""
        branch = formats.words(deal["industry"]) if deal.get("industry") else ""
        where = str(deal["country"]) if deal.get("country") and not self.preset.is_public else ""
        return ", ".join(part for part in (size, branch, where) if part) or "A customer"

    def role(self, title: str | None, role: str | None, persona: str | None) -> str:
        """A person as a role: the job title, in public only the part in buying."""
        known = (role, persona) if self.preset.is_public else (title, role, persona)
        return next((formats.words(entry) for entry in known if entry), "Buyer")

    def day(self, value: date, number: int) -> str:
        """A day of a deal: with its date inside, else as the number of days since the first."""
        return f"day {number}" if self.preset.is_masked else f"{formats.day(value, year=False)}, day {number}"


def band(value: float, currency: str | None) -> str:
    """The band that holds an amount: "€100 k to €250 k"; "no amount" for nothing."""
    size = abs(value)
    if size < 0.005:
        return "no amount"
    sign = formats.MINUS if value < 0 else ""
    if size < 100:
        return f"{sign}under{SPACE}{formats.money(100, currency)}"
    low = 100.0
    while size >= low * 10:
        low *= 10
    edges = [low * step for step in STEPS]
    place = next(index for index in range(len(edges) - 1) if size < edges[index + 1])
    return f"{sign}{_edge(edges[place], currency)} to {sign}{_edge(edges[place + 1], currency)}"


def _edge(value: float, currency: str | None) -> str:
    """An edge without needless decimals: €2.5 k, €100 k."""
    text = formats.money(value, currency)
    return re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(f".{SPACE}", SPACE).rstrip(".")


def band_top(value: float) -> float:
    """The upper edge of the band that holds an amount: what a masked bar is as long as."""
    size = max(abs(value), 100.0)
    low = 100.0
    while size >= low * 10:
        low *= 10
    return next(low * step for step in STEPS if size < low * step)


# -- names that somebody wrote ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownNames:
    """Names to take out: each with what stands in its place. ``amounts``: whole amounts of the data with their bands."""

    names: Mapping[str, str]
    amounts: Mapping[int, str]

    def replace(self, text: str) -> str:
        """The text without the names and amounts."""
        if self.names:
            text = self._pattern.sub(lambda match: self.names[_folded(match[0])], text)
            text = re.sub(rf"({re.escape(COMPANY)}|{re.escape(PERSON)})( \1)+", r"\1", text)
        return _NUMBER.sub(self._banded, text) if self.amounts else text

    @property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        parts = [r"\s+".join(re.escape(word) for word in name.split()) for name in longest_first]
        return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)", re.IGNORECASE)

    def _banded(self, match: re.Match[str]) -> str:
        for digits in (re.sub(r"\D", "", match[0]), re.sub(r"\D", "", re.sub(r"[.,]\d{2}$", "", match[0]))):
            if digits and int(digits) in self.amounts:
                return self.amounts[int(digits)]
        return match[0]


_NUMBER = re.compile(r"\d(?:[\d.,'\u00a0\u202f\u2009 ]*\d)?")

# Every name, address and domain that the data knows and that the text holds. Bound: the text, folded, twice.
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
folded as (
    select distinct lower(trim(regexp_replace(name, '\\s+', ' ', 'g'))) as name, kind from known where name is not null
)
select name, kind from folded where length(name) >= ? and contains(?, name) order by name, kind
"""
# The people of the deals that are told: their first and last names are names as well.
_NEAR = """
select accounts.name, 'company' from marts.deals as deals inner join raw.accounts as accounts on deals.account_id = accounts.account_id
where list_contains(cast(? as varchar[]), deals.deal_id)
union
select contacts.name, 'person' from journeys.deal_people as deal_people
inner join identity.contacts as contacts on deal_people.contact_id = contacts.contact_id
where list_contains(cast(? as varchar[]), deal_people.deal_id)
union
select people.name, 'person' from raw.people as people
"""


def known_names(ds: Dataset, texts: Iterable[str], deal_ids: Collection[str], is_masked: bool) -> KnownNames:
    """The names of the data that the texts hold: persons always, companies and amounts where the preset masks them."""
    text = _folded("\n".join(texts))
    names: dict[str, str] = {}
    for name, kind in ds.rows(_NAMES, [SHORTEST, text]):
        if kind == "person" or is_masked:
            names[name] = PERSON if kind == "person" else names.get(name, COMPANY)
    if is_masked:
        for name, kind in ds.rows(_NEAR, [list(deal_ids), list(deal_ids)]):
            for part in _parts(name or "", kind):
                if _folded(part) in text:
                    names.setdefault(_folded(part), PERSON if kind == "person" else COMPANY)
    return KnownNames(names, {})


def _parts(name: str, kind: str) -> list[str]:
    """What a name is shortened to: a company without its legal form and its first word, a person's first and last name."""
    words = [word.strip(",.") for word in name.split()]
    if kind == "company":
        bare = [word for word in words if word.lower() not in LEGAL_FORMS]
        found = [" ".join(bare), *(bare[:1] if len(bare) > 1 else [])]
    else:
        found = [words[0], words[-1]] if len(words) > 1 else []
    return [part for part in found if len(part) >= SHORTEST and not part.isdigit()]


def amounts_of(ds: Dataset, first: date, last: date, writer: Writer) -> dict[int, str]:
    """Whole amounts that a writer may have typed: of the month's won deals and their sum, with their bands."""
    rows = ds.rows("select amount from marts.deals where status = 'won' and closed_on between ? and ?", [first, last])
    listed = [row[0] for row in rows] + [sum((row[0] for row in rows), Decimal(0))]
    return {int(amount): writer.money(amount) for amount in listed if amount >= 100}


def strings_of(view: object) -> list[str]:
    """Every text of a view, however deep."""
    if isinstance(view, str):
        return [view]
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        return [text for entry in dataclasses.fields(view) for text in strings_of(getattr(view, entry.name))]
    if isinstance(view, (tuple, list)):
        return [text for entry in view for text in strings_of(entry)]
    return []


def without_names(view: View, clean: Callable[[str], str], keep: Collection[str] = (), skip: Collection[str] = ()) -> View:
    """The view with every text cleaned, but for texts in ``keep`` (what a writer may say) and fields named in ``skip``."""
    if isinstance(view, str):
        return view if view in keep else clean(view)  # type: ignore[return-value]
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        changes = {
            entry.name: without_names(getattr(view, entry.name), clean, keep, skip)
            for entry in dataclasses.fields(view)
            if entry.name not in skip
        }
        return dataclasses.replace(view, **changes)
    if isinstance(view, tuple):
        return tuple(without_names(entry, clean, keep, skip) for entry in view)  # type: ignore[return-value]
    return view


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
