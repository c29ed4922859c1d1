"""Signing in and out with a password: cookies, their rules, one-time tokens, sessions that slide and end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import socketio
from sqlalchemy import Connection, select, update

from teaching_nb.hub import clock
from teaching_nb.hub.store.tables import sessions
from teaching_nb.tokens import mint_assertion
from tests.harness.cast import Cast
from tests.harness.listeners import Listener
from tests.harness.running_hub import SECRET, RunningHub
from tests.hub.browsers import COOKIE, PASSWORD, Browser, give_password


@pytest.fixture
async def a_browser(a_hub: RunningHub, a_cast: Cast) -> AsyncIterator[Browser]:
    """Return a browser on the hub's page; student 1 has a password."""
    await give_password(a_hub, a_cast.student1)
    async with Browser(a_hub) as browser:
        yield browser


async def test_sign_in_answers_user_and_cookie(a_browser: Browser, a_cast: Cast) -> None:
    """The cookie is out of reach for scripts and other sites, and holds for seven days."""
    answer = await a_browser.sign_in(a_cast.student1)

    assert answer.status_code == 200
    assert answer.json()["redirect"] is False
    assert answer.json()["user"]["id"] == a_cast.student1.id
    assert "authProviders" not in answer.json()["user"]
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{COOKIE}={answer.json()['token']}.")
    assert attributes == ["Max-Age=604800", "Path=/", "HttpOnly", "SameSite=Lax"]


async def test_cookie_is_a_credential(a_browser: Browser, a_cast: Cast) -> None:
    """REST takes it; the session tells its token, of which the database has only the hash."""
    token = (await a_browser.sign_in(a_cast.student1)).json()["token"]

    assert (await a_browser.get("/api/v1/user")).json()["id"] == a_cast.student1.id
    session = (await a_browser.get("/api/auth/get-session")).json()["session"]
    assert (session["token"], session["userId"]) == (token, a_cast.student1.id)


@pytest.mark.parametrize(
    ("email", "password"),
    [("student1@school.test", "wrong password"), ("nobody@school.test", PASSWORD), ("student2@school.test", PASSWORD)],
)
async def test_wrong_password_and_unknown_account_look_alike(a_browser: Browser, email: str, password: str) -> None:
    """Nobody learns from the answer which accounts there are, or have a password."""
    answer = await a_browser.post("/api/auth/sign-in/email", {"email": email, "password": password})

    assert answer.status_code == 401
    assert answer.json() == {"message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD"}
    assert a_browser.cookie is None


