"""The engine's tables, on a MetaData of their own (the host's migrations include it). Times are ms since 1970 UTC."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = String(36)
_Name = String(64)
_Big = BigInteger().with_variant(Integer, "sqlite")
_Text = Text().with_variant(Text(collation="C"), "postgresql")  # compared byte by byte, as in SQLite

meta = Table(
    "sync_meta", metadata, Column("id", Integer, primary_key=True), Column("epoch", Integer, nullable=False)
)

# One row, bumped as the last statement before commit: whoever reads past it can miss nothing (ADR 0005).
clock = Table(
    "sync_clock", metadata, Column("id", Integer, primary_key=True), Column("lsn", _Big, nullable=False)
)

key = Table(
    "sync_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("purpose", String(8), nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_ms", _Big, nullable=False),
)

device = Table(
    "sync_device",
    metadata,
    Column("device", _Id, primary_key=True),
    Column("phone", _Id, nullable=False, index=True),
    Column("user", _Id, nullable=False, index=True),
    Column("transport_key", LargeBinary, nullable=False, unique=True),
    Column("signing_key", LargeBinary, nullable=False),
    Column("client", _Name, nullable=False),
    Column("replaces", _Id),
    Column("created_ms", _Big, nullable=False),
    Column("seen_ms", _Big, nullable=False),
    Column("revoked_ms", _Big),
    Column("last_seq", _Big, nullable=False),  # everything up to it is here
    Column("top_seq", _Big, nullable=False),  # the highest here, beyond a gap or not
    Column("link", LargeBinary, nullable=False),  # of the chain, at last_seq
)

# When the server last heard a phone's monotonic clock in one boot, and how far its wall clock was off.
meeting = Table(
    "sync_meeting",
    metadata,
    Column("phone", _Id, nullable=False),
    Column("boot", _Id, nullable=False),
    Column("mono_ms", _Big, nullable=False),
    Column("server_ms", _Big, nullable=False),
    Column("offset_ms", _Big, nullable=False),
    PrimaryKeyConstraint("phone", "boot"),
)

mutation = Table(
    "sync_mutation",
    metadata,
    Column("pk", _Big, primary_key=True, autoincrement=True),
    Column("device", _Id, nullable=False),
    Column("seq", _Big, nullable=False),
    Column("id", _Id, unique=True),  # null when unreadable, void, or first seen under another seq
    Column("same_as", _Big),  # pk of the row that has the id
    Column("hash", LargeBinary, nullable=False),
    Column("head_sig", String(86)),  # of the run that ends here
    Column("body", Text),  # canonical JSON without seq; null for a void
    Column("op", _Name),
    Column("entity", _Id),
    Column("carrier", _Id),  # the device that brought it, when sealed
    Column("corrected_ms", _Big, nullable=False),
    Column("received_ms", _Big, nullable=False),
    Column("suspect", Boolean, nullable=False),
    Column("status", String(12), nullable=False),
    Column("ver", _Big),
    Column("conflict", Text),  # JSON {id, fields}
    Column("problem", Text),  # JSON {code, params}
    Column("decided_ms", _Big),
    Column("decided_by", _Id),
    Column("reason", Text),
    UniqueConstraint("device", "seq"),
    Index(
        "ix_sync_mutation_held",
        "device",
        "seq",
        sqlite_where=text("status = 'held'"),
        postgresql_where=text("status = 'held'"),
    ),
    Index(
        "ix_sync_mutation_quarantined",
        "pk",
        sqlite_where=text("status = 'quarantined'"),
        postgresql_where=text("status = 'quarantined'"),
    ),
)

# Which held mutations wait for which id: looked at when that id takes effect.
wait = Table(
    "sync_wait",
    metadata,
    Column("dep", _Id, nullable=False),
    Column("mutation", _Big, nullable=False),
    Column("device", _Id, nullable=False),
    PrimaryKeyConstraint("dep", "mutation"),
)

blob_due = Table(
    "sync_blob_due",
    metadata,
    Column("device", _Id, nullable=False),
    Column("blob", String(71), nullable=False),
    PrimaryKeyConstraint("device", "blob"),
)

conflict = Table(
    "sync_conflict",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("mutation", _Big, nullable=False, index=True),
    Column("entity", _Id, nullable=False, index=True),
    Column("clashes", Text, nullable=False),  # JSON: what Outcome.clashes said
    Column("opened_ms", _Big, nullable=False),
    Column("resolved_ms", _Big, index=True),
    Column("resolved_by", _Id),
    Column("reason", Text),
)

log = Table(
    "sync_log",
    metadata,
    Column("lsn", _Big, primary_key=True, autoincrement=False),
    Column("scope", _Text, nullable=False),
    Column("collection", _Text, nullable=False),
    Column("id", _Text, nullable=False),
    Column("at_ms", _Big, nullable=False),
    Index("ix_sync_log_scope_lsn", "scope", "lsn"),
)

# Every row that phones may hold: where it is at home, and its fingerprint as last told to them.
row = Table(
    "sync_row",
    metadata,
    Column("collection", _Text, nullable=False),
    Column("id", _Text, nullable=False),
    Column("scope", _Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("deleted_ms", _Big),
    PrimaryKeyConstraint("collection", "id"),
    Index("ix_sync_row_scope_collection_id", "scope", "collection", "id"),
)

# The digest of a scope, as sums of its rows' 32-bit limbs.
scope = Table(
    "sync_scope",
    metadata,
    Column("scope", _Text, primary_key=True),
    Column("limb0", _Big, nullable=False),
    Column("limb1", _Big, nullable=False),
    Column("limb2", _Big, nullable=False),
    Column("limb3", _Big, nullable=False),
)

shape = Table(
    "sync_shape",
    metadata,
    Column("collection", _Text, primary_key=True),
    Column("shape", Integer, nullable=False),
    Column("after", _Text),  # re-put up to this id; null when done
)
