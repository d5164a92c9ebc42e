"""Drafts of the spotlight, every save of them, and the issues that were published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0001"
down_revision = None
branch_labels = None
depends_on = None


def _written() -> list[sa.Column]:
    return [
        sa.Column("deal_ids", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(120), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "spotlight_drafts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_written(),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_spotlight_drafts")),
    )
    op.create_table(
        "spotlight_saves",
        sa.Column("save_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        *_written(),
        sa.PrimaryKeyConstraint("save_id", name=op.f("pk_spotlight_saves")),
    )
    op.create_index(op.f("ix_spotlight_saves_month"), "spotlight_saves", ["month"])
    op.create_table(
        "spotlight_issues",
        sa.Column("issue_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("preset", sa.String(20), nullable=False),
        sa.Column("deal_ids", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("data_version", sa.String(40), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("published_by", sa.String(120), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_spotlight_issues")),
    )
    op.create_index(op.f("ix_spotlight_issues_month"), "spotlight_issues", ["month"])
