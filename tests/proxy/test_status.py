"""The status page, the bundle and the settings."""

from __future__ import annotations

import getpass
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from aiohttp import web

from teaching_nb.proxy import status as status_page
from teaching_nb.proxy.extension import TeachingNB
from teaching_nb.proxy.upstream import NO_HUB, UNTRUSTED
from tests.harness.documented_balancers import make_certificate
from tests.harness.jupyter import Jupyter
from tests.harness.recording_hub import RecordingHub
from tests.proxy.conftest import HUB_TOKEN, StartJupyter


async def test_status_names_hub_and_user(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """The page says which hub is in use, that it answers, and who one is; it does not say where."""
    status, response, body = await a_jupyter.call("GET", "teaching/status")

    content = json.loads(body)
    owner = getpass.getuser()
    assert status == 200
    assert content["hub"] == {"mode": "remote", "kind": "teaching-nb", "reachable": True}
    assert content["user"] == {"subject": owner, "name": owner, "role": None}
    assert response.headers["Cache-Control"] == "no-store"
    assert a_hub.url not in body.decode()
    assert a_hub.looks > 0
    assert a_hub.requests == []


async def test_status_says_that_the_hub_is_gone(a_jupyter: Jupyter, a_hub: RecordingHub) -> None:
    """The page itself works without a hub."""
    await a_hub.stop()

    status, _, body = await a_jupyter.call("GET", "teaching/status")

    assert status == 200
    assert json.loads(body)["hub"]["reachable"] is False


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"hub_kind": "teaching-api"}, "hub_kind"),
        ({"hub_kind": "teaching_api", "hub_url": "http://127.0.0.1:9"}, "not the str 'teaching_api'"),
        ({"role": "pupil"}, "'role' trait"),
        ({"hub_ur": "http://127.0.0.1:9"}, "no setting hub_ur"),
        ({"hub_url": "hub.example.org"}, "hub.example.org"),
        ({"hub_url": "https://user:pass@hub.example.org"}, "password"),
    ],
)
async def test_wrong_settings_are_explained(
    start_jupyter: StartJupyter, capfd: pytest.CaptureFixture[str], settings: dict[str, str], word: str
) -> None:
    """A setting that cannot work leaves Jupyter running, and everybody who asks reads which one."""
    jupyter = await start_jupyter(TeachingNB=settings)

    _, _, body = await jupyter.call("GET", "teaching/status")
    relayed, _, relayed_body = await jupyter.call("GET", "teaching/api/v1/user")

    assert json.loads(body)["hub"]["mode"] == "misconfigured"
    assert word in json.loads(body)["hub"]["detail"]
    assert relayed == 503
    assert word in json.loads(relayed_body)["errors"][0]["message"]
    assert word in capfd.readouterr().err


