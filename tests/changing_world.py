"""A random world that goes on: what happens to its rows between two builds, and how the rows are delivered.

Two ways: one file per table that is written anew (``rewrite``), and files that are only added to (``deliver``, with a mapping.toml).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from attribution import schema
from tests.worlds import TODAY, World, _cell, settings_toml, write_folder

Row = dict[str, Any]


class ChangingWorld:
    """``happens`` changes the rows; ``changed`` are the rows of the last time, by table, for files that are added."""

    def __init__(self, seed: int, deals: int = 25, touches: int = 150) -> None:
        self.random = random.Random(seed)
        self.world = World(seed, deals, touches, currencies=("EUR", "USD"))
        self.rows: dict[str, list[Row]] = {name: [dict(row) for row in rows] for name, rows in self.world.rows.items()}
        self.rows["partners"] = [{"partner_id": "P1", "name": "Partner"}]
        self.rows["campaigns"] = [{"campaign_id": "spring", "name": "Spring", "channel": "email"}]
        self.rows["spend"] = [{"spent_on": TODAY.date(), "campaign_id": "spring", "amount": Decimal(100), "currency": "EUR"}]
        reporting = self.world.settings["reporting"]
        if self.random.random() < 0.6:  # as-of moves with the data
            del reporting["as_of"]
        self.world.settings["journeys"] = {
            "join_rule": self.random.choice(("deal", "primary", "account", "deal_else_account", "deal_else_account")),
            "start": self.random.choice(("lookback", "after_previous_win")),
            "lookback_days": self.random.choice((0, 90, 540)),
            "grain": self.random.choice(("day", "event")),
        }
        self.changed: dict[str, list[Row]] = {}
        self.number = 0

    # -- what happens ------------------------------------------------------------------------------------------------------

    def happens(self, only_adding: bool) -> list[str]:
        """Let one to four things happen; return their names. ``only_adding``: nothing that files cannot tell by further rows."""
        self.changed = {}
        self.number += 1
        adding: tuple[Callable[[], None], ...] = (
            self.new_touches, self.late_touch, self.touch_again, self.edit_deal, self.edit_deal, self.new_deal, self.move_contact,
            self.rename_contact, self.new_contact, self.merge, self.tie_visitor, self.alias, self.edit_account, self.guest,
            self.person_on_deal, self.asset, self.pattern, self.rate, self.spend, self.owner, self.partner,
        )  # fmt: skip
        things = adding if only_adding else (*adding, self.delete_rows, self.delete_rows, self.shuffle)
        chosen = self.random.sample(things, self.random.choice((1, 1, 2, 4)))
        for thing in chosen:
            thing()
        return [thing.__name__ for thing in chosen]

    def _put(self, table: str, row: Row) -> None:
        """Add a row, or let it take the place of the row with its key."""
        key = schema.table(table).key
        same = [other for other in self.rows[table] if key and all(other.get(name) == row.get(name) for name in key)]
        for other in same:
            self.rows[table].remove(other)
        self.rows[table].append(row)
        self.changed.setdefault(table, []).append(row)

    def _one(self, table: str) -> Row:
        return dict(self.random.choice(self.rows[table]))

    def new_touches(self) -> None:
        kept = self.world.rows["touches"], self.world.rows["touch_links"]
        self.world._touches(self.random.choice((1, 5, 20)))
        for table in ("touches", "touch_links"):
            for row in self.world.rows[table]:
                self._put(table, {**row, "touch_id": f"n{self.number}-{row['touch_id']}"})
        self.world.rows["touches"], self.world.rows["touch_links"] = kept

    def late_touch(self) -> None:
        """A touch of long ago, or one after everything else, which moves as-of."""
        days = self.random.choice((-25, 1, 200, 500))
        self._put(
            "touches", {**self._one("touches"), "touch_id": f"late{self.number}", "occurred_at": TODAY - timedelta(days=days)}
        )

    def touch_again(self) -> None:
        row = self._one("touches")
        self._put(
            "touches",
            {**row, "channel": "direct", "contact_id": self.random.choice((row.get("contact_id"), self.world._anybody()))},
        )

    def edit_deal(self) -> None:
        row = self._one("deals")
        closed = row["closed_at"] or TODAY - timedelta(days=self.random.randrange(100))
        change = self.random.choice(
            (
                {"amount": Decimal(self.random.randrange(1_000_000)) / 100},
                {"status": "won", "closed_at": closed},
                {"status": "lost", "closed_at": closed},
                {"status": "open"},
                {"account_id": self.random.choice([*self.world.accounts, None, "old-A1"])},
                {"name": f"Renamed {self.number}", "owner_id": "O2"},
                {"currency": self.random.choice(("EUR", "USD", "BRL"))},
            )
        )
        self._put("deals", {**row, **change})

    def new_deal(self) -> None:
        row = {**self._one("deals"), "deal_id": f"N{self.number}"}
        self._put("deals", row)
        if self.random.random() < 0.7:
            self._put("deal_contacts", {"deal_id": row["deal_id"], "contact_id": self.world._anybody(), "is_primary": True})

    def move_contact(self) -> None:
        self._put("contacts", {**self._one("contacts"), "account_id": self.random.choice([*self.world.accounts, None, "old-A0"])})

    def rename_contact(self) -> None:
        change = self.random.choice(
            ({"name": "Somebody else"}, {"email": f"new{self.number}@{self.world.accounts[1].lower()}.test"}, {"email": None},
             {"created_at": TODAY - timedelta(days=600)})
        )  # fmt: skip
        self._put("contacts", {**self._one("contacts"), **change})

    def new_contact(self) -> None:
        key = self.random.choice((f"NC{self.number}", "X1", "gone1"))
        self._put("contacts", {**self._one("contacts"), "contact_id": key, "email": f"{key}@alias.test", "account_id": None})

    def _alias(self, alias: str, kind: str, target: str, **more: Any) -> None:
        self._put("identities", {"alias": alias, "alias_kind": kind, "target_id": target, **more})

    def merge(self) -> None:
        one, other = self.random.sample(self.world.contacts, 2)
        self._alias(one, "merged", other, identified_at=TODAY)

    def tie_visitor(self) -> None:
        moment = TODAY - timedelta(days=self.random.randrange(400), seconds=self.random.randrange(86_400))
        self._alias(self.random.choice(self.world.visitors), "visitor", self.world._anybody(), identified_at=moment)

    def alias(self) -> None:
        deals = [row["deal_id"] for row in self.rows["deals"]]
        kind, alias, target = self.random.choice(
            (
                ("email", f"second{self.number}@private.test", self.random.choice(self.world.contacts)),
                ("email", "ghost@nowhere.test", self.random.choice(self.world.contacts)),
                ("domain", f"{self.random.choice(self.world.accounts).lower()}.test", self.random.choice(self.world.accounts)),
                ("domain", "unknown.test", self.random.choice(self.world.accounts)),
                ("account", "A-unknown", self.random.choice(self.world.accounts)),
                ("account", self.random.choice(self.world.accounts), self.random.choice(self.world.accounts)),
                ("deal", f"crm-{deals[7]}", deals[8]),
                ("deal", f"crm-{deals[1]}", deals[9]),
            )
        )
        self._alias(alias, kind, target, identified_at=TODAY)

    def edit_account(self) -> None:
        change = self.random.choice(
            ({"name": f"New {self.number}"}, {"segment": "huge"}, {"domain": "unknown.test"}, {"domain": None})
        )
        self._put("accounts", {**self._one("accounts"), **change})

    def guest(self) -> None:
        row = {"touch_id": self._one("touches")["touch_id"]}
        whom = self.random.choice(
            ({"contact_id": self.world._anybody()}, {"account_id": self.random.choice(self.world.accounts)},
             {"deal_id": self._one("deals")["deal_id"]})
        )  # fmt: skip
        self._put("touch_links", {**row, **whom})

    def person_on_deal(self) -> None:
        deal = self._one("deals")["deal_id"]
        self._put(
            "deal_contacts", {"deal_id": deal, "contact_id": self.world._anybody(), "is_primary": self.random.random() < 0.5}
        )

    def asset(self) -> None:
        change = self.random.choice(
            ({"topic": "versus"}, {"title": "Another"}, {"asset_id": "unknown-asset"}, {"url": "site.test/blog"})
        )
        self._put("content_assets", {**self._one("content_assets"), **change})

    def pattern(self) -> None:
        new = {"url_pattern": f"site.test/guide{'s' * self.number}*", "asset_id": "price"}
        self._put("asset_urls", self.random.choice((new, {**self._one("asset_urls"), "asset_id": "post"})))

    def rate(self) -> None:
        self._put("fx_rates", {**self._one("fx_rates"), "units_per_base": Decimal("1.2345")})

    def spend(self) -> None:
        self._put("spend", {"spent_on": TODAY.date(), "campaign_id": "spring", "amount": Decimal(self.number), "currency": "USD"})

    def owner(self) -> None:
        self._put("people", {**self._one("people"), "name": f"Owner, renamed {self.number}"})

    def partner(self) -> None:
        self._put("partners", {"partner_id": "P1", "name": f"Partner {self.number}"})

    def delete_rows(self) -> None:
        table = self.random.choice([name for name, rows in self.rows.items() if len(rows) > 3])
        for _ in range(self.random.choice((1, 1, 3))):
            self.rows[table].pop(self.random.randrange(len(self.rows[table])))

    def shuffle(self) -> None:
        self.random.shuffle(self.rows[self.random.choice(("deals", "contacts"))])

    # -- how it is delivered -------------------------------------------------------------------------------------------------

    def rewrite(self, folder: Path) -> None:
        """Write every table as one canonical file."""
        write_folder(folder, self.rows, self.world.settings)

    def deliver(self, folder: Path) -> None:
        """Write what changed as further files, named so that they come last, or now and then first; all rows the first time."""
        first = not (folder / "mapping.toml").exists()
        folder.mkdir(exist_ok=True)
        for table, rows in (self.rows if first else self.changed).items():
            place = "m" if first else self.random.choice(("x", "x", "x", "x", "a"))
            columns = list(dict.fromkeys(key for row in self.rows[table] for key in row))
            with (folder / f"{table}-{place}{self.number:03}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
        if first:
            (folder / "attribution.toml").write_text(settings_toml(self.world.settings), encoding="utf-8")
            blocks = "".join(f'[[{table}]]\nfile = "{table}-*.csv"\n' for table in self.rows)
            (folder / "mapping.toml").write_text(blocks, encoding="utf-8")
