"""A request as handlers get it, and what they have in common: reading, committing and publishing."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from teaching_nb.errors import InvalidInput, TooLarge, Unauthorized, Unavailable
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.context import HubContext
from teaching_nb.hub.documents import update_log
from teaching_nb.hub.outcomes import Outcome
from teaching_nb.hub.store.database import Job
from teaching_nb.schema import wire
from teaching_nb.schema.events import SENDER_HEADER, SENDER_HEADER_OLD
from teaching_nb.schema.limits import REST_BODY_BYTES
from teaching_nb.schema.records import Document

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_IDS = 5_000
"""Ids that one request may ask for."""

MOST_SID = 200
"""Longest name of a socket that is looked for at other processes; real ones have 20 characters."""

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


class Presented(msgspec.Struct, frozen=True):
    """The credential behind a request."""

    token: str
    is_cookie: bool


class OnBehalfOf(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The query of whoever may act for a document's author."""

    on_behalf_of: bool = False


class HubRequest:
    """One request, with the hub that serves it and whom the guard has let in.

    Not Starlette's, whose headers are searched and decoded anew each time that somebody asks for one.
    """

    def __init__(self, scope: Scope, receive: Receive, hub: HubContext) -> None:
        self.scope = scope
        self.hub = hub
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        """In the form in which it is routed."""
        # Of a header that is sent twice the first one counts.
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        self.actor: Actor | None = None
        """Who is calling; None for strangers, and at paths of `/api/v1` that are open to everybody."""
        self.presented: Presented | None = None
        """The credential of who is calling."""
        self._receive = receive

    @property
    def user(self) -> Actor:
        """Return who is calling; raises `Unauthorized` for strangers."""
        if self.actor is None:
            raise Unauthorized("sign in first")
        return self.actor

    @property
    def address(self) -> str:
        """Return the host that the request came from; nothing where the web server does not know it."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def check_length(self) -> None:
        """Refuse a body that is announced as too large, whether anybody wants to read it or not."""
        announced = self.headers.get("content-length", "")
        _check_size(int(announced) if announced.isdecimal() else 0)

    async def body(self) -> bytes:
        """Return the whole body; raises `TooLarge` as soon as one whose length nobody has announced is."""
        body, has_more = bytearray(), True
        while has_more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            _check_size(len(body))
            has_more = message.get("more_body", False)
        return bytes(body)


async def read(request: HubRequest, job: Job[T]) -> T:
    """Return the result of a read job."""
    return await request.hub.database.read(job)


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
    hub = request.hub

    def attempt(tx: Any) -> tuple[list[str], T | None]:
        stale = update_log.stale_ids(tx, root_ids=root_ids, document_ids=document_ids, author_id=author_id)
        return stale, None if stale else job(tx)

    stale, result = await hub.database.read(attempt)
    if not stale:
        return cast("T", result)
    try:
        write_back = partial(update_log.materialize_alone, document_ids=stale)
        await hub.commits.write(write_back, invalidates_access=False, locks_first=True)
    except Unavailable:
        logger.warning("the database cannot be written: %d documents are answered as last written back", len(stale))
    return await hub.database.read(job)


async def commit(request: HubRequest, job: Job[Outcome[T]]) -> T:
    """Return the record of a write job after its commit and tell whom it concerns."""
    return await request.hub.commits.write(job, sender_sid=own_socket(request))


def own_socket(request: HubRequest) -> str | None:
    """Return the caller's own live socket that is not to be told; a foreign or unknown one counts as none."""
    headers, actor = request.headers, request.actor
    sid = headers.get(SENDER_HEADER) or headers.get(SENDER_HEADER_OLD)
    if not sid or actor is None:
        return None
    if request.hub.elsewhere is not None and request.hub.elsewhere.neighbours and len(sid) <= MOST_SID:
        # It may be a socket at another process. Nobody but its owner knows its name.
        is_elsewhere = request.hub.rooms.member(sid) is None
        return sid if is_elsewhere or request.hub.rooms.is_live_socket_of(sid, actor.user_id) else None
    return sid if request.hub.rooms.is_live_socket_of(sid, actor.user_id) else None


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


def _check_size(size: int) -> None:
    if size > REST_BODY_BYTES:
        raise TooLarge(f"the body is above the limit of {REST_BODY_BYTES} bytes")
