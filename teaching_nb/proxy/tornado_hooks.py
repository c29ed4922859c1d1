"""Everything undocumented of tornado that the relay relies on.

`tests/proxy/test_tornado_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

from tornado.websocket import WebSocketClientConnection, WebSocketHandler


def send_at_once(socket: WebSocketClientConnection) -> None:
    """Have a client's socket send what is written without waiting for more; a handler has `set_nodelay` for that."""
    assert socket.protocol is not None
    assert socket.protocol.stream is not None
    socket.protocol.stream.set_nodelay(True)


def is_open(handler: WebSocketHandler) -> bool:
    """Tell whether a socket is open, and has not been closed by us either."""
    return handler.ws_connection is not None
