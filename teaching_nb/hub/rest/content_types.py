"""The content type of JSON below `/api/v1`: with its charset, as the existing backend sends it."""

from __future__ import annotations

from teaching_nb.hub.rest.gate import Application, Message, Receive, Scope, Send
from teaching_nb.hub.rest.refusals import ACCOUNT_PATHS

_PLAIN = (b"content-type", b"application/json")
_WITH_CHARSET = (b"content-type", b"application/json; charset=utf-8")


class JsonCharset:
    """Stands before the REST application. Account paths name no charset, as in the existing backend."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, _with_charset(scope, send) if scope["type"] == "http" else send)


def _with_charset(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        # By now the gate has brought the path to its one form.
        if message["type"] == "http.response.start" and not scope["path"].startswith(ACCOUNT_PATHS):
            headers = [_WITH_CHARSET if header == _PLAIN else header for header in message.get("headers", [])]
            message = {**message, "headers": headers}
        await send(message)

    return sending
