"""A PostgreSQL server of the tests alone: a fresh cluster in a folder of its own, on loopback, to be stopped at will.

PostgreSQL refuses to run as root; root uses the account that Debian's package has made.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_READY = "ready to accept connections"
_ACCOUNTS = ("postgres", "nobody")
_COMMAND_SECONDS = 120
_ATTEMPTS = 5

# The machine does not lose its power in a test; what the server is killed for is kept without flushing disks.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
    "lc_messages": "C",
}


class PostgresqlServer:
    """One cluster; it can be stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = _programs()
        self._prefix = _unprivileged(folder)
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._databases = 0
        data = ["--auth=trust", "--username=tests", "--encoding=UTF8", "--locale=C", "--no-sync", str(folder / "data")]
        self._run("initdb", *data)

    @property
    def is_running(self) -> bool:
        """Tell whether the server serves."""
        return self._process is not None

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://tests@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Start, and return when connections are accepted."""
        for _ in range(_ATTEMPTS):
            port = self._port or _free_port()
            output = self._launch(port)
            if output is None:
                self._port = port
                return
            # Somebody else has taken the port meanwhile.
            if "could not bind" not in output:
                break
        raise RuntimeError(f"PostgreSQL does not start:\n{output}")

    def stop(self) -> None:
        """End at once, as after a failure: open connections break, what was committed stays."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(_COMMAND_SECONDS)

    def create_database(self, template: str = "template0") -> str:
        """Create a database that begins as a copy of another one, and return its name."""
        self._databases += 1
        name = f"tests_{self._databases}"
        self._run("createdb", "--username=tests", "--host=127.0.0.1", f"--port={self._port}", "-T", template, name)
        return name

    def _launch(self, port: int) -> str | None:
        """Start on a port; returns what the server said when it ended instead."""
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [*self._prefix, str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        process = subprocess.Popen(
            [*command, "-p", str(port), *options], cwd=self._folder, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if _READY in line:
                self._process = process
                threading.Thread(target=_drain, args=(process,), daemon=True).start()
                return None
        process.wait(_COMMAND_SECONDS)
        return "".join(said)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(self._programs / program), *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_COMMAND_SECONDS, cwd=self._folder
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stderr}")


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Run a server until the block ends; raises `RuntimeError` when PostgreSQL is not installed."""
    # Not below pytest's folders, which only the account of the tests may enter.
    with tempfile.TemporaryDirectory(prefix="teaching-nb-postgresql-") as name:
        server = PostgresqlServer(Path(name))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _drain(process: subprocess.Popen[str]) -> None:
    """Read what the server says, which would wait for a reader otherwise."""
    assert process.stderr is not None
    with process.stderr:
        for _ in process.stderr:
            pass


def _unprivileged(folder: Path) -> list[str]:
    """Return the words before a command that make it run as somebody whom PostgreSQL accepts."""
    if os.getuid() != 0:
        return []
    account = next(name for name in _ACCOUNTS if name in {entry.pw_name for entry in pwd.getpwall()})
    shutil.chown(folder, account)
    group = pwd.getpwnam(account).pw_gid
    return ["setpriv", f"--reuid={account}", f"--regid={group}", "--init-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _programs() -> Path:
    """Return the folder with the server's programs; Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise RuntimeError("the tests need PostgreSQL; on Debian: apt-get install postgresql")
    return folders[-1]
