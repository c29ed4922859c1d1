"""The content type of JSON below `/api/v1`: with its charset, as the existing backend sends it."""

from __future__ import annotations

from teaching_nb.hub.rest.gate import Application, Message, Receive, Scope, Send

_PLAIN = (b"content-type", b"application/json")
_WITH_CHARSET = (b"content-type", b"application/json; charset=utf-8")


class JsonCharset:
    """Stands before the REST application. Account paths name no charset, as in the existing backend."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not scope["path"].startswith("/api/auth/"):
            send = _with_charset(send)
        await self._app(scope, receive, send)


def _with_charset(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [_WITH_CHARSET if header == _PLAIN else header for header in message.get("headers", [])]
            message = {**message, "headers": headers}
        await send(message)

    return sending
