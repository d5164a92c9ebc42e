"""Meetings: notes, decisions, actions, dismissals, every save of them, and the packs of closed meetings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0002"
down_revision = "m0001"
branch_labels = None
depends_on = None

_KEY = 200


def _saved() -> list[sa.Column]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(120), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _of_meeting(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["meeting_id"], ["meetings.meeting_id"], name=op.f(f"fk_{name}_meeting_id_meetings"))


def _written_down(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("entry_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.String(_KEY), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *columns,
        sa.Column("written_by", sa.String(120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        *_saved(),
        _of_meeting(name),
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_meeting_id"), name, ["meeting_id"])


def upgrade() -> None:
    """Make the tables of the meetings."""
    op.create_table(
        "meetings",
        sa.Column("meeting_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_version", sa.String(40), nullable=False),
        sa.Column("opened_by", sa.String(120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_version", sa.String(40), nullable=False),
        sa.Column("closed_by", sa.String(120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("held_on", name=op.f("uq_meetings_held_on")),
    )
    op.create_table(
        "meeting_notes",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.String(_KEY), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_saved(),
        _of_meeting("meeting_notes"),
        sa.PrimaryKeyConstraint("meeting_id", "block", name=op.f("pk_meeting_notes")),
    )
    _written_down("meeting_decisions")
    _written_down(
        "meeting_actions",
        sa.Column("owner", sa.String(_KEY), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("metric", sa.String(_KEY), nullable=False),
        sa.Column("metric_definition", sa.Text(), nullable=False),
        sa.Column("metric_value", sa.Float(), nullable=True),
        sa.Column("metric_from", sa.Date(), nullable=True),
        sa.Column("metric_to", sa.Date(), nullable=True),
        sa.Column("about", sa.String(_KEY), nullable=False),
        sa.Column("about_name", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(120), nullable=False),
    )
    _written_down(
        "meeting_dismissals",
        sa.Column("about", sa.String(_KEY), nullable=False),
        sa.Column("about_name", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
    )
    op.create_index(op.f("ix_meeting_dismissals_about"), "meeting_dismissals", ["about"])
    op.create_table(
        "meeting_packs",
        sa.Column("meeting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pack", sa.JSON(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("actions_csv", sa.Text(), nullable=False),
        sa.Column("data_version", sa.String(40), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("closed_by", sa.String(120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        _of_meeting("meeting_packs"),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting_packs")),
    )
    op.create_table(
        "meeting_saves",
        sa.Column("save_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.String(_KEY), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(120), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("save_id", name=op.f("pk_meeting_saves")),
    )
    op.create_index(op.f("ix_meeting_saves_meeting_id"), "meeting_saves", ["meeting_id"])
