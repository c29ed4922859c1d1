"""REST of documents: one by one, by their roots, and the main document in one request."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, InvalidInput, Unavailable
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import lists as document_lists
from teaching_nb.hub.documents import main as main_documents
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.documents.documents import NewDocument
from teaching_nb.hub.documents.main import WantedMain
from teaching_nb.hub.rest.requests import (
    HubRequest,
    OnBehalfOf,
    commit,
    expected_revision,
    own_socket,
    read,
    read_fresh,
    revision_headers,
    uuids,
)
from teaching_nb.hub.rest.routes import Answer, Route
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_readable
from teaching_nb.schema.records import Document, OpenedDocument


class Creation(OnBehalfOf, frozen=True, kw_only=True, rename="camel"):
    """On whose behalf a document is created, and whether it is to be the only main one."""

    unique_main: bool = False


class Removal(OnBehalfOf, frozen=True, kw_only=True, rename="camel"):
    """On whose behalf a document is deleted, and how many documents the caller knows to be below it."""

    below: int | None = None


class DocumentBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a document holds from now on."""

    data: Any


class FoundDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A document, and what the caller may do with it."""

    document: Document
    highest_permission: Access


class ListedRoots(msgspec.Struct, frozen=True, kw_only=True):
    """Below which roots documents are looked for."""

    rids: list[str] = []
    """Document roots."""


class WantedDocuments(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Below which roots documents are looked for, and of which author; of all when none is named."""

    document_root_ids: list[str]
    user_id: str | None = None


async def create_document(request: HubRequest, query: Creation, body: NewDocument) -> Answer[Document]:
    """Create a document."""
    is_for_other, unique_main = query.on_behalf_of, query.unique_main
    wanted = _checked(body, with_author=is_for_other and request.user.is_elevated)
    created = await commit(
        request,
        lambda tx: documents.create(tx, request.user, wanted, on_behalf_of=is_for_other, unique_main=unique_main),
    )
    return Answer(created, revision_headers(created))


async def get_or_create_main(request: HubRequest, body: WantedMain) -> Answer[OpenedDocument]:
    """Return the main document, creating it and its root where they are missing."""
    root_id = wire.parse_uuid(body.document_root_id, "documentRootId")
    own_root_id = wire.parse_uuid(body.own_root_id, "ownRootId") if body.own_root_id else None
    wanted = msgspec.structs.replace(body, document_root_id=root_id, own_root_id=own_root_id)
    found = await read(request, lambda tx: main_documents.find(tx, request.user, wanted))
    if found is None:
        found = await _make_main(request, wanted)
    return Answer(found, revision_headers(found))


async def _make_main(request: HubRequest, wanted: WantedMain) -> OpenedDocument:
    """Create what is missing; a document that is there is also found while the database takes no writes."""
    staff = request.hub.settings.admin_group_id
    try:
        return await commit(
            request, lambda tx: main_documents.get_or_create(tx, request.user, wanted, staff_group_id=staff)
        )
    except Unavailable:
        found = await read(request, lambda tx: main_documents.find(tx, request.user, wanted, is_fresh=False))
        if found is None:
            raise
        return found


async def get_document(request: HubRequest, document_id: str) -> FoundDocument | None:
    """Return a document with what the caller may do with it."""

    def find(tx: Connection) -> FoundDocument | None:
        found = documents.find(tx, request.user, document_id)
        if found is None:
            return None
        is_shut_out = found.row.author_id == request.user.user_id and not is_readable(found.access)
        document = documents.record(found.row, with_data=not is_shut_out)
        return FoundDocument(document=document, highest_permission=found.access)

    return await read_fresh(request, find, document_ids=[document_id])


async def change_document(request: HubRequest, document_id: str, query: OnBehalfOf, body: DocumentBody) -> Answer[None]:
    """Replace the data of a document."""
    revision = expected_revision(request.headers)
    wanted = Change(request.user, document_id, body.data, query.on_behalf_of, revision)
    changed = await request.hub.writes.change(wanted, sender_sid=own_socket(request))
    return Answer(None, revision_headers(changed))


async def link_document(request: HubRequest, document_id: str, parent_id: str) -> Document:
    """Put a document below another one."""
    return await commit(request, lambda tx: document_trees.link(tx, request.user, document_id, parent_id))


async def remove_document(request: HubRequest, document_id: str, query: Removal) -> None:
    """Delete a document and everything below it."""
    for_other, below = query.on_behalf_of, query.below
    await commit(
        request,
        lambda tx: document_trees.remove(tx, request.user, document_id, on_behalf_of=for_other, below=below),
    )


async def list_documents(request: HubRequest, query: ListedRoots) -> list[Document]:
    """Return the documents below some roots whose authors the caller manages."""
    if not request.user.is_elevated:
        raise Forbidden("Not Authorized")
    if not query.rids:
        raise InvalidInput("name at least one document root, as in ?rids=ID")
    return await _list(request, query.rids, None)


async def load_documents(request: HubRequest, body: WantedDocuments) -> list[Document]:
    """Return the documents below some roots whose authors the caller manages, or of one of them."""
    author_id = None if body.user_id is None else wire.parse_uuid(body.user_id, "userId")
    return await _list(request, body.document_root_ids, author_id)


async def _list(request: HubRequest, ids: list[str], author_id: str | None) -> list[Document]:
    root_ids = uuids(ids, "document root id")
    if not root_ids:
        return []
    return await read_fresh(
        request,
        lambda tx: document_lists.of_roots(tx, request.user, root_ids, author_id=author_id),
        root_ids=root_ids,
        author_id=author_id,
    )


def _checked(body: NewDocument, *, with_author: bool) -> NewDocument:
    return msgspec.structs.replace(
        body,
        document_root_id=wire.parse_uuid(body.document_root_id, "documentRootId"),
        parent_id=wire.parse_uuid(body.parent_id, "parentId") if body.parent_id else None,
        author_id=wire.parse_uuid(body.author_id, "authorId") if with_author and body.author_id else None,
    )


ROUTES = (
    Route("POST", "/documents/main", get_or_create_main),
    Route("POST", "/documents/multiple", load_documents, open_to="elevated"),
    Route("GET", "/documents/{document_id}", get_document),
    Route("PUT", "/documents/{document_id}", change_document, 204),
    Route("PUT", "/documents/{document_id}/linkTo/{parent_id}", link_document),
    Route("DELETE", "/documents/{document_id}", remove_document, 204),
    Route("GET", "/documents", list_documents),
    Route("POST", "/documents", create_document),
)
