"""Everything undocumented of python-socketio that the hub relies on, for the transport alone.

`tests/hub/delivery/test_socketio_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import socketio
from engineio.async_socket import AsyncSocket

from teaching_nb.hub.delivery import engineio_hooks
from teaching_nb.hub.delivery.engineio_hooks import Engine
from teaching_nb.schema.events import HubEvent

MAX_ATTACHMENTS = 4
"""Binary parts of one event from a client."""

_EVENT = re.compile(r'[0-9-]*\["([A-Z_]{1,40})"')

_NAMESPACE = "/"


class Json:
    """JSON for Socket.IO, strict in both directions: no NaN, no lone surrogates."""

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        """Return JSON text without spaces."""
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_options: Any) -> Any:
        """Parse JSON text."""
        return msgspec.json.decode(text)


class Packet(socketio.packet.Packet):  # type: ignore[misc]  # python-socketio is untyped
    """A packet that refuses to wait for a great many attachments, and copes with JSON of any depth."""

    def decode(self, encoded_packet: str) -> int:
        """Parse a packet; returns the number of attachments that follow."""
        try:
            count = int(super().decode(encoded_packet) or 0)
        except RecursionError:
            # Answered like an event without a payload, which every handler refuses.
            count, self.data = 0, [_event_name(encoded_packet)]
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count

    def add_attachment(self, attachment: bytes) -> bool:
        """Take in an attachment; tells whether it was the last one."""
        try:
            return bool(super().add_attachment(attachment))
        except (IndexError, KeyError, TypeError):
            # A placeholder for none of them. Left waiting, the packet would swallow all that follows.
            data: Any = self.data
            self.data = data[:1] if isinstance(data, list) else [""]
            return True

    @classmethod
    def data_is_binary(cls, data: Any, depth: int = 3) -> bool:
        """Tell whether there are bytes in what the hub sends: they stand in a payload itself, never deeper."""
        if isinstance(data, (bytes, bytearray)):
            return True
        inside = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
        return depth > 0 and any(cls.data_is_binary(each, depth - 1) for each in inside)


class Server(socketio.AsyncServer):  # type: ignore[misc]  # python-socketio is untyped
    """A Socket.IO server on an `Engine`."""

    def _engineio_server_class(self) -> type[Engine]:
        return Engine


def encoded(event: HubEvent, *, inline: bool = False) -> list[str | bytes]:
    """Return an event as the parts of one message; those who want it `inline` get its bytes as base64, in one part."""
    if inline or event.attached is None:
        return [f"{socketio.packet.EVENT}{Json.dumps([event.name, event.payload()])}"]
    parts: str | list[str | bytes] = Packet(socketio.packet.EVENT, data=[event.name, event.payload()]).encode()
    return parts if isinstance(parts, list) else [parts]


def is_open(server: Server, sid: str) -> bool:
    """Tell whether a socket is connected, and not about to end."""
    return bool(server.manager.is_connected(sid, _NAMESPACE))


def open_sids(server: Server) -> set[str]:
    """Return all sockets that are let in."""
    return {sid for sid, _ in server.manager.get_participants(_NAMESPACE, None) if is_open(server, sid)}


def connection_of(server: Server, sid: str) -> AsyncSocket | None:
    """Return the connection of a socket; None when there is none any more."""
    return engineio_hooks.connection(server.eio, server.manager.eio_sid_from_sid(sid, _NAMESPACE))


def not_let_in(server: Server) -> dict[str, AsyncSocket]:
    """Return the connections on which no socket is let in, by their ids in Engine.IO."""
    there = engineio_hooks.connections(server.eio)
    return {id_: one for id_, one in there.items() if server.manager.sid_from_eio_sid(id_, _NAMESPACE) is None}


def _event_name(encoded_packet: str) -> str:
    """Return the name of an event whose payload cannot be parsed; empty when there is none."""
    match = _EVENT.match(encoded_packet)
    return match[1] if match else ""
