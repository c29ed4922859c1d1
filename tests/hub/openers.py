"""People who open documents by name, as a notebook's kernel asks the hub for them."""

from __future__ import annotations

from typing import Any

import httpx

from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import Caller

SHARED = {True: "RW_DocumentRoot", "read": "RO_DocumentRoot"}


def own_root(slug: str) -> str:
    """Return the root of each person's own documents under a slug."""
    return root_id(slug)


def shared_root(slug: str, type_name: str = "code") -> str:
    """Return the root of what is shared under a slug."""
    return shared_root_id(root_id(slug), type_name)


def wish(slug: str, shared: bool | str, *, init: str = "init") -> dict[str, Any]:  # noqa: FBT001 - as in notebooks
    """Return the body that opens a code document by a slug."""
    body: dict[str, Any] = {"type": "code", "data": {"code": init}}
    if not shared:
        return {**body, "documentRootId": own_root(slug), "root": {"name": slug}}
    of_root = {"documentRootId": shared_root(slug), "ownRootId": own_root(slug), "shared": True}
    return {**body, **of_root, "root": {"name": slug, "sharedAccess": SHARED[shared]}}


def wish_below(root: str, shared: bool | str, *, init: str = "init") -> dict[str, Any]:  # noqa: FBT001 - see above
    """Return the body that opens a code document below a root that is named by its id."""
    body: dict[str, Any] = {"type": "code", "data": {"code": init}, "documentRootId": root}
    if not shared:
        return {**body, "root": {}}
    return {**body, "shared": True, "root": {"sharedAccess": SHARED[shared]}}


async def opening(caller: Caller, body: dict[str, Any]) -> httpx.Response:
    """Return the hub's answer to somebody who opens a document."""
    return await caller.post("/documents/main", body)


async def opened(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Return a document that somebody may open."""
    answer = await opening(caller, body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def writes(caller: Caller, document_id: str, code: str) -> int:
    """Return the status of somebody's attempt to replace the text."""
    return (await caller.put(f"/documents/{document_id}", {"data": {"code": code}})).status_code


async def reads(caller: Caller, document_id: str) -> str | None:
    """Return the text that somebody sees; None when it is hidden from them."""
    found = (await caller.get(f"/documents/{document_id}")).json()
    data = None if found is None else found["document"]["data"]
    return None if data is None else str(data["code"])
