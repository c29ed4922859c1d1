"""The servers of a fault run. Each can be killed and started again on the same data, which can be copied and put back.

Settings are the defaults that each of them documents; README.md names them.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from fault_writers import Writers, read_fresh
from hub_people import load

from tests.harness.hub_process import HUB
from tests.harness.jupyter_server import JupyterLab
from tests.harness.processes import Process, environment, free_port

_HERE = Path(__file__).parent
_YJS = _HERE / "peers" / "yjs"
_NODE = os.environ.get("BENCH_NODE") or shutil.which("node") or "node"
_Y_WEBSOCKET = _YJS / "node_modules" / "@y" / "websocket-server" / "src" / "server.js"


class Server(ABC):
    """A server that keeps documents below `data`."""

    name: ClassVar[str]
    confirms: ClassVar[bool]
    """Whether its clients are told that an edit is stored."""

    def __init__(self, folder: Path, *, writers: int, per_second: float) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.port = free_port()
        self._writers = writers
        self._per_second = per_second
        self._starts = 0
        self._process: Process | None = None

    def start(self) -> None:
        """Start the server on its data and wait until it accepts connections."""
        self._starts += 1
        self._process = self._launch(self.folder / f"server-{self._starts}.log")

    def kill(self) -> None:
        """End the server by SIGKILL."""
        assert self._process is not None
        self._process.kill()

    def stop(self) -> None:
        """End the server as its administrator would."""
        if self._process is not None:
            self._process.stop()

    def save(self) -> None:
        """Copy the data of the stopped server."""
        shutil.copytree(self.data, self.folder / "backup")

    def set_back(self) -> None:
        """Replace the data of the stopped server by the copy."""
        shutil.rmtree(self.data)
        shutil.copytree(self.folder / "backup", self.data)

    def new_document(self, name: str) -> None:  # noqa: B027 - most servers make a document when somebody opens it
        """Make a document that is to be opened."""

    def writers(self, document: str) -> Writers:
        """Return everybody, with the document open."""
        writers = Writers(self._command(document, self._writers), self.folder / "writers.log")
        try:
            writers.wait_ready()
        except BaseException:
            writers.close()
            raise
        return writers

    def read(self, document: str) -> str:
        """Return the text that somebody sees who opens the document for the first time."""
        return read_fresh(self._command(document, 0), self.folder / "writers.log")

    @abstractmethod
    def _launch(self, log: Path) -> Process:
        """Start the process; return once it accepts connections."""

    @abstractmethod
    def _command(self, document: str, writers: int) -> list[str]:
        """Return how to run so many writers, or with none of them one reader."""


class _YjsServer(Server):
    """A server whose people run in Node.js."""

    kind: ClassVar[str]

    @property
    def url(self) -> str:
        """Return where its people connect to."""
        return f"ws://127.0.0.1:{self.port}"

    def _command(self, document: str, writers: int) -> list[str]:
        options = {
            "kind": self.kind,
            "url": self.url,
            "document": document,
            "writers": max(writers, 1),
            "perSecond": self._per_second,
            **self._credentials(),
        }
        return [_NODE, str(_YJS / "writers.mjs"), json.dumps(options)]

    def _credentials(self) -> dict[str, str]:
        return {}


class YWebsocket(_YjsServer):
    """y-websocket-server, which stores every update in LevelDB as it comes."""

    name = "y-websocket"
    kind = "y-websocket"
    confirms = False

    def _launch(self, log: Path) -> Process:
        env = environment(HOST="127.0.0.1", PORT=str(self.port), YPERSISTENCE=str(self.data))
        process = Process([_NODE, str(_Y_WEBSOCKET)], log=log, env=env)
        process.wait_for_text("running at")
        return process


class Hocuspocus(_YjsServer):
    """Hocuspocus, which stores a document two seconds after the last edit, or ten after the first."""

    name = "Hocuspocus"
    kind = "hocuspocus"
    confirms = True

    def _launch(self, log: Path) -> Process:
        env = environment(PORT=str(self.port), DATA=str(self.data))
        process = Process([_NODE, str(_YJS / "hocuspocus.mjs")], log=log, env=env)
        process.wait_for_line("listening on ")
        return process


class JupyterCollaboration(_YjsServer):
    """A JupyterLab server with jupyter-collaboration, its SQLite store of updates and its notebook files."""

    name = "jupyter-collaboration"
    kind = "jupyter"
    confirms = False

    def __init__(self, folder: Path, *, python: str, writers: int, per_second: float) -> None:
        super().__init__(folder, writers=writers, per_second=per_second)
        self._python = python
        self._token = secrets.token_urlsafe(16)
        self._lab: JupyterLab | None = None

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.port}"

    def new_document(self, name: str) -> None:
        """Put a notebook with one empty cell into the server's folder."""
        assert self._lab is not None
        self._lab.write_notebook(f"{name}.ipynb", "")

    def _launch(self, log: Path) -> Process:
        self._lab = JupyterLab(self.data, python=self._python, port=self.port, token=self._token, log=log)
        return self._lab.launch().wait_ready().process

    def _command(self, document: str, writers: int) -> list[str]:
        return super()._command(f"{document}.ipynb", writers)

    def _credentials(self) -> dict[str, str]:
        return {"token": self._token}


class Hub(Server):
    """Our hub on SQLite; its people use the client library of a kernel."""

    name = "teaching_nb"
    confirms = True

    def __init__(self, folder: Path, *, writers: int, per_second: float) -> None:
        super().__init__(folder, writers=writers, per_second=per_second)
        people = [f"student{number}@example.org" for number in range(writers + 1)]
        tokens = load(f"sqlite:///{self.data / 'hub.db'}", _class(people))
        *self._tokens, self._reader_token = [tokens[email] for email in people]

    def _launch(self, log: Path) -> Process:
        process = Process([*HUB, "serve", "--port", str(self.port), "--data-dir", str(self.data)], log=log)
        process.wait_for_line("listening on ")
        return process

    def _command(self, document: str, writers: int) -> list[str]:
        options: dict[str, Any] = {
            "url": f"http://127.0.0.1:{self.port}",
            "document": document,
            "tokens": self._tokens[:writers] or [self._reader_token],
            "perSecond": self._per_second,
        }
        return [sys.executable, str(_HERE / "kernel_writers.py"), json.dumps(options)]


def _class(people: list[str]) -> bytes:
    content = {
        "users": [{"email": email, "firstName": "Stu", "lastName": "Dent", "role": "student"} for email in people],
        "groups": [{"name": "class", "members": people, "admins": []}],
        "documentRoots": [],
        "documents": [],
    }
    return json.dumps(content).encode()


def servers(folder: Path, *, writers: int, per_second: float, peer_python: str) -> list[Server]:
    """Return all servers, ours first; none of them runs yet."""
    return [
        Hub(folder / "hub", writers=writers, per_second=per_second),
        YWebsocket(folder / "y-websocket", writers=writers, per_second=per_second),
        Hocuspocus(folder / "hocuspocus", writers=writers, per_second=per_second),
        JupyterCollaboration(folder / "jupyter", python=peer_python, writers=writers, per_second=per_second),
    ]


def npm_versions() -> dict[str, str]:
    """Return the versions of what runs in Node.js."""
    asked = json.loads((_YJS / "package.json").read_text())["dependencies"]
    found = {name: json.loads((_YJS / "node_modules" / name / "package.json").read_text()) for name in asked}
    return {name: str(package["version"]) for name, package in found.items()}
