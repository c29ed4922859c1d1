"""A Redis server of the tests alone, on loopback: to be stopped, killed, and started again with nothing in it."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.processes import Process, free_port

_READY = "Ready to accept connections"
_ATTEMPTS = 5


class RedisServer:
    """One server; it stores nothing, so that it is empty whenever it starts."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: Process | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when connections are accepted; on the port that it had before."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("the tests need Redis; on Debian: apt-get install redis-server")
        for attempt in range(_ATTEMPTS):
            port = self.port or free_port()
            line = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            process = Process([*line, *self._options], log=self._folder / "redis.log", cwd=self._folder)
            try:
                process.wait_for_text(_READY)
            except AssertionError as error:
                # Somebody else may have taken the port meanwhile.
                if "Address already in use" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
            else:
                self.port, self._process = port, process
                return

    def kill(self) -> None:
        """End it without any warning; connections end, and nobody answers."""
        self._running.kill()

    def pause(self) -> None:
        """Let it do nothing, while connections hold."""
        self._running.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._running.send_signal(signal.SIGCONT)

    def command(self, *words: str) -> bytes:
        """Send a command and return the beginning of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
            connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
            return connection.recv(65_536)

    @property
    def _running(self) -> Process:
        assert self._process is not None, "start() comes first"
        return self._process


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """Run a server until the block ends; raises `RuntimeError` when Redis is not installed."""
    with tempfile.TemporaryDirectory(prefix="teaching-nb-redis-") as name:
        server = RedisServer(Path(name), *options)
        server.start()
        try:
            yield server
        finally:
            server.kill()
