"""Child processes of a measurement: started here, waited for with a limit, and ended by their own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

START_SECONDS = 60
"""How long a server may take until it answers."""
STOP_SECONDS = 15
"""How long a server may take to end after SIGTERM before it is killed."""

Found = TypeVar("Found")


class ChildProcess:
    """A server of this measurement; its output goes to a log file."""

    def __init__(
        self, command: list[str], *, log: Path, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._process.pid

    def stop(self) -> None:
        """End the process: politely first, then for certain and with what it started."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill(self) -> None:
        """End the process and what it started at once, as the end of its machine would."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait_for_line(self, beginning: str) -> str:
        """Wait for a line of output that starts with `beginning` and return the rest of it."""

        def find() -> str | None:
            lines = self.log.read_text(errors="replace").splitlines(keepends=True)
            whole = (line for line in lines if line.startswith(beginning) and line.endswith("\n"))
            return next((line.removeprefix(beginning).strip() for line in whole), None)

        return self._wait_for(find, what=f"the line {beginning!r}")

    def wait_for_text(self, text: str) -> None:
        """Wait until the output contains a text."""
        self._wait_for(lambda: text in self.log.read_text(errors="replace") or None, what=repr(text))

    def wait_for_answer(self, url: str) -> None:
        """Wait until an HTTP server answers `url` with success."""

        def ask() -> bool | None:
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - always http on loopback
                    return True
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                return None

        self._wait_for(ask, what=f"an answer of {url}")

    def _wait_for(self, attempt: Callable[[], Found | None], *, what: str) -> Found:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            found = attempt()
            if found is not None:
                return found
            if self._process.poll() is not None:
                raise RuntimeError(f"ended with code {self._process.returncode} before {what}:\n{self._tail()}")
            time.sleep(0.1)
        raise TimeoutError(f"no sign of {what} within {START_SECONDS} s:\n{self._tail()}")

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def free_port() -> int:
    """Return a port of loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
