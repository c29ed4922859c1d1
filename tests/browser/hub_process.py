"""A standalone hub as its own process, seeded and asked through its command line and its REST interface."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psutil

from teaching_nb.schema.documents import known_types
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.browser.processes import Process

START_SECONDS = 90.0
_ANNOUNCEMENT = re.compile(r"^listening on (http://\S+)$", re.MULTILINE)


class Hub:
    """`python -m teaching_nb hub serve` on one data directory; it may be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.data = home / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.url = ""
        self._log = home / "hub.log"
        self._process: Process | None = None
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}

    def load(self, seed: dict[str, Any]) -> None:
        """Load people, groups and roots."""
        file = self.data.parent / "seed.json"
        file.write_text(json.dumps(seed))
        self._command("load", str(file))

    def token(self, email: str) -> str:
        """Return a bearer token of a person."""
        return self._command("token", email).strip().splitlines()[-1]

    def start(self, *options: str) -> Hub:
        """Start the hub, on the port that it had before if it ran already."""
        port = self.url.rpartition(":")[2] or "0"
        arguments = ["-m", "teaching_nb", "hub", "serve", "--host", "127.0.0.1", "--port", port, *options]
        self._process = Process([*arguments, "--data-dir", str(self.data)], log=self._log, env=self._env)
        self.url = self._process.wait_for(self._announced_url, "the hub announces its URL", timeout=START_SECONDS)
        return self

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.is_alive

    def connections(self) -> set[int]:
        """Return the connections that the hub holds, by the other side's port; those given up are missing."""
        assert self._process is not None, "start() comes first"
        connections = psutil.Process(self._process.pid).net_connections("tcp")
        return {each.raddr.port for each in connections if each.status == psutil.CONN_ESTABLISHED}

    def kill(self) -> None:
        """End the hub as a power cut would."""
        assert self._process is not None, "start() comes first"
        self._process.kill()

    def stop(self) -> int:
        """End the hub and return its exit code."""
        return self._process.stop() if self._process else 0

    def log(self) -> str:
        """Return what the running hub printed."""
        return self._process.output() if self._process else ""

    def request(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        """Send one REST request as the owner of the token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, json=body, timeout=30)

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

    def _announced_url(self) -> str | None:
        found = _ANNOUNCEMENT.search(self.log())
        return found[1] if found else None

    def _command(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "teaching_nb", "hub", *arguments, "--data-dir", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, env=self._env, timeout=60, check=False)
        assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout
