"""The one hub that requests go to: a remote one, or none because of a wrong setting. The embedded one: embedded.py."""

from __future__ import annotations

import abc

from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPInputError
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from teaching_nb.errors import Forbidden, Unavailable
from teaching_nb.proxy.identity import Caller
from teaching_nb.proxy.upstream_watcher import UpstreamWatcher

LOOK_SECONDS = 5.0
"""How long a hub may take to say that it is well."""


class Upstream(abc.ABC):
    """Where requests go, and with which credential."""

    mode: str
    """Word for the status page: embedded, remote or misconfigured."""

    @abc.abstractmethod
    async def root(self) -> str:
        """Return the hub's address, waiting for one that starts; raises `Unavailable`."""

    @abc.abstractmethod
    def credential(self, caller: Caller) -> str:
        """Return the Authorization header for a caller; raises `Forbidden` when there is none for them."""

    @abc.abstractmethod
    def role_of(self, caller: Caller) -> str | None:
        """Return the caller's role at the hub; None when only the hub knows."""

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


class RemoteHub(Upstream):
    """A standalone hub that knows this server's owner by a token."""

    mode = "remote"

    def __init__(self, root: str, *, token: str, owner: str) -> None:
        self._root = root
        self._token = token
        self._owner = owner
        self._watcher = UpstreamWatcher(self._is_well)

    async def root(self) -> str:
        """Return the configured address."""
        return self._root

    def credential(self, caller: Caller) -> str:
        """Return the owner's credential; nobody else may use it."""
        if not caller.is_owner:
            raise Forbidden(f"this server's hub account belongs to {self._owner!r}, not to {caller.subject!r}")
        if not self._token:
            raise Unavailable(
                "no hub_token_file or hub_token is configured for the teaching hub; ask who runs it for one"
            )
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

    async def stop(self) -> None:
        """Look out for the hub no longer."""
        await self._watcher.stop()

    async def _is_well(self) -> bool:
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            await client.fetch(f"{self._root}/api/v1/health", request_timeout=LOOK_SECONDS)
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
        """Raise `Unavailable` with the reason."""
        raise Unavailable(self._reason)

    def credential(self, caller: Caller) -> str:  # noqa: ARG002 - nobody has one
        """Raise `Unavailable` with the reason."""
        raise Unavailable(self._reason)

    def role_of(self, caller: Caller) -> str | None:  # noqa: ARG002 - nobody has one
        """Return None."""
        return None
