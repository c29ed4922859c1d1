"""The school's existing backend behind the proxy, in both versions: sessions, credentials, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from teaching_nb.proxy import backend_session
from tests.harness.backend_double import SENDERS, BackendDouble
from tests.harness.backend_records import PASSWORD, Pupil, Version
from tests.harness.jupyter import BASE_URL, JUPYTER_TOKEN, Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.harness.waiting import SECONDS
from tests.proxy.conftest import StartJupyter

VERSIONS: tuple[Version, ...] = ("present", "2025")
SENTENCES = {name: value for name, value in vars(backend_session).items() if name.isupper() and isinstance(value, str)}

StartFor = Callable[..., Awaitable[Jupyter]]


@pytest.fixture(params=VERSIONS)
def a_backend(request: pytest.FixtureRequest) -> Iterator[BackendDouble]:
    """Return a backend with one student."""
    backend = BackendDouble(request.param, Pupil("Sam")).start()
    yield backend
    backend.stop()


@pytest.fixture
def a_backend_of_2025() -> Iterator[BackendDouble]:
    """Return a backend of the older version."""
    backend = BackendDouble("2025", Pupil("Sam")).start()
    yield backend
    backend.stop()


@pytest.fixture
def a_present_backend() -> Iterator[BackendDouble]:
    """Return a backend of the present version."""
    backend = BackendDouble("present", Pupil("Sam")).start()
    yield backend
    backend.stop()


@pytest.fixture
def a_secret_file(tmp_path: Path) -> Path:
    """Return an empty file that its owner alone may read."""
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def start_for(start_jupyter: StartJupyter, a_secret_file: Path) -> StartFor:
    """Return a function that starts Sam's Jupyter server for a backend, with the account that its version wants."""

    async def start(backend: BackendDouble, **settings: str) -> Jupyter:
        (sam,) = backend.records.people
        if backend.version == "present":
            a_secret_file.write_text(f"{PASSWORD}\n")
            account = {"hub_email": sam.email, "hub_password_file": str(a_secret_file)}
        else:
            a_secret_file.write_text(backend.sign_in(sam))
            account = {"hub_token_file": str(a_secret_file)}
        kind = {"hub_url": backend.url, "hub_kind": "teaching-api"}
        return await start_jupyter(TeachingNB={**kind, **account, **settings})

    return start


async def refusal_of(jupyter: Jupyter) -> str:
    """Return why a server cannot ask its backend; the status page says the same."""
    status, _, body = await jupyter.call("GET", "teaching/api/v1/user")
    _, _, page = await jupyter.call("GET", "teaching/status")
    assert status == 503, body
    message: str = json.loads(body)["errors"][0]["message"].removeprefix("[503] ")
    assert json.loads(page)["hub"]["detail"] == message
    return message


async def connected(jupyter: Jupyter, auth: Any = None) -> tuple[socketio.AsyncClient, list[Any]]:
    """Return a client that has joined the room `all`, and what it has heard."""
    client, heard = socketio.AsyncClient(reconnection=False), []
    listening = asyncio.Event()

    def on_event(event: str, payload: Any) -> None:
        heard.append([event, payload])
        if payload.get("rooms", [[""]])[0][0] == "all":
            listening.set()

    client.on("*", on_event)
    await client.connect(
        jupyter.origin,
        socketio_path=f"{BASE_URL}teaching/socket.io",
        headers={"Authorization": f"token {JUPYTER_TOKEN}"},
        transports=["websocket"],
        auth=auth,
        wait_timeout=SECONDS,
    )
    await asyncio.wait_for(listening.wait(), SECONDS)
    return client, heard


