"""A PostgreSQL server of this benchmark alone: a fresh cluster in a folder, on loopback, durable commits."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import ChildProcess, free_port

_COMMAND_SECONDS = 60
_ACCOUNT = "postgres"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a server until the block ends; yields a URL without database, such as `postgresql://u@127.0.0.1:5432`.

    PostgreSQL refuses to run as root, so root uses the account that Debian's package has made.
    """
    programs = _programs()
    folder.mkdir()
    prefix: list[str] = []
    if os.getuid() == 0:
        prefix = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--init-groups"]
        shutil.chown(folder, _ACCOUNT)
    data = folder / "data"
    initdb = [*prefix, str(programs / "initdb"), "--auth=trust", "--username=bench", "--encoding=UTF8", str(data)]
    subprocess.run(initdb, check=True, capture_output=True, timeout=_COMMAND_SECONDS, cwd=folder)
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "synchronous_commit": "on",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = [*prefix, str(programs / "postgres"), "-D", str(data), *options]
    with ChildProcess(server, log=folder / "postgresql.log", cwd=folder) as process:
        process.wait_for_text("ready to accept connections")
        yield f"postgresql://bench@127.0.0.1:{port}"


def create_database(url: str, name: str, *statements: str) -> str:
    """Create a database, run SQL in it, and return its URL."""
    _psql(f"{url}/postgres", f'CREATE DATABASE "{name}"')
    for statement in statements:
        _psql(f"{url}/{name}", statement)
    return f"{url}/{name}"


def version() -> str:
    """Return what the server calls itself."""
    command = [str(_programs() / "postgres"), "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_COMMAND_SECONDS).stdout.strip()


def _psql(url: str, statement: str) -> None:
    command = [str(_programs() / "psql"), "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-c", statement, url]
    subprocess.run(command, check=True, capture_output=True, timeout=_COMMAND_SECONDS)


def _programs() -> Path:
    """Return the folder with the server's programs; Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise RuntimeError("the benchmark needs PostgreSQL; on Debian: apt-get install postgresql")
    return folders[-1]
