"""The school's existing backend as the hub: what it wants to hear of a caller, in its two versions, and what it lacks.

It knows its people by sessions of its own; `backend_session.py` has the owner's. Of it neither browser nor kernel
ever gets anything: the relays add it to what goes to the backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tornado.httpclient import HTTPResponse

from teaching_nb.errors import NotFound
from teaching_nb.proxy.backend_session import UNREACHABLE, Account, BackendSession
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.upstream import RemoteHub
from teaching_nb.schema import events
from teaching_nb.schema.hub_kinds import NEVER_OFFERED, NOT_OFFERED, is_only_ours


class ExistingBackend(RemoteHub):
    """A backend whose owner's session is opened with an e-mail and a password, or with a cookie."""

    health_path: ClassVar[str] = "/api/v1"
    unreachable: ClassVar[str] = UNREACHABLE

    def __init__(self, root: str, *, account: Account, owner: str) -> None:
        super().__init__(root, token="", owner=owner)
        self._session = BackendSession(root, account, self.report_failure)

    async def authorization(self, caller: Caller) -> dict[str, str]:
        """Return the owner's cookies; nobody else may use them."""
        self._check_owner(caller)
        return {"Cookie": await self._session.cookies()}

    async def auth_of_socket(self, caller: Caller) -> dict[str, str] | None:
        """Return a fresh one-time token, where that is what a socket proves itself with; else make sure of the cookie.

        The version of 2025 would let no socket in whose session has ended, and not say so to anybody.
        """
        self._check_owner(caller)
        token = await self._session.one_time_token()
        return None if token is None else {"token": token}

    def admit(self, path: str) -> None:
        """Raise `NotFound` for what the backend has never had."""
        if is_only_ours("/" + path.removeprefix("api/v1/")):
            raise NotFound(NOT_OFFERED, code=NEVER_OFFERED)

    def translated(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Name the sender's socket as this version does."""
        if not self._session.is_of_2025:
            return dict(headers)
        old = {events.SENDER_HEADER: events.SENDER_HEADER_OLD}
        return {old.get(name.lower(), name): value for name, value in headers.items()}

    async def is_worth_repeating(self, answer: HTTPResponse) -> bool:
        """Keep the session that an answer prolongs, and open another one in place of one that has ended."""
        self._session.keep(answer)
        if answer.code != 401:
            return False
        await self._session.reopen(answer.request.headers.get("Cookie", ""))
        return True

    async def check(self) -> None:
        """Raise `Unavailable` when no session can be had."""
        await self._session.cookies()

    async def stop(self) -> None:
        """Ask nothing more."""
        await super().stop()
        self._session.close()
