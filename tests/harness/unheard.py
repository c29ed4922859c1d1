"""Makes a client not know what it has heard of: as if the hub's event were still under way."""

from __future__ import annotations

from typing import Any

from teaching_nb.client import Classroom


def unhear(room: Classroom, collection: Any, document_id: str) -> None:
    """Have a collection of documents, or the comments that are kept in one, not know a document any more."""
    kept = collection._port

    async def drop() -> None:
        kept.drop(document_id)

    room._loop.ask(drop())
