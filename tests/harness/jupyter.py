"""The proxy's Jupyter servers: one in the test's own loop, and one as a process."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.serverapp import ServerApp
from traitlets.config import Config

from teaching_nb.proxy.extension import TeachingNB
from tests.harness.jupyter_server import JupyterServer

JUPYTER_TOKEN = "token-of-jupyter-0123456789"

BASE_URL = "/class/7b/"


EXTENSIONS = {"teaching_nb": True} | dict.fromkeys(("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim"), False)
"""Ours; others that may be installed would only make the start slower."""


class QuietServer(ServerApp):
    """A server that leaves the signals to pytest."""

    def init_signal(self) -> None:
        """Keep pytest's handlers."""


class Jupyter:
    """What tests do with a server in their own loop."""

    def __init__(self, server: ServerApp, client: aiohttp.ClientSession) -> None:
        self.server = server
        self.client = client

    @property
    def origin(self) -> str:
        """Return the origin of the server's own pages."""
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def extension(self) -> TeachingNB:
        """Return our extension."""
        (extension,) = self.server.extension_manager.extension_apps["teaching_nb"]
        assert isinstance(extension, TeachingNB)
        return extension

    def url(self, path: str) -> str:
        """Return the address of a path below the server's base."""
        return f"{self.origin}{self.server.base_url}{path}"

    async def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = JUPYTER_TOKEN,
        **more: Any,
    ) -> tuple[int, aiohttp.ClientResponse, bytes]:
        """Send a request, by default with Jupyter's token; return status, response and body."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"token {token}")
        more.setdefault("allow_redirects", False)
        async with self.client.request(method, self.url(path), headers=sent, **more) as response:
            return response.status, response, await response.read()

    def socket(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = JUPYTER_TOKEN,
        query: str = "EIO=4&transport=websocket",
        **more: Any,
    ) -> Any:
        """Return a context manager that opens a relayed socket, by default with Jupyter's token."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"token {token}")
        more.setdefault("max_msg_size", 0)
        return self.client.ws_connect(self.url(f"teaching/socket.io/?{query}"), headers=sent, **more)

    async def sign_in(self) -> None:
        """Get the cookies that a browser has after it opened a page with the token."""
        status, _, _ = await self.call("GET", "api/me")
        assert status == 200
        # Every page with a form sets the XSRF cookie; the page for a wrong address has one.
        status, _, _ = await self.call("GET", "wrong", token=None)
        assert status == 404

    @property
    def xsrf(self) -> str:
        """Return the value of the XSRF cookie."""
        return next(cookie.value for cookie in self.client.cookie_jar if cookie.key == "_xsrf")

    async def start_kernel(self) -> str:
        """Start a real kernel; return its id."""
        status, _, body = await self.call("POST", "api/kernels", json={"name": "python3"})
        assert status == 201, body
        return str(json.loads(body)["id"])

    def kernel_environment(self, kernel_id: str) -> dict[str, str]:
        """Return the environment that a kernel process really has."""
        manager = self.server.kernel_manager.get_kernel(kernel_id)
        provisioner = manager.provisioner
        assert isinstance(provisioner, LocalProvisioner)
        assert provisioner.pid is not None
        return environment_of(provisioner.pid)


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment with which a process was started."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


@asynccontextmanager
async def jupyter_in_loop(folder: Path, config: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[Jupyter]:
    """Run a server in the test's own loop; `private_folders` must be in force."""
    QuietServer.clear_instance()
    wanted = Config({section: dict(values) for section, values in config.items()})
    wanted.IdentityProvider.setdefault("token", JUPYTER_TOKEN)
    server_config = wanted.ServerApp
    server_config.jpserver_extensions = {"teaching_nb": True}
    server_config.setdefault("allow_unauthenticated_access", False)
    root = folder / "notebooks"
    root.mkdir(exist_ok=True)
    server = QuietServer.instance(
        config=wanted,
        log_level=logging.INFO,
        ip="127.0.0.1",
        port=0,
        base_url=BASE_URL,
        open_browser=False,
        root_dir=str(root),
        allow_root=True,
    )
    server.log.propagate = True
    server.initialize(argv=[], find_extensions=False)
    await server.extension_manager.start_all_extensions()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            yield Jupyter(server, client)
    finally:
        await server._cleanup()
        await server.http_server.close_all_connections()
        QuietServer.clear_instance()


def jupyter_process(home: Path, *options: str, env: Mapping[str, str] | None = None) -> JupyterServer:
    """Return a server that is a process, with the same token and base as the one in the loop; it is not yet started."""
    ours = (f"--ServerApp.base_url={BASE_URL}", f"--ServerApp.jpserver_extensions={EXTENSIONS}")
    strict = ("--debug", "--ServerApp.allow_unauthenticated_access=False")
    return JupyterServer(home, *ours, *strict, *options, env=env, token=JUPYTER_TOKEN)
