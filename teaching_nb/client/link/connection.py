"""The one socket of a classroom: connecting, staying connected, calling the hub. Lives on the loop thread.

    offline ──attempt──▶ connected ──on_connected done──▶ live ──lost──▶ offline ──back-off──▶ …

Each attempt uses a fresh Socket.IO client without its own reconnection, so that nothing of a lost connection
survives: neither acknowledgements nor handlers. The connection never gives up until it is closed. A refused
token gets one attempt at once, then the same back-off as everything else. Where nobody is, the next attempt comes
soon, for it costs nobody anything (`backoff.py`). What was missed in between is not the business of this module:
`on_connected` is awaited after each connect and catches up.

Handlers of events are plain functions: python-socketio starts a task per message, and only handlers that do
not wait keep the hub's order. They never raise, never print, and no token or text gets into a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import msgspec
import socketio
import socketio.exceptions

from teaching_nb.client.link.address import Address
from teaching_nb.client.link.arrival import Arrival
from teaching_nb.client.link.backoff import Backoff
from teaching_nb.errors import NotConnected, TeachingNbError, TimedOut, TooLarge, Unauthorized
from teaching_nb.schema import events, limits
from teaching_nb.schema.closing import NOBODY_THERE
from teaching_nb.schema.hub_kinds import BACKEND_UNREACHABLE

CONNECT_SECONDS = 15.0
CALL_SECONDS = 10.0
STABLE_SECONDS = 2.0
"""A connection that lasted so long, once all was caught up with, makes the next back-off start anew."""

_NOBODY_BEHIND = frozenset({502, 503})
"""What a web server in front of a hub answers with while there is none."""

_EVENTS = (
    events.NEW_RECORD,
    events.CHANGED_RECORD,
    events.CHANGED_DOCUMENT,
    events.DELETED_RECORD,
    events.CONNECTED_CLIENTS,
    events.DOCUMENT_UPDATE,
    events.DOCUMENT_AWARENESS,
    events.DOCUMENT_CLOSED,
    events.CHANGED_SELF_CHECK,
    events.ACTION,
)

_logger = logging.getLogger(__name__)
# python-socketio logs whole packets at INFO, and adds a handler to loggers that it makes itself.
_transport_log = logging.getLogger("teaching_nb.client.transport")
_transport_log.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Listener:
    """What the connection tells; all on the loop thread."""

    on_connected: Callable[[], Awaitable[None]]
    """Awaited after each connect; an error of ours ends the attempt."""
    on_lost: Callable[[str], None]
    """Told with a sentence when a connection ends or an attempt fails."""
    on_event: Callable[[str, Any], None]


class _Absent(NotConnected):
    """Nobody was there: the attempt has cost the hub nothing."""


class _Closed(Exception):
    """The other side has closed the WebSocket; its reason is the argument."""


class _WebSocket(aiohttp.ClientWebSocketResponse):
    """A WebSocket whose end is an error, so that a reason is not lost: engineio would take its code for a packet."""

    def __init__(self, *arguments: Any, opened: list[_WebSocket], **options: Any) -> None:
        super().__init__(*arguments, **options)
        opened.append(self)

    def release(self) -> None:
        """Give the connection back: aiohttp does not where the other side was killed, engineio not in a handshake."""
        self._response.close()

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:
        """Return the next message."""
        message = await super().receive(timeout)
        if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
            raise _Closed(str(message.extra or ""))
        return message


@dataclass(frozen=True, slots=True)
class _Ending:
    """How an attempt, or the connection that it led to, has ended."""

    sentence: str
    is_refusal: bool = False
    """The hub did not accept the token."""
    is_absent: bool = False
    lasted: float = 0.0
    """Seconds since everything was caught up with."""


class Connection:
    """The socket, reconnecting for ever."""

    def __init__(self, address: Address, listener: Listener, backoff: Backoff | None = None) -> None:
        self._address = address
        self._listener = listener
        self._backoff = backoff or Backoff()
        self._client: Any = None
        self._lost: asyncio.Event | None = None
        self._wake = asyncio.Event()
        self._waiting: set[asyncio.Future[Any]] = set()
        self._is_closed = False
        self._arrival = Arrival()
        self.sid: str | None = None
        """The socket's id at the hub; None while there is no connection."""
        self.sent: dict[str, int] = {}
        """Event name → number of messages sent, for tests and diagnosis."""

    async def run(self) -> None:
        """Connect and reconnect until `close`."""
        refusals = 0
        while not self._is_closed:
            ending = await self._live_once()
            if ending.lasted > STABLE_SECONDS:
                self._backoff.reset()
            refusals = refusals + 1 if ending.is_refusal else 0
            delay = 0.0 if refusals == 1 else self._backoff.next_delay(is_absent=ending.is_absent)
            await self._pause(ending.sentence, delay)

    async def _pause(self, sentence: str, delay: float) -> None:
        if not self._is_closed:
            self._listener.on_lost(sentence)
            _logger.info("not connected to %s: %s; next attempt in %.1f s", self._address.url, sentence, delay)
            await self._sleep(delay)

    def retry_now(self) -> None:
        """Make the next attempt now."""
        self._wake.set()

    def drop(self) -> None:
        """Give up the present connection, for the hub does not answer on it; a new one follows."""
        if self._lost is not None:
            self._lost.set()

    async def close(self) -> None:
        """End the connection for good."""
        self._is_closed = True
        self._wake.set()
        self.drop()

    @property
    def has_to_arrive(self) -> bool:
        """Tell whether the hub begins to hear, and to tell, only some time after connecting (`arrival.py`)."""
        return self._address.is_existing_backend

    async def arrive(self, groups: Iterable[str]) -> None:
        """Wait until we hear what concerns these groups."""
        await self._arrival.wait_in(set(groups))

    async def call(self, event: str, payload: Any, timeout: float | None = None) -> Any:
        """Send an event and return its acknowledgement.

        Raises `NotConnected` as soon as the connection is lost, `TimedOut` when the hub keeps silent and
        `TooLarge` for a payload that the hub would not take.
        """
        timeout = CALL_SECONDS if timeout is None else timeout
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def answered(*arguments: Any) -> None:
            if not answer.done():
                answer.set_result(arguments[0] if arguments else None)

        self._waiting.add(answer)
        try:
            await self._emit(event, payload, answered)
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError as error:
            raise TimedOut(f"the hub did not answer {event} within {timeout:g} s") from error
        finally:
            self._waiting.discard(answer)

    async def emit(self, event: str, payload: Any) -> None:
        """Send an event that has no acknowledgement; raises `NotConnected`."""
        await self._emit(event, payload, None)

    async def _emit(self, event: str, payload: Any, callback: Callable[..., None] | None) -> None:
        if self._client is None or self.sid is None:
            raise NotConnected("not connected to the hub")
        if isinstance(payload, msgspec.Struct):
            payload = msgspec.to_builtins(payload, builtin_types=(bytes,))
        _check_size(event, payload)
        self.sent[event] = self.sent.get(event, 0) + 1
        try:
            await self._client.emit(event, payload, callback=callback)
        except socketio.exceptions.SocketIOError as error:
            raise NotConnected("the connection to the hub was lost") from error

    async def _live_once(self) -> _Ending:
        """Connect once and stay until the connection ends; return how it did."""
        self._lost = asyncio.Event()
        opened: list[_WebSocket] = []
        session = aiohttp.ClientSession(
            connector=make_connector(self._address),
            ws_response_class=cast("type[_WebSocket]", functools.partial(_WebSocket, opened=opened)),
        )
        try:
            await self._connect(session, self._lost)
            if self.has_to_arrive:
                await self._arrival.wait_listening(self._lost)
            await self._listener.on_connected()
            caught_up = asyncio.get_running_loop().time()
            await self._lost.wait()
        except Unauthorized as error:
            return _Ending(error.message, is_refusal=True)
        except TeachingNbError as error:
            return _Ending(str(error), is_absent=isinstance(error, _Absent))
        except Exception:
            # Our mistake or a library's: the connection must come back all the same.
            _logger.exception("the connection to %s failed", self._address.url)
            return _Ending("the connection to the hub failed")
        finally:
            self._lost.set()
            await self._forget(session)
            for socket in opened:
                socket.release()
        return _Ending("the connection to the hub was lost", lasted=asyncio.get_running_loop().time() - caught_up)

    async def _connect(self, session: aiohttp.ClientSession, lost: asyncio.Event) -> None:
        options: dict[str, Any] = {"max_msg_size": limits.TRANSPORT_MESSAGE_BYTES}
        if not self._address.is_verified:
            options["ssl"] = False
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            http_session=session,
            logger=_transport_log,
            engineio_logger=_transport_log,
            websocket_extra_options=options,
        )
        self._client, self._arrival = client, Arrival()
        refusals: list[str] = []
        # python-socketio calls this for a failed transport too, then with a text instead of the hub's object.
        client.on("connect_error", lambda data=None: refusals.extend(_refusal(data)))
        client.on("disconnect", lambda _reason=None: lost.set())
        for name in _EVENTS:
            client.on(name, self._handler(name))
        _forget_late_messages(client.eio, lost)
        connecting = client.connect(
            self._address.url,
            headers={"Authorization": f"Bearer {self._address.token}"},
            transports=["websocket"],
            namespaces=["/"],
            socketio_path=self._address.socket_path,
            wait_timeout=CONNECT_SECONDS,
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await _unless(lost, connecting)
        except TimeoutError as error:
            raise TimedOut(f"{self._address.name} did not answer within {CONNECT_SECONDS:g} s") from error
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _connect_error(error, refusals, self._address) from error
        self.sid = client.get_sid("/")

    def _handler(self, name: str) -> Callable[..., None]:
        def handle(payload: Any = None, *_more: Any) -> None:
            if name == events.CONNECTED_CLIENTS:
                self._arrival.take(payload)
            try:
                self._listener.on_event(name, payload)
            except Exception:
                # The edge of the socket: one bad event must not end the connection.
                _logger.exception("event %s could not be handled", name)

        return handle

    async def _forget(self, session: aiohttp.ClientSession) -> None:
        client, self._client, self.sid = self._client, None, None
        for answer in tuple(self._waiting):
            if not answer.done():
                answer.set_exception(NotConnected("the connection to the hub was lost"))
        with contextlib.suppress(Exception):
            if client is not None:
                await asyncio.wait_for(client.disconnect(), 1.0)
        await session.close()

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)


