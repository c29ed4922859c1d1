"""What REST handlers have in common: reaching the hub, reading flags and lists, committing and publishing."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

from litestar import Request
from litestar.datastructures import State

from teaching_nb.errors import InvalidInput, Unauthorized, Unavailable
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.documents import live_log
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Job
from teaching_nb.schema import wire
from teaching_nb.schema.events import SENDER_HEADER, SENDER_HEADER_OLD
from teaching_nb.schema.records import Document

logger = logging.getLogger(__name__)

T = TypeVar("T")

HubRequest: TypeAlias = Request[Actor, None, State]

MAX_IDS = 5_000
"""Ids that one request may ask for."""

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def hub_of(request: HubRequest) -> HubContext:
    """Return the hub that serves the request."""
    return cast("HubContext", request.app.state.hub)


def caller_of(request: HubRequest) -> Actor:
    """Return who is calling; for paths that are served to nobody as well. Raises `Unauthorized`."""
    actor = cast("Actor | None", request.scope["user"])
    if actor is None:
        raise Unauthorized("sign in first")
    return actor


async def read(request: HubRequest, job: Job[T]) -> T:
    """Return the result of a read job."""
    return await hub_of(request).database.read(job)


async def read_fresh(
    request: HubRequest,
    job: Job[T],
    *,
    root_ids: Collection[str] | None = None,
    document_ids: Collection[str] | None = None,
    author_id: str | None = None,
) -> T:
    """Return the result of a read job; live edits of the named documents are written into them first.

    While the database takes no writes, those of the last moment are missing in the result.
    """
    hub = hub_of(request)

    def attempt(tx: Any) -> tuple[list[str], T | None]:
        stale = live_log.stale_ids(tx, root_ids=root_ids, document_ids=document_ids, author_id=author_id)
        return stale, None if stale else job(tx)

    stale, result = await hub.database.read(attempt)
    if not stale:
        return cast("T", result)
    try:
        await hub.commits.write(partial(live_log.materialize, document_ids=stale), invalidates_access=False)
    except Unavailable:
        logger.warning("the database cannot be written: %d documents are answered as last written back", len(stale))
    return await hub.database.read(job)


async def commit(request: HubRequest, job: Job[Outcome[T]]) -> T:
    """Return the record of a write job after its commit and tell whom it concerns."""
    return await hub_of(request).commits.write(job, sender_sid=sender_of(request))


def sender_of(request: HubRequest) -> str | None:
    """Return the caller's own live socket that is not to be told; a foreign or unknown one counts as none."""
    actor = cast("Actor | None", request.scope["user"])
    return None if actor is None else own_socket(hub_of(request), actor, request.headers)


def own_socket(hub: HubContext, actor: Actor, headers: Mapping[str, str]) -> str | None:
    """Return the live socket that headers name, if it is the caller's."""
    sid = headers.get(SENDER_HEADER) or headers.get(SENDER_HEADER_OLD)
    return sid if sid and hub.rooms.is_live_socket_of(sid, actor.user_id) else None


def flag(request: HubRequest, name: str) -> bool:
    """Tell whether a query flag is set: by exactly one lower-case `true`."""
    values: list[str] = request.query_params.getall(name, [])
    return values == ["true"]


async def check_text(request: HubRequest) -> None:
    """Refuse the character NUL, which not every database can store, wherever it stands in a request."""
    if b"%00" in request.scope["query_string"]:
        raise InvalidInput("the query must not hold the character NUL (%00)")
    wire.check_no_nul(await request.body())


def uuids(values: Sequence[str], what: str) -> list[str]:
    """Return ids without repetition; raises `InvalidInput` for malformed ones or too many."""
    if len(values) > MAX_IDS:
        raise InvalidInput(f"{what} has {len(values)} ids, the limit is {MAX_IDS}")
    return list(dict.fromkeys(wire.parse_uuid(value, what) for value in values))


def expected_revision(headers: Mapping[str, str]) -> int | None:
    """Return the revision in `If-Match`; None when it is absent or `*`."""
    value = headers.get("if-match")
    if value is None or value.strip() == "*":
        return None
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise InvalidInput(f'If-Match must hold one revision in quotes, such as "3", not {value[:40]!r}')
    return int(match[1])


def revision_headers(document: Document) -> dict[str, str]:
    """Return the headers that tell the state of a document."""
    return {
        "x-document-revision": str(document.revision),
        "x-document-updated-at": document.updated_at,
    }
