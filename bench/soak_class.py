"""A class that works on a hub for as long as it takes: people come, write together, look around and leave.

Everybody is a client of python-socketio and aiohttp, as anybody could write one.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from typing import Any, Self

import aiohttp
import pycrdt
import socketio

from teaching_nb.hub.live.awareness import ClientState, encode
from tests.harness.deaf_reader import DeafReader

TABLES = 4
"""Texts that are written at the same time, each by several people."""
LESSON_SECONDS = 20.0
"""How long a text is worked on; then there is a new one, and the last but one is deleted."""
DEAF_SECONDS = 60.0
ANSWER_SECONDS = 60.0
TEACHER, DEAF = "teacher@example.org", "deaf@example.org"
PASSWORD = "correct horse"  # noqa: S105 - of people who exist for some minutes
ROOT_ID, BOOK_ID = str(uuid.uuid4()), str(uuid.uuid4())
BOOK_BYTES = 300_000
BOOKS_ASKED_FOR = 40
"""More than the system takes for somebody who reads nothing."""


def students(count: int) -> list[str]:
    """Return the e-mail addresses of so many students."""
    return [f"student{number}@example.org" for number in range(count)]


def school(count: int) -> bytes:
    """Return the file that is loaded into the hub: one class, and a root in which all write."""
    people = students(count)
    content = {
        "users": [
            {"email": TEACHER, "firstName": "Tea", "lastName": "Cher", "role": "teacher"},
            *(
                {"email": email, "firstName": "Stu", "lastName": "Dent", "password": PASSWORD}
                for email in (DEAF, *people)
            ),
        ],
        "groups": [{"name": "class", "members": [DEAF, *people], "admins": [TEACHER]}],
        "documentRoots": [{"id": ROOT_ID, "access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}],
        "documents": [
            {
                "id": BOOK_ID,
                "documentRootId": ROOT_ID,
                "author": TEACHER,
                "type": "code",
                "data": {"code": "a word\n" * (BOOK_BYTES // 7)},
            }
        ],
    }
    return json.dumps(content).encode()


class Class:
    """Everybody, and what they have done since it was asked for."""

    def __init__(self, url: str, tokens: dict[str, str], *, seed: int) -> None:
        self.url = url
        self.tokens = tokens
        self.chance = random.Random(seed)  # noqa: S311 - what people do next, no secret
        self.done: Counter[str] = Counter()
        self.answers: list[float] = []
        """How long each edit took until it was acknowledged, in seconds."""
        self.texts: list[str] = []
        """Ids of the documents of this lesson."""

    async def work(self, seconds: float) -> None:
        """Let everybody work; raises what went wrong for one of them."""
        end = time.monotonic() + seconds
        people = [email for email in self.tokens if email not in {TEACHER, DEAF}]
        async with Teacher(self) as teacher, asyncio.TaskGroup() as group:
            await teacher.begin_lesson()
            group.create_task(teacher.teach(end))
            group.create_task(Deaf(self).listen(end))
            for number, email in enumerate(people):
                group.create_task(Student(self, email, number).come_and_go(end))

    async def request(
        self, session: aiohttp.ClientSession, method: str, path: str, body: Any = None, *, status: int
    ) -> Any:
        """Send a REST request and return the answer; raises `RuntimeError` when it has another status."""
        async with session.request(method, f"{self.url}{path}", json=body) as answer:
            content = await answer.read()
            if answer.status != status:
                raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        self.done["requests"] += 1
        return json.loads(content) if content else None

    def session(self, email: str) -> aiohttp.ClientSession:
        """Return an HTTP client of a person."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        return aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.tokens[email]}"}, timeout=timeout)

    async def connected(self, email: str, listener: Any = None) -> socketio.AsyncClient:
        """Return a socket of a person."""
        client = socketio.AsyncClient(reconnection=False)
        if listener is not None:
            client.on("DOCUMENT_UPDATE", listener)
        token = {"token": self.tokens[email]}
        await client.connect(self.url, auth=token, transports=["websocket"], wait_timeout=ANSWER_SECONDS)
        self.done["connections"] += 1
        return client


class Teacher:
    """Stays all the time, hears everything, begins lessons and presents."""

    def __init__(self, class_: Class) -> None:
        self._class = class_
        self._session = class_.session(TEACHER)
        self._socket: Any = None
        self._before: list[str] = []

    async def __aenter__(self) -> Self:
        self._socket = await self._class.connected(TEACHER)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.disconnect()
        await self._session.close()

    async def begin_lesson(self) -> None:
        """Make new texts, and delete those that nobody has begun to work on for a lesson."""
        class_ = self._class
        body = {"type": "code", "documentRootId": ROOT_ID, "data": {"code": "# a new lesson\n"}}
        path = "/api/v1/documents"
        made = [await class_.request(self._session, "POST", path, body, status=200) for _ in range(TABLES)]
        for old in self._before:
            await class_.request(self._session, "DELETE", f"{path}/{old}", status=204)
        self._before, class_.texts = class_.texts, [document["id"] for document in made]

    async def teach(self, end: float) -> None:
        """Show texts to the class, and begin a new lesson now and then."""
        begun = time.monotonic()
        while time.monotonic() < end:
            await asyncio.sleep(1)
            if not self._socket.connected:
                raise RuntimeError("the teacher has lost the connection")
            shown = {"roomId": ROOT_ID, "id": self._class.texts[0], "data": {"code": "shown " * 100}}
            await self._socket.emit("STREAM_UPDATE", shown)
            if time.monotonic() - begun > LESSON_SECONDS:
                begun = time.monotonic()
                await self.begin_lesson()


