"""Everything that can go wrong, as one tree. Each message says where, what, and what to do next.

    ClosedLoopError                 caught by the command line (exit 1) and by the app (a notice, never a traceback)
    ├── SettingsError               attribution.toml or --set: unknown key, value out of range
    ├── MappingError                mapping.toml: unknown table or column, missing required column
    ├── AmbiguousInputError         a file can be read in two ways; the message holds both and the line to add
    ├── DataError                   a file or folder cannot be read at all
    ├── DatabaseError               the database is missing, damaged, or locked by another build
    ├── StoreError                  what people wrote cannot be read or saved; the figures are not touched by it
    ├── VerificationError           a build's own checks failed; the old version keeps serving
    └── QueryError                  a question that the data cannot answer
        └── UnknownNameError        an unknown model, metric, measure or dimension was asked for (exit 2: usage)

Rows that cannot be read are no errors: they go to quarantine with a reason, and the rest loads.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ClosedLoopError(Exception):
    """Base of all expected errors; its text is shown to people as it is."""


class SettingsError(ClosedLoopError):
    """A setting is unknown or out of range."""


class MappingError(ClosedLoopError):
    """mapping.toml names something that does not exist, or leaves out something required."""


class AmbiguousInputError(ClosedLoopError):
    """A file can be read in two ways and nothing in it decides which."""


class DataError(ClosedLoopError):
    """A data file or folder cannot be read."""


class DatabaseError(ClosedLoopError):
    """The database is missing, damaged, or in use."""


class StoreError(ClosedLoopError):
    """What people write in the app cannot be read or saved."""


class VerificationError(ClosedLoopError):
    """The numbers of a new build do not add up, so it was not put into service."""


class QueryError(ClosedLoopError):
    """A question that the data cannot answer."""


class UnknownNameError(QueryError):
    """A name that is in no registry."""


def near_name(name: str, known: Iterable[str]) -> str:
    """Return a hint such as ``Did you mean 'channel'?`` (empty where nothing is near)."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {matches[0]!r}?" if matches else ""


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> str:
    """Return the standard sentence for a name that is not in a registry, with the nearest name or the whole list."""
    names = list(known)
    hint = near_name(name, names) or f" Known: {', '.join(names)}."
    return f"{where + ': ' if where else ''}unknown {kind} {name!r}.{hint}"
