"""The hub as a process: what it prints, when it ends, what it leaves."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from subprocess import PIPE

import pytest

from teaching_nb.errors import ConfigurationError
from teaching_nb.hub.config import Settings
from teaching_nb.hub.people import users
from teaching_nb.hub.server import HubServer
from tests.harness.databases import in_database
from tests.harness.hub_process import hub_command, hub_process
from tests.harness.postgresql import PostgresqlServer
from tests.harness.processes import free_port
from tests.harness.running_hub import serving


def test_serve_prints_one_line_when_it_accepts_connections(tmp_path: Path) -> None:
    """Whoever reads the line may connect at once; nothing else is printed."""
    with hub_process(tmp_path / "data") as hub:
        answer = hub.request("GET", "/health", "")
        code = hub.stop()

    assert hub.url.startswith("http://127.0.0.1:")
    assert (answer.status_code, code, hub.log()) == (200, 0, f"listening on {hub.url}\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_cleanly_on_signals(tmp_path: Path, number: signal.Signals) -> None:
    """Both signals end it with exit code 0, also while somebody is connected."""
    with hub_process(tmp_path / "data") as hub:
        port = int(hub.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            hub.send_signal(number)

            assert hub.process.wait() == 0


def test_serve_ends_when_stdin_closes(tmp_path: Path) -> None:
    """A hub whose starter is gone does not stay behind."""
    with hub_process(tmp_path / "data", "--until-stdin-closes", stdin=PIPE) as hub:
        hub.process.close_stdin()

        assert hub.process.wait() == 0


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """The message names the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            HubServer(Settings(data_dir=tmp_path, port=port), on_listening=print)


def test_workers_on_sqlite_are_refused(tmp_path: Path) -> None:
    """Before anything is begun, in one sentence that says what to do."""
    done = hub_command(tmp_path / "data", "serve", "--port", "0", "--workers", "2")

    sentence = "2 workers need PostgreSQL (--database postgresql://…), for SQLite is for one process"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"teaching-nb: {sentence}\n")


def test_redis_that_cannot_be_used_is_refused(tmp_path: Path, a_postgresql: PostgresqlServer) -> None:
    """In one sentence, which does not repeat the password; on SQLite nobody needs one."""
    redis = f"redis://:secret-word@127.0.0.1:{free_port()}"
    database = a_postgresql.url(a_postgresql.create_database())

    gone = hub_command(tmp_path / "data", "serve", "--port", "0", "--database", database, "--redis", redis)
    needless = hub_command(tmp_path / "data", "serve", "--port", "0", TEACHING_NB_HUB_REDIS=redis)

    for done, sentence in ((gone, "the Redis at 127.0.0.1:"), (needless, "--redis is for several processes")):
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"teaching-nb: {sentence}")
        assert done.stderr.count("\n") == 1
        assert "secret-word" not in done.stderr


async def test_a_second_process_on_sqlite_is_refused(tmp_path: Path) -> None:
    """One sentence, which names the file and what to do; commands may work on it, and the next hub when it is free."""
    settings = Settings(data_dir=tmp_path, port=0)
    async with serving(settings):
        with pytest.raises(ConfigurationError, match=r"another process serves .*hub\.db, and SQLite is for one: stop"):
            async with serving(settings):
                pass
        in_database(settings.database_url, users.list_all)
    async with serving(settings):
        pass


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """What kept the hub from starting is raised to whoever started it."""
    server = HubServer(Settings(data_dir=tmp_path, port=0, database="mysql://somewhere/db"), on_listening=print)

    with pytest.raises(ConfigurationError, match="mysql"):
        await server.run_until_stopped()
