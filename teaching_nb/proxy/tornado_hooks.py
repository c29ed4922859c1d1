"""Everything undocumented of tornado that the relay relies on: streams whose handshake tornado has made.

`tests/proxy/test_tornado_hooks.py` says what has moved when a new release moves it.
"""

from __future__ import annotations

from tornado.httpclient import HTTPRequest, _RequestProxy
from tornado.httputil import HTTPHeaders, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketError,
    WebSocketHandler,
    WebSocketProtocol,
    WebSocketProtocol13,
)


def take_stream(handler: WebSocketHandler) -> IOStream:
    """Return the stream of a socket that is being opened; tornado reads nothing from it, also after `open`."""
    assert isinstance(handler.ws_connection, WebSocketProtocol13)
    return _unread(handler.ws_connection).stream


async def connect(request: HTTPRequest) -> IOStream:
    """Connect to a WebSocket server as `websocket_connect` does, but return the stream, and read nothing from it.

    Raises `WebSocketError` when the server's handshake is none, besides `HTTPClientError` and `OSError`.
    """
    request.headers = HTTPHeaders(request.headers)
    with_defaults = _RequestProxy(request, HTTPRequest._DEFAULTS)  # noqa: SLF001 - as `websocket_connect` does
    connection = _Handshake(with_defaults)  # type: ignore[arg-type]  # it has all that a request has
    await connection.connect_future
    assert isinstance(connection.protocol, WebSocketProtocol13)
    stream = connection.protocol.stream
    connection.forget_protocol()
    return stream


class _Handshake(WebSocketClientConnection):
    """A client's connection that is left as soon as hands are shaken."""

    def get_websocket_protocol(self) -> WebSocketProtocol:
        """Return a protocol whose frames are read by somebody else."""
        protocol = super().get_websocket_protocol()
        assert isinstance(protocol, WebSocketProtocol13)
        return _unread(protocol)

    async def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        """Look at the server's handshake; tornado asserts what it should be."""
        try:
            await super().headers_received(start_line, headers)
        except (AssertionError, KeyError, ValueError) as error:
            self.connect_future.set_exception(WebSocketError(f"the server does not shake hands: {error!r}"))
            self.forget_protocol()
            self.stream.close()

    def forget_protocol(self) -> None:
        """Let go: a connection that still has a protocol warns when it is forgotten itself."""
        self.protocol = None


def _unread(protocol: WebSocketProtocol13) -> WebSocketProtocol13:
    """Have tornado take it that the other side sends no more frames."""
    protocol.client_terminated = True
    return protocol
