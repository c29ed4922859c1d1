"""REST calls to the hub, on the loop thread: credential, sender header, limits, and errors as ours."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec

from teaching_nb.client.link.address import Address
from teaching_nb.client.link.connection import make_connector
from teaching_nb.errors import InternalError, InvalidInput, NotConnected, NotFound, OperationalError, error_for_status
from teaching_nb.schema import documents, events, limits, wire
from teaching_nb.schema.access import Access
from teaching_nb.schema.records import (
    Assessment,
    Document,
    DocumentSummary,
    KnownRoot,
    Missed,
    OpenedDocument,
    RootLoad,
    RootMeta,
    RootName,
    StudentGroup,
    User,
    Version,
    VersionContent,
    VersionPage,
)

T = TypeVar("T")

PARALLEL_REQUESTS = 4
REQUEST_SECONDS = 15.0

NOT_OPENED = "NOT_OPENED_YET"
"""How the hub refuses a hand-out that nobody has given out yet."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """The version of a document that a change was made to."""

    revision: int | None
    updated_at: int
    """Milliseconds since the epoch."""
    data: Any


@dataclass(frozen=True, slots=True)
class BlindWrite:
    """A write that the hub could not refuse: what it had just before, and just after it."""

    before: Document
    after: Document


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered."""

    body: Any
    revision: int | None
    updated_at: str | None
    blind: BlindWrite | None = None
    """Of a save at a hub without revisions."""


