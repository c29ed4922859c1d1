"""Roots, permissions and documents of tests, put into the database of a hub without asking for rights."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection

from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.people import permissions
from teaching_nb.hub.people.permissions import OF_GROUPS, OF_USERS
from teaching_nb.hub.store.database import Database
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access
from tests.harness.cast import Person


class Scene:
    """Puts things into the database of a hub."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def root(
        self,
        access: str = "RW",
        shared: str = "None",
        *,
        groups: dict[str, str] | None = None,
        users: dict[str, str] | None = None,
        creator: Person | None = None,
    ) -> str:
        """Create a root with permissions (id → kind) and return its id."""
        root_id = wire.new_id()
        settings = document_roots.RootSettings(access=f"{access}_DocumentRoot", shared_access=f"{shared}_DocumentRoot")

        def job(tx: Connection) -> None:
            document_roots.insert_root(tx, creator.actor if creator else None, root_id, settings)
            for user_id, kind in (users or {}).items():
                word = cast("Access", f"{kind}_User")
                permissions.put(tx, OF_USERS, root_id=root_id, subject_id=user_id, access=word)
            for group_id, kind in (groups or {}).items():
                word = cast("Access", f"{kind}_StudentGroup")
                permissions.put(tx, OF_GROUPS, root_id=root_id, subject_id=group_id, access=word)

        await self._database.write(job)
        return root_id

    async def document(
        self, author: Person, root_id: str, *, type_name: str = "code", data: Any = None, parent: str | None = None
    ) -> str:
        """Create a document of somebody and return its id."""
        wanted = documents.NewDocument(
            type=type_name, document_root_id=root_id, data={"code": "x"} if data is None else data, parent_id=parent
        )
        actor: Actor = author.actor
        created = await self._database.write(
            lambda tx: documents.insert_document(tx, actor, wanted, author_id=author.id, main=None)
        )
        return created.record.id

    async def documents_below(self, root_id: str) -> list[str]:
        """Return the ids of all documents of type `code` below a root."""
        rows = await self._database.read(lambda tx: documents.candidates(tx, root_id=root_id, document_type="code"))
        return [row.id for row in rows]
