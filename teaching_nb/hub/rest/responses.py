"""What is sent for a request: status, headers and body at once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.types import Send


class Response(msgspec.Struct, frozen=True):
    """One answer."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    async def send(self, send: Send, more: Mapping[str, str]) -> None:
        """Send it, with further headers."""
        named = [*self.headers.items(), *more.items()]
        if self.status != 204:
            named.append(("content-length", str(len(self.body))))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})