class DocumentAccess(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to reading one document."""

    document: Document
    highest_permission: Access


class Health(msgspec.Struct, frozen=True):
    """What a hub says of itself, as far as it matters here."""

    features: list[str] = []


class Rest:
    """The hub's REST interface, as far as the client uses it."""

    clears_roots: ClassVar[bool] = True
    """Whether a root that staff make is empty, whatever a student had put there before."""

    def __init__(self, address: Address, sender: Callable[[], str | None]) -> None:
        self._address = address
        self._sender = sender
        self._slots = asyncio.Semaphore(PARALLEL_REQUESTS)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def features(self) -> list[str]:
        """Return what the hub offers beyond the existing protocol."""
        try:
            answer = await self._request("GET", "/health")
            health: Health = answer_as(answer.body, Health)
        except (NotFound, InternalError):
            return []
        return health.features

    async def missed(self, known: list[KnownRoot]) -> Missed:
        """Return what the caller has to learn of some roots."""
        return answer_as((await self._request("POST", "/sync", {"roots": known})).body, Missed)

    async def user(self) -> User:
        """Return the caller's own record."""
        return answer_as((await self._request("GET", "/user")).body, User)

    async def users(self) -> list[User]:
        """Return the people whom the caller may know of."""
        return answer_as((await self._request("GET", "/users")).body, list[User])

    async def groups(self) -> list[StudentGroup]:
        """Return the caller's groups."""
        return answer_as((await self._request("GET", "/studentGroups")).body, list[StudentGroup])

    async def root(self, root_id: str) -> RootLoad | None:
        """Return a root as the caller sees it; None when there is none."""
        return answer_as((await self._request("GET", f"/documentRoots/{root_id}")).body, RootLoad | None)

    async def root_of_user(self, user_id: str, root_id: str) -> RootLoad | None:
        """Return a root as another user sees it; None when there is none."""
        loads = await self.roots_of_user(user_id, [root_id])
        return loads[0] if loads else None

    async def roots_of_user(self, user_id: str, root_ids: Sequence[str]) -> list[RootLoad]:
        """Return roots as a user sees them, without those that are not there."""
        body = {"documentRootIds": root_ids, "ignoreMissingRoots": False}
        answer = await self._request("POST", f"/users/{user_id}/documentRoots", body)
        return answer_as(answer.body, list[RootLoad])

    async def assessment(self, document_id: str) -> Assessment:
        """Return how a quiz was scored, as far as the caller may see it."""
        return answer_as((await self._request("GET", f"/documents/{document_id}/assessment")).body, Assessment)

    async def assess(self, document_id: str, *, is_assessed: bool) -> Assessment:
        """Have a quiz assessed and locked, or opened again."""
        # What is locked are documents that are shown here as well.
        path, body = f"/documents/{document_id}/assessment", {"isAssessed": is_assessed}
        answer = await self._request("PUT", path, body, is_told_to_sender=True)
        return answer_as(answer.body, Assessment)

    async def assessments(self, root_id: str) -> list[Assessment]:
        """Return the quizzes below a root of all whom the caller manages."""
        return answer_as((await self._request("GET", f"/documentRoots/{root_id}/assessments")).body, list[Assessment])

    async def permissions(self, root_id: str) -> RootMeta | None:
        """Return a root with the permissions that the caller governs; None when there is no such root."""
        answer = await self._request("POST", "/documentRoots/permissions", {"documentRootIds": [root_id]})
        found: list[RootMeta] = answer_as(answer.body, list[RootMeta])
        return found[0] if found else None

    async def permit_group(self, root_id: str, group_id: str, access: Access) -> None:
        """Set the permission of a group on a root."""
        body = {"documentRootId": root_id, "groupId": group_id, "access": access}
        await self._request("POST", "/permissions/group", body)

    async def permit_user(self, root_id: str, user_id: str, access: Access) -> None:
        """Set the permission of a person on a root."""
        body = {"documentRootId": root_id, "userId": user_id, "access": access}
        await self._request("POST", "/permissions/user", body)

    async def withdraw_group(self, permission_id: str) -> None:
        """Delete the permission of a group."""
        await self._request("DELETE", f"/permissions/group/{permission_id}")

    async def withdraw_user(self, permission_id: str) -> None:
        """Delete the permission of a person."""
        await self._request("DELETE", f"/permissions/user/{permission_id}")

    async def document(self, document_id: str) -> DocumentAccess | None:
        """Return a document and what the caller may do with it; None when it is hidden or gone."""
        return answer_as((await self._request("GET", f"/documents/{document_id}")).body, DocumentAccess | None)

    async def main_document(self, wanted: Mapping[str, Any], *, is_again: bool = False) -> OpenedDocument:  # noqa: ARG002
        """Return the main document that `wanted` describes; the hub creates it when there is none.

        `is_again`: it was opened before, and may be another one by now; for hubs that have to be told.
        """
        return answer_as((await self._request("POST", "/documents/main", wanted)).body, OpenedDocument)

    async def create_document(self, wanted: Mapping[str, Any]) -> Document:
        """Create a document of the caller's: `type`, `data`, `documentRootId` and `parentId`."""
        return answer_as((await self._request("POST", "/documents", wanted)).body, Document)

    async def create_document_for(self, wanted: Mapping[str, Any]) -> Document:
        """Create the only document of its type that staff write for a student: as above, with `authorId`."""
        path = "/documents?onBehalfOf=true&uniqueMain=true"
        return answer_as((await self._request("POST", path, wanted)).body, Document)

    async def create_on_behalf(self, wanted: Mapping[str, Any]) -> Document:
        """Create one of several documents that staff write for a student: as above."""
        return answer_as((await self._request("POST", "/documents?onBehalfOf=true", wanted)).body, Document)

    async def create_root(self, root_id: str, settings: Mapping[str, Any]) -> RootMeta:
        """Create a root; raises `Conflict` when there is one."""
        return answer_as((await self._request("POST", f"/documentRoots/{root_id}", settings)).body, RootMeta)

    async def share_list(self, root_id: str) -> None:
        """Have a list that everybody reads written by whoever of the staff lets themself in: here they may already."""

    async def delete_document(
        self, document_id: str, below: int | None = None, *, on_behalf_of_author: bool = False
    ) -> None:
        """Delete a document, with what is below it; raises `Conflict` where that is another number than is given."""
        wishes = {"onBehalfOf": "true" if on_behalf_of_author else None, "below": below}
        query = urlencode({name: wish for name, wish in wishes.items() if wish is not None})
        await self._request("DELETE", f"/documents/{document_id}{'?' if query else ''}{query}")

    async def link_document(self, document_id: str, parent_id: str) -> Document:
        """Put a document, with what is below it, below another one."""
        answer = await self._request("PUT", f"/documents/{document_id}/linkTo/{parent_id}")
        return answer_as(answer.body, Document)

    async def root_names(self) -> list[RootName]:
        """Return the slugs of all roots below which the user may read something."""
        return answer_as((await self._request("GET", "/rootNames")).body, list[RootName])

    async def documents_of(self, user_id: str) -> list[DocumentSummary]:
        """Return the list of a person's documents."""
        answer = await self._request("GET", f"/users/{user_id}/documents")
        return answer_as(answer.body, list[DocumentSummary])

    async def save(self, document_id: str, data: Any, seen: Seen, *, on_behalf_of_author: bool = False) -> Answer:
        """Replace the data of a document; refused with `Stale` when the hub has a newer version than `seen`."""
        headers = {} if seen.revision is None else {"If-Match": f'"{seen.revision}"'}
        path = f"/documents/{document_id}" + ("?onBehalfOf=true" if on_behalf_of_author else "")
        return await self._request("PUT", path, {"data": data}, headers)

    def keeps_versions(self, type_name: str) -> bool:
        """Tell whether there is a history of documents of a type."""
        return bool(documents.live_text_keys(type_name))

    def note_paste(self, document_id: str) -> None:
        """Nothing: a hub of ours keeps versions by itself, and does not say how a text was written."""

    async def versions(self, document_id: str) -> list[Version]:
        """Return the versions of a document, newest first."""
        found: list[Version] = []
        path = f"/documents/{document_id}/versions"
        page: VersionPage = answer_as((await self._request("GET", path)).body, VersionPage)
        found += page.versions
        while page.next is not None:
            page = answer_as((await self._request("GET", f"{path}?before={page.next}")).body, VersionPage)
            found += page.versions
        return found

    async def version(self, document_id: str, number: int) -> VersionContent:
        """Return one version with its content."""
        return answer_as(
            (await self._request("GET", f"/documents/{document_id}/versions/{number}")).body, VersionContent
        )

    async def restore_version(self, document_id: str, number: int) -> None:
        """Make a version the present state of a document."""
        await self._request("POST", f"/documents/{document_id}/versions/{number}/restore")

    async def keep_version(self, document_id: str) -> None:
        """Nothing: a hub of ours has what was saved among the versions."""

    async def _request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_told_to_sender: bool = False,
    ) -> Answer:
        raw = None if body is None else wire.encode(body)
        limits.check_size("the request", len(raw or b""), limits.REST_BODY_BYTES)
        async with self._slots:
            try:
                all_headers = self._headers(headers or {}, is_told_to_sender=is_told_to_sender)
                return await self._send(method, path, raw, all_headers)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                _logger.info("%s %s failed: %s", method, path, type(error).__name__)
                raise NotConnected(f"{self._address.name} cannot be reached") from error

    def _headers(self, headers: Mapping[str, str], *, is_told_to_sender: bool) -> dict[str, str]:
        sender = None if is_told_to_sender else self._sender()
        named = {} if sender is None else {events.SENDER_HEADER: sender}
        return {"Authorization": f"Bearer {self._address.token}", **headers, **named}

    async def _send(self, method: str, path: str, raw: bytes | None, headers: Mapping[str, str]) -> Answer:
        if self._address.is_nowhere:
            raise NotConnected("there is no hub here: give tnb.connect() the address of one, and a token")
        if raw is not None:
            headers = {**headers, "Content-Type": "application/json"}
        # From a file object a large body is sent in pieces, beside which the loop thread does other things.
        stream = None if raw is None else io.BytesIO(raw)
        request = self._open_session().request(method, self._address.api + path, data=stream, headers=headers)
        async with request as response:
            content = await response.read()
            if response.status >= 400:
                raise _refusal(response.status, content)
            revision = response.headers.get("x-document-revision", "")
            return Answer(
                body=_parse(content),
                revision=int(revision) if revision.isdecimal() else None,
                updated_at=response.headers.get("x-document-updated-at"),
            )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS, connect=5.0)
            # Cookies of a hub are for browsers; keeping them would make a second identity beside the token.
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                connector=make_connector(self._address), timeout=timeout, cookie_jar=jar
            )
        return self._session


