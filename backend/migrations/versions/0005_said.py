"""Submissions: what a signed list comes to, so that lists are compared without reading every answer again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.checklists.signals import said

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SUBMISSION = sa.table(
    "submission",
    sa.column("id", sa.Uuid()),
    sa.column("answers", JSON),
    sa.column("signed_at", sa.DateTime(timezone=True)),
    sa.column("said", sa.String()),
)
ONE_PERSONS = ["user_id", "form", "signed_at"]


def upgrade() -> None:
    op.add_column("submission", sa.Column("said", sa.String(), nullable=True))
    op.drop_index("ix_submission_user_id", "submission")
    op.create_index("ix_submission_user_id_form_signed_at", "submission", ONE_PERSONS)
    connection = op.get_bind()
    signed = sa.select(SUBMISSION.c.id, SUBMISSION.c.answers).where(SUBMISSION.c.signed_at.is_not(None))
    for row in connection.execute(signed).all():
        change = sa.update(SUBMISSION).where(SUBMISSION.c.id == row.id)
        connection.execute(change.values(said=said(row.answers)))


# Dropped in place: SQLite would otherwise make the table anew, and drop the rows that refer to it.
def downgrade() -> None:
    op.drop_index("ix_submission_user_id_form_signed_at", "submission")
    op.create_index("ix_submission_user_id", "submission", ["user_id"])
    op.execute("ALTER TABLE submission DROP COLUMN said")
