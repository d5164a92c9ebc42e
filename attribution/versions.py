"""The files of a database: which versions there are, which one is in service, which are pinned, and which may go.

A database is a folder with one file per version, ``CURRENT`` (a text file that names the one in service) and, where something
is pinned, ``pins.json``; or a single file ending in ``.duckdb``. Whoever reads a version holds a lease on its file, so that a
later build leaves it where it is; the system ends the lease of a process that dies.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path

from filelock import FileLock, Timeout

from attribution.errors import DatabaseError, near_name
from attribution.leases import cannot_be_written, remove_unread

CURRENT = "CURRENT"
PINS = "pins.json"
_PREFIX, _SUFFIX = "data-", ".duckdb"


@dataclass(frozen=True)
class Version:
    """One version of a database: its name, its file, whether it serves, and what it is pinned for."""

    name: str
    path: Path
    in_service: bool
    pinned_for: tuple[str, ...]

    @property
    def built_at(self) -> datetime | None:
        """The moment of its build in UTC, as its name says; None for a name of another form."""
        try:
            return datetime.strptime(self.name, "%Y%m%dT%H%M%S%fZ")
        except ValueError:
            return None


def is_single_file(database: Path) -> bool:
    """Whether a database is one ``.duckdb`` file instead of a folder of versions."""
    return database.suffix == _SUFFIX


def version_file(database: Path, version: str) -> Path:
    """Where the file of a version is, whether or not it is there."""
    return database / f"{_PREFIX}{version}{_SUFFIX}"


def is_version_file(path: Path) -> bool:
    """Whether a file is a version in a folder: such a file never changes under its name."""
    return path.name.startswith(_PREFIX) and path.suffix == _SUFFIX and path.with_name(CURRENT).exists()


def current_path(database: Path) -> Path:
    """The file of the version in service; the newest one where CURRENT points to nothing. Raises DatabaseError where there is none."""
    return readable_paths(database)[0]


def readable_paths(database: Path) -> list[Path]:
    """The version in service, then the others, newest first: what to try when the first turns out to be damaged.

    Raises DatabaseError where there is none.
    """
    if is_single_file(database):
        if database.is_file():
            return [database]
        raise DatabaseError(f"{database}: there is no such database. Build it: python -m attribution build --db {database}")
    files = list(reversed(_files(database)))
    if not files:
        raise DatabaseError(f"{database}: there is no database here yet. Build it: python -m attribution build --db {database}")
    named = database / _pointer(database)
    return [named, *(path for path in files if path != named)] if named in files else files


def lost_pointer(database: Path) -> str:
    """What is wrong with CURRENT, in words, where versions are there and it names none of them; empty where all is well."""
    if is_single_file(database) or database / (name := _pointer(database)) in _files(database):
        return ""
    what = f"names {name[:80]!r}, which is not there" if name else "is missing or empty"
    return f"{database / CURRENT}: the file {what}. Build anew, or name a version: python -m attribution build --db {database} --rollback VERSION."


def in_service(database: Path) -> str:
    """What tells the version that serves from the next one, without opening it; empty where there is none.

    Where CURRENT names nothing, the newest version serves: a build on top of it must not look like a first one.
    """
    try:
        if is_single_file(database):
            stat = database.stat()
            return f"{stat.st_mtime_ns}-{stat.st_size}"
        return _pointer(database) or next((f"{path.name} without {CURRENT}" for path in reversed(_files(database))), "")
    except OSError:
        return ""


def versions(database: Path) -> tuple[Version, ...]:
    """All versions of a database folder, newest first. A single file has none to choose from."""
    if is_single_file(database) or not (files := _files(database)):
        return ()
    serving = current_path(database)
    pinned = _read_pins(database, strict=False) or {}
    found = []
    for path in reversed(files):
        name = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        found.append(Version(name, path, path == serving, tuple(pinned.get(name, ()))))
    return tuple(found)


def find_version(database: Path, name: str) -> Version:
    """The version of this name. Raises DatabaseError that lists those that are there."""
    there = versions(database)
    for version in there:
        if version.name == name:
            return version
    if is_single_file(database):
        words = "a database of a single file keeps one version. Choose a folder with --db to keep several."
    elif there:
        words = (
            f"there is no version {name!r}.{near_name(name, [version.name for version in there])} There are: {_listing(there)}."
        )
    else:
        words = f"there is no database here yet. Build it: python -m attribution build --db {database}"
    raise DatabaseError(f"{database}: {words}")


def version_before(database: Path) -> Version:
    """The newest version that is older than the one in service. Raises DatabaseError where there is none."""
    there = versions(database)
    serving = next((version.name for version in there if version.in_service), "")
    for version in there:
        if version.name < serving:
            return version
    if not there:
        find_version(database, "")
    raise DatabaseError(
        f"{database}: there is no version older than {serving}, which is in service. There are: {_listing(there)}. "
        "How many are kept is the setting database.keep_versions."
    )


def _listing(there: tuple[Version, ...]) -> str:
    return ", ".join(version.name + (" (in service)" if version.in_service else "") for version in there[:20])


def _files(database: Path) -> list[Path]:
    """All version files of a folder, oldest first (their names sort by time)."""
    return sorted(database.glob(f"{_PREFIX}*{_SUFFIX}")) if database.is_dir() else []


def _pointer(database: Path) -> str:
    """What CURRENT says; empty where it is missing or unreadable."""
    try:
        return (database / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def put_into_service(database: Path, path: Path) -> None:
    """Let CURRENT name a version's file, by one atomic rename that survives a power cut. Raises OSError."""
    _write_whole(database / CURRENT, path.name + "\n")


