"""Checklists: lists that were filled by hand and entered later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("submission", sa.Column("from_paper", json, nullable=True))


# Dropped in place: SQLite would otherwise make the table anew, and drop the rows that refer to it.
def downgrade() -> None:
    op.execute("ALTER TABLE submission DROP COLUMN from_paper")
