"""The description of the interface: whole, true about bodies, parameters and refusals, and fit for programs."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import msgspec
import pytest

from teaching_nb.hub.rest.application import ROUTES
from teaching_nb.hub.rest.openapi import AccountRefusal, PlainRefusal, Refusals, described
from tests.harness.cast import Caller


@pytest.fixture(scope="module")
def the_description() -> dict[str, Any]:
    """Return the description of all routes, as JSON has it."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(described(ROUTES, version="1")))
    return found


def operation(description: dict[str, Any], route: str) -> dict[str, Any]:
    """Return what is said of one route."""
    method, path = route.split(" ")
    found: dict[str, Any] = description["paths"][path][method.lower()]
    return found


async def test_every_route_is_described(a_client: httpx.AsyncClient, the_description: dict[str, Any]) -> None:
    """The description is served to everybody; each operation has a name of its own and a summary."""
    served = (await a_client.get("/api/v1/openapi.json")).json()
    paths = served["paths"]
    operations = [one for methods in paths.values() for one in methods.values()]

    assert paths == the_description["paths"]
    assert {(method.upper(), path) for path in paths for method in paths[path]} == {(r.method, r.path) for r in ROUTES}
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(re.fullmatch(r"[A-Z].*[.:]", one["summary"]) for one in operations)


def test_every_reference_leads_somewhere(the_description: dict[str, Any]) -> None:
    """Each reference names a component, and each component is referred to."""
    named = set(re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(the_description)))

    assert named == set(the_description["components"]["schemas"])


def test_parameters_are_described(the_description: dict[str, Any]) -> None:
    """The description has the format of ids in paths, and all parameters of queries."""
    versions = operation(the_description, "GET /api/v1/documents/{document_id}/versions")["parameters"]
    creation = operation(the_description, "POST /api/v1/documents")["parameters"]

    assert versions[0] == {
        "name": "document_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    assert {one["name"]: one["schema"].get("maximum") for one in versions if one["in"] == "query"} == {
        "before": None,
        "limit": 200,
    }
    assert [(one["name"], one["in"], one["required"]) for one in creation] == [
        ("onBehalfOf", "query", False),
        ("uniqueMain", "query", False),
    ]


def test_bodies_and_answers_are_described(the_description: dict[str, Any]) -> None:
    """The description says whether a body may be missing, and what is answered, if anything."""
    needed = operation(the_description, "PUT /api/v1/documents/{document_id}")
    optional = operation(the_description, "PUT /api/v1/cms/settings")
    listed = operation(the_description, "GET /api/v1/users")
    welcome = operation(the_description, "GET /api/v1")

    assert (needed["requestBody"]["required"], optional["requestBody"]["required"]) == (True, False)
    assert "content" not in needed["responses"]["204"]
    assert listed["responses"]["200"]["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/User"},
    }
    assert "requestBody" not in listed
    assert list(welcome["responses"]["200"]["content"]) == ["text/plain"]


def test_what_is_open_to_everybody_needs_no_token(the_description: dict[str, Any]) -> None:
    """Every other operation names the token as what it needs."""
    for route in ROUTES:
        security = operation(the_description, f"{route.method} {route.path}")["security"]
        assert security == ([] if route.open_to == "everybody" else [{"token": []}])


async def test_refusals_are_as_described(a_client: httpx.AsyncClient, a_student: Caller) -> None:
    """Refusals that are sent fit the schemas that the description gives for them."""
    strange = await a_client.get("/api/v1/user")
    forbidden = await a_student.get("/admin/allowedActions")
    malformed = await a_student.get("/users/x")
    account = await a_client.post("/api/auth/sign-in/email", content=b"{}")

    assert [msgspec.convert(one.json(), PlainRefusal).error for one in (strange, forbidden)] == [
        "Unauthorized",
        "User does not have the role, method or path",
    ]
    assert msgspec.convert(malformed.json(), Refusals).errors[0].status == 400
    assert msgspec.convert(account.json(), AccountRefusal).code == "VALIDATION_ERROR"