def _forget_late_messages(engine: Any, lost: asyncio.Event) -> None:
    """Drop what is still read of a connection that is given up, and give one up that ends in the handshake.

    python-socketio has then forgotten the packet to which an attachment belongs, and would take it for a packet; and
    it would wait for the rest of a handshake, though there is nobody left to send it.
    """
    handle_message, handle_disconnect = engine.handlers["message"], engine.handlers["disconnect"]

    async def message(data: Any) -> None:
        if not lost.is_set():
            await handle_message(data)

    async def disconnect(reason: str) -> None:
        lost.set()
        await handle_disconnect(reason)

    engine.on("message", message)
    engine.on("disconnect", disconnect)


async def _unless(lost: asyncio.Event, connecting: Coroutine[Any, Any, None]) -> None:
    """Wait for a connection, as long as it is not lost."""
    attempt, end = asyncio.ensure_future(connecting), asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait({attempt, end}, return_when=asyncio.FIRST_COMPLETED)
        if not attempt.done():
            raise socketio.exceptions.ConnectionError("the connection was lost in the handshake")
        attempt.result()
    finally:
        attempt.cancel()
        end.cancel()
        await asyncio.gather(attempt, end, return_exceptions=True)


def make_connector(address: Address) -> aiohttp.BaseConnector:
    """Return the connector that reaches an address: by TCP, or by a Unix socket of this machine."""
    if address.unix_socket is not None:
        return aiohttp.UnixConnector(address.unix_socket)
    return aiohttp.TCPConnector(ssl=address.is_verified)


