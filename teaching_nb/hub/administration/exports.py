"""Everything that some people have written, for whoever looks after them. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, select

from teaching_nb.errors import Forbidden
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents, history
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.hub.store.tables import users as users_table
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, VersionContent


class ExportedUser(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose export it is."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str
    created_at: str
    updated_at: str


class ExportedVersion(VersionContent, frozen=True, kw_only=True):
    """What one of their documents held at a time."""

    document_id: str


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """One person and all their documents."""

    user: ExportedUser
    documents: list[Document]
    versions: list[ExportedVersion] | UnsetType = UNSET
    """The history of their documents, when it is asked for; the existing system knows none."""


def export(
    tx: Connection,
    actor: Actor,
    user_ids: Sequence[str],
    *,
    ignored_types: Collection[str] = (),
    with_history: bool = False,
) -> list[Export]:
    """Return the documents of some people; those whom the caller does not manage are left out."""
    if not user_ids:
        raise Forbidden("no user ids provided")
    wanted = set(user_ids) if actor.is_admin else set(user_ids) & users.managed_ids(tx, actor)
    query = select(documents_table).where(documents_table.c.author_id.in_(wanted))
    if ignored_types:
        query = query.where(documents_table.c.type.not_in(ignored_types))
    written: defaultdict[str, list[Document]] = defaultdict(list)
    for row in tx.execute(query.order_by(documents_table.c.created_at, documents_table.c.id)):
        written[row.author_id].append(documents.record(row))
    people = tx.execute(select(users_table).where(users_table.c.id.in_(wanted)).order_by(users_table.c.email))
    return [
        Export(
            user=ExportedUser(
                id=row.id,
                name=row.name,
                first_name=row.first_name,
                last_name=row.last_name,
                email=row.email,
                created_at=wire.timestamp(row.created_at),
                updated_at=wire.timestamp(row.updated_at),
            ),
            documents=written[row.id],
            versions=_versions(tx, written[row.id]) if with_history else UNSET,
        )
        for row in people
    ]


def _versions(tx: Connection, written: Sequence[Document]) -> list[ExportedVersion]:
    return [
        ExportedVersion(document_id=document.id, **msgspec.structs.asdict(version))
        for document in written
        for version in history.all_contents(tx, document.id)
    ]
