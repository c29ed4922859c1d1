"""What may pass the proxy: paths, queries, headers, origins. Pure decisions, no input or output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from teaching_nb.errors import Forbidden, InvalidInput, NotFound

REQUEST_HEADERS = frozenset(
    {"accept", "content-type", "if-match", "if-none-match", "x-metadata-sid", "x-metadata-socketid"}
)
"""Everything that a client may say to the hub; cookies, tokens and names of people are not among it."""

ANSWER_HEADERS = frozenset({"etag", "retry-after", "x-document-revision", "x-document-updated-at"})
"""What the hub may say to a client besides status, content type and body."""

_SAFE_TYPES = frozenset({"application/json", "application/octet-stream", "text/plain"})
_OWN_ARGUMENTS = frozenset({"token", "_xsrf", "no_track_activity"})
_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
_API_PREFIX = "api/v1/"


def rest_path(path: str) -> str:
    """Return the path below the hub's root for a path below `teaching/`, still in its encoded form.

    Raises `NotFound` for anything but plain segments below `api/v1/`. A segment is judged after decoding and
    must not need decoding twice, so that the hub cannot read it differently.
    """
    if not path.startswith(_API_PREFIX):
        raise NotFound("this path does not belong to the teaching hub")
    for segment in path.split("/"):
        decoded = unquote(segment)
        if decoded in {".", ".."} or not _SEGMENT.fullmatch(decoded):
            raise NotFound("this path does not belong to the teaching hub")
    return path


def rest_query(query: str) -> str:
    """Return the query without what belongs to Jupyter, its token above all."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(key, value) for key, value in pairs if key not in _OWN_ARGUMENTS])


def socket_refusal(arguments: Mapping[str, str]) -> dict[str, object] | None:
    """Return the body of a 400 answer when this is not Engine.IO 4 over WebSocket, else None."""
    if arguments.get("transport") != "websocket":
        return {"code": 0, "message": "Transport unknown"}
    if arguments.get("EIO") != "4":
        return {"code": 5, "message": "Unsupported protocol version"}
    return None


def request_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers that go upstream."""
    return {name: value for name, value in headers if name.lower() in REQUEST_HEADERS}


def answer_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers that go back to the client; the content type is made harmless for a browser."""
    kept = {name: value for name, value in headers if name.lower() in ANSWER_HEADERS}
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    if content_type:
        kept["Content-Type"] = safe_content_type(content_type)
    return kept


def safe_content_type(content_type: str) -> str:
    """Return the type under which an answer may reach a browser; active content becomes a stream of bytes."""
    plain = content_type.partition(";")[0].strip().lower()
    return content_type if plain in _SAFE_TYPES else "application/octet-stream"


def check_origin(origin: str | None, host: str | None, *, allowed: str, pattern: str | None) -> None:
    """Raise `Forbidden` for a page of another origin, whatever credential it brings. None passes."""
    if origin is None or allowed == "*":
        return
    origin = origin.lower()
    if host is not None and urlsplit(origin).netloc == host.lower():
        return
    if allowed and origin == allowed.lower():
        return
    if not allowed and pattern and re.fullmatch(pattern, origin):
        return
    raise Forbidden("pages of another origin may not use the teaching hub; see ServerApp.allow_origin")


def upgrade_needs_origin(origin: str | None, *, by_token_header: bool) -> None:
    """Raise `Forbidden` for a socket without origin, which no browser opens, unless it brings a token itself."""
    if origin is None and not by_token_header:
        raise Forbidden("a socket without origin needs a token in its Authorization header")


def hub_root(url: str) -> str:
    """Return the hub's address without a slash at its end; raises `InvalidInput` when it is not a plain address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(f"{url!r} is not an address like https://hub.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput("the hub's address must not hold a user name, a password, a query or a fragment")
    return url.rstrip("/")


def is_protected(root: str) -> bool:
    """Return whether nobody between here and the hub can listen: it is encrypted, or on this machine."""
    parts = urlsplit(root)
    return parts.scheme == "https" or parts.hostname in {"127.0.0.1", "::1", "localhost"}


def socket_url(root: str) -> str:
    """Return the address of the hub's Engine.IO endpoint; nothing in it comes from the client."""
    scheme, _, rest = root.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}/socket.io/?EIO=4&transport=websocket"
