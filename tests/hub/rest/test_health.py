"""What the hub answers to those who have no credential."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import httpx
import pytest

from teaching_nb.hub.rest import health
from tests.harness.cast import Caller


async def test_health_answers_without_a_credential(a_client: httpx.AsyncClient) -> None:
    """A client finds out which additions the hub offers before it signs in."""
    answer = await a_client.get("/api/v1/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert {"main", "revision"} <= set(answer.json()["features"])


@pytest.mark.parametrize(("found", "told"), [("1.2.3", "1.2.3"), (None, "0")])
def test_version_is_looked_up_once(monkeypatch: pytest.MonkeyPatch, found: str | None, told: str) -> None:
    """It is read from the disk, and whoever watches a hub asks for its health all the time."""
    asked = []

    def installed_version(name: str) -> str:
        asked.append(name)
        if found is None:
            raise PackageNotFoundError
        return found

    monkeypatch.setattr(health, "installed_version", installed_version)
    health.version.cache_clear()
    versions = [health.version() for _ in range(3)]
    health.version.cache_clear()

    assert versions == [told] * 3
    assert asked == ["teaching-nb"]


async def test_welcome_answers_without_a_credential(a_client: httpx.AsyncClient) -> None:
    """The root of the interface says what answers there."""
    answer = await a_client.get("/api/v1")

    assert answer.status_code == 200


async def test_everything_else_needs_a_credential(a_client: httpx.AsyncClient) -> None:
    """Without a credential the answer has the shape of the existing backend."""
    for path in ("/api/v1/user", "/api/v1/users", "/api/v1/documentRoots", "/api/v1/nothing/here"):
        answer = await a_client.get(path)

        assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"}), path


async def test_openapi_lists_the_documents(a_client: httpx.AsyncClient) -> None:
    """The description of the interface is made from the same types that check requests."""
    description = (await a_client.get("/api/v1/openapi.json")).json()

    assert "/api/v1/documents/main" in description["paths"]
    assert "sharedAccess" in description["components"]["schemas"]["RootMeta"]["properties"]


async def test_unknown_path_is_404_in_the_operational_shape(an_admin: Caller) -> None:
    """A path without a route below a known noun is told like any other refusal."""
    answer = await an_admin.get("/documents/nothing/here")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["name"] == "NOT FOUND"


async def test_unknown_method_is_refused_like_a_missing_role(an_admin: Caller) -> None:
    """The existing backend answers PATCH with the role refusal."""
    answer = await an_admin.send("PATCH", "/documents", {})

    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "User does not have the role, method or path"},
    )
