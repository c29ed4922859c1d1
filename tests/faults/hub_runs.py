"""Runs of a hub on the same data, one after the other: real processes, really killed."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

SECONDS = 90.0
"""How long a start or an end may take on a slow machine."""

_GONE = "(the end)"

ROOT = Path(__file__).parents[2]


class ForkServer:
    """The process that forks hubs, one at a time."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lines: queue.Queue[str] = queue.Queue()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.fork_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                cwd=ROOT,
                env=environment,
            )
        threading.Thread(target=self._read, daemon=True).start()
        self.hear("ready")

    def fork(self, settings: dict[str, Any]) -> int:
        """Fork a hub and return its process id; it is not yet listening."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(settings)}\n")
        self._process.stdin.flush()
        return int(self.hear("forked").split()[1])

    def hear(self, *words: str) -> str:
        """Return the next line that begins with one of the words."""
        while True:
            try:
                line = self._lines.get(timeout=SECONDS)
            except queue.Empty:
                raise AssertionError(f"no word of {words} from the fork server; its log:\n{self.log()}") from None
            if line.startswith(words):
                return line
            if line == _GONE:
                raise AssertionError(f"the fork server has ended; its log:\n{self.log()}")

    def log(self) -> str:
        """Return the end of what the hubs have logged."""
        return self._log.read_text(errors="replace")[-6000:]

    def close(self) -> None:
        """End the process, and the hub in it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(_GONE)


class MortalHub:
    """One hub on one data directory: started, killed, started again."""

    def __init__(self, fork_server: ForkServer, data_dir: Path, *, port: int = 0, **settings: Any) -> None:
        self._fork_server = fork_server
        # Ends by itself when the test process is gone.
        self._settings = {"data_dir": str(data_dir), "port": port, "until_stdin_closes": True, **settings}
        self.data_dir = data_dir
        self.pid = 0
        """Process id; 0 while there is none."""
        self.url = ""

    def launch(self) -> None:
        """Begin to start, and return at once."""
        assert not self.pid, "it runs already"
        self.pid = self._fork_server.fork(self._settings)

    def wait_until_listening(self) -> str:
        """Return the URL as soon as the hub accepts connections."""
        line = self._fork_server.hear("listening on ", "ended ")
        assert line.startswith("listening"), f"the hub ended instead of listening: {line}\n{self._fork_server.log()}"
        self.url = line.removeprefix("listening on ")
        return self.url

    def start(self) -> str:
        """Start, and return the URL."""
        self.launch()
        return self.wait_until_listening()

    def kill(self) -> None:
        """End it in the middle of whatever it does; return when it is gone."""
        self._end(signal.SIGKILL)

    def send_kill(self) -> None:
        """Send the deadly signal, and return at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return the exit code of a hub that ends by itself, or was sent a signal."""
        line = self._fork_server.hear("ended ")
        self.pid = 0
        return int(line.split()[2])

    def stop(self) -> int:
        """End it as an administrator would; return the exit code."""
        return self._end(signal.SIGTERM)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.pid:
            self.kill()

    def _end(self, number: int) -> int:
        os.kill(self.pid, number)
        return self.wait()


def port_for_many_runs() -> int:
    """Return a free port below those that the system hands out to outgoing connections.

    A port of theirs could be taken by a client while the hub is dead.
    """
    while True:
        port = random.randrange(12_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
