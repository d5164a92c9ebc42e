"""Issues of the spotlight as they are published, for tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime

from attribution.store import Issue

MONTH = "2026-10"


def issue(headline: str = "They read the price", **changes: object) -> Issue:
    """An issue as it is published."""
    row = {
        "issue_id": 0, "month": MONTH, "preset": "inside", "deal_ids": ("D1", "D2"), "words": {"headline": headline}, "headline": headline,
        "html": f"<h1>{headline}</h1>", "mail": "<p>", "plain": headline, "data_version": "20261102T100000000000Z", "is_pinned": True,
        "published_by": "Anna", "published_at": datetime(2026, 11, 2, 10, 2, tzinfo=UTC),
    }  # fmt: skip
    return Issue(**(row | changes))  # type: ignore[arg-type]
