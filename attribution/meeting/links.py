"""Where a record of the meeting opens in the app: addresses beside the page of the meeting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode


def page(name: str, query: Mapping[str, str] | None = None) -> str:
    """A page of the app with its parameters: "deals?deal=D-0001"."""
    return f"{name}?{urlencode(query)}" if query else name


def deal(deal_id: str) -> str:
    """A deal with its journey."""
    return page("deals", {"deal": deal_id})


def person(contact_id: str) -> str:
    """A person, with everything that is recorded."""
    return page("people", {"person": contact_id})


def content(asset_id: str) -> str:
    """A piece of content: what it cost and earned, and who used it."""
    return page("content", {"one": asset_id})


def deals_between(first: date, last: date, date_basis: str, status: str = "") -> str:
    """The deals closed or created ("closed", "created") between two days."""
    query = {"period": "custom", "from": first.isoformat(), "to": last.isoformat()}
    if date_basis != "closed":
        query["date_basis"] = date_basis
    if status:
        query["behind"] = _json({"status": status})
    return page("deals", query)


def _json(what: Mapping[str, str]) -> str:
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"))
