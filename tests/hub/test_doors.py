"""All routes and all socket events, met by strangers, wrong people, expired credentials and odd spellings."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import socketio
from yarl import URL

from teaching_nb.errors import Unauthorized
from teaching_nb.hub.config import Settings
from teaching_nb.hub.people import permissions, sessions
from teaching_nb.hub.people.permissions import OF_USERS
from teaching_nb.hub.rest.application import PUBLIC_PATHS
from teaching_nb.hub.rest.application import ROUTES as SERVED
from teaching_nb.hub.rest.endpoints import Endpoints
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.schema import wire
from tests.harness.cast import Cast
from tests.harness.listeners import Listener
from tests.harness.running_hub import SECRET, RunningHub, serving
from tests.hub.browsers import Browser, give_password
from tests.hub.doors import EVENTS, FOR_EVERYBODY, ROUTES
from tests.hub.scenes import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "a text that nobody else may read"
NOBODY = (401, {"error": "Unauthorized"})
ODD = ("//{}", "/{}/", "/{}//", "/./{}", "/%2e%2e/{}", "/x/../{}")
"""Ways to write a path whose plain form is `/{}`."""


@dataclass(frozen=True)
class House:
    """A hub, things of class A in it, and what their ids are called in `doors`."""

    hub: RunningHub
    cast: Cast
    ids: dict[str, str]
    web: aiohttp.ClientSession
    expired: str
    """A token of student 3 whose time is over."""
    cookie: str
    """The header of a browser in which student 3 is signed in."""

    def filled(self, what: Any, ids: dict[str, str] | None = None) -> Any:
        """Return a path or a body with ids in place of their names."""
        if isinstance(what, dict):
            return {key: self.filled(value, ids) for key, value in what.items()}
        if isinstance(what, list):
            return [self.filled(value, ids) for value in what]
        return what.format(**(ids or self.ids)) if isinstance(what, str) else what


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def a_house(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> AsyncIterator[House]:
    """Run one hub for all doors, with a private document of student 1 in it."""
    folder = tmp_path_factory.mktemp("doors")
    shutil.copy(a_seeded_file[0], folder / "hub.db")
    cast = a_seeded_file[1]
    settings = Settings(data_dir=folder, port=0, secret=SECRET, user_writes_per_second=0)
    async with serving(settings) as hub:
        scene = Scene(hub.database)
        root_id = await scene.root("None", users={cast.student1.id: "RW"})
        ids = {
            "root_id": root_id,
            "document_id": await scene.document(cast.student1, root_id, data={"code": TEXT}),
            "parent_id": await scene.document(cast.student1, root_id, data={"code": TEXT}),
            "permission_id": await hub.database.read(lambda tx: permissions.of_root(tx, OF_USERS, [root_id])[0].id),
            "user_id": cast.student1.id,
            "group_id": cast.class_a,
            "action_id": wire.new_id(),
            "number": "1",
        }
        expired = await hub.database.write(lambda tx: sessions.create_bearer(tx, cast.student3.id, days=-1))
        await give_password(hub, cast.student3)
        async with Browser(hub) as browser, aiohttp.ClientSession() as web:
            await browser.sign_in(cast.student3)
            cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
            yield House(hub, cast, ids, web, expired, cookie)


async def asked(house: House, route: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Send a request whose path no client has tidied up; return status and body."""
    method, path = route.split(" ")
    options = {} if body is None else {"json": body}
    url = URL(house.hub.url + path, encoded=True)
    async with house.web.request(method, url, headers=headers or {}, **options) as answer:
        assert "access-control-allow-origin" not in answer.headers
        content = await answer.read()
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status, await answer.json() if is_json and content else content.decode()


async def test_every_route_has_its_line() -> None:
    """Nobody adds a route without saying what strangers and wrong people are answered."""
    open_to = {f"{route.method} {route.path}": route.open_to for route in SERVED}

    assert set(open_to) == {*ROUTES, *FOR_EVERYBODY}
    assert {name for name, whom in open_to.items() if whom == "everybody"} == set(FOR_EVERYBODY)
    assert {name.split(" ")[1] for name in FOR_EVERYBODY if "/api/v1" in name} == PUBLIC_PATHS


@pytest.mark.parametrize("route", ROUTES)
async def test_stranger_is_refused_at_every_route(a_house: House, route: str) -> None:
    """No credential and an expired one are answered alike, however a path is spelled and whether ids exist or not."""
    method, path = route.split(" ")
    unknown = {name: wire.new_id() if len(id_) == 36 else id_ for name, id_ in a_house.ids.items()}
    told = set()
    for headers in ({}, {"Authorization": f"Bearer {a_house.expired}"}, {"Authorization": "Bearer tnb_nonsense"}):
        for ids in (a_house.ids, unknown):
            for spelling in ("/{}", *ODD):
                target = spelling.format(a_house.filled(path, ids)[1:])
                status, body = await asked(
                    a_house, f"{method} {target}", a_house.filled(ROUTES[route].body, ids), headers
                )
                # What does not lead to a route of ours is no path at all; a route refuses.
                assert status in {401, 404}, (target, status, body)
                if "/api/v1" in path and spelling in ODD[:3]:
                    assert (status, body) == NOBODY, target
                told.add((spelling, status, str(body)))

    assert len(told) == 1 + len(ODD), "the ids or the credential make a difference"


