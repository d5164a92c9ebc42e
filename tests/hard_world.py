"""A company that fits no page: 60 channels, and names of 120 characters with emoji, right-to-left text, HTML, dollars and links.

``python -m tests.hard_world FOLDER [DEALS]`` writes it as a data folder, to look at the pages with it.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.worlds import Rows, write_folder

CHANNELS, CAMPAIGNS, ASSETS, DEALS, OWNERS = 60, 45, 50, 90, 25
LENGTH = 120
TODAY = datetime(2026, 6, 30, 12, tzinfo=UTC)
SETTINGS = {"reporting": {"time_zone": "Europe/Berlin", "currency": "EUR", "as_of": TODAY.date()}}

# Each is what some system lets people type; what follows fills it to its length.
OPENINGS = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "🎯🇧🇷 Spring push 👩‍💻 – early birds",
    "مرحبا بالعالم الحملة الكبيرة للربيع",
    "שלום עולם קמפיין האביב הגדול",
    "<b>Bold</b><script>alert(1)</script>",
    "$5 for $10: $\\frac{a}{b}$ a_b_c",
    "[x](y) ![alt](https://example.test/p.png) :red[loud] :material/home:",
    "**Stars** _lines_ `ticks` ~~gone~~ | # heading",
    "春のキャンペーン 東京・大阪・名古屋 展示会のご案内",
    "https://example.test/a/very/long/address?utm_source=one&utm_medium=two",
)
FILLERS = ("with quite some words after it ", "ohnelücke", "och så vidare ", "و هكذا دواليك ", "続きます")


def long_name(kind: str, number: int) -> str:
    """A name of exactly LENGTH characters, different for each kind and number."""
    opening, filler = OPENINGS[number % len(OPENINGS)], FILLERS[number % len(FILLERS)]
    ending = f" {kind} {number}"
    return (opening + " " + filler * LENGTH)[: LENGTH - len(ending)] + ending


def rows(deals: int = DEALS) -> Rows:
    """The tables. With one deal or none everything else stays."""
    pick = random.Random(60)
    channels = [long_name("channel", number) if number % 3 == 0 else f"channel_{number}" for number in range(CHANNELS)]

    def moment(days_before: int) -> datetime:
        return TODAY - timedelta(days=pick.randrange(days_before), seconds=pick.randrange(86_400))

    tables: dict[str, list[dict[str, object]]] = {
        "people": [
            {"owner_id": f"O{n}", "name": long_name("owner", n), "team": long_name("team", n % 3)} for n in range(OWNERS)
        ],
        "accounts": [
            {
                "account_id": f"A{n}", "name": long_name("account", n), "segment": long_name("segment", n % 4),
                "industry": long_name("industry", n % 7), "country": long_name("country", n % 9), "owner_id": f"O{n % OWNERS}",
            }
            for n in range(DEALS)
        ],
        "contacts": [
            {
                "contact_id": f"C{n}", "account_id": f"A{n % DEALS}", "name": long_name("person", n),
                "title": long_name("title", n), "created_at": moment(600),
            }
            for n in range(2 * DEALS)
        ],
        "campaigns": [
            {
                "campaign_id": f"K{n}", "name": long_name("campaign", n), "channel": channels[n], "starts_on": moment(500).date(),
                "parent_campaign_id": f"K{n // 4}" if n % 4 and n > 8 else None,
            }
            for n in range(CAMPAIGNS)
        ],
        "content_assets": [
            {"asset_id": f"X{n}", "title": long_name("asset", n), "topic": long_name("topic", n % 6), "format": "article"}
            for n in range(ASSETS)
        ],
        "spend": [
            {"spent_on": moment(400).date(), "campaign_id": f"K{pick.randrange(CAMPAIGNS)}", "amount": pick.randrange(9_000_000) / 100}
            for _ in range(300)
        ],
    }  # fmt: skip
    tables["deals"] = [
        {
            "deal_id": f"D{n}", "name": long_name("deal", n), "account_id": f"A{n}", "owner_id": f"O{n % OWNERS}",
            "created_at": TODAY - timedelta(days=200 + 3 * n), "status": ("won", "won", "lost", "open")[n % 4],
            "closed_at": TODAY - timedelta(days=20 + 3 * n) if n % 4 != 3 else None,
            "amount": 10 ** (2 + n % 8) + n, "pipeline": long_name("pipeline", n % 3), "deal_type": long_name("type", n % 3),
            "loss_reason": long_name("reason", n % 5) if n % 4 == 2 else None,
        }
        for n in range(deals)
    ]  # fmt: skip
    tables["deal_contacts"] = [
        {"deal_id": f"D{n}", "contact_id": f"C{person}", "role": long_name("role", n % 5)}
        for n in range(deals)
        for person in (n, n + DEALS)
    ]
    tables["touches"] = [
        {
            "touch_id": f"T{n}", "occurred_at": moment(700), "contact_id": f"C{pick.randrange(2 * DEALS)}", "channel": pick.choice(channels),
            "kind": pick.choice(("page_view", "form", "meeting", "webinar")), "actor": pick.choice(("buyer", "marketing", "sales")),
            "campaign_id": pick.choice((f"K{pick.randrange(CAMPAIGNS)}", None)), "note": long_name("note", n),
            "asset_id": pick.choice((f"X{pick.randrange(ASSETS)}", None)), "owner_id": f"O{n % OWNERS}",
        }
        for n in range(6_000)
    ]  # fmt: skip
    return tables


def write(folder: Path, deals: int = DEALS) -> Path:
    """The world as a data folder; without deals there is still a file of them, with its header alone."""
    write_folder(folder, rows(deals), SETTINGS)
    if not deals:
        header = "deal_id,name,account_id,created_at,closed_at,status,amount\n"
        (folder / "deals.csv").write_text(header, encoding="utf-8")
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DEALS)
