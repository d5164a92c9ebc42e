"""How Alembic runs the migrations: on the connection that the store hands over, inside its transaction.

From a shell, to write a new one after a change of tables.py::

    python -m alembic -c attribution/store/migrations/alembic.ini revision --autogenerate --rev-id m0003 -m "what changes"
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from attribution.store import meeting_tables
from attribution.store.engine import make_engine, writing
from attribution.store.place import store_url
from attribution.store.schema import VERSION_TABLE


def run(connection: Connection) -> None:
    """Run what was asked on a connection; DDL is inside the transaction on both engines."""
    context.configure(
        connection=connection, target_metadata=meeting_tables.METADATA, version_table=VERSION_TABLE, transactional_ddl=True,
        render_as_batch=True,  # SQLite changes a column by writing its table anew
    )  # fmt: skip
    context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with writing(make_engine(store_url())) as own:
        run(own)