async def test_malformed_sign_in_is_told(a_browser: Browser) -> None:
    """A missing field is 400 in the shape of account errors."""
    answer = await a_browser.post("/api/auth/sign-in/email", {"email": "student1@school.test"})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_other_ways_in_are_refused_clearly(a_browser: Browser) -> None:
    """Sign-up is off, and accounts of other services are not connected."""
    up = await a_browser.post("/api/auth/sign-up/email", {"email": "new@school.test"})
    social = await a_browser.post("/api/auth/sign-in/social", {"provider": "github"})

    assert (up.status_code, up.json()["code"]) == (400, "EMAIL_PASSWORD_SIGN_UP_DISABLED")
    assert (social.status_code, social.json()["code"]) == (404, "PROVIDER_NOT_FOUND")
    assert "e-mail and password" in social.json()["message"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"origin": "http://evil.test"}, "INVALID_ORIGIN"),
        ({"origin": "null", "sec-fetch-mode": "cors"}, "MISSING_OR_NULL_ORIGIN"),
        ({"sec-fetch-mode": "cors"}, "MISSING_OR_NULL_ORIGIN"),
        ({"referer": "http://evil.test/page", "sec-fetch-site": "cross-site"}, "INVALID_ORIGIN"),
    ],
)
async def test_foreign_page_cannot_sign_in(
    a_browser: Browser, a_client: httpx.AsyncClient, a_cast: Cast, headers: dict[str, str], code: str
) -> None:
    """A browser must say which page it is on, and that page must be trusted."""
    body = {"email": a_cast.student1.email, "password": PASSWORD}

    answer = await a_client.post("/api/auth/sign-in/email", json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert "set-cookie" not in answer.headers


async def test_program_signs_in_without_origin(a_browser: Browser, a_client: httpx.AsyncClient, a_cast: Cast) -> None:
    """What is no browser and has no cookie needs no page."""
    body = {"email": a_cast.student1.email.upper(), "password": PASSWORD}

    answer = await a_client.post("/api/auth/sign-in/email", json=body)

    assert answer.status_code == 200


async def test_writing_with_a_cookie_needs_a_trusted_page(a_browser: Browser, a_cast: Cast) -> None:
    """A cookie alone changes nothing; the page, or a header that pages of others cannot set, must come with it."""
    await a_browser.sign_in(a_cast.student1)
    path, body = f"/api/v1/users/{a_cast.student1.id}", {"data": {"firstName": "Mallory"}}

    for headers in ({}, {"origin": "http://evil.test"}, {"referer": "http://evil.test/x"}):
        refused = await a_browser.client.put(path, json=body, headers=headers)
        assert refused.status_code == 403, headers
        assert refused.json()["errors"][0]["name"] == "FORBIDDEN"
    assert (await a_browser.get("/api/v1/user")).json()["firstName"] == "Alice"

    for headers in ({"origin": a_browser.origin}, {"x-requested-with": "fetch"}):
        assert (await a_browser.client.put(path, json=body, headers=headers)).status_code == 200


@pytest.mark.parametrize("value", ["garbage.garbage", "", "x", "a" * 5_000, "%00.%00", "tnb_x.y"])
async def test_made_up_cookie_is_nobody(a_client: httpx.AsyncClient, value: str) -> None:
    """Only what the hub has signed counts."""
    headers = {"cookie": f"{COOKIE}={value}"}

    assert (await a_client.get("/api/v1/user", headers=headers)).status_code == 401
    assert (await a_client.get("/api/auth/get-session", headers=headers)).json() is None


async def test_bearer_token_is_no_cookie(a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast) -> None:
    """A program's token in a signed cookie opens nothing: the two kinds are told apart."""
    value = await a_hub.context.credentials.cookie_value(a_cast.student1.token)

    answer = await a_client.get("/api/v1/user", headers={"cookie": f"{COOKIE}={value}"})

    assert answer.status_code == 401


async def test_sign_out_ends_session_and_sockets(a_hub: RunningHub, a_browser: Browser, a_cast: Cast) -> None:
    """The cookie is removed, worthless if kept, and the socket that came in with it ends at once."""
    await a_browser.sign_in(a_cast.student1)
    kept = {"cookie": f"{COOKIE}={a_browser.cookie}"}
    listener = Listener(a_hub, a_cast.student1)
    await listener.connect(headers=kept)

    answer = await a_browser.post("/api/auth/sign-out")

    assert answer.json() == {"success": True}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert a_browser.cookie is None
    await listener.ended()
    assert (await a_browser.client.get("/api/v1/user", headers=kept)).status_code == 401


async def test_foreign_page_gets_no_socket_with_a_cookie(a_hub: RunningHub, a_browser: Browser, a_cast: Cast) -> None:
    """A page of somebody else that opens a socket does not act as the person at the browser."""
    await a_browser.sign_in(a_cast.student1)
    listener = Listener(a_hub, a_cast.student1)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await listener.connect(headers={"cookie": f"{COOKIE}={a_browser.cookie}", "origin": "http://evil.test"})


async def test_one_time_token_hands_the_session_on(a_hub: RunningHub, a_browser: Browser, a_cast: Cast) -> None:
    """Whoever redeems it once is in the same session; a second time it is invalid."""
    await a_browser.sign_in(a_cast.student1)
    mine = (await a_browser.get("/api/auth/get-session")).json()["session"]
    token = (await a_browser.get("/api/auth/one-time-token/generate")).json()["token"]

    async with Browser(a_hub) as other:
        redeemed = await other.post("/api/auth/one-time-token/verify", {"token": token})
        again = await other.post("/api/auth/one-time-token/verify", {"token": token})

        assert len(token) == 32
        assert redeemed.json()["session"] == mine
        assert (await other.get("/api/v1/user")).json()["id"] == a_cast.student1.id
        assert (again.status_code, again.json()) == (400, {"message": "Invalid token"})


async def test_one_time_token_of_a_program_tells_whose_it_is_and_makes_no_cookie(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast
) -> None:
    """Made under a bearer token it can be verified, once; it must not become a cookie that lives for a week."""
    answer = await a_client.get("/api/auth/one-time-token/generate", headers=a_cast.student1.headers)
    token = {"token": answer.json()["token"]}

    async with Browser(a_hub) as browser:
        redeemed = await browser.post("/api/auth/one-time-token/verify", token)
        again = await browser.post("/api/auth/one-time-token/verify", token)
        nobody = await browser.get("/api/v1/user")

    assert redeemed.status_code == 200
    assert redeemed.json()["user"]["id"] == a_cast.student1.id
    assert redeemed.json()["session"]["token"] == ""
    assert "set-cookie" not in redeemed.headers
    assert a_cast.student1.token not in redeemed.text
    assert (again.status_code, nobody.status_code) == (400, 401)


async def test_one_time_token_of_a_program_lets_its_socket_in(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_cast: Cast
) -> None:
    """The token opens one socket, and is used up then."""
    answer = await a_client.get("/api/auth/one-time-token/generate", headers=a_cast.student1.headers)
    token, listener = answer.json()["token"], Listener(a_hub, a_cast.student1)

    await listener.connect(auth={"token": token})
    await listener.disconnect()

    with pytest.raises(socketio.exceptions.ConnectionError):
        await Listener(a_hub, a_cast.student1).connect(auth={"token": token})


async def test_one_time_token_of_an_assertion_tells_whose_it_is(a_hub: RunningHub, a_client: httpx.AsyncClient) -> None:
    """Whoever comes through the Jupyter server has no session; a token made there can be verified all the same."""
    assertion = mint_assertion(SECRET, subject="kim", name="Kim", role="student")
    headers = {"Authorization": f"Bearer {assertion}"}
    token = (await a_client.get("/api/auth/one-time-token/generate", headers=headers)).json()["token"]

    async with Browser(a_hub) as browser:
        redeemed = await browser.post("/api/auth/one-time-token/verify", {"token": token})

    assert redeemed.status_code == 200
    assert (redeemed.json()["session"], redeemed.json()["user"]["name"]) == (None, "Kim")
    assert "set-cookie" not in redeemed.headers


async def test_one_time_token_without_a_session_is_refused(a_client: httpx.AsyncClient) -> None:
    """Strangers get no one-time token."""
    answer = await a_client.get("/api/auth/one-time-token/generate")

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized", "code": "UNAUTHORIZED"})


async def test_session_slides_after_a_day(a_hub: RunningHub, a_browser: Browser, a_cast: Cast) -> None:
    """Used after a day, it holds for a whole week again, and so does its cookie; before, nothing is written."""
    await a_browser.sign_in(a_cast.student1)
    assert "set-cookie" not in (await a_browser.get("/api/v1/user")).headers
    await _age(a_hub, a_cast.student1.id, clock.DAY + 1)

    answer = await a_browser.get("/api/v1/user")

    assert "Max-Age=604800" in answer.headers["set-cookie"]
    assert (await _expiry(a_hub, a_cast.student1.id)) > clock.now() + 6.9 * clock.DAY
    assert "set-cookie" not in (await a_browser.get("/api/v1/user")).headers


async def test_session_that_is_not_remembered_ends_after_a_day(
    a_hub: RunningHub, a_browser: Browser, a_cast: Cast
) -> None:
    """Its cookie ends with the browser, and it does not slide."""
    answer = await a_browser.sign_in(a_cast.student1, rememberMe=False)
    assert "Max-Age" not in answer.headers["set-cookie"]
    await _age(a_hub, a_cast.student1.id, clock.DAY + 1)

    assert (await a_browser.get("/api/v1/user")).status_code == 401


async def test_expired_session_is_nobody_and_is_forgotten(a_hub: RunningHub, a_browser: Browser, a_cast: Cast) -> None:
    """After a week it opens nothing; the next sign-in sweeps it away."""
    await a_browser.sign_in(a_cast.student1)
    await _age(a_hub, a_cast.student1.id, 7 * clock.DAY)

    assert (await a_browser.get("/api/v1/user")).status_code == 401
    assert (await a_browser.get("/api/auth/get-session")).json() is None
    assert (await a_browser.sign_in(a_cast.student1)).status_code == 200
    assert len(await _rows(a_hub, a_cast.student1.id)) == 1


async def _age(hub: RunningHub, user_id: str, milliseconds: int) -> None:
    """Let the browser sessions of a user be older than they are."""
    earlier = {name: sessions.c[name] - milliseconds for name in ("created_at", "updated_at", "expires_at")}
    statement = update(sessions).where(sessions.c.user_id == user_id, sessions.c.kind == "cookie").values(earlier)

    def job(tx: Connection) -> None:
        tx.execute(statement)

    await hub.database.write(job)


async def _rows(hub: RunningHub, user_id: str) -> list[int]:
    query = select(sessions.c.expires_at).where(sessions.c.user_id == user_id, sessions.c.kind == "cookie")
    return await hub.database.read(lambda tx: list(tx.execute(query).scalars()))


async def _expiry(hub: RunningHub, user_id: str) -> int:
    (expiry,) = await _rows(hub, user_id)
    return expiry
