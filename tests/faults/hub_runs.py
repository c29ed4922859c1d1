"""Runs of a hub on the same data, one after the other: real processes, really killed."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
from pathlib import Path
from typing import Any

from tests.harness.processes import LineProcess, run_module

_ANNOUNCEMENT = "listening on "


class ForkServer:
    """The process that forks hubs, one at a time."""

    def __init__(self, log: Path) -> None:
        self._process = LineProcess(run_module("tests.faults.fork_server"), log=log)
        self.hear("ready")

    def fork(self, settings: dict[str, Any]) -> int:
        """Fork a hub and return its process id; it is not yet listening."""
        self._process.tell(json.dumps(settings))
        return int(self.hear("forked").split()[1])

    def hear(self, *words: str) -> str:
        """Return the next line that begins with one of the words."""
        return self._process.hear(*words)

    def log(self) -> str:
        """Return the end of what the hubs have logged."""
        return self._process.output()[-6000:]

    def close(self) -> None:
        """End the process, and the hub in it."""
        self._process.close()


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
        line = self._fork_server.hear(_ANNOUNCEMENT, "ended ")
        assert line.startswith(_ANNOUNCEMENT), f"ended instead of listening: {line}\n{self._fork_server.log()}"
        self.url = line.removeprefix(_ANNOUNCEMENT)
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
