"""What every request passes: paths and methods that no rule names, other sites, the cookie of an https hub."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import aiohttp
import httpx
import pytest
from sqlalchemy import Connection, update
from yarl import URL

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub import clock
from teaching_nb.hub.config import Settings
from teaching_nb.hub.store.tables import sessions
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub, serving
from tests.hub.browsers import PASSWORD, give_password
from tests.hub.scenes import Scene

ROLE_REFUSAL = {"error": "User does not have the role, method or path"}


@pytest.mark.parametrize("path", ["/api/v1/does-not-exist", "/api/v1/user", "/api/v1/admin/x", "/api/v1/openapi"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_nobody_is_refused_whatever_the_path(a_client: httpx.AsyncClient, path: str, method: str) -> None:
    """Whether something exists is told to those alone who are known."""
    answer = await a_client.request(method, path)

    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/health", "/api/v1/openapi.json"])
async def test_head_of_what_is_public_is_answered_as_get_without_the_body(
    a_client: httpx.AsyncClient, a_student: Caller, path: str
) -> None:
    """Monitors ask with HEAD; it is answered where GET is open to everybody."""
    for headers in ({}, a_student.person.headers):
        get, head = [await a_client.request(method, path, headers=headers) for method in ("GET", "HEAD")]

        assert (head.status_code, head.headers["content-type"]) == (get.status_code, get.headers["content-type"])
        assert head.content == b""


@pytest.mark.parametrize(("first", "second", "status"), [("right", "wrong", 200), ("wrong", "right", 401)])
async def test_first_header_of_a_name_counts(
    a_client: httpx.AsyncClient, a_cast: Cast, *, first: str, second: str, status: int
) -> None:
    """So that no other one can be smuggled in behind what somebody on the way has looked at."""
    values = {"right": a_cast.student1.headers["Authorization"], "wrong": "Bearer wrong"}
    headers = [("Authorization", values[first]), ("authorization", values[second])]

    answer = await a_client.get("/api/v1/user", headers=headers)

    assert answer.status_code == status


SPELLINGS = (
    "//api/v1/{}",
    "/api//v1/{}",
    "/api/v1//{}",
    "/api/v1/{}//",
    "/api/v1/{}%0A",
    "///api///v1///{}",
    "/API/v1/{}",
    "/api%2Fv1%2F{}",
    "/%2Fapi/v1/{}",
    "/api/v1/./{}",
    "/api/v1/../v1/{}",
    "/api/v1/%2e%2e/v1/{}",
    "/api/v1/health/../{}",
    "/api/v1/health//{}",
)
"""How a path may be written, with the place for what is asked for."""


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_nobody_learns_what_exists_by_spelling_the_path_oddly(
    a_hub: RunningHub, a_cast: Cast, *, spelling: str
) -> None:
    """No handler runs without a caller, and what exists is answered as what does not."""
    there = (f"users/{a_cast.teacher.id}", f"studentGroups/{a_cast.class_a}", "user")
    for method in ("GET", "POST", "PUT", "DELETE"):
        for asked in (*there, f"users/{wire.new_id()}", "no-such-thing"):
            answer = await told(a_hub.url, method, spelling.format(asked))

            assert answer == (401, '{"error":"Unauthorized"}'), (method, asked)


@pytest.mark.parametrize("spelling", SPELLINGS[:9])
async def test_oddly_spelled_path_is_served_as_it_is_routed(a_hub: RunningHub, a_cast: Cast, *, spelling: str) -> None:
    """People who are signed in get the same by an odd spelling as by the plain one."""
    status, said = await told(a_hub.url, "GET", spelling.format("user"), a_cast.student1.headers)

    assert (status, json.loads(said)["id"]) == (200, a_cast.student1.id)


async def test_web_socket_is_opened_at_none_of_our_paths(a_hub: RunningHub, a_cast: Cast) -> None:
    """Sockets have a path of their own; everywhere else the handshake is refused."""
    async with aiohttp.ClientSession(headers=a_cast.student1.headers) as session:
        for path in ("/api/v1/user", "/api/v1/health", "/elsewhere"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(a_hub.url + path)
            assert refused.value.status == 403


async def told(url: str, method: str, target: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Send a request whose target no client has tidied up; return status and body."""
    async with aiohttp.ClientSession() as session:
        address = URL(url + target, encoded=True)
        async with session.request(method, address, headers=headers or {}) as answer:
            return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/health", "/api/v1/health%0A", "/api/v1/openapi.json"])
async def test_public_paths_need_no_credential(a_client: httpx.AsyncClient, path: str) -> None:
    """The welcome, the health and the description of the interface are open to everybody."""
    assert (await a_client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/does-not-exist", 403),
        ("GET", "/checklogin", 404),
        ("GET", "/users/x/y/z", 404),
        ("GET", "/documents/x/y", 404),
        ("PATCH", "/user", 403),
        ("HEAD", "/user", 403),
        ("DELETE", "/user", 403),
        ("GET", "/admin/nothing", 403),
        ("OPTIONS", "/user", 204),
    ],
)
async def test_what_no_rule_names_is_refused(a_student: Caller, method: str, path: str, status: int) -> None:
    """A path below a rule is not found; everything else is refused like a missing role."""
    answer = await a_student.send(method, path)

    assert answer.status_code == status
    if status == 403 and method != "HEAD":
        assert answer.json() == ROLE_REFUSAL


