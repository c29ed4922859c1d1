"""Where the hub is and how to get in: from arguments, or from the environment that a kernel is given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from teaching_nb.errors import ConfigurationError
from teaching_nb.schema import hub_kinds
from teaching_nb.schema.hub_kinds import TEACHING_API, TEACHING_NB

URL_VARIABLE = "TEACHING_NB_URL"
TOKEN_VARIABLE = "TEACHING_NB_TOKEN"  # noqa: S105 - the name of a variable
KIND_VARIABLE = "TEACHING_NB_HUB_KIND"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """A hub, or the Jupyter server that relays to one."""

    url: str
    """Scheme, host, port and base path, without a slash at the end."""
    token: str = field(repr=False)
    unix_socket: str | None = None
    kind: str = TEACHING_NB
    """What answers there, `schema/hub_kinds.py`; known before anybody has answered."""

    @property
    def is_existing_backend(self) -> bool:
        """Tell whether this is the school's existing backend, without live text and revisions."""
        return self.kind == TEACHING_API

    @property
    def name(self) -> str:
        """Return how to call what is there. Nobody but a Jupyter server leads to the existing backend."""
        return f"{'the Jupyter server' if self.is_existing_backend else 'the hub'} at {self.url}"

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return what this kind of hub does not offer, by the words of `schema/hub_kinds.py`."""
        return hub_kinds.lacking(self.kind)

    @property
    def is_nowhere(self) -> bool:
        """Tell whether there is no hub at all, and nobody tries to reach one."""
        return not self.url

    @property
    def api(self) -> str:
        """Return the prefix of all REST paths."""
        return f"{self.url}/api/v1"

    @property
    def socket_path(self) -> str:
        """Return the path of the Socket.IO endpoint on its host."""
        return f"{urlsplit(self.url).path}/socket.io".lstrip("/")

    @property
    def is_verified(self) -> bool:
        """Tell whether TLS certificates are checked: everywhere but on the own machine.

        A Jupyter server's certificate names its public host, never the loopback address.
        """
        return urlsplit(self.url).hostname not in _LOOPBACK


NOWHERE = Address("", "")
"""Where there is no hub."""


def find_address(url: str | None = None, token: str | None = None) -> Address:
    """Return the address from the arguments, else from the environment.

    Raises `ConfigurationError` with what to do when one of the two is missing or the URL cannot work.
    """
    for name, value in (("url", url), ("token", token)):
        if value is not None and not isinstance(value, str):
            # The token is a secret, also one in the wrong place.
            raise ConfigurationError(f"connect(): {name} is a text, not one of type {type(value).__name__}")
    url = url or os.environ.get(URL_VARIABLE, "")
    token = token or os.environ.get(TOKEN_VARIABLE, "")
    if not url:
        raise ConfigurationError(
            f"connect() knows no hub: {URL_VARIABLE} is not set, so this kernel was not started by a Jupyter server "
            'with teaching_nb; give the address: connect("http://HOST:PORT", token="...")'
        )
    if not token:
        raise ConfigurationError(
            f"connect() has no token for {url}: give token=... or set {TOKEN_VARIABLE}; "
            "`teaching-nb hub token EMAIL` prints one"
        )
    # What the environment says is about the hub of the environment.
    kind = os.environ.get(KIND_VARIABLE, TEACHING_NB) if url == os.environ.get(URL_VARIABLE) else TEACHING_NB
    return _parse(url.strip().rstrip("/"), token.strip(), kind)


def _parse(url: str, token: str, kind: str) -> Address:
    parts = urlsplit(url)
    if parts.scheme == "http+unix" and parts.netloc:
        return Address(f"http://localhost{parts.path}", token, unquote(parts.netloc), kind)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"not the address of a hub: {url[:120]!r}; it looks like http://HOST:PORT")
    if not token.isascii() or not token.isprintable():
        raise ConfigurationError("the token holds characters that no token has: copy it again")
    return Address(url, token, kind=kind)