async def test_owner_is_known_there(a_backend: BackendDouble, start_for: StartFor) -> None:
    """The backend answers as to a signed-in person, and the answer holds nothing of the session."""
    jupyter = await start_for(a_backend)

    status, response, body = await jupyter.call("GET", "teaching/api/v1/user")
    _, _, page = await jupyter.call("GET", "teaching/status")

    assert status == 200
    assert json.loads(body)["email"] == "sam@school.test"
    assert json.loads(page)["hub"] == {"mode": "remote", "kind": "teaching-api", "reachable": True}
    assert a_backend.cookie_name not in str(response.headers)
    assert not [secret for secret in [*a_backend.sessions, PASSWORD] if secret in body.decode() + page.decode()]
    assert not [asked for asked in a_backend.asked if JUPYTER_TOKEN in str(asked)]


async def test_the_address_below_which_it_answers_will_do(a_backend: BackendDouble, start_for: StartFor) -> None:
    """People copy it from where the backend says “Welcome …”."""
    jupyter = await start_for(a_backend, hub_url=f"{a_backend.url}/api/v1/")

    status, _, body = await jupyter.call("GET", "teaching/api/v1/user")

    assert (status, json.loads(body)["email"]) == (200, "sam@school.test")


async def test_sender_is_named_as_the_version_names_it(a_backend: BackendDouble, start_for: StartFor) -> None:
    """Clients know one header; the older version another one."""
    jupyter = await start_for(a_backend)

    await jupyter.call("GET", "teaching/api/v1/user", headers={"X-Metadata-Sid": "abc"})

    sent = a_backend.asked[-1].headers
    assert {name: value for name, value in sent.items() if name.startswith("x-")} == {SENDERS[a_backend.version]: "abc"}


@pytest.mark.parametrize("auth", [None, {"only": "documents"}, {"token": "mine"}], ids=["none", "page", "own"])
async def test_socket_is_the_owners(a_backend: BackendDouble, start_for: StartFor, auth: Any) -> None:
    """A socket of kernel or page is let in, whatever it says of itself; it hears nothing of the credential."""
    jupyter = await start_for(a_backend)

    client, heard = await connected(jupyter, auth)
    a_backend.tell("NEW_RECORD", {"type": "Sketch", "record": {"x": 1}})
    joined = await client.call("JOIN_ROOM", a_backend.records.group_id, timeout=SECONDS)
    await client.disconnect()

    assert joined == (True if a_backend.version == "present" else None)
    assert not [secret for secret in [*a_backend.tokens, *a_backend.sessions] if secret in str(heard)]
    assert len(a_backend.tokens) == (1 if a_backend.version == "present" else 0)


async def test_each_socket_gets_a_token_of_its_own(a_present_backend: BackendDouble, start_for: StartFor) -> None:
    """One-time tokens are used up by connecting; the session behind them is one."""
    jupyter = await start_for(a_present_backend)

    clients = [await connected(jupyter) for _ in range(3)]
    for client, _ in clients:
        await client.disconnect()

    assert len(set(a_present_backend.tokens)) == 3
    assert a_present_backend.count("POST", "/api/auth/sign-in/email") == 1


async def test_session_that_has_ended_is_opened_again(a_present_backend: BackendDouble, start_for: StartFor) -> None:
    """Nobody notices: the request that was refused is sent once more; so it is with sockets."""
    jupyter = await start_for(a_present_backend)
    await jupyter.call("GET", "teaching/api/v1/user")

    a_present_backend.end_sessions()
    answers = await asyncio.gather(*(jupyter.call("GET", "teaching/api/v1/user") for _ in range(5)))
    a_present_backend.end_sessions()
    client, _ = await connected(jupyter)
    await client.disconnect()

    assert {status for status, _, _ in answers} == {200}
    assert a_present_backend.count("POST", "/api/auth/sign-in/email") == 3


async def test_cookie_that_has_ended_is_read_again_from_its_file(
    a_backend_of_2025: BackendDouble, start_for: StartFor, a_secret_file: Path
) -> None:
    """Where there are no passwords people bring a new cookie: the sentence says so, and no restart is needed."""
    jupyter = await start_for(a_backend_of_2025)
    await jupyter.call("GET", "teaching/api/v1/user")

    a_backend_of_2025.end_sessions()
    refusal = await refusal_of(jupyter)
    a_secret_file.write_text(a_backend_of_2025.sign_in(a_backend_of_2025.records.people[0]))
    status, _, _ = await jupyter.call("GET", "teaching/api/v1/user")

    assert refusal == backend_session.ENDED
    assert status == 200


