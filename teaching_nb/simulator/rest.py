"""REST of the hub, as everybody in the class uses it."""

from __future__ import annotations

from typing import Any

import aiohttp

from teaching_nb.simulator.sockets import SECONDS, Cut


class Refused(Exception):
    """The hub has answered no."""


class Rest:
    """Requests of everybody, over a few connections."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def request(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """Return the answer; raises `Cut` when the hub is gone or busy, `Refused` when it says no."""
        headers = {"Authorization": f"Bearer {token}"}
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        url = f"{self._url}/api/v1/{path}"
        try:
            async with self._session.request(method, url, json=body, headers=headers, timeout=timeout) as answer:
                content = await answer.read()
                if answer.status in {429, 503}:
                    raise Cut(content.decode(errors="replace")[:300])
                if answer.status >= 400:
                    raise Refused(f"{method} {path}: {answer.status} {content.decode(errors='replace')[:300]}")
                return await answer.json() if content else None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Cut(str(error)) from error
