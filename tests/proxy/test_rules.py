"""What may pass the proxy, decided without a server."""

from __future__ import annotations

import pytest

from teaching_nb.errors import Forbidden, InvalidInput, NotFound
from teaching_nb.proxy.rules import check_origin, hub_root, is_protected, rest_path, safe_content_type, socket_url


@pytest.mark.parametrize("path", ["api/v1/documents", "api/v1/users/a.b%40x.org", "api/v1/documentRoots/7/permissions"])
def test_path_of_the_api_passes_unchanged(path: str) -> None:
    """A path goes upstream as it was written."""
    assert rest_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("api/v1", "api/v1/", "api/v1/.", "api/v1/a/..", "api/v1/%2E%2e/x", "api/v1/a%2fb", "x"),
        *("/api/v1/user", "api//v1/user", "api/v1//user", "api/v1/user/", "api%2Fv1/user", "API/v1/user"),
        *("api/v1/%252e%252e/x", "api/v1/a%00", "api/v1/a\\b", "api/v1x/user", "api/auth/get-session"),
    ],
)
def test_other_path_is_refused(path: str) -> None:
    """Empty, relative and doubly readable segments do not pass."""
    with pytest.raises(NotFound):
        rest_path(path)


def test_origin_of_the_host_passes() -> None:
    """Host names do not care about case."""
    check_origin("http://Lab.example:8888", "lab.example:8888", allowed="", pattern=None)
    check_origin(None, "lab.example", allowed="", pattern=None)
    check_origin("http://any.example", "lab.example", allowed="*", pattern=None)


@pytest.mark.parametrize("pattern", [None, "", "https://lab", r"https://.*\.lab"])
def test_other_origin_is_refused(pattern: str | None) -> None:
    """A pattern must cover the whole origin."""
    with pytest.raises(Forbidden):
        check_origin("https://x.lab.evil.example", "lab.example", allowed="", pattern=pattern)


def test_hub_address_is_plain() -> None:
    """The slash at the end goes, everything that is no plain address is refused."""
    assert hub_root("https://hub.example.org/school/") == "https://hub.example.org/school"
    for wrong in ("hub.example.org", "ftp://hub", "https://", "https://hub?x=1", "https://a@hub"):
        with pytest.raises(InvalidInput):
            hub_root(wrong)


def test_socket_address_follows_the_hub() -> None:
    """TLS stays TLS, and a path in the hub's address stays in front."""
    assert socket_url("http://127.0.0.1:1") == "ws://127.0.0.1:1/socket.io/?EIO=4&transport=websocket"
    assert socket_url("https://h/s") == "wss://h/s/socket.io/?EIO=4&transport=websocket"


def test_unencrypted_way_is_known() -> None:
    """Only plain http to another machine can be listened to."""
    assert [is_protected(root) for root in ("https://h", "http://localhost:1", "http://h")] == [True, True, False]


def test_active_content_becomes_bytes() -> None:
    """A browser shows nothing that could run."""
    assert safe_content_type("application/json; charset=utf-8") == "application/json; charset=utf-8"
    for active in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "TEXT/HTML"):
        assert safe_content_type(active) == "application/octet-stream"
