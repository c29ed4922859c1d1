"""REST of quizzes: how they were scored, and having them assessed."""

from __future__ import annotations

import msgspec

from teaching_nb.hub.documents import assessments
from teaching_nb.hub.rest.requests import HubRequest, commit, read
from teaching_nb.hub.rest.routes import Route
from teaching_nb.schema.records import Assessment


class WantedAssessment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a quiz is to be assessed, or to be open again."""

    is_assessed: bool


async def get_assessment(request: HubRequest, document_id: str) -> Assessment:
    """Return how a quiz was scored, as far as the caller may see it."""
    return await read(request, lambda tx: assessments.find(tx, request.user, document_id))


async def change_assessment(request: HubRequest, document_id: str, body: WantedAssessment) -> Assessment:
    """Lock a quiz with its answers, or open it again; return how it was scored."""
    return await commit(
        request, lambda tx: assessments.assess(tx, request.user, document_id, is_assessed=body.is_assessed)
    )


async def list_assessments(request: HubRequest, root_id: str) -> list[Assessment]:
    """Return the quizzes below a root of all whom the caller manages."""
    return await read(request, lambda tx: assessments.of_root(tx, request.user, root_id))


ROUTES = (
    Route("GET", "/documents/{document_id}/assessment", get_assessment),
    Route("PUT", "/documents/{document_id}/assessment", change_assessment),
    Route("GET", "/documentRoots/{root_id}/assessments", list_assessments, open_to="elevated"),
)
