"""Tables of the hub's database. Times are integers: milliseconds since the epoch, UTC.

`data` and other JSON values are stored as JSON text by SQLite and as JSONB by PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class JsonText(TypeDecorator[Any]):
    """JSON as text; SQLite would turn a lone number in a column of type JSON into a float."""

    impl = Text
    cache_ok = True

    def __init__(self, *, none_as_null: bool) -> None:
        super().__init__()
        self.none_as_null = none_as_null

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the text that is stored; SQL NULL for None when the column wants that."""
        return None if value is None and self.none_as_null else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the value behind a stored text."""
        return None if value is None else msgspec.json.decode(value)


_Json = JsonText(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_JsonAnyValue = JsonText(none_as_null=False).with_variant(JSONB(none_as_null=False), "postgresql")
_Id = String(36)


def _reference(target: str, *, primary: bool = False, nullable: bool = False) -> Column[str]:
    name = target.replace(".", "_").replace("users_id", "user_id")
    name = {"student_groups_id": "group_id", "document_roots_id": "root_id", "documents_id": "document_id"}.get(
        name, name
    )
    return Column(name, _Id, ForeignKey(target, ondelete="CASCADE"), primary_key=primary, nullable=nullable)


users = Table(
    "users",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(300), nullable=False, server_default=""),
    Column("first_name", String(150), nullable=False, server_default=""),
    Column("last_name", String(150), nullable=False, server_default=""),
    Column("email_verified", Boolean, nullable=False, server_default=false()),
    Column("image", String, nullable=True),
    Column("role", String(20), nullable=False, server_default="student"),
    Column("banned", Boolean, nullable=True),
    Column("ban_reason", String, nullable=True),
    Column("ban_expires", BigInteger, nullable=True),
    Column("subject", String(320), nullable=True, unique=True),
    Column("password_hash", String, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("access_changed", BigInteger, nullable=False, server_default="0"),
)
"""`subject`: the account of a Jupyter server that this user stands for, when assertions create it.
`access_changed`: change number of the last change of their memberships."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", _Id, primary_key=True),
    _reference("users.id"),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ip_address", String(60), nullable=True),
    Column("user_agent", String(400), nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "user_id"),
)
"""`kind`: "bearer" (hub token) or "cookie" (sign-in). Only SHA-256 of a token is kept."""

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _reference("users.id"),
    Column("session_id", _Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("sealed_token", String(300), nullable=True),
)
"""`sealed_token`: the token of the session, readable with the one-time token alone."""

student_groups = Table(
    "student_groups",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(300), nullable=False, server_default=""),
    Column("description", String, nullable=False, server_default=""),
    Column("parent_id", _Id, ForeignKey("student_groups.id", ondelete="CASCADE"), nullable=True),
    Column("can_present", Boolean, nullable=False, server_default=false()),
    Column("presented_document", _Json, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "parent_id"),
)

memberships = Table(
    "memberships",
    metadata,
    _reference("users.id", primary=True),
    _reference("student_groups.id", primary=True),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Index(None, "group_id"),
)

