"""REST of the history of live documents, an addition of ours: listing versions, reading one, bringing one back."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, Parameter

from teaching_nb.hub.documents import history
from teaching_nb.hub.documents.history import MOST_LISTED
from teaching_nb.hub.rest.requests import (
    HubRequest,
    commit,
    expected_revision,
    flag,
    read_fresh,
    revision_headers,
)
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, VersionContent, VersionPage

MOST_VERSIONS = 2**62
"""Beyond every number of a version, and within what databases can compare."""

_Limit = Annotated[int, Parameter(ge=1, le=MOST_LISTED)]
_Before = Annotated[int | None, Parameter(ge=1, le=MOST_VERSIONS)]
_Number = Annotated[int, Parameter(ge=1, le=MOST_VERSIONS)]


@get("/documents/{document_id:str}/versions")
async def list_versions(
    request: HubRequest, document_id: FromPath[str], before: _Before = None, limit: _Limit = MOST_LISTED
) -> VersionPage:
    """Return the versions of a document, newest first, to those who may change it."""
    document_id = wire.parse_uuid(document_id, "document id")
    return await read_fresh(
        request,
        lambda tx: history.page(tx, request.user, document_id, before=before, limit=limit),
        document_ids=[document_id],
    )


@get("/documents/{document_id:str}/versions/{number:int}")
async def get_version(request: HubRequest, document_id: FromPath[str], number: _Number) -> VersionContent:
    """Return one version with its content."""
    document_id = wire.parse_uuid(document_id, "document id")
    return await read_fresh(
        request, lambda tx: history.find(tx, request.user, document_id, number), document_ids=[document_id]
    )


@post("/documents/{document_id:str}/versions/{number:int}/restore", status_code=200)
async def restore_version(request: HubRequest, document_id: FromPath[str], number: _Number) -> Response[Document]:
    """Make the content of a version the present one, as a new version; takes `If-Match` as changing does."""
    document_id = wire.parse_uuid(document_id, "document id")
    on_behalf_of, revision = flag(request, "onBehalfOf"), expected_revision(request.headers)
    restored = await commit(
        request,
        lambda tx: history.restore(tx, request.user, document_id, number, on_behalf_of=on_behalf_of, revision=revision),
    )
    return Response(restored, headers=revision_headers(restored))


HANDLERS = [list_versions, get_version, restore_version]