@pytest.mark.parametrize("route", ROUTES)
async def test_no_handler_runs_without_a_caller_behind_the_guard(a_house: House, route: str) -> None:
    """The endpoints check the caller themselves, should somebody find a way around the guard."""
    method, path = route.split(" ")
    body = wire.encode(a_house.filled(ROUTES[route].body) or {})
    scope = {"type": "http", "method": method, "path": a_house.filled(path), "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    with pytest.raises(Unauthorized):
        await Endpoints(SERVED).respond(HubRequest(scope, receive, a_house.hub.context))


@pytest.mark.parametrize("route", ROUTES)
async def test_wrong_person_is_told_nothing_at_every_route(a_house: House, route: str) -> None:
    """A student of another class is answered alike for ids of things, of nothing, and of things of another kind."""
    method, path = route.split(" ")
    door, headers = ROUTES[route], a_house.cast.student3.headers
    unknown = {name: wire.new_id() if len(id_) == 36 else id_ for name, id_ in a_house.ids.items()}
    others = [name for name, id_ in a_house.ids.items() if len(id_) == 36]
    shifted = {name: a_house.ids[others[index - 2]] for index, name in enumerate(others)}
    answers = []
    for ids in (a_house.ids, unknown, {**a_house.ids, **shifted}):
        target = f"{method} {a_house.filled(path, ids)}"
        status, body = await asked(a_house, target, a_house.filled(door.body, ids), headers)
        assert status < 500
        assert TEXT not in str(body)
        assert a_house.cast.student1.email not in str(body)
        answers.append((status, _without_ids(body, ids)))

    assert answers[0][0] == door.status, answers[0]
    if door.unknown is None:
        assert answers[1] == answers[0] == answers[2]
    else:
        assert answers[1][0] == door.unknown
        assert answers[2][0] in {door.status, door.unknown}


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
async def test_foreign_page_changes_nothing_at_any_route(a_house: House, route: str) -> None:
    """A page of another site that makes a browser send the cookie of who is signed in is refused."""
    method, path = route.split(" ")
    headers = {"cookie": a_house.cookie, "origin": "https://evil.test"}
    target = f"{method} {a_house.filled(path)}"
    status, body = await asked(a_house, target, a_house.filled(ROUTES[route].body), headers)

    assert status == 403
    assert "nvalid origin" in str(body)


@pytest.mark.parametrize("route", FOR_EVERYBODY)
async def test_public_route_gives_a_stranger_nothing_of_others(a_house: House, route: str) -> None:
    """The answers are no failures, and name nobody."""
    status, body = await asked(a_house, route, FOR_EVERYBODY[route])

    assert status < 500
    assert "@school.test" not in str(body)


async def test_every_event_has_its_line(a_house: House) -> None:
    """Nobody adds an event without saying what a wrong person is answered."""
    hub = a_house.hub.hub

    assert set(hub._transport.server.handlers["/"]) - {"connect", "disconnect"} == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
async def test_wrong_person_gets_nothing_by_any_event(a_house: House, event: str) -> None:
    """The answer is the same whatever the ids belong to, also if to nothing, and nobody is told."""
    payload, expected = EVENTS[event]
    wrong, owner = Listener(a_house.hub, a_house.cast.student3), Listener(a_house.hub, a_house.cast.student1)
    for listener in (wrong, owner):
        await listener.connect()
    kinds = [a_house.ids[name] for name in ("user_id", "root_id", "document_id", "permission_id")]
    for id_ in (*kinds, a_house.cast.class_a, wire.new_id()):
        foreign = wire.new_id() if id_ == a_house.cast.class_a else id_
        ids = {**a_house.ids, "any_id": id_, "foreign_id": foreign}
        answer = await _answer(wrong, event, a_house.filled(payload, ids), is_answered=expected is not None)
        assert answer == expected, (event, id_)
    heard = await owner.heard_so_far("ACTION", "CHANGED_DOCUMENT", "DOCUMENT_UPDATE", "DOCUMENT_AWARENESS")

    assert [told for told in heard if "marker" not in told] == []
    for listener in (wrong, owner):
        await listener.disconnect()


@pytest.mark.parametrize("credential", [None, {"token": "tnb_nonsense"}, {"token": ""}])
async def test_stranger_gets_no_socket(a_house: House, credential: Any) -> None:
    """The handshake is refused, so no event of theirs is ever handled."""
    listener = Listener(a_house.hub, a_house.cast.student3)

    with pytest.raises(socketio.exceptions.ConnectionError, match="failed to connect"):
        await listener.connect(auth=credential)


async def _answer(listener: Listener, event: str, payload: Any, *, is_answered: bool) -> Any:
    if not is_answered:
        await listener.emit(event, payload)
        return None
    answer = await listener.call(event, payload)
    if not isinstance(answer, dict):
        return answer
    return True if answer["ok"] else answer["error"]["status"]


def _without_ids(body: Any, ids: dict[str, str]) -> str:
    """Return an answer without what it repeats of the question."""
    said = re.sub(r"'token': '[0-9a-f]+'", "a fresh token", str(body))
    for id_ in ids.values():
        if len(id_) == 36:
            said = said.replace(id_, "ID")
    return said
