"""People and documents in a database that no hub serves yet."""

from __future__ import annotations

from sqlalchemy import Connection

from teaching_nb.hub.administration import class_file
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.people import sessions, users
from tests.harness.databases import in_database


def load(url: str, content: bytes) -> dict[str, str]:
    """Load a file as `teaching-nb hub load` does; return a token for everybody by e-mail."""
    parsed = class_file.parse(content)
    hashes = class_load.new_password_hashes(parsed, {})

    def job(tx: Connection) -> dict[str, str]:
        class_load.load(tx, parsed, hashes)
        return {user.email: sessions.create_bearer(tx, user.id, days=1) for user in users.list_all(tx)}

    return in_database(url, job)
