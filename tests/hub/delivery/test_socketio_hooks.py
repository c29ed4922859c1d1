"""What the hub relies on in python-socketio. A failure here means that a release has moved it, and says what."""

from __future__ import annotations

from typing import Any

import pytest
import socketio

from teaching_nb.hub.delivery import engineio_hooks, socketio_hooks
from teaching_nb.hub.delivery.engineio_hooks import Engine
from teaching_nb.hub.delivery.socketio_hooks import Packet
from teaching_nb.hub.delivery.transport import Transport
from teaching_nb.schema.events import DocumentUpdate, ForwardedAction
from tests.hub.delivery.asgi_sockets import connected

MOVED = "; mend hub/delivery/socketio_hooks.py"


async def test_python_socketio_has_what_the_hub_reaches_for() -> None:
    """One socket from its connection to its end, without a web server."""
    transport = Transport()
    server = transport.server
    heard: list[Any] = []
    server.on("SAID", lambda _sid, *payload: heard.append(payload))

    assert isinstance(server.eio, Engine), "AsyncServer does not ask _engineio_server_class() for its engine" + MOVED
    async with connected(socketio.ASGIApp(server), "/socket.io/") as socket:
        await socket.text()
        (id_,) = socketio_hooks.not_let_in(server)
        socket.say(type="websocket.receive", text="40")
        answer = await socket.text()
        assert answer.startswith("40"), answer
        sids = socketio_hooks.open_sids(server)
        assert len(sids) == 1, "manager.get_participants(namespace, None) does not yield those let in" + MOVED
        (sid,) = sids
        assert sid in answer
        assert socketio_hooks.is_open(server, sid), "manager.is_connected(sid, namespace) is not true of them" + MOVED
        assert socketio_hooks.not_let_in(server) == {}, "manager.sid_from_eio_sid() does not know them" + MOVED
        connection = socketio_hooks.connection_of(server, sid)
        assert connection is engineio_hooks.connections(server.eio)[id_], (
            "manager.eio_sid_from_sid() does not lead to the connection in Engine.IO" + MOVED
        )
        socket.say(type="websocket.receive", text='42["SAID",' + "[" * 100_000)
        socket.say(type="websocket.receive", text='42["SAID",1]')
        await transport.send(ForwardedAction(action="now"), [sid])
        assert await socket.text() == '42["ACTION","now"]'

    assert heard == [(), (1,)], "events are not decoded with the `decode` of the class given as `serializer`" + MOVED
    assert not socketio_hooks.open_sids(server), "a socket whose connection has ended is still let in" + MOVED


def test_bytes_of_a_payload_travel_as_attachments() -> None:
    """A packet looks for them with `data_is_binary`, which does not look through all of a large document."""
    deep: Any = b"bytes"
    for _ in range(4):
        deep = [deep]
    assert Packet(data=deep).packet_type == socketio.packet.EVENT, "Packet has a data_is_binary() of its own" + MOVED
    text, *attachments = socketio_hooks.encoded(DocumentUpdate(id="a", update=b"\0\1"))

    assert socketio_hooks.encoded(DocumentUpdate(id="a", update=b"\0\1"), inline=True) == [
        '2["DOCUMENT_UPDATE",{"id":"a","update":"AAE="}]'
    ]
    assert attachments == [b"\0\1"]
    assert text == '51-["DOCUMENT_UPDATE",{"id":"a","update":{"_placeholder":true,"num":0}}]', text


def test_a_packet_with_wrong_attachments_waits_for_none() -> None:
    """Else it would swallow all that follows."""
    with pytest.raises(ValueError, match="too many attachments"):
        Packet(encoded_packet='55-["SAID"]')
    packet = Packet(encoded_packet='51-["SAID",{"_placeholder":true,"num":7}]')

    assert packet.attachment_count == 1, "Packet does not decode with decode()" + MOVED
    assert packet.add_attachment(b"x") is True, "Packet does not fail in add_attachment() for a wrong number" + MOVED
    assert packet.data == ["SAID"], "Packet does not keep what it has decoded in `data`" + MOVED