document_roots = Table(
    "document_roots",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(200), nullable=True),
    Column("access", String(20), nullable=False, server_default="RW_DocumentRoot"),
    Column("shared_access", String(20), nullable=False, server_default="None_DocumentRoot"),
    Column("provisional", Boolean, nullable=False, server_default=false()),
    Column("creator_id", _Id, ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
    Column("confirmed_at", BigInteger, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("access_changed", BigInteger, nullable=False, server_default="0"),
    Index(None, "creator_id"),
    Index(None, "shared_access"),
)
"""`provisional`: no elevated person has opened it yet; its access values are the least that anybody has asked for.
`confirmed_at`: when an elevated person has said last how it is to be, as far as that is known.
`access_changed`: change number of the last change of its access values or permissions."""

user_permissions = Table(
    "user_permissions",
    metadata,
    Column("id", _Id, primary_key=True),
    _reference("document_roots.id"),
    _reference("users.id"),
    Column("access", String(20), nullable=False),
    UniqueConstraint("root_id", "user_id"),
    Index(None, "user_id"),
)

group_permissions = Table(
    "group_permissions",
    metadata,
    Column("id", _Id, primary_key=True),
    _reference("document_roots.id"),
    _reference("student_groups.id"),
    Column("access", String(20), nullable=False),
    UniqueConstraint("root_id", "group_id"),
    Index(None, "group_id"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("author_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    _reference("document_roots.id"),
    Column("parent_id", _Id, ForeignKey("documents.id", ondelete="CASCADE"), nullable=True),
    Column("type", String(100), nullable=False),
    Column("data", _JsonAnyValue, nullable=False),
    Column("main_key", String(200), nullable=True, unique=True),
    Column("is_shared_main", Boolean, nullable=False, server_default=false()),
    Column("revision", BigInteger, nullable=False, server_default="1"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False, server_default="0"),
    Index(None, "root_id"),
    Index(None, "author_id"),
    Index(None, "parent_id"),
)
"""`main_key`: "root:author:type" of a document created as the unique main one; guards uniqueMain. For the main one
that everybody opens ("is_shared_main"), which belongs to its root and not to its author, it is "root:shared:type".
`changed`: change number of the last write."""

deleted_documents = Table(
    "deleted_documents",
    metadata,
    Column("document_id", _Id, primary_key=True),
    _reference("document_roots.id"),
    Column("author_id", _Id, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("deleted_at", BigInteger, nullable=False),
    Index(None, "root_id"),
)
"""What clients that were away have to remove. `number`: change number of the deletion."""

change_counter = Table(
    "change_counter",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    Column("forgotten", BigInteger, nullable=False),
)
"""One row. `value`: the newest change number; `forgotten`: the newest deletion that is not kept any more."""

hub_secrets = Table(
    "hub_secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(128), nullable=False),
)
"""Made at the first start. "cookie" signs session cookies; what counts is the hash of the token in them."""

live_texts = Table(
    "live_texts",
    metadata,
    _reference("documents.id", primary=True),
    Column("head", BigInteger, nullable=False),
    Column("materialized", BigInteger, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
)
"""One row per document that has been opened live. `head`: number of the newest entry of its log;
`materialized`: the newest entry that is contained in `documents.data`."""

live_updates = Table(
    "live_updates",
    metadata,
    _reference("documents.id", primary=True),
    Column("number", BigInteger, primary_key=True),
    Column("update", LargeBinary, nullable=False),
    Column("author_id", _Id, ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("is_packed", Boolean, nullable=False, server_default=false()),
)
"""The update log of live text. Number 0 is the initial state, made from the JSON; compaction merges a
prefix of the log into its last entry. `is_packed`: `update` is compressed by zlib."""

document_versions = Table(
    "document_versions",
    metadata,
    _reference("documents.id", primary=True),
    Column("number", BigInteger, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=True),
    Column("size", BigInteger, nullable=True),
    Column("content", LargeBinary, nullable=True),
)
"""The history of live documents. `kind`: start, edit or restore; `began_at` and `created_at`: first and last
edit; `content`: the data as JSON, compressed by zlib. The newest version of a document may be open: its content
is that of the document, and `revision`, `size` and `content` are written when the next version begins."""

version_authors = Table(
    "version_authors",
    metadata,
    Column("document_id", _Id, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    _reference("users.id", primary=True),
    ForeignKeyConstraint(
        ["document_id", "number"],
        ["document_versions.document_id", "document_versions.number"],
        name="fk_version_authors_document_versions",
        ondelete="CASCADE",
    ),
    Index(None, "user_id"),
)
"""Who edited between a version and the one before it."""

posted_announcements = Table(
    "posted_announcements",
    metadata,
    Column("number", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("process", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""What a transaction of a process announces, for the sockets of the others. Kept for a minute; empty where there is one
process. Of one transaction several may have sent something: who has stands in the body."""

allowed_actions = Table(
    "allowed_actions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("document_type", String(100), nullable=False),
    Column("action", String(100), nullable=False),
    UniqueConstraint("document_type", "action"),
)

cms_settings = Table(
    "cms_settings",
    metadata,
    Column("id", _Id, primary_key=True),
    _reference("users.id"),
    Column("active_branch", String, nullable=True),
    Column("active_path", String, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("user_id"),
)
"""Where somebody stands in an editor of the existing system; kept for its clients."""
