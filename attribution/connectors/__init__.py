"""From the outside world to ``raw.*``: every connector ends in exactly the canonical tables of schema.py.

    load            the connector that recognises the folder reads it into a plan; the plan is carried out
    CONNECTORS      mapping (mapping.toml says what is what), folder (files named after the tables)

To add a connector, write a module with ``recognises(folder)`` and ``read(folder) -> Plan`` and put it into CONNECTORS before the folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from attribution import db
from attribution.connectors import folder as folder_connector
from attribution.connectors import mapping as mapping_connector
from attribution.connectors.loading import carry_out
from attribution.connectors.plan import Plan

__all__ = ["CONNECTORS", "Connector", "load", "read"]


@dataclass(frozen=True)
class Connector:
    """A kind of data folder: how it is recognised and how it becomes a plan."""

    name: str
    label: str
    summary: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Plan]


CONNECTORS: tuple[Connector, ...] = (
    Connector(
        "mapping",
        "Any export with a mapping",
        "Files of any shape and a mapping.toml.",
        mapping_connector.recognises,
        mapping_connector.read,
    ),
    Connector("folder", "Canonical files", "Files named after the tables.", folder_connector.recognises, folder_connector.read),
)


def read(folder: Path) -> Plan:
    """Return what is to be loaded from a data folder, by the first connector that recognises it. Raises ClosedLoopError."""
    return next(connector for connector in CONNECTORS if connector.recognises(folder)).read(folder)


def load(folder: Path, connection: db.Connection, time_zone: str, progress: Callable[[str], None]) -> None:
    """Load a data folder into ``raw.*`` (every canonical table, load_report, quarantine, notices), replacing what is there.

    ``time_zone`` holds for times without an offset where the mapping names none. ``progress`` gets one sentence per block and file.
    Raises DataError, MappingError or AmbiguousInputError; rows that cannot be read go to raw.quarantine instead.
    """
    carry_out(read(Path(folder)), connection, time_zone, progress)