async def test_paths_and_ids_may_be_in_upper_case(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """So may ids in bodies and lists; a slash at the end does no harm."""
    scene = Scene(a_hub.database)
    root_id = await scene.root()
    document_id = await scene.document(a_cast.student1, root_id)

    for path in (f"/DOCUMENTS/{document_id.upper()}", f"/documents/{document_id}/"):
        assert (await a_student.get(path)).json()["document"]["id"] == document_id, path
    listed = await a_student.get(f"/documentroots?ids={root_id.upper()}")
    assert [root["id"] for root in listed.json()] == [root_id]
    body = {"type": "note", "documentRootId": root_id.upper(), "data": {}}
    assert (await a_student.post("/documents", body)).json()["documentRootId"] == root_id


@pytest.mark.parametrize("flag", ["1", "TRUE", "", "false"])
async def test_flag_is_set_by_true_alone(a_hub: RunningHub, a_student: Caller, flag: str) -> None:
    """Every other word leaves it unset."""
    root_id = await Scene(a_hub.database).root()
    body = {"type": "note", "documentRootId": root_id, "data": {}}

    for _ in range(2):
        assert (await a_student.post("/documents", body, params={"uniqueMain": flag})).status_code == 200
    assert (await a_student.post("/documents", body, params={"uniqueMain": "true"})).status_code == 403
    assert (await a_student.post("/documents?uniqueMain=true&uniqueMain=true", body)).status_code == 200


async def test_pages_of_configured_sites_may_read(settings: Settings, a_cast: Cast) -> None:
    """They and nobody else; a preflight is answered without a credential."""
    trusted = replace(settings, trusted_origins=("https://site.test",))
    asked = {"access-control-request-method": "PUT", "access-control-request-headers": "x-metadata-sid"}
    async with serving(trusted) as hub, httpx.AsyncClient(base_url=hub.url, timeout=30) as web:
        good = await web.options("/api/v1/user", headers={"origin": "https://site.test", **asked})
        evil = await web.options("/api/v1/user", headers={"origin": "http://evil.test", **asked})
        read = await web.get("/api/v1/user", headers={"origin": "https://site.test", **a_cast.student1.headers})
        refused = await web.get("/api/v1/user", headers={"origin": "https://site.test"})

    assert good.status_code == evil.status_code == 204
    assert good.headers["access-control-allow-origin"] == "https://site.test"
    assert good.headers["access-control-allow-credentials"] == "true"
    assert good.headers["access-control-allow-methods"] == "GET,POST,PUT,DELETE,OPTIONS,HEAD"
    assert good.headers["access-control-allow-headers"] == "x-metadata-sid"
    assert "access-control-allow-origin" not in evil.headers
    assert read.headers["access-control-allow-origin"] == "https://site.test"
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (401, True)


async def test_cookie_of_an_https_hub_is_for_https_alone(settings: Settings, a_cast: Cast) -> None:
    """Its name and attributes say so, and the host is that of the configured address."""
    secure = replace(settings, base_url="https://hub.school.test", app_name="class")
    async with serving(secure) as hub, httpx.AsyncClient(base_url=hub.url, timeout=30) as web:
        await give_password(hub, a_cast.student1)
        body = {"email": a_cast.student1.email, "password": PASSWORD}
        own = await web.post("/api/auth/sign-in/email", json=body, headers={"origin": "https://hub.school.test"})
        other = await web.post("/api/auth/sign-in/email", json=body, headers={"origin": hub.url})

    cookie = own.headers["set-cookie"]
    assert cookie.startswith("__Secure-class.session_token=")
    assert "; Domain=hub.school.test; " in cookie
    assert cookie.endswith("; Secure")
    assert other.json()["code"] == "INVALID_ORIGIN"


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "hub.school.test"},
        {"base_url": "https://hub.school.test/path"},
        {"trusted_origins": ("*",)},
        {"trusted_balancers": ("*",)},
        {"trusted_balancers": ("localhost",)},
        {"trusted_balancers": ("10.1.2.3/24",)},
        {"app_name": "a=b"},
        {"admin_group_id": "staff"},
    ],
)
def test_setting_that_cannot_work_is_told(settings: Settings, options: Any) -> None:
    """The hub refuses to start; it does not fail when somebody signs in."""
    with pytest.raises(ConfigurationError):
        replace(settings, **options)


async def test_socket_ends_when_its_session_expires(
    a_hub: RunningHub, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look at the connections is not later than the first expiry."""
    hub = a_hub.hub
    listener = Listener(a_hub, a_cast.student1)
    await listener.connect()
    assert 29 < await hub._seconds_to_next_expiry() <= 30

    def end_soon(tx: Connection) -> None:
        ends = clock.now() + 200
        tx.execute(update(sessions).where(sessions.c.user_id == a_cast.student1.id).values(expires_at=ends))

    await a_hub.database.write(end_soon)
    assert await hub._seconds_to_next_expiry() < 0.25
    later = clock.now() + 500
    monkeypatch.setattr(clock, "now", lambda: later)
    await hub._sweep_once()

    await listener.ended()
