"""Making versions of what is saved beside the saving, in the order and at the pace that the backend's website has."""

from __future__ import annotations

import asyncio

from teaching_nb.client.link.script_versions import VersionWriter
from teaching_nb.schema.records import Document

TEXT = Document(
    id="7d1f2f0e-6d3a-4000-8000-000000000001",
    author_id="7d1f2f0e-6d3a-4000-8000-000000000002",
    type="code",
    data={"code": ""},
    parent_id=None,
    document_root_id="7d1f2f0e-6d3a-4000-8000-000000000003",
    created_at="2026-11-01T08:00:00.000Z",
    updated_at="2026-11-01T08:00:00.000Z",
)


async def test_save_during_a_slow_version_has_its_own() -> None:
    """What is saved while another version is on its way comes after it; only what is saved later still replaces it."""
    made: list[str] = []
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def create(_text: Document, code: str) -> None:
        is_asked.set()
        await may_answer.wait()
        made.append(code)

    writer = VersionWriter(create)
    writer.saved(TEXT, "one")
    await is_asked.wait()

    writer.saved(TEXT, "two")
    writer.saved(TEXT, "three")
    may_answer.set()
    await writer.done(TEXT.id)

    assert made == ["one", "three"]
