"""The one hub that requests go to: a remote one, or none because of a wrong setting.

The embedded one is in embedded.py, the school's existing backend in existing_backend.py.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from teaching_nb.errors import Forbidden, InvalidInput, Unavailable
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.upstream_watcher import UpstreamWatcher
from teaching_nb.schema.wire import decode

NO_HUB = "no hub of teaching_nb is there: check TeachingNB.hub_url and TeachingNB.hub_kind"
UNTRUSTED = "the certificate of the teaching hub is not trusted here: name the file of its authority in SSL_CERT_FILE"
"""Short enough for the reason of a socket that is closed."""
LOOK_SECONDS = 5.0
"""How long a hub may take to say that it is well."""


_OF_OTHERS = frozenset({401, 404, 405})
_OWN_TROUBLE = 500


class Unusable(Unavailable):
    """Somebody is there, or a setting is wrong: coming back soon does not help, and the sentence says what does."""


class Upstream(abc.ABC):
    """Where requests go, and with which credential."""

    mode: str
    """Word for the status page: embedded, remote or misconfigured."""

    health_path: ClassVar[str] = "/api/v1/health"
    """Where it answers anybody that it is well."""

    unreachable: ClassVar[str] = "the teaching hub cannot be reached at the moment; try again later"
    """What is said when nobody answers."""

    @abc.abstractmethod
    async def root(self) -> str:
        """Return the hub's address, waiting for one that starts; raises `Unavailable`."""

    @abc.abstractmethod
    def credential(self, caller: Caller) -> str:
        """Return the Authorization header for a caller; raises `Forbidden` when there is none for them."""

    @abc.abstractmethod
    def role_of(self, caller: Caller) -> str | None:
        """Return the caller's role at the hub; None when only the hub knows."""

    async def authorization(self, caller: Caller) -> dict[str, str]:
        """Return the headers that prove who is calling; raises `Forbidden` or `Unavailable`."""
        return {"Authorization": self.credential(caller)}

    async def auth_of_socket(self, caller: Caller) -> dict[str, str] | None:  # noqa: ARG002 - headers are enough
        """Return what a socket has to say of its caller when it connects; None: nothing but what the client says."""
        return None

    def admit(self, path: str) -> None:  # noqa: B027 - hubs of ours have everything
        """Raise `NotFound` with a sentence for a path that this hub does not have."""

    def translated(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return a client's headers with the names that this hub knows them by."""
        return dict(headers)

    async def is_worth_repeating(self, answer: HTTPResponse) -> bool:  # noqa: ARG002 - see the existing backend
        """Look at an answer; tell whether the request would be answered otherwise now. Raises `Unavailable`."""
        return False

    async def check(self) -> None:  # noqa: B027 - the embedded hub is ours
        """Raise `Unavailable` when somebody answers, and cannot be used all the same."""

    def report_failure(self) -> None:  # noqa: B027 - most hubs are not ours to mend
        """Note that the hub did not answer."""

    def report_answer(self) -> None:  # noqa: B027 - the embedded hub is looked at when it fails
        """Note that the hub did answer."""

    async def is_back(self) -> bool:
        """Wait a while for a hub that did not answer just now; tell whether it does again."""
        return False

    async def start(self) -> None:  # noqa: B027 - only the embedded hub is started
        """Begin to make the hub available, without waiting for it."""

    async def stop(self) -> None:  # noqa: B027 - where there is nothing to give up
        """Give up what goes on in the background."""


def _is_health(answer: HTTPResponse) -> bool:
    """Tell whether this is what a hub of ours says of itself."""
    try:
        said = decode(answer.body or b"", dict[str, Any])
    except InvalidInput:
        return False
    return answer.code == HTTPStatus.OK and isinstance(said.get("features"), list)


class RemoteHub(Upstream):
    """A standalone hub that knows this server's owner by a token."""

    mode = "remote"

    def __init__(self, root: str, *, token: str, owner: str) -> None:
        self._root = root
        self._token = token
        self._owner = owner
        self._watcher = UpstreamWatcher(self._is_well)
        self._is_ours = False
        """A hub of ours has answered there."""

    async def root(self) -> str:
        """Return the configured address."""
        return self._root

    def credential(self, caller: Caller) -> str:
        """Return the owner's credential; nobody else may use it."""
        self._check_owner(caller)
        if not self._token:
            raise Unusable("no hub_token_file or hub_token is configured for the teaching hub; ask who runs it for one")
        return f"Bearer {self._token}"

    def role_of(self, caller: Caller) -> str | None:  # noqa: ARG002 - the hub decides
        """Return None: roles are kept at the hub."""
        return None

    def report_failure(self) -> None:
        """Remember since when it does not answer."""
        self._watcher.lost()

    def report_answer(self) -> None:
        """Take it that all is well."""
        self._watcher.found()

    async def is_back(self) -> bool:
        """Wait a while for a hub that has just gone."""
        return await self._watcher.is_back()

    async def auth_of_socket(self, caller: Caller) -> dict[str, str] | None:  # noqa: ARG002 - headers are enough
        """Return None: the header is enough, where it is a hub of ours that gets it."""
        await self.check()
        return None

    async def is_worth_repeating(self, answer: HTTPResponse) -> bool:
        """Never; what refuses everything, or has nothing that is asked for, may be no hub at all."""
        if answer.code in _OF_OTHERS:
            await self.check()
        return False

    async def check(self) -> None:
        """Raise `Unusable` where somebody answers who is no hub of ours; whoever says nothing is not judged."""
        if self._is_ours:
            return
        client = SimpleAsyncHTTPClient(force_instance=True)
        request = HTTPRequest(f"{self._root}{self.health_path}", request_timeout=LOOK_SECONDS, follow_redirects=False)
        try:
            answer = await client.fetch(request, raise_error=False)
        except (HTTPClientError, HTTPInputError, OSError):
            return
        finally:
            client.close()
        self._is_ours = _is_health(answer)
        if not self._is_ours and answer.code < _OWN_TROUBLE:
            raise Unusable(NO_HUB)

    async def stop(self) -> None:
        """Look out for the hub no longer."""
        await self._watcher.stop()

    def _check_owner(self, caller: Caller) -> None:
        if not caller.is_owner:
            raise Forbidden(f"this server's hub account belongs to {self._owner!r}, not to {caller.subject!r}")

    async def _is_well(self) -> bool:
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            await client.fetch(f"{self._root}{self.health_path}", request_timeout=LOOK_SECONDS)
        except (HTTPClientError, HTTPInputError, OSError):
            return False
        finally:
            client.close()
        return True


class MisconfiguredHub(Upstream):
    """Stands in when a setting cannot work, so that everybody who asks learns which one."""

    mode = "misconfigured"

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def root(self) -> str:
        """Raise `Unusable` with the reason."""
        raise Unusable(self._reason)

    def credential(self, caller: Caller) -> str:  # noqa: ARG002 - nobody has one
        """Raise `Unusable` with the reason."""
        raise Unusable(self._reason)

    def role_of(self, caller: Caller) -> str | None:  # noqa: ARG002 - nobody has one
        """Return None."""
        return None
