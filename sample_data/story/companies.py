"""Companies and the people in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from story import words
from story.catalogue import DEVELOPERS, SELLERS
from story.dice import Dice

_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "&": "", ".": "", "'": "", " ": "", "/": ""})


@dataclass
class Account:
    """A company; ``group`` are its known people, the champion first."""

    account_id: str
    name: str
    domain: str
    industry: str
    segment: str
    employees: int
    country: str
    region: str
    owner_id: str
    second_domain: str = ""
    parent_id: str = ""
    group: list[Contact] = field(default_factory=list)
    has_won: bool = False


@dataclass
class Contact:
    """A person; ``devices`` are visitor ids of which only the first becomes known."""

    contact_id: str
    account: Account | None
    email: str
    name: str
    title: str
    persona: str
    created_at: datetime
    owner_id: str
    devices: list[str]
    how: str
    self_reported: str = ""
    consent: str = "granted"
    shows_account: bool = True
    stages: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    used_devices: set[str] = field(default_factory=set)
    duplicate_of: Contact | None = None
    is_merged: bool = False


class Registry:
    """Makes accounts and contacts with names that do not repeat."""

    def __init__(self) -> None:
        self.dice = Dice("companies")
        self.accounts: list[Account] = []
        self.contacts: list[Contact] = []
        self._stems = {
            region: self.dice.shuffled([(stem, line) for stem in stems.split() for line in words.LINES])
            for region, stems in words.STEMS.items()
        }
        self._first = {region: names.split() for region, names in words.FIRST_NAMES.items()}
        self._last = {region: names.split() for region, names in words.LAST_NAMES.items()}
        self._emails: set[str] = set()
        self._domains: set[str] = set()

    def account(self, segment: str) -> Account:
        """Found a company."""
        dice = self.dice
        region = dice.weighted(words.REGION_SHARE)
        country = dice.weighted(words.COUNTRIES[region])
        stem, industry = self._stems[region].pop()
        line = dice.pick(words.lines_of(industry, region))
        while f"{stem}-{line}".lower().translate(_PLAIN) + ".example" in self._domains:
            stem, industry = self._stems[region].pop()
            line = dice.pick(words.lines_of(industry, region))
        form = dice.pick(words.FORMS[country])
        domain = f"{stem}-{line}".lower().translate(_PLAIN) + ".example"
        self._domains.add(domain)
        employees = {
            "small business": int(dice.skewed(28, 0.5, 8, 95)),
            "mid-market": int(dice.skewed(340, 0.5, 100, 990)),
            "enterprise": int(dice.skewed(3400, 0.7, 1000, 48000)),
        }[segment]
        if employees > 400 and dice.chance(0.7):
            employees = employees // 50 * 50
        owner = dice.pick(SELLERS[region]) if segment != "small business" or dice.chance(0.45) else dice.pick(DEVELOPERS)
        account = Account(
            f"AC-{len(self.accounts) + 1:04d}",
            f"{stem} {line} {form}".strip(),
            domain,
            industry,
            segment,
            employees,
            country,
            region,
            owner,
            second_domain=f"{stem.lower()}{dice.pick(('-group', '-holding', '-services', '-it'))}.example"
            if dice.chance(0.05)
            else "",
        )
        self.accounts.append(account)
        return account

    def contact(self, account: Account, created_at: datetime, how: str, owner_id: str = "") -> Contact:
        """Add the next person of a company's buying group, first known at that moment through ``how``."""
        dice = self.dice
        region = account.region if dice.chance(0.9) else dice.pick(tuple(words.FIRST_NAMES))
        first, last = dice.pick(self._first[region]), dice.pick(self._last[region])
        domain = account.second_domain if account.second_domain and dice.chance(0.4) else account.domain
        free_mail = dice.chance(0.14 if how != "show" else 0.04)
        if free_mail:
            # No such mailbox can exist: the provider allows neither a hyphen nor an underscore.
            email = f"{first}{dice.pick('-_')}{last}@{dice.pick(('gmail.com', 'gmail.com', 'googlemail.com'))}".lower()
        else:
            pattern = dice.weighted({"full": 60.0, "initial": 30.0, "last": 10.0})
            email = {"full": f"{first}.{last}", "initial": f"{first[0]}.{last}", "last": last}[pattern].lower() + "@" + domain
        number = 2
        while email in self._emails:
            local, _, host = email.partition("@")
            email = f"{local.rstrip('0123456789')}{number}@{host}"
            number += 1
        self._emails.add(email)
        taken = {member.title for member in account.group}
        free = [entry for entry in words.TITLES[account.segment] if entry[0] not in taken] or list(words.TITLES[account.segment])
        title, persona = free[0] if not account.group or dice.chance(0.4) else dice.pick(free)
        devices = ["v" + dice.letters(8)] + (["v" + dice.letters(8)] if dice.chance(0.35) else [])
        contact = Contact(
            "",
            account,
            email,
            f"{first} {last}",
            title,
            persona,
            created_at,
            owner_id or account.owner_id,
            devices,
            how,
            self_reported=dice.pick(words.SELF_REPORTED) if dice.chance(0.22) else "",
            consent=dice.weighted({"granted": 74.0, "pending": 9.0, "withdrawn": 6.0, "": 11.0}),
            shows_account=not (free_mail and dice.chance(0.6)) and not dice.chance(0.04),
        )
        account.group.append(contact)
        self.contacts.append(contact)
        return contact

    def number_contacts(self) -> None:
        """Give ids in the order in which the CRM learned of people."""
        self.contacts.sort(key=lambda contact: (contact.created_at, contact.email))
        for index, contact in enumerate(self.contacts, start=1):
            contact.contact_id = f"CT-{index:05d}"