@asynccontextmanager
async def serving(answer: Callable[[], web.Response], context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that answers everything alike; yields its address."""

    async def handle(_request: web.Request) -> web.Response:
        return answer()

    server = web.ServerRunner(web.Server(handle))  # type: ignore[arg-type]  # a request of a server without an application
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.addresses[0][1]}"
    finally:
        await server.cleanup()


def _json(content: object, status: int = 200) -> Callable[[], web.Response]:
    return lambda: web.json_response(content, status=status)


@pytest.mark.parametrize(
    "answers",
    [
        _json({"error": "Unauthorized"}, 401),
        _json({"error": "Not Found"}, 404),
        _json({"status": "ok"}),
        _json([1]),
        lambda: web.Response(text="<h1>Our school</h1>", content_type="text/html"),
        lambda: web.Response(status=405),
    ],
    ids=["the existing backend", "nothing there", "another program", "a list", "a page", "no such verb"],
)
async def test_address_of_something_else_is_explained(
    start_jupyter: StartJupyter, answers: Callable[[], web.Response]
) -> None:
    """Somebody else answers there: status and cells say which settings to look at, and a hub that comes is taken."""
    said = [answers]

    def answer() -> web.Response:
        return said[-1]()

    async with serving(answer) as url:
        jupyter = await start_jupyter(TeachingNB={"hub_url": url, "hub_token": HUB_TOKEN})

        _, _, body = await jupyter.call("GET", "teaching/status")
        assert json.loads(body)["hub"] == {
            "mode": "remote",
            "kind": "teaching-nb",
            "reachable": False,
            "detail": NO_HUB,
        }
        async with jupyter.socket() as socket:
            closing = await socket.receive()
        assert (socket.close_code, closing.extra) == (1013, NO_HUB)
        if answers().status >= 400:
            relayed, _, body = await jupyter.call("GET", "teaching/api/v1/user")
            assert (relayed, json.loads(body)["errors"][0]["message"]) == (503, f"[503] {NO_HUB}")

        said.append(_json({"status": "ok", "features": []}))
        _, _, body = await jupyter.call("GET", "teaching/status")
        assert json.loads(body)["hub"]["reachable"] is True


@pytest.mark.parametrize(
    "settings",
    [
        {"hub_token": HUB_TOKEN},
        {"hub_kind": "teaching-api", "hub_email": "a@school.test", "hub_password": "correct horse"},
    ],
    ids=["a hub", "the existing backend"],
)
async def test_certificate_that_nobody_vouches_for_is_explained(
    start_jupyter: StartJupyter, tmp_path: Path, settings: dict[str, str]
) -> None:
    """Coming back later does not help; what does is said."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*make_certificate(tmp_path))
    async with serving(_json({"status": "ok", "features": []}), context) as url:
        jupyter = await start_jupyter(TeachingNB={"hub_url": url, **settings})

        _, _, body = await jupyter.call("GET", "teaching/status")
        _, _, relayed = await jupyter.call("GET", "teaching/api/v1/user")
        async with jupyter.socket() as socket:
            closing = await socket.receive()

    assert json.loads(body)["hub"]["detail"] == UNTRUSTED
    assert json.loads(relayed)["errors"][0]["message"] == f"[503] {UNTRUSTED}"
    assert closing.extra == UNTRUSTED


async def test_missing_hub_token_is_explained(start_jupyter: StartJupyter, a_hub: RecordingHub) -> None:
    """A remote hub without a token is refused here, with what is missing."""
    jupyter = await start_jupyter(TeachingNB={"hub_url": a_hub.url})

    status, _, body = await jupyter.call("GET", "teaching/api/v1/user")

    assert status == 503
    assert "hub_token" in body.decode()
    assert a_hub.requests == []


@pytest.fixture
async def a_server_with_modules(
    start_jupyter: StartJupyter, a_hub: RecordingHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Jupyter:
    """Return a Jupyter server with modules of the browser half, and files around that are nobody's business."""
    (tmp_path / "static" / "below").mkdir(parents=True)
    for name in ("static/page-AB12CD34.js", "static/teaching.js", "static/below/x-AB12CD34.js", "secret-AB12CD34.js"):
        (tmp_path / name).write_text("export default 1;")
    monkeypatch.setattr("teaching_nb.proxy.extension.STATIC_FOLDER", tmp_path / "static")
    return await start_jupyter(TeachingNB={"hub_url": a_hub.url, "hub_token": HUB_TOKEN})


async def test_modules_are_served(a_server_with_modules: Jupyter) -> None:
    """A module whose name tells what it holds is kept for good, the file for kernels is asked for again."""
    status, hashed, body = await a_server_with_modules.call("GET", "teaching/static/page-AB12CD34.js")
    _, plain, _ = await a_server_with_modules.call("GET", "teaching/static/teaching.js")
    head, _, nothing = await a_server_with_modules.call("HEAD", "teaching/static/page-AB12CD34.js")
    of_another_version, _, _ = await a_server_with_modules.call("GET", "teaching/static/page-ZZ12CD34.js")

    assert (status, body) == (200, b"export default 1;")
    assert "javascript" in hashed.headers["Content-Type"]
    assert "immutable" in hashed.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == "no-cache"
    assert (head, nothing) == (200, b"")
    assert of_another_version == 404


@pytest.mark.parametrize(
    "path",
    [
        "..%2fsecret-AB12CD34.js",
        "%2e%2e/secret-AB12CD34.js",
        "below/..%2f..%2fsecret-AB12CD34.js",
        "..%5csecret-AB12CD34.js",
        "%2fetc%2fpasswd",
        "",
        "below",
    ],
)
async def test_nothing_else_is_served(a_server_with_modules: Jupyter, path: str) -> None:
    """No way out of the folder, and no list of it."""
    status, _, body = await a_server_with_modules.call("GET", f"teaching/static/{path}")

    assert status in {403, 404}
    assert b"export" not in body


def test_settings_explain_themselves() -> None:
    """Every setting has a help text, and there is one for everything that may be configured."""
    own = TeachingNB.class_own_traits(config=True)

    assert {"hub_url", "hub_kind", "hub_token", "data_dir", "role", "owner"} <= set(own)
    assert all(trait.help for trait in own.values())


@pytest.mark.parametrize(
    ("listening", "expected"),
    [
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/b/teaching"),  # noqa: S104 - nothing is bound
        ({"ip": "::1"}, "http://[::1]:8888/b/teaching"),
        ({"ip": "192.0.2.7"}, "http://192.0.2.7:8888/b/teaching"),
        ({"ip": "localhost", "certfile": "x.pem"}, "https://127.0.0.1:8888/b/teaching"),
        ({"sock": "/run/a.sock"}, "http+unix://%2Frun%2Fa.sock/b/teaching"),
    ],
)
def test_kernels_get_an_address_that_they_can_reach(listening: dict[str, str], expected: str) -> None:
    """The address follows how the server listens."""

    class Server:
        """Says how a server listens."""

        ip = "127.0.0.1"
        port = 8888
        base_url = "/b/"
        certfile = ""
        sock = ""

    server = Server()
    for name, value in listening.items():
        setattr(server, name, value)
    extension = TeachingNB()
    extension.serverapp = server  # type: ignore[assignment]

    assert extension.kernel_url() == expected


@pytest.mark.parametrize(("found", "told"), [("1.2.3", "1.2.3"), (None, "")])
def test_version_is_looked_up_once(monkeypatch: pytest.MonkeyPatch, found: str | None, told: str) -> None:
    """It is read from the disk, and a page asks for the status again and again."""
    asked = []

    def installed_version(name: str) -> str:
        asked.append(name)
        if found is None:
            raise PackageNotFoundError
        return found

    monkeypatch.setattr(status_page, "installed_version", installed_version)
    status_page.version.cache_clear()
    versions = [status_page.version() for _ in range(3)]
    status_page.version.cache_clear()

    assert versions == [told] * 3
    assert asked == ["teaching-nb"]
