"""Who works with the files of a database: readers, who keep a version from being removed, and the one build at a time.

Both rest on locks of the operating system, which end with the process that holds them, however it ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from attribution.errors import DatabaseError

try:
    import fcntl
except ImportError:  # Windows, where a file that somebody reads cannot be removed anyway
    fcntl = None  # type: ignore[assignment]


class Lease:
    """A reader's hold on a version's file, until ``close``, the end of this object or the end of the process."""

    def __init__(self, descriptor: int | None) -> None:
        """Keep the open file that carries the lock; None where the system needs or knows none."""
        self._descriptor = descriptor

    def close(self) -> None:
        """Give the file free."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    __del__ = close


def lease(path: Path) -> Lease:
    """Take a reader's lease on a version's file; also in a folder that cannot be written. Raises FileNotFoundError where it is gone."""
    if fcntl is None:
        return Lease(None)
    try:
        held = Lease(descriptor := os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except FileNotFoundError:
        raise
    except OSError:  # opening it as a database will say why
        return Lease(None)
    with suppress(OSError):  # a file system that knows no locks
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    if not os.path.samestat(os.fstat(descriptor), path.stat()):  # replaced while we waited for the lock
        raise FileNotFoundError(path)
    return held


def remove_unread(path: Path) -> bool:
    """Remove a version's file unless somebody holds a lease on it; return whether it is gone."""
    try:
        if fcntl is None:
            path.unlink()
            return True
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            except OSError:  # a file system that knows no locks: those who read it keep what they have open
                pass
            path.unlink()
        return True
    except OSError:
        return False


@contextmanager
def build_lock(folder: Path, database: Path) -> Iterator[None]:
    """Let one build at a time work on a database. Raises DatabaseError that says who is at it, or that nothing can be written."""
    owner = folder / f".{database.name}.owner"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".{database.name}.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise DatabaseError(
            f"{database}: another build is running on this database{_owner_words(owner)}. Wait until it has finished, then try again."
        ) from error
    except OSError as error:
        raise cannot_be_written(database, error) from error
    try:
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        with suppress(OSError):  # who builds is a courtesy: a full disk speaks up soon enough
            owner.write_text(json.dumps({"process": os.getpid(), "since": since}), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _owner_words(owner: Path) -> str:
    try:
        document = json.loads(owner.read_text(encoding="utf-8"))
        return f" (process {int(document['process'])}, since {document['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def cannot_be_written(database: Path, error: OSError) -> DatabaseError:
    """The error for a place that takes no files, in words."""
    return DatabaseError(
        f"{database}: cannot be written ({error.strerror or error}). Choose another place with --db, free space on the disk, "
        "or change the folder's permissions."
    )