class Student:
    """Comes, works at a table for some seconds, and leaves; again and again."""

    def __init__(self, class_: Class, email: str, number: int) -> None:
        self._class = class_
        self._email = email
        self._number = number
        self._socket: Any = None
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._text_id = ""

    async def come_and_go(self, end: float) -> None:
        """Visit until the end."""
        chance, visit = self._class.chance, 0
        async with self._class.session(self._email) as session:
            await asyncio.sleep(chance.uniform(0, 3))
            while time.monotonic() < end:
                if visit % 10 == self._number % 10:
                    await self._sign_in()
                await self._visit(session)
                await asyncio.sleep(chance.uniform(0.1, 1))
                visit += 1

    async def _visit(self, session: aiohttp.ClientSession) -> None:
        class_ = self._class
        self._text_id = class_.texts[self._number % TABLES]
        self._doc = pycrdt.Doc()
        self._socket = await class_.connected(self._email, self._hear)
        try:
            await self._socket.call("JOIN_ROOM", ROOT_ID, timeout=ANSWER_SECONDS)
            if await self._open():
                await self._write(class_.chance.randint(3, 12))
                await self._look_around(session)
            class_.done["visits"] += 1
        finally:
            await self._leave()

    async def _open(self) -> bool:
        answer = await self._call("SYNC_DOCUMENT", {"stateVector": self._doc.get_state()})
        if answer is not None:
            self._doc.apply_update(answer["update"])
        return answer is not None

    async def _write(self, edits: int) -> None:
        """Type, and show where; ends early when the lesson is over."""
        for number in range(edits):
            before = self._doc.get_state()
            self._edit()
            began = time.monotonic()
            if await self._call("UPDATE_DOCUMENT", {"update": self._doc.get_update(before)}) is None:
                return
            self._class.answers.append(time.monotonic() - began)
            self._class.done["edits"] += 1
            state = encode({self._number + 1: ClientState(number + 1, {"cursor": number})})
            await self._socket.emit("AWARENESS", {"id": self._text_id, "state": state})
            await asyncio.sleep(self._class.chance.uniform(0.2, 0.8))

    def _edit(self) -> None:
        text: pycrdt.Text = self._doc.get("data", type=pycrdt.Map)["code"]
        chance, length = self._class.chance, len(text)
        if length > 2_000:
            start = chance.randrange(length - 200)
            del text[start : start + 200]
        else:
            text.insert(chance.randint(0, length), f"{self._email} was here\n")

    async def _look_around(self, session: aiohttp.ClientSession) -> None:
        path = "/api/v1/documents"
        await self._class.request(session, "GET", "/api/v1/user", status=200)
        wanted = {"documentRootId": ROOT_ID, "type": "note", "data": {}}
        main = await self._class.request(session, "POST", f"{path}/main", wanted, status=200)
        note = {"data": {"note": self._class.chance.choice("abc") * self._class.chance.randrange(20_000)}}
        await self._class.request(session, "PUT", f"{path}/{main['id']}", note, status=204)
        await self._class.request(session, "GET", f"{path}/{main['id']}", status=200)
        await self._class.request(session, "GET", f"{path}/{BOOK_ID}", status=200)

    async def _sign_in(self) -> None:
        """Sign in as a browser does, and out again."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as browser:
            body = {"email": self._email, "password": PASSWORD}
            await self._class.request(browser, "POST", "/api/auth/sign-in/email", body, status=200)
            await self._class.request(browser, "POST", "/api/auth/sign-out", {}, status=200)

    async def _call(self, event: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Return an answer; None when the text has been deleted meanwhile."""
        answer: dict[str, Any] = await self._socket.call(
            event, {"id": self._text_id, **payload}, timeout=ANSWER_SECONDS
        )
        if answer["ok"]:
            return answer
        if answer["error"]["status"] != 404:
            raise RuntimeError(f"{event}: {answer['error']}")
        return None

    async def _leave(self) -> None:
        """Leave in good order, or as a lost network would have it."""
        if self._class.chance.random() < 0.5:
            _cut(self._socket.eio.ws)
        await self._socket.disconnect()

    def _hear(self, payload: dict[str, Any]) -> None:
        if payload["id"] == self._text_id:
            self._doc.apply_update(payload["update"])
            self._class.done["heard"] += 1


class Deaf:
    """Follows every table, asks for a book again and again, and reads nothing for longer than the hub waits."""

    def __init__(self, class_: Class) -> None:
        self._class = class_

    async def listen(self, end: float) -> None:
        """Come again and again."""
        while time.monotonic() < end:
            reader = await asyncio.to_thread(self._come)
            await asyncio.sleep(min(DEAF_SECONDS, max(0.0, end - time.monotonic())))
            reader.close()
            self._class.done["deaf"] += 1

    def _come(self) -> DeafReader:
        reader = DeafReader(self._class.url, f"Bearer {self._class.tokens[DEAF]}")
        for number, document_id in enumerate([*self._class.texts, *[BOOK_ID] * BOOKS_ASKED_FOR]):
            reader.ask_for(document_id, str(number))
        return reader


def _cut(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Be gone without a farewell."""
    transport = socket._writer.transport  # noqa: SLF001 - aiohttp has no word for it
    if transport is not None:
        transport.abort()
