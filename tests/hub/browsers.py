"""A person at a browser: signs in with a password, keeps cookies, tells where the page is from."""

from __future__ import annotations

from typing import Any, Self

import httpx
from sqlalchemy import Connection

from teaching_nb.hub.people import passwords, users
from tests.harness.cast import Person
from tests.harness.running_hub import RunningHub

PASSWORD = "correct horse battery"

COOKIE = "tdev.session_token"


async def give_password(hub: RunningHub, *people: Person, password: str = PASSWORD) -> None:
    """Give people a password, as the command line does."""
    password_hash = passwords.hashed(password)

    def job(tx: Connection) -> None:
        for person in people:
            users.set_password(tx, person.id, password_hash)

    await hub.database.write(job)


class Browser:
    """One browser on a page of the hub itself, or of `origin`."""

    def __init__(self, hub: RunningHub, *, origin: str | None = None) -> None:
        self.client = httpx.AsyncClient(base_url=hub.url, timeout=20)
        self.origin = hub.url if origin is None else origin

    async def __aenter__(self) -> Self:
        """Open the browser."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.client.aclose()

    async def sign_in(self, person: Person, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Sign in with a password."""
        return await self.post("/api/auth/sign-in/email", {"email": person.email, "password": password, **more})

    async def get(self, path: str) -> httpx.Response:
        """Send GET."""
        return await self.client.get(path)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send POST from the page."""
        return await self.send("POST", path, body, **headers)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send any request from the page."""
        named = {"origin": self.origin, "sec-fetch-mode": "cors", **headers}
        return await self.client.request(method, path, json={} if body is None else body, headers=named)

    @property
    def cookie(self) -> str | None:
        """Return the value of the session cookie."""
        return self.client.cookies.get(COOKIE)
