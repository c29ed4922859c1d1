"""A back end that records what reaches it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived."""

    method: str
    path: str
    """With its query, undecoded."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def bearer(self) -> str:
        """Return the token of the Authorization header."""
        return self.headers["authorization"].removeprefix("Bearer ")


HEALTH = "/api/v1/health"


@dataclass
class RecordingHub:
    """Answers everything, remembers everything."""

    url: str = ""
    requests: list[Recorded] = field(default_factory=list)
    looks: int = 0
    """How often somebody asked whether it is well."""
    answer: web.Response | None = None
    """What the next REST request gets, instead of `{}`."""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    messages: asyncio.Queue[str | bytes] = field(default_factory=asyncio.Queue)
    """What arrived on sockets; each message is sent back, unless it says what to send."""
    closed: asyncio.Queue[int | None] = field(default_factory=asyncio.Queue)
    """Close codes of sockets that ended."""
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    """REST requests wait while this is set."""
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    """Sockets read only while this is set."""
    _runner: web.AppRunner | None = None

    async def start(self) -> RecordingHub:
        """Listen on a port of the system's choice, or on the one that it had before."""
        self.reading.set()
        application = web.Application(client_max_size=20_000_000)
        application.router.add_get("/socket.io/", self._socket)
        application.router.add_route("*", "/{path:.*}", self._rest)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        port = int(self.url.rpartition(":")[2] or 0)
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        """Stop listening, close what is open."""
        self.stalled.clear()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _record(self, request: web.Request) -> Recorded:
        headers = {name.lower(): value for name, value in request.headers.items()}
        recorded = Recorded(request.method, request.raw_path, headers, await request.read())
        self.requests.append(recorded)
        return recorded

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        if request.path == HEALTH and "authorization" not in request.headers:
            self.looks += 1
            return web.json_response({"status": "ok", "version": "0", "features": []})
        await self._record(request)
        while self.stalled.is_set():
            await asyncio.sleep(0.01)
        answer, self.answer = self.answer, None
        return answer or web.json_response({})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        await self._record(request)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self.sockets.append(socket)
        while True:
            await self.reading.wait()
            message = await socket.receive()
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            self.messages.put_nowait(message.data)
            if message.data == "send flood":
                await self._flood(socket)
            elif str(message.data).startswith("send bytes "):
                await socket.send_bytes(bytes(int(message.data.rpartition(" ")[2])))
            else:
                await self._echo(socket, message.data)
        self.closed.put_nowait(socket.close_code)
        return socket

    async def _echo(self, socket: web.WebSocketResponse, data: str | bytes) -> None:
        await (socket.send_str(data) if isinstance(data, str) else socket.send_bytes(data))

    async def _flood(self, socket: web.WebSocketResponse) -> None:
        self.flooded = 0
        while not socket.closed:
            await socket.send_bytes(bytes(1_000_000))
            self.flooded += 1

    flooded: int = 0
    """Megabytes that went out since "send flood"."""
