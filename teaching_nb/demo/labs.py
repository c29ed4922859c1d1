"""One JupyterLab per person, with folders of its own, so that the settings of this machine's user stay untouched."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from teaching_nb.demo.people import Person
from teaching_nb.errors import ConfigurationError
from teaching_nb.processes.children import Processes, clean_environment

START_SECONDS = 90.0
"""A JupyterLab answers after 3 to 9 seconds; more when many start on a small machine."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Lab:
    """A JupyterLab that answers."""

    person: Person
    url: str
    """Ends with a slash."""
    token: str = field(repr=False)

    def link(self, notebook: str) -> str:
        """Return the address that opens a notebook at once."""
        return f"{self.url}lab/tree/{notebook}?token={self.token}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one person are."""

    work: Path
    jupyter: Path

    @property
    def runtime(self) -> Path:
        """Return where the server says at which address it listens."""
        return self.jupyter / "runtime"

    @property
    def hub_token(self) -> Path:
        """Return the file with the person's token at the hub."""
        return self.jupyter / "hub-token"


def notebooks_folder() -> Path:
    """Return where the demo notebooks are: inside an installed package, or beside it in a working copy."""
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent.parent / "notebooks"):
        if folder.is_dir():
            return folder
    raise ConfigurationError("the demo notebooks are missing; install teaching-nb again")


def prepare(person: Person, directory: Path) -> Place:
    """Make the folders of one person; notebooks that are there already are kept as they are."""
    place = Place(directory / "people" / person.key, directory / "jupyter" / person.key)
    place.work.mkdir(parents=True, exist_ok=True)
    for folder in ("config", "data", "runtime", "ipython"):
        (place.jupyter / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    for notebook in person.notebooks:
        if not (place.work / notebook).exists():
            shutil.copyfile(notebooks_folder() / notebook, place.work / notebook)
    _write_settings(place.jupyter / "config")
    return place


def _write_settings(config: Path) -> None:
    lab = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    _write_once(lab / "notification.jupyterlab-settings", {"fetchNews": "false", "checkForUpdates": False})
    server = config / "jupyter_server_config.d" / "teaching_nb.json"
    _write_once(server, {"ServerApp": {"jpserver_extensions": {"teaching_nb": True}}})


def _write_once(path: Path, content: dict[str, Any]) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def set_token(place: Place, token: str) -> None:
    """Let the server ask for this token; kernels and the command line do not get to see it."""
    path = place.jupyter / "config" / "jupyter_server_config.json"
    _write_private(path, json.dumps({"IdentityProvider": {"token": token}}) + "\n")


def set_hub_token(place: Place, token: str) -> None:
    """Put the person's token at the hub where their server reads it."""
    _write_private(place.hub_token, f"{token}\n")


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content, encoding="utf-8")


def environment(place: Place, *, hub_url: str) -> dict[str, str]:
    """Return the environment of one person's JupyterLab; it names the file with the hub's token."""
    return clean_environment() | {
        "IPYTHONDIR": str(place.jupyter / "ipython"),
        "JUPYTER_CONFIG_DIR": str(place.jupyter / "config"),
        "JUPYTER_DATA_DIR": str(place.jupyter / "data"),
        "JUPYTER_RUNTIME_DIR": str(place.runtime),
        "TEACHING_NB_HUB_TOKEN_FILE": str(place.hub_token),
        "TEACHING_NB_HUB_URL": hub_url,
    }


def command(place: Place, port: int) -> list[str]:
    """Return the command of one person's JupyterLab; port 0 lets the system choose."""
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", *as_root),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={place.work}",
    ]


async def start_lab(
    person: Person,
    *,
    processes: Processes,
    directory: Path,
    port: int,
    hub: tuple[str, str],
    http: aiohttp.ClientSession,
) -> Lab:
    """Start one person's JupyterLab and return when it answers; `hub` is the hub's URL and the person's token."""
    place = prepare(person, directory)
    token = secrets.token_urlsafe(16)
    set_token(place, token)
    set_hub_token(place, hub[1])
    env = environment(place, hub_url=hub[0])
    process = await processes.start(person.key, command(place, port), env=env)
    try:
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                url = _announced_url(place.runtime / f"jpserver-{process.pid}.json")
                if url and await _answers(http, url, token):
                    return Lab(person, url, token)
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        log = processes.log_of(person.key)
        raise ConfigurationError(
            f"{person.name}'s JupyterLab did not answer in {START_SECONDS:.0f} s; see {log}"
        ) from None
    raise processes.ended(person.key, process)


def require_free(ports: range) -> None:
    """Raise `ConfigurationError` naming the first port that somebody else uses."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise ConfigurationError(f"port {port} is taken; name another first port with --port") from None


def _announced_url(path: Path) -> str | None:
    """Return the URL from the server's runtime file; None while it is missing or half written."""
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return f"http://127.0.0.1:{content['port']}{content['base_url']}"


async def _answers(http: aiohttp.ClientSession, url: str, token: str) -> bool:
    try:
        async with http.get(f"{url}api/status", headers={"Authorization": f"token {token}"}) as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False
