"""Open Parquet files where they lie: columns keep their types and nothing passes through text, so ten million rows take seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

from attribution import db
from attribution.connectors.quoting import identifier, literal
from attribution.connectors.source import Source, SourceColumn
from attribution.errors import DataError


def read_parquet(connection: db.Connection, path: Path, file: str, links: Path) -> Source:
    """Return the file as a relation over read_parquet. Raises DataError where it is damaged.

    The path is given to DuckDB as a link with a plain name in ``links``, because it would read ``*`` and ``[`` in a name as a pattern.
    """
    link = links / f"{len(list(links.iterdir()))}.parquet"
    try:
        link.symlink_to(path.resolve())
    except OSError:  # Windows without the right to make links
        shutil.copyfile(path, link)
    scan = f"read_parquet({literal(str(link))}, file_row_number = true)"
    try:
        described = connection.execute(f"describe select * from {scan}").fetchall()
        found = connection.execute(f"select count(*) from {scan}").fetchone()
    except db.Error as error:
        reason = str(error).splitlines()[0].replace(str(link), file)
        raise DataError(f"{file}: cannot be read as Parquet ({reason}). Export it again.") from error
    columns = tuple(
        SourceColumn(str(name), f"c{index}", str(kind))
        for index, (name, kind, *_) in enumerate(described)
        if name != "file_row_number"
    )
    listed = "".join(f", {identifier(column.name)} as {column.identifier}" for column in columns)
    relation = f"(select file_row_number + 1 as source_row{listed} from {scan})"
    rows = int(found[0]) if found else 0
    return Source(file, "parquet", relation, columns, rows, dot_decimals=True)
