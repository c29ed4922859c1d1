"""The socket relay: `{base_url}teaching/socket.io/` to the hub's Engine.IO endpoint, WebSocket only.

A socket that comes while the hub has just gone waits for its return (`upstream_watcher.py`): it is open towards the
client, for browsers make one connection to a server at a time, and JupyterLab needs others.

Once hands are shaken on both sides, frames pass as the bytes that they are (`frames.py`), in one task per direction.
The next ones are read when the last ones were written, so a slow reader slows down the writer instead of filling
memory. While something waits to be written nothing is read, not even that the other side has gone: a reader that
takes nothing for long is therefore ended here.
"""

from __future__ import annotations

import asyncio
import ssl

from jupyter_server.auth.decorator import ws_authenticated
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketError, WebSocketHandler

from teaching_nb.errors import OperationalError, Unavailable
from teaching_nb.proxy import tornado_hooks
from teaching_nb.proxy.frames import Closing
from teaching_nb.proxy.handlers import GuardedHandler, refusing
from teaching_nb.proxy.leg import Leg
from teaching_nb.proxy.opening_packet import OpeningPacket
from teaching_nb.proxy.rules import socket_refusal, socket_url, upgrade_needs_origin
from teaching_nb.proxy.upstream import UNTRUSTED, Unusable
from teaching_nb.schema.closing import NOBODY_THERE, TRY_AGAIN_LATER
from teaching_nb.schema.limits import SOCKET_MESSAGE_BYTES, TRANSPORT_MESSAGE_BYTES

CONNECT_SECONDS = 5.0

_NOBODY_BEHIND = frozenset({502, 503})
"""What a web server in front of a hub answers with while there is none."""


class _Unable(Unavailable):
    """The hub was there, and did not let us connect in time."""


class SocketRelay(GuardedHandler, WebSocketHandler):
    """Relays one socket."""

    _client: Leg | None = None
    _hub: Leg | None = None
    _opening: OpeningPacket | None = None
    """For a hub that expects a credential in what the client says first."""
    _is_ended = False

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
    def ping_interval(self) -> float:
        """Return 0: the hub has heartbeats of its own, which pass through."""
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
        """Be the relay as long as there is something to relay."""
        self._client = Leg(tornado_hooks.take_stream(self), is_client=True, limit=SOCKET_MESSAGE_BYTES)
        try:
            await self._meet_hub()
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._carry_up(self._client, self._hub))
                if self._hub is not None:
                    directions.create_task(self._carry_down(self._hub, self._client))
        finally:
            self.context.connections.remove(self)
            for leg in (self._client, self._hub):
                if leg is not None:
                    leg.cut()

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """End the socket on both sides: nothing passes any more."""
        self._end(Closing(code, reason or ""))

    async def may_stay(self) -> bool:
        """Return whether the socket would be let in again."""
        if self.kernel is not None and not self.context.kernels.still_holds(self.kernel):
            return False
        return await self.is_authorized()

    async def _meet_hub(self) -> None:
        """Connect to the hub; nothing is read from the client before that."""
        try:
            self.context.connections.add(self)
            stream = await self._connect()
        except OperationalError as error:
            # The refused and the unavailable get the same code: whoever asks may try again.
            is_nobody_there = isinstance(error, Unavailable) and not isinstance(error, _Unable | Unusable)
            self.close(TRY_AGAIN_LATER, NOBODY_THERE if is_nobody_there else error.message)
            return
        self._hub = Leg(stream, is_client=False, limit=TRANSPORT_MESSAGE_BYTES)
        if self._is_ended:
            self._hub.close(Closing())

    async def _connect(self) -> IOStream:
        """Connect to the hub, waiting a while for one that has just gone."""
        try:
            return await self._connect_once()
        except (_Unable, Unusable):
            raise
        except Unavailable:
            if not await self.context.hub.is_back() or self._is_ended:
                # There is no hub, or we have closed the socket meanwhile.
                raise
            return await self._connect_once()

    async def _connect_once(self) -> IOStream:
        hub = self.context.hub
        root = await hub.root()
        auth = await hub.auth_of_socket(self.caller)
        self._opening = None if auth is None else OpeningPacket(auth)
        request = HTTPRequest(
            socket_url(root),
            headers=await hub.authorization(self.caller),
            connect_timeout=CONNECT_SECONDS,
            request_timeout=CONNECT_SECONDS,
        )
        try:
            stream = await tornado_hooks.connect(request)
        except (HTTPClientError, WebSocketError, OSError) as error:
            hub.report_failure()
            raise _unavailable(error) from error
        hub.report_answer()
        return stream

    async def _carry_up(self, client: Leg, hub: Leg | None) -> None:
        """Pass on what the client sends; after the end it is only read for the answer to our goodbye."""
        try:
            while client.incoming.closing is None:
                data = client.incoming.take(await client.read())
                if data and hub is not None and not self._is_ended:
                    await self._pass_up(data, client, hub)
                if client.incoming.refusal is not None:
                    self._end(client.incoming.refusal)
            code, _ = client.incoming.closing
            self._end(Closing(code), to_hub=client.incoming.closing)
            await client.finish()
        except StreamClosedError:
            # The client has vanished, or has not answered our goodbye in time.
            self._end(Closing())
        finally:
            self.context.connections.remove(self)

    async def _carry_down(self, hub: Leg, client: Leg) -> None:
        """Pass on what the hub sends; after the end it is only read for the answer to our goodbye."""
        try:
            while hub.incoming.closing is None:
                data = hub.incoming.take(await hub.read())
                if data and not self._is_ended:
                    await self._pass_down(data, hub, client)
                if hub.incoming.refusal is not None:
                    self._lose_hub(hub.incoming.refusal)
            code, _ = hub.incoming.closing
            self._end(hub.incoming.closing, to_hub=Closing(code))
            await hub.finish()
        except StreamClosedError:
            self._lose_hub()

    async def _pass_up(self, data: bytes, client: Leg, hub: Leg) -> None:
        if self._opening is not None:
            data = self._opening.put_into(data)
        try:
            await hub.write(data, is_whole=client.incoming.is_whole)
        except StreamClosedError:
            # The other task sees the same end, with its code.
            pass
        except TimeoutError:
            self._lose_hub()

    async def _pass_down(self, data: bytes, hub: Leg, client: Leg) -> None:
        try:
            await client.write(data, is_whole=hub.incoming.is_whole)
        except StreamClosedError:
            self._end(Closing())
        except TimeoutError:
            self._end(Closing(TRY_AGAIN_LATER, "you do not read"), to_hub=Closing())

    def _lose_hub(self, to_hub: Closing | None = None) -> None:
        """End the socket because there is no hub behind it any more, or none that we understand."""
        if not self._is_ended:
            self.context.hub.report_failure()
            self._end(Closing(TRY_AGAIN_LATER, NOBODY_THERE), to_hub=to_hub)

    def _end(self, to_client: Closing, *, to_hub: Closing | None = None) -> None:
        """Say goodbye on both sides, once: the same to both if nothing else is said."""
        if self._is_ended:
            return
        self._is_ended = True
        if self._client is not None:
            self._client.close(to_client)
        if self._hub is not None:
            self._hub.close(to_hub or to_client)


def _unavailable(error: Exception) -> Unavailable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unusable(UNTRUSTED)
    is_nobody_there = isinstance(error, OSError)
    if isinstance(error, HTTPClientError):
        is_nobody_there = error.code in _NOBODY_BEHIND
    return Unavailable(NOBODY_THERE) if is_nobody_there else _Unable("the hub cannot take this connection now")
