"""The socket relay: `{base_url}teaching/socket.io/` to the hub's Engine.IO endpoint, WebSocket only.

A socket that comes while the hub has just gone waits for its return (`upstream_watcher.py`): it is open towards the
client, for browsers make one connection to a server at a time, and JupyterLab needs others.

Messages are pulled in both directions: the next one is read when the last one was written, so a slow reader
slows down the writer instead of filling memory. One hub socket per client socket, and one task per direction.
While a message waits to be written nothing is read, not even that the other side has gone: a reader that takes
nothing for long is therefore ended here.
"""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import ws_authenticated
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, WebSocketHandler
from tornado.websocket import websocket_connect as connect

from teaching_nb.errors import OperationalError, Unavailable
from teaching_nb.proxy import tornado_hooks
from teaching_nb.proxy.handlers import GuardedHandler, refusing
from teaching_nb.proxy.rules import socket_refusal, socket_url, upgrade_needs_origin
from teaching_nb.schema.closing import NOBODY_THERE, TRY_AGAIN_LATER
from teaching_nb.schema.limits import SOCKET_MESSAGE_BYTES, TRANSPORT_MESSAGE_BYTES

CONNECT_SECONDS = 5.0
STUCK_SECONDS = 60.0
"""A side that takes no message for so long is ended; the hub's heartbeat has given it up before."""
TOO_LARGE = 1009
"""WebSocket close code."""

_NO_CODE = 1005
_NOBODY_BEHIND = frozenset({502, 503})
"""What a web server in front of a hub answers with while there is none."""


class _Unable(Unavailable):
    """The hub was there, and did not let us connect in time."""


