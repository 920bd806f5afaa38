"""Visits and documents: what exactly the mine was told of, what it was told later, and what each paper cites."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COLUMNS = (("visit", "findings"), ("visit", "supplements"), ("document", "cites"))

VISIT = sa.table("visit", sa.column("id", sa.Uuid()), sa.column("findings", JSON))
HAZARD = sa.table(
    "hazard",
    sa.column("id", sa.Uuid()),
    sa.column("visit_id", sa.Uuid()),
    sa.column("known_to_mine_at", sa.DateTime(timezone=True)),
    sa.column("where", sa.String()),
    sa.column("what", sa.String()),
)
DOCUMENT = sa.table(
    "document",
    sa.column("id", sa.Uuid()),
    sa.column("visit_id", sa.Uuid()),
    sa.column("data", JSON),
    sa.column("cites", JSON),
)


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, JSON, nullable=False, server_default="[]"))
    _tell_again(op.get_bind())


def _tell_again(connection: sa.Connection) -> None:
    """Until now all that was on the server was told; a paper cites the hazards of its visit whose words it prints."""
    told: dict[Any, list[str]] = {}
    words: dict[Any, list[tuple[str, str]]] = {}
    found = sa.select(HAZARD).where(HAZARD.c.visit_id.is_not(None)).order_by(HAZARD.c.id)
    for row in connection.execute(found):
        if row.known_to_mine_at is not None:
            told.setdefault(row.visit_id, []).append(str(row.id))
        text = f"{row.where}：{row.what}" if row.where else row.what
        words.setdefault(row.visit_id, []).append((str(row.id), text))
    for visit, findings in told.items():
        connection.execute(sa.update(VISIT).where(VISIT.c.id == visit).values(findings=findings))
    for row in connection.execute(sa.select(DOCUMENT)).all():
        printed = json.dumps(row.data.get("findings", []), ensure_ascii=False)
        cites = [
            key
            for key, text in words.get(row.visit_id, [])
            if json.dumps(text, ensure_ascii=False) in printed
        ]
        if cites:
            connection.execute(sa.update(DOCUMENT).where(DOCUMENT.c.id == row.id).values(cites=cites))


# Dropped in place: SQLite would otherwise make the table anew, and drop the rows that refer to it.
def downgrade() -> None:
    for table, name in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
