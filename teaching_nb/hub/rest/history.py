"""REST of the history of live documents, an addition of ours: listing versions, reading one, bringing one back."""

from __future__ import annotations

from typing import Annotated

import msgspec

from teaching_nb.hub.documents import history
from teaching_nb.hub.documents.history import MOST_LISTED
from teaching_nb.hub.rest.requests import (
    HubRequest,
    OnBehalfOf,
    commit,
    expected_revision,
    read_fresh,
    revision_headers,
)
from teaching_nb.hub.rest.routes import Answer, Route
from teaching_nb.schema.records import Document, VersionContent, VersionPage

MOST_VERSIONS = 2**62
"""Beyond every number of a version, and within what databases can compare."""

Number = Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]


class WantedVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Which versions are listed."""

    before: Number | None = None
    """Only those with smaller numbers."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_LISTED)] = MOST_LISTED


async def list_versions(request: HubRequest, document_id: str, query: WantedVersions) -> VersionPage:
    """Return the versions of a document, newest first, to those who may change it."""
    return await read_fresh(
        request,
        lambda tx: history.page(tx, request.user, document_id, before=query.before, limit=query.limit),
        document_ids=[document_id],
    )


async def get_version(request: HubRequest, document_id: str, number: Number) -> VersionContent:
    """Return one version with its content."""
    return await read_fresh(
        request, lambda tx: history.find(tx, request.user, document_id, number), document_ids=[document_id]
    )


async def restore_version(request: HubRequest, document_id: str, number: Number, query: OnBehalfOf) -> Answer[Document]:
    """Make the content of a version the present one, as a new version; takes `If-Match` as changing does."""
    on_behalf_of, revision = query.on_behalf_of, expected_revision(request.headers)
    restored = await commit(
        request,
        lambda tx: history.restore(tx, request.user, document_id, number, on_behalf_of=on_behalf_of, revision=revision),
    )
    return Answer(restored, revision_headers(restored))


ROUTES = (
    Route("GET", "/documents/{document_id}/versions", list_versions),
    Route("GET", "/documents/{document_id}/versions/{number}", get_version),
    Route("POST", "/documents/{document_id}/versions/{number}/restore", restore_version),
)