class SocketRelay(GuardedHandler, WebSocketHandler):
    """Relays one socket."""

    _hub_socket: WebSocketClientConnection | None = None
    _downward: asyncio.Task[None] | None = None

    @property
    def action(self) -> str:
        """Return "write": a socket carries edits."""
        return "write"

    @property
    def subject(self) -> str:
        """Return whose socket this is."""
        return self.caller.subject

    @property
    def kernel_id(self) -> str | None:
        """Return the kernel whose token opened it; None for a person's own."""
        return self.kernel.kernel_id if self.kernel else None

    @property
    def max_message_size(self) -> int:
        """Return the largest message that is read from the client; of one above the hub's limit its size is told."""
        return TRANSPORT_MESSAGE_BYTES

    @property
    def ping_interval(self) -> float:
        """Return 0: Engine.IO has a heartbeat of its own, which passes through."""
        return 0

    @property
    def ping_timeout(self) -> float:
        """Return 0, as `ping_interval`."""
        return 0

    def get_compression_options(self) -> None:
        """Refuse compression: a few bytes could inflate to any size."""
        return

    @refusing
    async def prepare(self) -> None:
        """Let the caller in; an upgrade needs an origin or a token of its own."""
        await super().prepare()
        upgrade_needs_origin(self.get_origin(), by_token_header=self.has_token_header())

    @ws_authenticated
    async def get(self) -> None:
        """Upgrade, when it is Engine.IO 4 over WebSocket."""
        refusal = socket_refusal({name: self.get_query_argument(name, "") for name in ("transport", "EIO")})
        if refusal is None and self.request.headers.get("Upgrade", "").lower() != "websocket":
            refusal = {"code": 3, "message": "Bad request"}
        if refusal is not None:
            self.set_status(400)
            self.answer(refusal)
            return
        await super().get()

    @ws_authenticated
    async def post(self) -> None:
        """Refuse: only polling would post."""
        self.set_status(400)
        self.answer({"code": 0, "message": "Transport unknown"})

    async def open(self) -> None:
        """Connect to the hub; nothing is read from the client before that."""
        self.set_nodelay(True)
        try:
            self.context.connections.add(self)
            self._hub_socket = await self._connect()
        except OperationalError as error:
            # The refused and the unavailable get the same code: whoever asks may try again.
            is_nobody_there = isinstance(error, Unavailable) and not isinstance(error, _Unable)
            self.close(TRY_AGAIN_LATER, NOBODY_THERE if is_nobody_there else error.message[:120])
            return
        self._downward = asyncio.create_task(self._pump_down(self._hub_socket))

    async def on_message(self, message: str | bytes) -> None:
        """Pass a message up; tornado reads the next one when this is done."""
        if self._hub_socket is None:
            return
        size = len(message if isinstance(message, bytes) else message.encode())
        if size > SOCKET_MESSAGE_BYTES:
            # The hub would end the connection too, without a word.
            self.close(TOO_LARGE, f"the message has {size} bytes, the limit is {SOCKET_MESSAGE_BYTES}")
            return
        try:
            await _written(self._hub_socket.write_message(message, binary=isinstance(message, bytes)))
        except WebSocketClosedError:
            # The downward task sees the same end, with its code.
            return
        except TimeoutError:
            self.context.hub.report_failure()
            self.close(TRY_AGAIN_LATER, NOBODY_THERE)

    def on_close(self) -> None:
        """Close the hub's side with the client's code."""
        self.context.connections.remove(self)
        if self._hub_socket is not None:
            code = self.close_code if self.close_code != _NO_CODE else None
            self._hub_socket.close(code, self.close_reason)

    async def may_stay(self) -> bool:
        """Return whether the socket would be let in again."""
        if self.kernel is not None and not self.context.kernels.still_holds(self.kernel):
            return False
        return await self.is_authorized()

    async def _connect(self) -> WebSocketClientConnection:
        """Connect to the hub, waiting a while for one that has just gone."""
        try:
            return await self._connect_once()
        except _Unable:
            raise
        except Unavailable:
            if not await self.context.hub.is_back() or not tornado_hooks.is_open(self):
                # There is no hub, or we have closed the socket meanwhile.
                raise
            return await self._connect_once()

    async def _connect_once(self) -> WebSocketClientConnection:
        hub = self.context.hub
        request = HTTPRequest(
            socket_url(await hub.root()),
            headers={"Authorization": hub.credential(self.caller)},
            connect_timeout=CONNECT_SECONDS,
            request_timeout=CONNECT_SECONDS,
        )
        try:
            hub_socket = await connect(request, max_message_size=TRANSPORT_MESSAGE_BYTES)
        except (HTTPClientError, WebSocketError, OSError) as error:
            hub.report_failure()
            raise _unavailable(error) from error
        hub.report_answer()
        # A binary event is two frames: the second would wait for the acknowledgement of the first.
        tornado_hooks.send_at_once(hub_socket)
        return hub_socket

    async def _pump_down(self, hub_socket: WebSocketClientConnection) -> None:
        try:
            while (message := await hub_socket.read_message()) is not None:
                await _written(self.write_message(message, binary=isinstance(message, bytes)))
        except TimeoutError:
            self.close(TRY_AGAIN_LATER, "you do not read")
            hub_socket.close()
            await _drain(hub_socket)
            return
        except WebSocketClosedError:
            # The client went first, maybe while we were still connecting: then on_close had nothing to close.
            hub_socket.close()
            await _drain(hub_socket)
            return
        self._close_like(hub_socket)

    def _close_like(self, hub_socket: WebSocketClientConnection) -> None:
        if hub_socket.close_code is None:
            self.context.hub.report_failure()
            self.close(TRY_AGAIN_LATER, NOBODY_THERE)
        elif hub_socket.close_code == _NO_CODE:
            self.close()
        else:
            self.close(hub_socket.close_code, hub_socket.close_reason)


def _unavailable(error: Exception) -> Unavailable:
    is_nobody_there = isinstance(error, OSError)
    if isinstance(error, HTTPClientError):
        is_nobody_there = error.code in _NOBODY_BEHIND
    return Unavailable(NOBODY_THERE) if is_nobody_there else _Unable("the hub cannot take this connection now")


async def _written(writing: asyncio.Future[None]) -> None:
    """Wait until a message is written; raises `TimeoutError` for a reader that does not take it."""
    done, _ = await asyncio.wait({writing}, timeout=STUCK_SECONDS)
    if not done:
        # Not cancelled, which tornado's stream would log as an error; it fails when the socket is closed.
        writing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise TimeoutError
    writing.result()


async def _drain(hub_socket: WebSocketClientConnection) -> None:
    """Read what still comes, so that the hub's answer to our closing is found behind it."""
    while await hub_socket.read_message() is not None:
        pass
