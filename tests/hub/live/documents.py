"""Documents that people make over REST and edit live, and what the hub has stored of them."""

from __future__ import annotations

from typing import Any

from teaching_nb.hub.documents import update_log
from teaching_nb.schema import wire
from tests.harness.cast import Caller
from tests.harness.running_hub import RunningHub


async def new_document(
    author: Caller, *, sharing: str = "None", data: Any = None, type_name: str = "code", access: str = "RW"
) -> str:
    """Create a root and a document below it; returns the document's id."""
    root = {"access": f"{access}_DocumentRoot", "sharedAccess": f"{sharing}_DocumentRoot"}
    body = {
        "documentRootId": wire.new_id(),
        "type": type_name,
        "data": {"code": "x = 1\n"} if data is None else data,
        "root": root,
    }
    answer = await author.post("/documents/main", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def log_of(hub: RunningHub, document_id: str) -> list[bytes]:
    """Return the entries of a document's log."""
    state = await hub.database.read(lambda tx: update_log.load(tx, document_id))
    return list(state.updates) if state else []


async def record_of(caller: Caller, document_id: str) -> dict[str, Any]:
    """Return the record as REST answers it."""
    record: dict[str, Any] = (await caller.get(f"/documents/{document_id}")).json()["document"]
    return record
