"""Checklists: who owns a version, drafts and their approval, moves between versions, photos of filled lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


# Columns are added and dropped in place: SQLite would otherwise make the table anew, and drop the rows that refer to it.
def columns() -> list[tuple[str, sa.Column[object]]]:
    return [
        ("form_version", sa.Column("owner", sa.String(), nullable=False, server_default="library")),
        ("form_version", sa.Column("number", sa.Integer(), nullable=False, server_default="1")),
        ("form_version", sa.Column("base_key", sa.String(), nullable=True)),
        ("form_version", sa.Column("approvals", json(), nullable=False, server_default="[]")),
        ("form_version", sa.Column("state", sa.String(), nullable=False, server_default="published")),
        ("form_version", sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True)),
        ("form_version", sa.Column("recall", json(), nullable=False, server_default="{}")),
        ("submission", sa.Column("asked", json(), nullable=True)),
        ("submission", sa.Column("kept", json(), nullable=False, server_default="{}")),
        ("submission", sa.Column("moves", json(), nullable=False, server_default="[]")),
        ("place", sa.Column("latitude", sa.Double(), nullable=True)),
        ("place", sa.Column("longitude", sa.Double(), nullable=True)),
    ]


def upgrade() -> None:
    for table, column in columns():
        op.add_column(table, column)
    base = sa.Column(
        "base_id",
        sa.String(),
        sa.ForeignKey("form_version.id", name="fk_form_version_base_id"),
        nullable=True,
    )
    op.add_column("form_version", base, inline_references=True)
    op.create_index("ix_form_version_owner", "form_version", ["owner"])
    op.execute("UPDATE form_version SET state = 'retired' WHERE retired_at IS NOT NULL")
    op.execute(
        "UPDATE form_version SET number = (SELECT count(*) FROM form_version AS other WHERE other.key = form_version.key "
        "AND (other.published_at, other.id) <= (form_version.published_at, form_version.id))"
    )
    op.execute(
        "UPDATE submission SET asked = (SELECT task.asked FROM task WHERE task.id = submission.task_id) "
        "WHERE task_id IS NOT NULL"
    )
    op.create_table(
        "form_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("document", json(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(), nullable=True),
        sa.Column("replaces_id", sa.String(), nullable=True),
        sa.Column("base_id", sa.String(), nullable=True),
        sa.Column("source", json(), nullable=False),
        sa.Column("conflicts", json(), nullable=False),
        sa.Column("events", json(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["form_version.id"], name=op.f("fk_form_draft_base_id")),
        sa.ForeignKeyConstraint(["begun_by"], ["user_account.id"], name=op.f("fk_form_draft_begun_by")),
        sa.ForeignKeyConstraint(["changed_by"], ["user_account.id"], name=op.f("fk_form_draft_changed_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["form_version.id"], name=op.f("fk_form_draft_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_draft")),
    )
    op.create_index("ix_form_draft_key", "form_draft", ["key"])
    op.create_index("ix_form_draft_owner", "form_draft", ["owner"])
    still_open = sa.text("state IN ('draft', 'review')")
    op.create_index(
        "uq_form_draft_open_key",
        "form_draft",
        ["key"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "submission_photo",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("mine_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_photo_submission_id")
        ),
        sa.ForeignKeyConstraint(["mine_id"], ["mine.id"], name=op.f("fk_submission_photo_mine_id")),
        sa.PrimaryKeyConstraint("submission_id", "item", "sha", name=op.f("pk_submission_photo")),
    )
    op.create_index("ix_submission_photo_mine_sha", "submission_photo", ["mine_id", "sha"])
    op.create_index("ix_submission_photo_sha", "submission_photo", ["sha"])
    op.create_table(
        "photo_print",
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("print", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_photo_print")),
    )


def downgrade() -> None:
    for table in ("photo_print", "submission_photo", "form_draft"):
        op.drop_table(table)
    op.drop_index("ix_form_version_owner", "form_version")
    for table, name in (("form_version", "base_id"), *((table, column.name) for table, column in columns())):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
