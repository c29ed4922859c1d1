"""Which web pages may use the hub with a person's cookie. Pure; asked by REST and by the socket handshake."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from teaching_nb.errors import Forbidden
from teaching_nb.hub.config import Settings


class Origins:
    """The hub's own origin and those that its settings name."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._trusted = frozenset((*settings.trusted_origins, *filter(None, (settings.base_url,))))
        self.foreign = frozenset(settings.trusted_origins)
        """Origins of other sites that may read answers."""

    def is_trusted(self, origin: str, host: str | None) -> bool:
        """Tell whether a page of this origin may act; `host` is the address that the request was sent to.

        Without a configured address the hub's own origin is the one that the request itself names.
        """
        if origin in self._trusted:
            return True
        return self._base_url is None and host is not None and urlsplit(origin).netloc == host.lower()

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise `Forbidden` unless the request comes from a trusted page."""
        origin = origin_of(headers)
        if origin is None:
            raise Forbidden("Missing or null Origin")
        if not self.is_trusted(origin, headers.get("host")):
            raise Forbidden("Invalid origin")


def origin_of(headers: Mapping[str, str]) -> str | None:
    """Return the origin of the page behind a request, from `Origin` or else `Referer`; None when it is hidden."""
    origin = headers.get("origin")
    if origin is None and "referer" in headers:
        page = urlsplit(headers["referer"])
        origin = f"{page.scheme}://{page.netloc}"
    return None if origin in (None, "", "null", "://") else origin