async def test_session_that_the_backend_prolongs_is_kept(
    a_present_backend: BackendDouble, start_jupyter: StartJupyter
) -> None:
    """A session may come as a cookie at the present version, too; a new value that an answer sets takes its place."""
    backend = a_present_backend
    cookie = backend.sign_in(backend.records.people[0])
    settings = {"hub_url": backend.url, "hub_kind": "teaching-api", "hub_token": cookie}
    jupyter = await start_jupyter(TeachingNB=settings)
    backend.prolongs = True

    first, response, _ = await jupyter.call("GET", "teaching/api/v1/user")
    second, _, _ = await jupyter.call("GET", "teaching/api/v1/user")

    assert (first, second) == (200, 200)
    assert len({asked.headers["cookie"] for asked in backend.asked if asked.path == "/api/v1/user"}) == 2
    assert backend.cookie_name not in str(response.headers)


async def test_refused_password_is_said_and_not_tried_again(
    a_present_backend: BackendDouble, start_for: StartFor, a_secret_file: Path
) -> None:
    """The backend bears three attempts in ten seconds: many who ask cost one."""
    jupyter = await start_for(a_present_backend)
    a_secret_file.write_text("wrong")

    refusals = [await refusal_of(jupyter) for _ in range(3)]

    assert refusals == [backend_session.REFUSED] * 3
    assert a_present_backend.count("POST", "/api/auth/sign-in/email") == 1