def _parse(content: bytes) -> Any:
    if not content:
        return None
    try:
        return wire.decode(content, object)
    except InvalidInput as error:
        raise InternalError("the hub's answer is not JSON: is this the address of a hub?") from error


def answer_as(body: Any, as_type: type[T] | Any) -> T:
    """Return an answer as a type; raises `InternalError` for another shape."""
    converted: T = made_of(body, lambda plain: wire.convert(plain, as_type))
    return converted


def made_of(body: Any, make: Callable[[Any], T]) -> T:
    """Return what is made of an answer; raises `InternalError` for an answer that it cannot be made of."""
    try:
        return make(body)
    except InvalidInput as error:
        raise InternalError(f"the hub's answer has an unexpected shape: {error.message}") from error


def _refusal(status: int, content: bytes) -> OperationalError:
    """Return the error that an answer stands for, in all shapes that hubs use."""
    message, extra = f"the hub answered with status {status}", {}
    try:
        body = wire.decode(content, dict[str, Any])
    except InvalidInput:
        return error_for_status(status, message)
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        first = dict(errors[0])
        message = str(first.pop("message", message)).removeprefix(f"[{status}] ")
        extra = {key: value for key, value in first.items() if key in {"document", "code", "retryAfter"}}
    elif isinstance(body.get("error"), str):
        message = body["error"]
    return error_for_status(status, message, **extra)
