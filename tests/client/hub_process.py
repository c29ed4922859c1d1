"""A real hub as a process of its own, on a data directory that survives it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 90.0
COMMAND = (sys.executable, "-m", "teaching_nb", "hub")
SCHOOL = {
    "users": [
        {"email": "admin@school.test", "firstName": "Ada", "lastName": "Admin", "role": "admin"},
        {"email": "teacher@school.test", "firstName": "Tina", "lastName": "Teacher", "role": "teacher"},
        {"email": "ann@school.test", "firstName": "Ann", "lastName": "Student", "role": "student"},
        {"email": "ben@school.test", "firstName": "Ben", "lastName": "Student", "role": "student"},
        {"email": "cid@school.test", "firstName": "Cid", "lastName": "Stranger", "role": "student"},
    ],
    "groups": [
        {
            "name": "class",
            "members": ["teacher@school.test", "ann@school.test", "ben@school.test"],
            "admins": ["teacher@school.test"],
        }
    ],
    "documentRoots": [],
    "documents": [],
}


class HubProcess:
    """`python -m teaching_nb hub serve`; it may be killed, stopped and started again on the same port."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._data = home / "data"
        self._data.mkdir(parents=True)
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}
        self._tokens: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def load(self, school: dict[str, Any]) -> None:
        """Load people and groups."""
        file = self._home / "school.json"
        file.write_text(json.dumps(school))
        self._run("load", str(file))

    def token(self, name: str) -> str:
        """Return a bearer token of a person, named by the part of the address before the @."""
        if name not in self._tokens:
            self._tokens[name] = self._run("token", f"{name}@school.test").strip().splitlines()[-1]
        return self._tokens[name]

    def start(self) -> HubProcess:
        """Start the hub, on the port that it had before."""
        port = self.url.rpartition(":")[2] or "0"
        arguments = ("serve", "--host", "127.0.0.1", "--port", port, "--data-dir", str(self._data))
        with (self._home / "hub.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=log, text=True, env=self._env
            )
        try:
            self.url = self._announced().removeprefix("listening on ").strip()
        except BaseException:
            self.kill()
            raise
        return self

    def send_signal(self, number: int) -> None:
        """Send a signal to the hub."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the hub as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """End the hub as an administrator would."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._end()

    def request(self, method: str, path: str, name: str, body: Any = None) -> Any:
        """Send a REST request as a person and return the answer's JSON."""
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        answer = httpx.request(method, f"{self.url}/api/v1{path}", headers=headers, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def user_id(self, name: str) -> str:
        """Return a person's id."""
        return str(self.request("GET", "/user", name)["id"])

    def stored(self, document_id: str, name: str) -> Any:
        """Return the data of a document as the hub has it."""
        return self.request("GET", f"/documents/{document_id}", name)["document"]["data"]

    def _announced(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(
            target=lambda stream: lines.put(stream.readline()), args=(self._process.stdout,), daemon=True
        ).start()
        line = lines.get(timeout=START_SECONDS)
        assert line.startswith("listening on "), f"{line!r}\n{(self._home / 'hub.log').read_text()[-4000:]}"
        return line

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait(15)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _run(self, *arguments: str) -> str:
        command = [*COMMAND, *arguments, "--data-dir", str(self._data)]
        done = subprocess.run(command, capture_output=True, text=True, env=self._env, timeout=60, check=False)
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout
