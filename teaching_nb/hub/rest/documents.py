"""REST of documents: D1 to D7, and the main document in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy import Connection

from teaching_nb.errors import Forbidden, InvalidInput, Unavailable
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.documents import documents
from teaching_nb.hub.documents import lists as document_lists
from teaching_nb.hub.documents import main as main_documents
from teaching_nb.hub.documents import trees as document_trees
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.documents.documents import NewDocument
from teaching_nb.hub.documents.main import WantedMain
from teaching_nb.hub.rest.authentication import elevated_only
from teaching_nb.hub.rest.requests import (
    HubRequest,
    commit,
    expected_revision,
    flag,
    hub_of,
    own_socket,
    read,
    read_fresh,
    revision_headers,
    uuids,
)
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_readable
from teaching_nb.schema.records import Document, OpenedDocument


class DocumentBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of D3."""

    data: Any


class FoundDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of D2."""

    document: Document
    highest_permission: Access


class WantedDocuments(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of D7."""

    document_root_ids: list[str]
    user_id: str | None = None


@post("/documents", status_code=200)
async def create_document(request: HubRequest, data: JSONBody[NewDocument]) -> Response[Document]:
    """Create a document."""
    on_behalf_of = flag(request, "onBehalfOf")
    wanted = _checked(data, with_author=on_behalf_of and request.user.is_elevated)
    unique_main = flag(request, "uniqueMain")
    created = await commit(
        request,
        lambda tx: documents.create(tx, request.user, wanted, on_behalf_of=on_behalf_of, unique_main=unique_main),
    )
    return Response(created, headers=revision_headers(created))


@post("/documents/main", status_code=200)
async def get_or_create_main(request: HubRequest, data: JSONBody[WantedMain]) -> Response[OpenedDocument]:
    """Return the main document, creating it and its root where they are missing."""
    root_id = wire.parse_uuid(data.document_root_id, "documentRootId")
    own_root_id = wire.parse_uuid(data.own_root_id, "ownRootId") if data.own_root_id else None
    wanted = msgspec.structs.replace(data, document_root_id=root_id, own_root_id=own_root_id)
    found = await read(request, lambda tx: main_documents.find(tx, request.user, wanted))
    if found is None:
        found = await _make_main(request, wanted)
    return Response(found, headers=revision_headers(found))


async def _make_main(request: HubRequest, wanted: WantedMain) -> OpenedDocument:
    """Create what is missing; a document that is there is also found while the database takes no writes."""
    staff = hub_of(request).settings.admin_group_id
    try:
        return await commit(
            request, lambda tx: main_documents.get_or_create(tx, request.user, wanted, staff_group_id=staff)
        )
    except Unavailable:
        found = await read(request, lambda tx: main_documents.find(tx, request.user, wanted, is_fresh=False))
        if found is None:
            raise
        return found


@get("/documents/{document_id:str}")
async def get_document(request: HubRequest, document_id: FromPath[str]) -> FoundDocument | None:
    """Return a document with what the caller may do with it."""
    document_id = wire.parse_uuid(document_id, "document id")

    def find(tx: Connection) -> FoundDocument | None:
        found = documents.find(tx, request.user, document_id)
        if found is None:
            return None
        is_shut_out = found.row.author_id == request.user.user_id and not is_readable(found.access)
        document = documents.record(found.row, with_data=not is_shut_out)
        return FoundDocument(document=document, highest_permission=found.access)

    return await read_fresh(request, find, document_ids=[document_id])


@put("/documents/{document_id:str}", status_code=204)
async def change_document(
    request: HubRequest, document_id: FromPath[str], data: JSONBody[DocumentBody]
) -> Response[None]:
    """Replace the data of a document."""
    document_id = wire.parse_uuid(document_id, "document id")
    changed = await put_document(
        hub_of(request),
        request.user,
        document_id,
        data.data,
        headers=request.headers,
        on_behalf_of=flag(request, "onBehalfOf"),
    )
    return Response(None, status_code=204, headers=revision_headers(changed))


async def put_document(
    hub: HubContext,
    actor: Actor,
    document_id: str,
    data: Any,
    *,
    headers: Mapping[str, str],
    on_behalf_of: bool = False,
) -> Document:
    """Return a document after the commit of what a request wants of it."""
    wanted = Change(actor, document_id, data, on_behalf_of, expected_revision(headers))
    return await hub.writes.change(wanted, sender_sid=own_socket(hub, actor, headers))


@put("/documents/{document_id:str}/linkTo/{parent_id:str}")
async def link_document(request: HubRequest, document_id: FromPath[str], parent_id: FromPath[str]) -> Document:
    """Put a document below another one."""
    document_id, parent_id = wire.parse_uuid(document_id, "document id"), wire.parse_uuid(parent_id, "parent id")
    return await commit(request, lambda tx: document_trees.link(tx, request.user, document_id, parent_id))


@delete("/documents/{document_id:str}", status_code=204)
async def remove_document(request: HubRequest, document_id: FromPath[str]) -> None:
    """Delete a document and everything below it."""
    document_id = wire.parse_uuid(document_id, "document id")
    on_behalf_of = flag(request, "onBehalfOf")
    await commit(request, lambda tx: document_trees.remove(tx, request.user, document_id, on_behalf_of=on_behalf_of))


@get("/documents")
async def list_documents(request: HubRequest) -> list[Document]:
    """Return the documents below some roots whose authors the caller manages."""
    if not request.user.is_elevated:
        raise Forbidden("Not Authorized")
    ids: list[str] = request.query_params.getall("rids", [])
    if not ids:
        raise InvalidInput("name at least one document root, as in ?rids=ID")
    return await _list(request, ids, None)


@post("/documents/multiple", status_code=200, guards=[elevated_only])
async def load_documents(request: HubRequest, data: JSONBody[WantedDocuments]) -> list[Document]:
    """Return the documents below some roots whose authors the caller manages, or of one of them."""
    author_id = None if data.user_id is None else wire.parse_uuid(data.user_id, "userId")
    return await _list(request, data.document_root_ids, author_id)


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


HANDLERS = [
    create_document,
    get_or_create_main,
    get_document,
    change_document,
    link_document,
    remove_document,
    list_documents,
    load_documents,
]
