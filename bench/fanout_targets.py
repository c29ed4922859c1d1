"""The servers that tell a crowd of changes: the hub on SQLite, a Node.js server, and the least that it takes.

Each is started anew for every measurement.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hub_people import load
from write_load import Author
from write_targets import Target

from tests.harness.hub_process import HUB

NODE = "Node.js"
HUB_SQLITE = "hub + SQLite"
RAW = "raw"

_PEERS = Path(__file__).parent / "peers"


@dataclass
class Telling(Target):
    """A server with those who hear of its changes."""

    tokens: list[str] = field(default_factory=list)


def targets(folder: Path, *, authors: int, clients: int) -> list[Telling]:
    """Prepare for so many people; the server that the others are measured beside comes first."""
    node = os.environ.get("BENCH_NODE") or shutil.which("node") or "node"
    names = [f"client{number}" for number in range(clients)]
    free = [Author(f"doc{number}", f"author{number}") for number in range(authors)]
    return [
        Telling(NODE, [node, str(_PEERS / "node-socketio" / "server.mjs")], free, "", tokens=names),
        hub(HUB_SQLITE, folder / "hub", authors=authors, clients=clients),
        Telling(RAW, [sys.executable, str(_PEERS / "raw" / "server.py")], free, "", tokens=names),
    ]


def hub(name: str, folder: Path, *, authors: int, clients: int, options: Sequence[str] = (), url: str = "") -> Telling:
    """Fill a hub's database with a class: one root that all may read, and a document of each author.

    Without a `url` it is a SQLite in the folder.
    """
    folder.mkdir()
    url = url or f"sqlite:///{folder / 'hub.db'}"
    emails = [f"person{number}@example.org" for number in range(authors + clients)]
    root_id, document_ids = str(uuid.uuid4()), [str(uuid.uuid4()) for _ in range(authors)]
    content = {
        "users": [{"email": email, "firstName": "Per", "lastName": "Son"} for email in emails],
        "groups": [{"name": "class", "members": emails, "admins": []}],
        "documentRoots": [
            {
                "id": root_id,
                "access": "RW_DocumentRoot",
                "sharedAccess": "RO_DocumentRoot",
                "groupPermissions": [{"group": "class", "access": "RW_StudentGroup"}],
            }
        ],
        "documents": [
            {"id": document_id, "documentRootId": root_id, "author": email, "type": "code", "data": {"code": ""}}
            for email, document_id in zip(emails, document_ids, strict=False)
        ],
    }
    tokens = load(url, json.dumps(content).encode())
    writing = [Author(each, tokens[email]) for each, email in zip(document_ids, emails, strict=False)]
    where = ["--port", "0", "--data-dir", str(folder), "--database", url]
    command = [*HUB, "serve", *where, "--user-writes-per-second", "0", *options]
    hearing = [tokens[email] for email in emails[authors:]]
    return Telling(name, command, writing, "", tokens=hearing)