def _check_size(event: str, payload: Any) -> None:
    size = sum(len(value) for value in payload.values() if isinstance(value, bytes)) if isinstance(payload, dict) else 0
    if size > limits.LIVE_UPDATE_BYTES:
        raise TooLarge(f"{event} has {size} bytes, the limit is {limits.LIVE_UPDATE_BYTES}")


def _refusal(data: Any) -> list[str]:
    return [str(data.get("message", ""))[:200]] if isinstance(data, dict) else []


def _connect_error(error: BaseException, refusals: list[str], address: Address) -> TeachingNbError:
    """Return what a failed attempt means: a refused token, or a hub that cannot be reached."""
    status = _handshake_status(error)
    is_refused = status in (401, 403) or any("unauthorized" in text.lower() for text in refusals)
    if is_refused:
        return Unauthorized(
            f"{address.name} does not accept the token: it is wrong or has expired; connect with a new one"
        )
    if refusals:
        return NotConnected(f"{address.name} refuses the connection: {refusals[0]}")
    reason = next((str(cause) for cause in _causes(error) if isinstance(cause, _Closed)), "")
    if address.is_existing_backend and reason:
        # The relay says it in sentences of its own.
        return _Absent(BACKEND_UNREACHABLE) if reason == NOBODY_THERE else NotConnected(reason)
    if reason not in {"", NOBODY_THERE}:
        return NotConnected(f"{address.name} refuses the connection: {reason[:200]}")
    if status is not None:
        kind = _Absent if status in _NOBODY_BEHIND else NotConnected
        return kind(f"{address.name} answered with status {status}")
    kind = _Absent if reason == NOBODY_THERE or _found_nobody(error) else NotConnected
    return kind(f"{address.name} cannot be reached")


def _handshake_status(error: BaseException) -> int | None:
    return next((cause.status for cause in _causes(error) if isinstance(cause, aiohttp.WSServerHandshakeError)), None)


def _found_nobody(error: BaseException) -> bool:
    """Tell whether the attempt ended before a hub had to do anything for it: no name, no way, no open port."""
    return any(
        isinstance(cause, aiohttp.ClientConnectorError) and not isinstance(cause, aiohttp.ClientSSLError)
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
