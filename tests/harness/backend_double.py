"""A double of the school's existing backend: real HTTP, a real Socket.IO server, and what its transcripts show of it.

It runs in a thread of its own, in either version. The real one needs Node.js and PostgreSQL and cannot be told to be
slow, to forget its sessions, or to store somebody else's words in just the wrong moment.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import quote, unquote

import socketio
from aiohttp import web

from tests.harness.backend_api import BackendApi, Told
from tests.harness.backend_records import PASSWORD, Json, Pupil, Records, Version

COOKIES: dict[Version, str] = {"present": "tdev.session_token", "2025": "twaApiKey"}
SENDERS: dict[Version, str] = {"present": "x-metadata-sid", "2025": "x-metadata-socketid"}
WELCOME = "Welcome to the TEACHING-WEBSITE-API V1.0"
SECONDS = 20.0


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""


class BackendDouble:
    """One backend with its people; start it, and end it with `stop`. Methods may be called from any thread."""

    def __init__(self, version: Version, *people: Pupil, asks_for_origin: bool = False) -> None:
        self.version: Version = version
        self.records = Records(version, list(people))
        self.asked: list[Asked] = []
        self.sessions: dict[str, str] = {}
        """Cookie → user id."""
        self.tokens: list[str] = []
        """All one-time tokens that were given out."""
        self.api = BackendApi(self.records)
        self.prolongs = False
        """Whether answers give the session another value."""
        self.acted: list[tuple[str, Any]] = []
        """Rooms that an ACTION was sent to, with what it said."""
        self.asks_for_origin = asks_for_origin
        self.refused_sign_ins: list[str] = []
        """Of each sign-in that is one too many, how many seconds it is told to wait."""
        self.before_joining: list[Callable[[], object]] = []
        """What happens just before somebody is next let into a room that they have asked for."""
        self._unused: dict[str, str] = {}
        self.tells_first = False
        """Whether events of a request come before its answer."""
        self.tells_backwards = False
        """Whether what slipped in last is told first."""
        self._port = 0
        self._thread: threading.Thread | None = None
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie."""
        return COOKIES[self.version]

    def start(self) -> Self:
        """Begin to listen, on the same port each time."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
        self._do(self._listen())
        return self

    def pause(self) -> None:
        """Go away, with all connections; `start` comes back with all that was stored."""
        if self._runner is not None:
            self._do(self._leave())

    def stop(self) -> None:
        """End for good."""
        self.pause()
        if self._thread is not None:
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SECONDS)
        self._loop.close()

    def token_of(self, person: Pupil) -> str:
        """Return what a client proves itself with that comes without a Jupyter server, as none ever does there."""
        return unquote(self.sign_in(person).partition("=")[2])

    def sign_in(self, person: Pupil) -> str:
        """Return the cookie, name and value, of a new session."""
        value = f"{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}/+="
        self.sessions[value] = person.id
        return f"{self.cookie_name}={quote(value, safe='')}"

    def end_sessions(self) -> None:
        """Forget who is signed in; sockets live on, as they do there."""
        self.sessions.clear()

    def slip_in(self, document_id: str, writer: Pupil, data: Any, *, is_later: bool = False) -> None:
        """Have somebody else's words stored just before the next PUT, or just after it, and told of after it."""
        self.api.slipping.append((document_id, writer, data, is_later))

    def write(self, document_id: str, writer: Pupil, data: Any) -> None:
        """Have somebody write who is at the website."""
        self._do(self._write(self.records.documents[document_id], writer, data, None))

    def tell(self, event: str, payload: Any, room: str = "all") -> None:
        """Tell a room something."""
        self._do(self._sockets.emit(event, payload, room=room))

    def throw_out(self) -> None:
        """Cut every socket, without a word."""
        self._do(self._cut())

    def data(self, document_id: str) -> Any:
        """Return what is stored."""
        return self.records.documents[document_id]["data"]

    def count(self, method: str, path: str) -> int:
        """Return how often a path was asked for."""
        return len([each for each in self.asked if (each.method, each.path) == (method, path)])

    # serving, on its own loop

    def _do(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    async def _listen(self) -> None:
        application = web.Application(client_max_size=5 * 1024 * 1024)
        self._sockets = socketio.AsyncServer(
            async_mode="aiohttp",
            always_connect=self.version == "present",
            transports=["websocket"],
            ping_interval=15,
            ping_timeout=20,
        )
        self._sockets.attach(application)
        self._sockets.on("connect", self._connect)
        self._sockets.on("JOIN_ROOM", self._join)
        self._sockets.on("LEAVE_ROOM", self._leave_room)
        if self.version == "present":
            self._sockets.on("ACTION", self._act)
        self._sockets.on("disconnect", self._disconnect)
        self._callers: dict[str, Pupil] = {}
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def _leave(self) -> None:
        await self._cut()
        assert self._runner is not None
        await self._sockets.shutdown()
        await self._runner.cleanup()
        self._runner = None

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cut(self) -> None:
        for sid in list(self._callers):
            await self._sockets.disconnect(sid)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, request.path, headers))
        told: list[Told] = []
        body = await request.json() if request.can_read_body else {}
        answer = await self._answer(request, body, told)
        caller = self._caller(headers.get("cookie", ""))
        if self.prolongs and caller is not None:
            answer.headers["Set-Cookie"] = f"{self.sign_in(caller)}; Path=/; HttpOnly"
        if self.tells_first:
            await self._tell_all(told, headers)
        await answer.prepare(request)
        await answer.write_eof()
        if not self.tells_first:
            await self._tell_all(told, headers)
        return answer

    async def _tell_all(self, told: list[Told], headers: dict[str, str]) -> None:
        late, self.api.late = self.api.late[:: -1 if self.tells_backwards else 1], []
        for event, payload, rooms in told:
            await self._emit(event, payload, rooms, headers.get(SENDERS[self.version]))
        for event, payload, rooms in late:
            await self._emit(event, payload, rooms, None)

    async def _answer(self, request: web.Request, body: Any, told: list[Any]) -> web.Response:
        path = request.path.strip("/")
        if path == "api/v1":
            return web.Response(text=WELCOME, content_type="text/html")
        caller = self._caller(request.headers.get("Cookie", ""), request.headers.get("Authorization", ""))
        if self.version == "present" and path.startswith("api/auth/"):
            return self._auth(request, path.removeprefix("api/auth/"), body, caller)
        if not path.startswith("api/v1/"):
            return web.Response(status=404, text="<pre>Cannot GET</pre>", content_type="text/html")
        if caller is None:
            return web.json_response({"error": "Unauthorized"}, status=401)
        if self.version == "2025" and path == "api/v1/checklogin":
            return web.Response(text="OK")
        return self.api.answer(request, path.removeprefix("api/v1/").split("/"), body, caller, told)

    def _auth(self, request: web.Request, path: str, body: Any, caller: Pupil | None) -> web.Response:
        if path == "sign-in/email" and self.refused_sign_ins:
            refusal = {"message": "Too many requests. Please try again later."}
            return web.json_response(refusal, status=429, headers={"X-Retry-After": self.refused_sign_ins.pop()})
        if path == "sign-in/email":
            if self.asks_for_origin and request.headers.get("Origin") != self.url:
                refusal = {"message": "Missing or null Origin", "code": "MISSING_OR_NULL_ORIGIN"}
                return web.json_response(refusal, status=403)
            person = next((each for each in self.records.people if each.email == body["email"]), None)
            if person is None or body["password"] != PASSWORD:
                refusal = {"message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD"}
                return web.json_response(refusal, status=401)
            cookie = self.sign_in(person)
            answer = web.json_response({"redirect": False, "token": "x", "user": self.records.user(person)})
            answer.headers["Set-Cookie"] = f"{cookie}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"
            return answer
        if path == "get-session":
            return web.json_response(None if caller is None else {"session": {}, "user": self.records.user(caller)})
        if path == "one-time-token/generate" and caller is not None:
            token = secrets.token_urlsafe(24)
            self.tokens.append(token)
            self._unused[token] = caller.id
            return web.json_response({"token": token})
        return web.json_response({"message": "Unauthorized", "code": "UNAUTHORIZED"}, status=401)

    def _caller(self, cookies: str, authorization: str = "") -> Pupil | None:
        morsel = SimpleCookie(cookies).get(self.cookie_name)
        value = unquote(morsel.value) if morsel else authorization.removeprefix("Bearer ")
        user_id = self.sessions.get(value)
        return None if user_id is None else self.records.person(user_id)

    async def _write(self, document: Json, writer: Pupil, data: Any, sender: str | None) -> None:
        event, payload, rooms = self.api.change(document, writer, data)
        await self._emit(event, payload, rooms, sender)

    async def _emit(self, event: str, payload: Any, rooms: set[str], sender: str | None) -> None:
        await self._sockets.emit(event, payload, room=sorted(rooms), skip_sid=sender)

    # sockets

    async def _connect(self, sid: str, environ: Json, auth: Any = None) -> None:
        await self._enter(sid, sid)
        direct = environ.get("HTTP_AUTHORIZATION", "")
        if self.version == "present" and not direct:
            user_id = self._unused.pop(str(auth.get("token")) if isinstance(auth, dict) else "", None)
            person = None if user_id is None else self.records.person(user_id)
        else:
            person = self._caller(environ.get("HTTP_COOKIE", ""), direct)
        if person is None:
            raise socketio.exceptions.ConnectionRefusedError("unauthorized")
        self._callers[sid] = person
        self._entering = self._loop.create_task(self._admit(sid, person))

    async def _admit(self, sid: str, person: Pupil) -> None:
        await self._enter(sid, person.id)
        if person.role == "admin":
            await self._enter(sid, "admin")
            rooms = [[room, self._count(room)] for room in self._sockets.manager.rooms["/"] if room is not None]
            await self._sockets.emit("CONNECTED_CLIENTS", {"rooms": rooms, "type": "full"}, room="admin")
        await self._enter(sid, "all")
        await self._enter(sid, self.records.group_id)

    async def _enter(self, sid: str, room: str) -> None:
        await self._sockets.enter_room(sid, room)
        await self._tell_count(room)

    async def _tell_count(self, room: str) -> None:
        told = {"rooms": [[room, self._count(room)]], "type": "update"}
        await self._sockets.emit("CONNECTED_CLIENTS", told, room=[room, "admin"])

    def _count(self, room: str) -> int:
        return len(list(self._sockets.manager.get_participants("/", room)))

    async def _act(self, sid: str, wanted: Json) -> bool:
        caller = self._callers[sid]
        if caller.role == "student":
            await self._say_nothing()
        people = [each.id for each in self.records.people if each.id in wanted["userIds"]]
        rooms = [room for room in wanted["roomIds"] if caller.role == "admin" or room == self.records.group_id]
        self.acted += [(room, wanted["action"]) for room in [*people, *rooms]]
        if people or rooms:
            await self._sockets.emit("ACTION", wanted["action"], room=[*people, *rooms], skip_sid=sid)
        return True

    async def _say_nothing(self) -> None:
        """Leave somebody without an acknowledgement, as they are there who ask for what they may not."""
        await asyncio.Event().wait()

    async def _join(self, sid: str, room: Any) -> Any:
        elevated = {"present": {"teacher", "admin"}, "2025": {"admin"}}[self.version]
        if self._callers[sid].role not in elevated and room != self.records.group_id:
            await self._say_nothing()
        while self.before_joining:
            self.before_joining.pop()()
        await self._enter(sid, str(room))
        return True if self.version == "present" else None

    async def _leave_room(self, sid: str, room: Any) -> Any:
        if self._callers[sid].role not in {"teacher", "admin"}:
            # Students stay where they belong, and are told so.
            return False if self.version == "present" else None
        await self._sockets.leave_room(sid, str(room))
        await self._tell_count(str(room))
        return True if self.version == "present" else None

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        left = [room for room in self._sockets.rooms(sid) if room != sid]
        for room in left:
            await self._sockets.leave_room(sid, room)
        self._callers.pop(sid, None)
        for room in left:
            await self._tell_count(room)
