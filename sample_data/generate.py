"""Write the sample data: ``python sample_data/generate.py [FOLDER]`` (default: this folder). The same bytes on every run and machine.

Pure Python, no clock, no network. What the data tells is in README.md beside this file; how is in story/.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from story import dirt, evidence, ledger, tables  # noqa: E402
from story.cases import Casebook  # noqa: E402
from story.companies import Registry  # noqa: E402
from story.evidence import Row  # noqa: E402
from story.funnel import Funnel  # noqa: E402
from story.journeys import write_journeys  # noqa: E402
from story.leads import Leads  # noqa: E402
from story.scenes import Scenes  # noqa: E402


def make() -> dict[str, dirt.Table]:
    """Tell the whole story; return every table as its header and rows of text."""
    registry = Registry()
    deals = Casebook(registry).fill()
    diary = write_journeys(registry, deals)
    scenes = Scenes(registry, deals, diary)
    scenes.weave()
    leads = Leads(registry, diary, scenes.sessions())
    leads.fill(scenes.names_left)
    dirt.soil_deals(deals)
    dirt.duplicate_contacts(registry, deals, diary.touches)
    registry.number_contacts()
    touches = tables.number_touches(diary.touches)
    funnel = Funnel(deals, leads.people, scenes.rejected)
    funnel.fill()
    funnel.write_scores(registry.contacts)
    rates = ledger.Rates()
    finance, cancelled, _ = ledger.finance_totals(deals, rates)
    touch_rows, link_rows = tables.touch_rows(touches)
    rows: dict[str, list[Row]] = {
        "accounts": tables.accounts(registry),
        "contacts": tables.contacts(registry),
        "identities": dirt.aliases(registry, deals, touches),
        "touches": touch_rows,
        "touch_links": link_rows,
        "deals": tables.deals(deals),
        "deal_contacts": evidence.deal_contacts(deals),
        "lifecycle_changes": tables.lifecycle_changes(registry),
        "deal_stage_changes": tables.deal_stage_changes(deals),
        "campaigns": tables.campaigns(),
        "spend": ledger.spend(),
        "content_assets": tables.content_assets(),
        "asset_urls": tables.asset_urls(),
        "content_feedback": evidence.content_feedback(deals, touches),
        "handoffs": tables.handoffs(funnel, touches),
        "activity_counts": ledger.activity_counts(),
        "targets": ledger.targets(),
        "people": tables.people(),
        "partners": tables.partners(),
        "fx_rates": rates.rows(),
        "deal_changes": evidence.deal_changes(deals),
        "revenue_events": evidence.revenue_events(deals, cancelled),
        "finance_totals": finance,
        "deal_lines": evidence.deal_lines(deals),
        "deal_parties": evidence.deal_parties(deals, touches),
        "definitions": tables.definitions(),
        "score_changes": tables.score_changes(funnel),
        "questions": evidence.questions(deals),
        "deal_reviews": evidence.deal_reviews(deals),
    }
    written = {name: [list(found[0]), *([row[key] for key in found[0]] for row in found)] for name, found in rows.items()}
    dirt.soil_rows(written)
    return written


def main(folder: Path) -> None:
    """Write one CSV file per table into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in make().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