def _write_whole(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


# -- pins: versions that something outside has quoted ---------------------------------------------------------------------


def pin(database: Path, version: str, why: str) -> None:
    """Keep a version's file for as long as ``why`` (a report, a meeting) needs it. Raises DatabaseError for an unknown version."""
    with _pins_to_change(database) as pinned:
        find_version(database, version)
        reasons = pinned.setdefault(version, [])
        if why not in reasons:
            reasons.append(why)


def unpin(database: Path, version: str, why: str | None = None) -> None:
    """Give up one reason to keep a version, or all of them. Nothing happens where it was not pinned."""
    with _pins_to_change(database) as pinned:
        pinned[version] = [reason for reason in pinned.get(version, []) if why is not None and reason != why]


def pins(database: Path) -> dict[str, list[str]]:
    """Version → what it is pinned for. Raises DatabaseError where pins.json cannot be read."""
    return _read_pins(database, strict=True) or {}


def _read_pins(database: Path, strict: bool) -> dict[str, list[str]] | None:
    path = database / PINS
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {str(version): [str(reason) for reason in reasons] for version, reasons in document.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        if strict:
            raise DatabaseError(
                f"{path}: the list of pinned versions cannot be read ({error}). Mend the file, or remove it to give up all pins."
            ) from error
        return None


@contextmanager
def _pins_to_change(database: Path) -> Iterator[dict[str, list[str]]]:
    if is_single_file(database):
        find_version(database, "")
    with _pins_locked(database):
        pinned = pins(database)
        yield pinned
        kept = {version: reasons for version, reasons in sorted(pinned.items()) if reasons}
        try:
            _write_whole(database / PINS, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise cannot_be_written(database, error) from error


@contextmanager
def _pins_locked(database: Path) -> Iterator[None]:
    """Only one process at a time changes pins or removes old versions; both take milliseconds."""
    try:
        with FileLock(database / f".{PINS}.lock", timeout=10):
            yield
    except Timeout as error:
        raise DatabaseError(f"{database}: somebody else is changing its pins. Try again.") from error
    except OSError as error:
        raise cannot_be_written(database, error) from error


# -- removing ------------------------------------------------------------------------------------------------------------


def remove_old(database: Path, keep: int) -> list[Path]:
    """Remove the versions that are not in service, not among the newest ``keep``, not pinned and read by nobody; return them.

    Where pins.json cannot be read, nothing is removed: something that a report quotes might be among it.
    """
    removed = []
    with suppress(DatabaseError), _pins_locked(database):
        pinned = _read_pins(database, strict=False)
        if pinned is None:
            return []
        serving = current_path(database)
        for path in _files(database)[:-keep]:
            name = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
            if path != serving and not pinned.get(name) and remove_unread(path):
                removed.append(path)
                remove_companions(path)
    return removed


def remove_companions(path: Path) -> None:
    """Remove what DuckDB may leave beside a file of its own when the process dies: the log and the folder it spills to."""
    with suppress(OSError):
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
    shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)


def remove_drafts(folder: Path, database: Path) -> None:
    """Remove what killed builds have left; call it only under the build's lock."""
    pointer = [] if is_single_file(database) else [folder / f"{CURRENT}.new"]
    for litter in [*folder.glob(f".{escape(database.name)}-draft-*"), *pointer]:
        if litter.is_dir():
            shutil.rmtree(litter, ignore_errors=True)
        else:
            litter.unlink(missing_ok=True)
