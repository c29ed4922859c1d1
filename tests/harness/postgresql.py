"""A PostgreSQL server of the tests alone: a fresh cluster in a folder of its own, on loopback, to be stopped at will.

PostgreSQL refuses to run as root; root uses the account that Debian's package has made.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.harness.processes import Process, free_port

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

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._programs = _programs()
        self._prefix = _unprivileged(folder)
        self._process: Process | None = None
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
        for attempt in range(_ATTEMPTS):
            port = self._port or free_port()
            try:
                self._process = self._launch(port)
            except AssertionError as error:
                # Somebody else may have taken the port meanwhile.
                if "could not bind" not in str(error) or attempt == _ATTEMPTS - 1:
                    raise
            else:
                self._port = port
                return

    def stop(self) -> None:
        """End at once, as after a failure: open connections break, what was committed stays."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def kill(self) -> None:
        """End the server and everything that it has started, without any warning."""
        process, self._process = self._process, None
        assert process is not None, "start() comes first"
        # Each of them is in a session of its own.
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in started:
            # It may have noticed the end of the server.
            with suppress(psutil.NoSuchProcess):
                each.kill()

    def cpu_seconds(self) -> float:
        """Return the processor time of the server and of everything that it has started, ended or not."""
        assert self._process is not None, "start() comes first"
        server = psutil.Process(self._process.pid)
        used = sum(server.cpu_times()[:4])
        for each in server.children(recursive=True):
            # One that ends now counts as the server's child a moment later.
            with suppress(psutil.NoSuchProcess):
                used += sum(each.cpu_times()[:4])
        return float(used)

    def create_database(self, template: str = "template0") -> str:
        """Create a database that begins as a copy of another one, and return its name."""
        self._databases += 1
        name = f"tests_{self._databases}"
        self._run("createdb", "--username=tests", "--host=127.0.0.1", f"--port={self._port}", "-T", template, name)
        return name

    def run_sql(self, database: str, *statements: str) -> None:
        """Run statements in a database, each in a transaction of its own."""
        for statement in statements:
            self._run("psql", "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database))

    def _launch(self, port: int) -> Process:
        command = [*self._prefix, str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-p", str(port)]
        process = Process([*command, *self._options], log=self._folder / "server.log", cwd=self._folder)
        process.wait_for_text(_READY)
        return process

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._prefix, str(self._programs / program), *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_COMMAND_SECONDS, cwd=self._folder
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stderr}")


@contextmanager
def postgresql_server(**settings: str) -> Iterator[PostgresqlServer]:
    """Run a server until the block ends; raises `RuntimeError` when PostgreSQL is not installed."""
    # Not below pytest's folders, which only the account of the tests may enter.
    with tempfile.TemporaryDirectory(prefix="teaching-nb-postgresql-") as name:
        server = PostgresqlServer(Path(name), {**_SETTINGS, **settings})
        try:
            server.start()
            yield server
        finally:
            server.stop()


def postgresql_version() -> str:
    """Return what the installed server calls itself."""
    return subprocess.run(
        [str(_programs() / "postgres"), "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _unprivileged(folder: Path) -> list[str]:
    """Return the words before a command that make it run as somebody whom PostgreSQL accepts."""
    if os.getuid() != 0:
        return []
    account = next(name for name in _ACCOUNTS if name in {entry.pw_name for entry in pwd.getpwall()})
    shutil.chown(folder, account)
    group = pwd.getpwnam(account).pw_gid
    return ["setpriv", f"--reuid={account}", f"--regid={group}", "--init-groups"]


def _programs() -> Path:
    """Return the folder with the server's programs; Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise RuntimeError("the tests need PostgreSQL; on Debian: apt-get install postgresql")
    return folders[-1]
