"""People and documents in a database that no hub serves yet."""

from __future__ import annotations

import asyncio

from teaching_nb.hub.administration import class_file
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.people import sessions, users
from teaching_nb.hub.store.database import Database


def load(url: str, content: bytes) -> dict[str, str]:
    """Load a file as `teaching-nb hub load` does; return a token for everybody by e-mail."""
    return asyncio.run(_load(url, content))


async def _load(url: str, content: bytes) -> dict[str, str]:
    database = await Database.open(url)
    try:
        parsed = class_file.parse(content)
        hashes = class_load.new_password_hashes(parsed, {})
        await database.write(lambda tx: class_load.load(tx, parsed, hashes))
        people = await database.read(users.list_all)
        return await database.write(
            lambda tx: {user.email: sessions.create_bearer(tx, user.id, days=1) for user in people}
        )
    finally:
        await database.close()
