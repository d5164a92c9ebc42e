"""An issue enters the archive: its files are frozen as they are, and the version of the data it quotes is pinned.

The files are what is reopened; the pinned version lets a reader go on from them to the pages as they were. Where a version cannot be
pinned (a database of a single file has none, a folder may be read-only), the issue is published all the same, and says so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from attribution.errors import ClosedLoopError, DatabaseError
from attribution.store.records import Issue, now
from attribution.store.store import Store
from attribution.versions import pin, unpin


def publish(store: Store, database: Path, issue: Issue) -> Issue:
    """Put an issue into the archive (its id, moment and pin are given here) and pin its version. Raises StoreError; nothing has happened then."""
    ready = replace(issue, published_at=now())
    try:
        pin(database, ready.data_version, _why(ready))
        ready = replace(ready, is_pinned=True)
    except DatabaseError:
        ready = replace(ready, is_pinned=False)
    try:
        return store.add_issue(ready)
    except BaseException:
        if ready.is_pinned:
            with suppress(ClosedLoopError):
                unpin(database, ready.data_version, _why(ready))
        raise


def withdraw(store: Store, database: Path, issue: Issue) -> None:
    """Take an issue out of the archive for good, and give its version of the data free. Raises StoreError."""
    store.remove_issue(issue.issue_id)
    with suppress(ClosedLoopError):
        unpin(database, issue.data_version, _why(issue))


def _why(issue: Issue) -> str:
    """What a version is pinned for, as ``build --rollback`` lists it; the moment tells two issues of a month apart."""
    return f"spotlight {issue.month}, published {issue.published_at:%Y-%m-%d %H:%M:%S.%f} UTC"
