"""Where `connect()` finds the hub."""

from __future__ import annotations

import pytest

from teaching_nb.client.link.address import find_address
from teaching_nb.errors import ConfigurationError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a Jupyter server may have set."""
    monkeypatch.delenv("TEACHING_NB_URL", raising=False)
    monkeypatch.delenv("TEACHING_NB_TOKEN", raising=False)


def test_address_comes_from_the_environment_of_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel needs no arguments."""
    monkeypatch.setenv("TEACHING_NB_URL", "http://127.0.0.1:8888/user/ann/teaching")
    monkeypatch.setenv("TEACHING_NB_TOKEN", "secret")

    address = find_address()

    assert address.api == "http://127.0.0.1:8888/user/ann/teaching/api/v1"
    assert address.socket_path == "user/ann/teaching/socket.io"
    assert address.token == "secret"


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names a hub gets that one."""
    monkeypatch.setenv("TEACHING_NB_URL", "http://other:1")
    monkeypatch.setenv("TEACHING_NB_TOKEN", "other")

    address = find_address("https://hub.school.test/", "mine")

    assert (address.url, address.token, address.socket_path) == ("https://hub.school.test", "mine", "socket.io")


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        (None, None, ["TEACHING_NB_URL", "connect("]),
        ("http://hub:1", None, ["no token", "http://hub:1", "hub token"]),
        ("hub:8710", "t", ["'hub:8710'", "http://HOST:PORT"]),
        ("http://", "t", ["not the address"]),
        ("http://hub:1", "to\nken", ["token", "copy it again"]),
    ],
)
def test_address_that_cannot_work_is_explained(url: str | None, token: str | None, words: list[str]) -> None:
    """The error says what is missing and what to do."""
    with pytest.raises(ConfigurationError) as caught:
        find_address(url, token)

    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_token_is_not_in_the_representation() -> None:
    """An address can be logged."""
    assert "secret" not in repr(find_address("http://hub:1", "secret"))


def test_unix_socket_of_a_jupyter_server_is_understood() -> None:
    """A server that listens on a Unix socket is reached there."""
    address = find_address("http+unix://%2Frun%2Fjupyter.sock/base/teaching", "t")

    assert address.unix_socket == "/run/jupyter.sock"
    assert address.api == "http://localhost/base/teaching/api/v1"


@pytest.mark.parametrize(
    ("url", "is_verified"), [("https://127.0.0.1:8888", False), ("https://localhost", False), ("https://a.test", True)]
)
def test_certificates_are_checked_off_the_own_machine(url: str, is_verified: bool) -> None:  # noqa: FBT001
    """Only the loopback address may show a certificate for another name."""
    assert find_address(url, "t").is_verified is is_verified
