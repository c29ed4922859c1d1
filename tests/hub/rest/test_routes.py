"""Routes as data: each is found at its path, and takes from a request what the annotations of its handler say."""

from __future__ import annotations

import re
from typing import Annotated

import httpx
import msgspec
import pytest

from teaching_nb.hub.rest.application import ROUTES
from teaching_nb.hub.rest.endpoints import Endpoints
from teaching_nb.hub.rest.parameters import QueryReader, path_reader
from teaching_nb.hub.rest.refusals import BadRequest
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.hub.rest.routes import Answer, Route, signature_of
from teaching_nb.schema import limits, wire
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene


class Wanted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A query with a parameter of every kind."""

    is_new: bool = False
    ids: list[str] = []
    limit: Annotated[int, msgspec.Meta(ge=1, le=9)] = 5
    before: int | None = None
    name: str = ""


def test_every_route_is_found_at_its_path() -> None:
    """No route is hidden by an earlier one whose path has an id where this one has a word."""
    endpoints = Endpoints(ROUTES)

    for route in ROUTES:
        path = re.sub(r"\{(\w+)\}", r"a-\1", route.path)
        found, names = endpoints.find(route.method, path, None)
        assert found.route == route
        assert names == {name: f"a-{name}" for name in re.findall(r"\{(\w+)\}", route.path)}


def test_no_operation_is_listed_twice() -> None:
    """The second one would never be asked."""
    operations = [(route.method, route.path) for route in ROUTES]

    assert len(set(operations)) == len(operations)


async def _takes_ids(_request: HubRequest, user_id: str, query: Wanted, body: Wanted | None = None) -> Answer[None]:
    raise NotImplementedError


async def _takes_nothing(_request: HubRequest) -> list[str]:
    raise NotImplementedError


def test_signature_is_read_from_the_annotations() -> None:
    """Annotations say what ids, query, body and answer are."""
    takes = signature_of(Route("PUT", "/users/{user_id}", _takes_ids))
    nothing = signature_of(Route("GET", "/users", _takes_nothing))

    assert (takes.path, takes.query, takes.answer) == ({"user_id": str}, Wanted, None)
    assert takes.body is not None
    assert takes.body.annotation == Wanted | None
    assert (nothing.path, nothing.query, nothing.body, nothing.answer) == ({}, None, None, list[str])


@pytest.mark.parametrize(
    ("path", "handler"), [("/users/{id}", _takes_ids), ("/users", _takes_ids), ("/users/{user_id}", _takes_nothing)]
)
def test_route_whose_handler_takes_other_names_is_refused(path: str, handler: object) -> None:
    """The hub refuses to start; it does not fail when somebody asks."""
    with pytest.raises(AssertionError, match=f"takes other names than {re.escape(path)}"):
        signature_of(Route("GET", path, handler))  # type: ignore[arg-type]  # none is called


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Wanted()),
        ("limit=9&before=3&name=x&other=1", Wanted(limit=9, before=3, name="x")),
        ("ids=a&ids=b&ids=", Wanted(ids=["a", "b", ""])),
        ("isNew=true", Wanted(is_new=True)),
        ("isNew=True&is_new=true", Wanted()),
        ("isNew=true&isNew=true", Wanted()),
        ("name=&name=x&limit=1&limit=x", Wanted(limit=1)),
    ],
)
def test_query_is_read(query: str, expected: Wanted) -> None:
    """A flag by `true` alone, a list with all its values, of everything else the first; others do not matter."""
    assert QueryReader(Wanted).read(query.encode()) == expected


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=0", "Expected `int` >= 1 - at limit"),
        ("limit=10", "Expected `int` <= 9 - at limit"),
        ("limit=x", "Expected `int`, got `str` - at limit"),
        ("limit=", "Expected `int`, got `str` - at limit"),
        ("before=x", "Expected `int | null`, got `str` - at before"),
    ],
)
def test_query_that_does_not_fit_is_told_with_its_place(query: str, told: str) -> None:
    """The refusal has the name of the parameter, and what it should be."""
    with pytest.raises(BadRequest) as refused:
        QueryReader(Wanted).read(query.encode())

    assert refused.value.message == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("0", "Expected `int` >= 1 - at number"), ("x", "Expected `int`, got `str` - at number"), ("9" * 5_000, "")],
)
def test_number_in_a_path_is_checked(text: str, told: str) -> None:
    """A number of more digits than Python reads is refused like any other wrong one."""
    read = path_reader("number", Annotated[int, msgspec.Meta(ge=1)])

    assert read("7") == 7
    with pytest.raises(BadRequest) as refused:
        read(text)
    assert refused.value.message.startswith(told)


async def test_id_in_a_path_is_named_as_what_it_is(an_admin: Caller) -> None:
    """A refusal says what the id should have named."""
    user = await an_admin.get("/users/x")
    root = await an_admin.send("DELETE", "/documentRoots/x")

    assert user.json()["errors"][0]["message"] == "[400] user id is not a UUID: 'x'"
    assert root.json()["errors"][0]["message"] == "[400] document root id is not a UUID: 'x'"


async def test_body_of_a_route_that_takes_none_is_not_looked_at(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, a_client: httpx.AsyncClient
) -> None:
    """Such a body may hold anything, but must not be too large; the next request on the connection is answered."""
    document_id = await Scene(a_hub.database).document(a_cast.student1, await Scene(a_hub.database).root())
    for content in (b"{", b"\xff", b'"\\u0000"', b"x" * limits.REST_BODY_BYTES):
        path, headers = f"/api/v1/documents/{document_id}", a_student.person.headers
        answer = await a_client.request("GET", path, content=content, headers=headers)
        assert answer.json()["document"]["id"] == document_id
    too_large = await a_client.request("GET", path, content=b"x" * (limits.REST_BODY_BYTES + 1), headers=headers)
    unknown = await a_client.request("DELETE", f"/api/v1/documents/{wire.new_id()}", content=b"{", headers=headers)

    assert (too_large.status_code, unknown.status_code) == (413, 404)


async def test_nothing_is_sent_as_nothing(a_hub: RunningHub, a_cast: Cast, an_admin: Caller) -> None:
    """A route that has nothing to say sends no `null`; one that finds nothing does."""
    linked = await an_admin.post(f"/admin/users/{a_cast.student1.id}/linkUserPassword", {"pw": "long enough 1"})
    missing = await an_admin.get(f"/users/{wire.new_id()}")

    assert (linked.status_code, linked.content) == (201, b"")
    assert (missing.status_code, missing.content) == (200, b"null")