async def test_one_sign_in_too_many_is_tried_again_when_the_backend_has_said(
    a_present_backend: BackendDouble, start_for: StartFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class behind one address comes in as fast as it is let in; before that nobody asks."""
    monkeypatch.setattr(backend_session, "SPREAD_SECONDS", 0.0)
    jupyter = await start_for(a_present_backend)
    asked = lambda: a_present_backend.count("POST", "/api/auth/sign-in/email")  # noqa: E731

    a_present_backend.refused_sign_ins = ["0"]
    first, _, refusal = await jupyter.call("GET", "teaching/api/v1/user")
    second, _, _ = await jupyter.call("GET", "teaching/api/v1/user")

    assert (first, second, asked()) == (503, 200, 2)
    assert backend_session.TOO_OFTEN in refusal.decode()
    a_present_backend.end_sessions()
    a_present_backend.refused_sign_ins = ["9"]
    assert [await refusal_of(jupyter) for _ in range(2)] == [backend_session.TOO_OFTEN] * 2
    assert asked() == 3


@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("", 10), ("soon", 10), ("-1", 10), ("86400", 28)])
def test_wait_for_a_sign_in_is_what_the_backend_says(told: str, seconds: float) -> None:
    """It is never longer than the sentence promises."""
    assert backend_session.seconds_until_free(told) == seconds


async def test_refusal_is_the_reason_of_a_closed_socket(
    a_backend_of_2025: BackendDouble, start_for: StartFor, a_secret_file: Path
) -> None:
    """Kernel and page learn from their socket what to do; both versions get in by the same door."""
    a_secret_file.write_text("twaApiKey=ended")
    jupyter = await start_for(a_backend_of_2025)
    a_backend_of_2025.end_sessions()

    async with jupyter.socket() as socket:
        message = await socket.receive(timeout=SECONDS)

    assert (message.type, message.extra) == (aiohttp.WSMsgType.CLOSE, backend_session.ENDED)


@pytest.mark.parametrize("url", ["https://api.school.test:8443", "https://api.school.test:8443/teaching"])
def test_origin_is_an_address_without_a_path(url: str) -> None:
    """As browsers name it: another one is nobody's."""
    assert backend_session.origin_of(url) == "https://api.school.test:8443"


async def test_backend_that_asks_for_an_origin_gets_its_own(start_for: StartFor) -> None:
    """Some ask programs, too, from which website they come."""
    backend = BackendDouble("present", Pupil("Sam"), asks_for_origin=True).start()
    try:
        jupyter = await start_for(backend)
        status, _, _ = await jupyter.call("GET", "teaching/api/v1/user")
    finally:
        backend.stop()

    assert status == 200


async def test_backend_that_is_away_is_said(a_backend: BackendDouble, start_for: StartFor) -> None:
    """Nobody is there, before a session or with one; when it comes back all goes on."""
    jupyter = await start_for(a_backend)
    a_backend.pause()
    first = await refusal_of(jupyter)
    a_backend.start()
    there, _, _ = await jupyter.call("GET", "teaching/api/v1/user")
    a_backend.pause()
    second = await refusal_of(jupyter)

    assert (first, there, second) == (backend_session.UNREACHABLE, 200, backend_session.UNREACHABLE)


async def test_what_is_no_backend_is_said(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """Another server, which answers everything, is neither version."""
    account = {"hub_email": "sam@school.test", "hub_password": PASSWORD}
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_kind": "teaching-api", **account})

    assert await refusal_of(jupyter) == backend_session.UNKNOWN
    assert not [asked for asked in a_hub.requests if PASSWORD.encode() in asked.body]


async def test_older_version_has_no_passwords(a_backend_of_2025: BackendDouble, start_for: StartFor) -> None:
    """An e-mail is of no use there, and the sentence says what is."""
    jupyter = await start_for(a_backend_of_2025, hub_email="sam@school.test", hub_password=PASSWORD)

    assert await refusal_of(jupyter) == backend_session.NO_PASSWORDS


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "hub_email"),
        ({"hub_email": "sam@school.test"}, "hub_password_file"),
        ({"hub_email": "sam@school.test", "hub_password_file": "/nowhere/at/all"}, "hub_password_file"),
        ({"hub_token": "no-cookie"}, "NAME=VALUE"),
    ],
    ids=["nobody", "no-password", "no-file", "no-cookie"],
)
async def test_missing_account_is_explained(
    start_jupyter: StartJupyter, a_backend_of_2025: BackendDouble, settings: dict[str, str], word: str
) -> None:
    """Whoever asks reads which setting is missing."""
    kind = {"hub_url": a_backend_of_2025.url, "hub_kind": "teaching-api"}
    jupyter = await start_jupyter(TeachingNB={**kind, **settings})

    assert word in await refusal_of(jupyter)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "documents/main"),
        ("POST", "sync"),
        ("GET", "health"),
        ("GET", "rootNames"),
        ("GET", "documents/1f0e6d3a-0000-4000-8000-000000000001/versions"),
        ("GET", "users/1f0e6d3a-0000-4000-8000-000000000001/documents"),
    ],
)
async def test_what_only_our_hub_has_is_refused_with_a_sentence(
    a_backend: BackendDouble, start_for: StartFor, method: str, path: str
) -> None:
    """The backend would say that one has no right."""
    jupyter = await start_for(a_backend)

    status, _, body = await jupyter.call(method, f"teaching/api/v1/{path}")

    assert status == 404
    assert "needs a hub of teaching_nb" in body.decode()
    assert a_backend.asked == []


async def test_credential_of_the_owner_is_nobody_elses(a_backend: BackendDouble, start_for: StartFor) -> None:
    """Where Jupyter tells people apart, only the owner goes to the backend under the owner's name."""
    jupyter = await start_for(a_backend, owner="somebody")
    jupyter.extension.context.identity._one_person = False

    status, _, body = await jupyter.call("GET", "teaching/api/v1/user")

    assert status == 403
    assert "belongs to 'somebody'" in body.decode()
    assert a_backend.asked == []


def test_sentences_fit_into_the_end_of_a_socket() -> None:
    """A WebSocket is closed with at most 123 bytes; a sentence that is cut says nothing of what to do."""
    assert len(SENTENCES) == 11
    assert [name for name, sentence in SENTENCES.items() if len(sentence.encode()) > 123] == []
