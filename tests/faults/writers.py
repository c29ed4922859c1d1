"""Other people who write while the hub dies under their hands, and what each of them knows to be stored.

An edit is *acknowledged* when the hub said so, *uncertain* when the connection broke before it could.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from teaching_nb.schema import wire
from teaching_nb.simulator.sockets import SECONDS, Cut
from tests.harness.cast import Person


class ListWriter:
    """Adds entries to a list that others change too: read, add, `PUT` with the revision it was read at."""

    def __init__(self, name: str, person: Person, document_id: str, client: aiohttp.ClientSession) -> None:
        self.acknowledged: list[str] = []
        self.seen: dict[int, tuple[str, ...]] = {}
        """Revision → content, for every one that the hub has told or acknowledged."""
        self._name = name
        self._person = person
        self._path = f"/api/v1/documents/{document_id}"
        self._client = client
        self._url = ""
        self._count = 0
        self._record: dict[str, Any] = {}

    async def begin(self, url: str) -> None:
        """Read the present list."""
        self._url = url
        answer = await request(self._client, "GET", f"{url}{self._path}", self._person)
        self._take(answer.json()["document"])

    async def write(self) -> None:
        """Add one entry, however often somebody else is faster."""
        entry = f"{self._name}{self._count}"
        self._count += 1
        await self._put(lambda entries: [*entries, entry])
        self.acknowledged.append(entry)

    async def replace(self, entries: list[str]) -> None:
        """Replace the list."""
        await self._put(lambda _before: entries)

    async def _put(self, change: Callable[[list[str]], list[str]]) -> None:
        while True:
            entries = change(self._record["data"]["entries"])
            revision = {"If-Match": f'"{self._record["revision"]}"'}
            body = {"data": {"entries": entries}}
            answer = await request(
                self._client, "PUT", f"{self._url}{self._path}", self._person, body=body, headers=revision
            )
            if answer.status == 412:
                self._take(answer.json()["errors"][0]["document"])
                continue
            assert answer.status == 204, answer
            self._take({"revision": int(answer.headers["x-document-revision"]), "data": {"entries": entries}})
            return

    async def end(self) -> None:
        """Hold nothing."""

    def _take(self, record: dict[str, Any]) -> None:
        revision, entries = record["revision"], tuple(record["data"]["entries"])
        newest = max(self.seen, default=0)
        assert revision >= newest, f"revision {revision} after {newest}"
        assert self.seen.setdefault(revision, entries) == entries, f"revision {revision} stands for two contents"
        self._record = record


class Creator:
    """Creates main documents, one for each new root; asks again for the one whose answer it did not get."""

    def __init__(self, person: Person, client: aiohttp.ClientSession) -> None:
        self.acknowledged: dict[str, str] = {}
        """Root → id of the document in it."""
        self._person = person
        self._client = client
        self._url = ""
        self._uncertain: str | None = None

    async def begin(self, url: str) -> None:
        """Ask once more for what was not answered."""
        self._url = url
        if self._uncertain is not None:
            await self._create(self._uncertain)

    async def write(self) -> None:
        """Create one document below a root of its own."""
        self._uncertain = wire.new_id()
        await self._create(self._uncertain)

    async def end(self) -> None:
        """Hold nothing."""

    async def stored(self, url: str) -> dict[str, list[str]]:
        """Return the documents that the hub has below each root that was asked for."""
        path = f"{url}/api/v1/users/{self._person.id}/documents"
        answer = await request(self._client, "GET", path, self._person)
        assert answer.status == 200, answer
        found: dict[str, list[str]] = {}
        for document in answer.json():
            if document["type"] == "note":
                found.setdefault(document["documentRootId"], []).append(document["id"])
        return found

    async def _create(self, root_id: str) -> None:
        body = {"documentRootId": root_id, "type": "note", "data": {"of": root_id}, "root": {}}
        url = f"{self._url}/api/v1/documents/main"
        answer = await request(self._client, "POST", url, self._person, body=body)
        assert answer.status == 200, answer
        self.acknowledged[root_id] = answer.json()["id"]
        self._uncertain = None


class Reader:
    """Reads the live document by REST, which makes the hub write its log back, and merge it when it is long."""

    def __init__(self, person: Person, document_id: str, client: aiohttp.ClientSession) -> None:
        self.revision = 0
        self._person = person
        self._path = f"/api/v1/documents/{document_id}"
        self._client = client
        self._url = ""

    async def begin(self, url: str) -> None:
        """Remember where the hub is."""
        self._url = url

    async def write(self) -> None:
        """Read once; revisions never go back."""
        await self.text(self._url)

    async def end(self) -> None:
        """Hold nothing."""

    async def text(self, url: str) -> str:
        """Return the text that REST answers."""
        answer = await request(self._client, "GET", f"{url}{self._path}", self._person)
        document = answer.json()["document"]
        assert document["revision"] >= self.revision, f"revision {document['revision']} after {self.revision}"
        self.revision = document["revision"]
        text: str = document["data"]["code"]
        return text


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body."""
        return msgspec.json.decode(self.body)


async def request(
    client: aiohttp.ClientSession,
    method: str,
    url: str,
    person: Person,
    *,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request; raises `Cut` when the hub is gone, a balancer finds none, or it cannot store just now."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            client.request(method, url, json=body, headers={**person.headers, **(headers or {})}) as answer,
        ):
            got = Answer(answer.status, answer.headers, await answer.read())
    except (aiohttp.ClientError, ConnectionError) as error:
        raise Cut from error
    if got.status in {502, 503}:
        raise Cut(got.body.decode())
    return got


async def finish(*tasks: asyncio.Task[None]) -> None:
    """Wait until all writers have noticed that the hub is gone; raises what one of them found wrong."""
    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*tasks)
