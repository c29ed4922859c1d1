"""The servers that take writes: the hub on SQLite and on PostgreSQL, and the peer on PostgreSQL.

Each is started anew for every measurement; databases are prepared once and keep what was written.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from hub_people import load
from write_load import Author

from tests.harness.hub_process import HUB
from tests.harness.postgresql import PostgresqlServer
from tests.harness.processes import Process, environment

PEER = "Node.js + PostgreSQL"
HUB_SQLITE = "hub + SQLite"
HUB_POSTGRESQL = "hub + PostgreSQL"

_PEER_FOLDER = Path(__file__).parent / "peers" / "node-socketio"
_LISTENER = "teacher@example.org"
_LISTENING = "listening on "


@dataclass(frozen=True)
class Running:
    """A server that accepts connections."""

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the CPU time that the process has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Return the bytes of memory that the process holds."""
        return int(self.process.memory_info().rss)


@dataclass
class Target:
    """A server that can be started, with everybody who writes to it."""

    name: str
    command: list[str]
    authors: list[Author]
    listener_token: str
    """Of the one who hears of every write."""
    env: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self, log: Path, *, core: int | None) -> Iterator[Running]:
        """Run the server, on one core if one is named."""
        prefix = [] if core is None else ["taskset", "--cpu-list", str(core)]
        with Process([*prefix, *self.command], log=log, env=environment(**self.env)) as process:
            yield Running(process.wait_for_line(_LISTENING), psutil.Process(process.pid))


def targets(folder: Path, postgresql: PostgresqlServer, *, writers: int) -> list[Target]:
    """Prepare the databases for so many writers and return all servers, the peer first."""
    hub_url = postgresql.url(postgresql.create_database())
    return [
        _peer(postgresql, writers),
        _hub(HUB_SQLITE, folder / "sqlite", f"sqlite:///{folder / 'sqlite' / 'hub.db'}", writers),
        _hub(HUB_POSTGRESQL, folder / "postgresql-hub", hub_url, writers),
    ]


def _peer(postgresql: PostgresqlServer, writers: int) -> Target:
    authors = [Author(f"doc{number}", f"student{number}") for number in range(writers)]
    database = postgresql.create_database()
    postgresql.run_sql(
        database,
        "CREATE TABLE documents (id text PRIMARY KEY, data jsonb, updated_at timestamptz)",
        "INSERT INTO documents SELECT 'doc' || n, '{}', now() FROM generate_series(0, 999) AS n",
    )
    node = os.environ.get("BENCH_NODE") or shutil.which("node") or "node"
    env = {"DATABASE_URL": postgresql.url(database)}
    return Target(PEER, [node, str(_PEER_FOLDER / "server.mjs")], authors, _LISTENER, env)


def _hub(name: str, folder: Path, url: str, writers: int) -> Target:
    """Fill a hub's database with a class: one root, a document per student, a teacher who sees them all."""
    folder.mkdir()
    content, document_ids = _class(writers)
    tokens = load(url, content)
    authors = [Author(document_id, tokens[_student(number)]) for number, document_id in enumerate(document_ids)]
    # Writers here are quicker than people, whom the hub would slow down.
    limits = ["--user-writes-per-second", "0"]
    command = [*HUB, "serve", "--port", "0", *limits, "--data-dir", str(folder), "--database", url]
    return Target(name, command, authors, tokens[_LISTENER])


def _class(writers: int) -> tuple[bytes, list[str]]:
    students = [_student(number) for number in range(writers)]
    root_id, document_ids = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in students]
    content = {
        "users": [
            {"email": _LISTENER, "firstName": "Tea", "lastName": "Cher", "role": "teacher"},
            *({"email": email, "firstName": "Stu", "lastName": "Dent"} for email in students),
        ],
        "groups": [{"name": "class", "members": students, "admins": [_LISTENER]}],
        "documentRoots": [
            {
                "id": root_id,
                "access": "RO_DocumentRoot",
                "sharedAccess": "None_DocumentRoot",
                "groupPermissions": [{"group": "class", "access": "RW_StudentGroup"}],
            }
        ],
        "documents": [
            {"id": document_id, "documentRootId": root_id, "author": email, "type": "code", "data": {"code": ""}}
            for email, document_id in zip(students, document_ids, strict=True)
        ],
    }
    return json.dumps(content).encode(), document_ids


def _student(number: int) -> str:
    return f"student{number}@example.org"
