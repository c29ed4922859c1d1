"""Rows read from the hub's database where a recording shows rows of the existing backend's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from teaching_nb.hub.store.tables import document_roots, documents, users
from tests.conformance.recording import Entry

Fact = list[dict[str, Any]]


def read_fact(tx: Connection, entry: Entry) -> Fact | None:
    """Return the rows that a `db-fact` entry is about; None for rows of which the hub has no equal."""
    data = entry["data"]
    keys = set(data[0]) if isinstance(data, list) and data and isinstance(data[0], dict) else set()
    if keys == {"root", "author", "documents"}:
        return _documents_by_author(tx)
    if keys == {"email", "provider_id", "has_password"}:
        return _accounts(tx)
    return None


def count_documents(tx: Connection, document_type: str) -> int:
    """Return how many documents of a type there are."""
    count: int = tx.execute(select(func.count()).where(documents.c.type == document_type)).scalar_one()
    return count


def _documents_by_author(tx: Connection) -> Fact:
    query = (
        select(document_roots.c.id, users.c.email, func.count())
        .join(documents, documents.c.root_id == document_roots.c.id)
        .join(users, users.c.id == documents.c.author_id)
        .group_by(document_roots.c.id, users.c.email)
    )
    return [{"root": row[0], "author": row[1], "documents": row[2]} for row in tx.execute(query)]


def _accounts(tx: Connection) -> Fact:
    query = select(users.c.email, users.c.password_hash).where(users.c.password_hash.is_not(None))
    return [{"email": row.email, "provider_id": "credential", "has_password": True} for row in tx.execute(query)]
