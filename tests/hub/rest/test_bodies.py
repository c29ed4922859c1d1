"""Bodies that are missing or wrong: every route says in words what it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness.cast import Caller

NOBODY = "0e6f1c1e-7a52-4d0c-9c5b-3b1f5e0d4a77"

JSON = {"content-type": "application/json"}


def routes_with_a_body(description: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation that takes a body."""
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                yield method.upper(), re.sub(r"\{[^}]*\}", NOBODY, path)


def told(answer: httpx.Response) -> str:
    """Return what an answer says is wrong."""
    body = answer.json()
    message: str = body["message"] if "message" in body else body["errors"][0]["message"]
    return message


@pytest.fixture
async def the_routes(a_client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Return all routes of the hub that take a body, from its own description."""
    found = list(routes_with_a_body((await a_client.get("/api/v1/openapi.json")).json()))
    assert len(found) > 25
    return found


@pytest.mark.parametrize("headers", [{}, JSON], ids=["no type", "JSON"])
async def test_missing_body_is_told_in_words(
    an_admin: Caller, the_routes: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    """A route that needs one says so, and none speaks of a parameter of its function."""
    for method, path in the_routes:
        answer = await an_admin.send(method, path, headers=headers)
        if answer.status_code == 400:
            assert "the request needs a JSON body and has none" in told(answer), path
        assert "- at data" not in answer.text


async def test_wrong_body_is_told_in_words(
    a_client: httpx.AsyncClient, an_admin: Caller, the_routes: list[tuple[str, str]]
) -> None:
    """What is no JSON, and JSON of another kind, is named as what is wrong with the body."""
    for method, path in the_routes:
        for content, words in (
            (b'{"a":', "the body is not JSON"),
            (b"a=b", "the body is not JSON"),
            (b"7", "in the body"),
        ):
            answer = await a_client.request(method, path, content=content, headers={**an_admin.person.headers, **JSON})
            assert answer.status_code == 400, path
            assert words in told(answer), path
            assert "- at data" not in told(answer)
            assert answer.json().get("code", "VALIDATION_ERROR") == "VALIDATION_ERROR"


async def test_field_that_is_wrong_is_named(an_admin: Caller) -> None:
    """A field that is missing, and one of another kind, with its place."""
    missing = await an_admin.post("/documents", {"type": "code", "data": {}})
    wrong = await an_admin.post("/sync", {"roots": [{"id": 3}]})

    assert "missing required field `documentRootId` - in the body" in told(missing)
    assert "Expected `str`, got `int` - at roots[0].id" in told(wrong)
