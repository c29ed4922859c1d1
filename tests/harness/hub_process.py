"""A hub as a process of its own, on a data directory that survives it; and its commands."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import psutil

from teaching_nb.schema.documents import known_types
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import Cast, Person
from tests.harness.processes import Process, environment, run_module

HUB = run_module("teaching_nb", "hub")
"""The command line of the hub's commands."""
_ANNOUNCEMENT = "listening on "


def hub_command(data_dir: Path, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the hub to its end; what it is warned of is an error."""
    line = [*HUB, *arguments, "--data-dir", str(data_dir)]
    env = environment(**{"PYTHONWARNINGS": "error", **variables})
    return subprocess.run(line, capture_output=True, text=True, timeout=90, env=env, input=stdin, check=False)


class HubProcess:
    """`teaching-nb hub serve` on one data directory; it may be killed, stopped and started again on the same port."""

    def __init__(self, data_dir: Path, cast: Cast | None = None) -> None:
        self.data_dir = data_dir
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.url = ""
        self._cast = cast
        self._log = data_dir.parent / f"{data_dir.name}.log"
        self._process: Process | None = None

    @classmethod
    def of(cls, school: tuple[Path, Cast], data_dir: Path) -> Self:
        """Return a hub on a copy of a database with the cast in it; it is not yet started."""
        hub = cls(data_dir, school[1])
        shutil.copy(school[0], data_dir / "hub.db")
        return hub

    def start(self, *options: str, stdin: int = subprocess.DEVNULL, **variables: str) -> Self:
        """Start the hub, on the port that it had before if it ran already."""
        port = self.url.rpartition(":")[2] or "0"
        line = [*HUB, "serve", "--host", "127.0.0.1", "--port", port, "--data-dir", str(self.data_dir), *options]
        self._process = Process(line, log=self._log, env=environment(**variables), stdin=stdin)
        try:
            self.url = self._process.wait_for_line(_ANNOUNCEMENT)
        except BaseException:
            self._process.kill()
            raise
        return self

    @property
    def process(self) -> Process:
        """Return the process."""
        assert self._process is not None, "start() comes first"
        return self._process

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.is_alive

    def send_signal(self, number: int) -> None:
        """Send the hub a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End the hub as a power cut would."""
        self.process.kill()

    def stop(self) -> int:
        """End the hub as an administrator would, and return its exit code."""
        return self._process.stop() if self._process else 0

    def log(self) -> str:
        """Return what the running hub printed."""
        return self._process.output() if self._process else ""

    def connections(self) -> set[int]:
        """Return the connections that the hub holds, by the other side's port; those given up are missing."""
        return connections_of(self.process.pid)

    def person(self, name: str) -> Person:
        """Return one of the cast."""
        assert self._cast is not None, "only a hub that was made `of` a school knows people"
        return self._cast.named(name)

    def token(self, name: str) -> str:
        """Return a bearer token of one of the cast."""
        return self.person(name).token

    def request(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        """Send one REST request as the owner of a token, or as nobody."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, json=body, timeout=30)

    def ask(self, method: str, path: str, name: str, body: Any = None) -> Any:
        """Send one REST request as one of the cast, who may do so; return the answer's JSON."""
        answer = self.request(method, path, self.token(name), body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def stored(self, document_id: str, name: str) -> Any:
        """Return the data of a document as the hub shows it to one of the cast."""
        return self.ask("GET", f"/documents/{document_id}", name)["document"]["data"]

    def documents(self, slug: str, token: str) -> list[dict[str, Any]]:
        """Return the documents under a slug that the token's owner may see, their own and those that are shared."""
        own = root_id(slug)
        ids = [own, *(shared_root_id(own, type_name) for type_name in known_types())]
        answer = self.request("GET", f"/documentRoots?{urlencode({'ids': ids}, doseq=True)}", token)
        answer.raise_for_status()
        return [document for root in answer.json() for document in root["documents"]]

    def code(self, slug: str, token: str) -> str | None:
        """Return the stored code of the only document under a slug; None while there is none."""
        documents = self.documents(slug, token)
        assert len(documents) <= 1, f"{len(documents)} documents below {slug}"
        return str(documents[0]["data"]["code"]) if documents else None


@contextmanager
def hub_process(
    data_dir: Path, *options: str, stdin: int = subprocess.DEVNULL, **variables: str
) -> Iterator[HubProcess]:
    """Run a hub process; it is gone at the end whatever happened."""
    hub = HubProcess(data_dir).start(*options, stdin=stdin, **variables)
    try:
        yield hub
    finally:
        hub.kill()


def connections_of(pid: int) -> set[int]:
    """Return the connections that a process holds, by the other side's port."""
    connections = psutil.Process(pid).net_connections("tcp")
    return {each.raddr.port for each in connections if each.status == psutil.CONN_ESTABLISHED}
