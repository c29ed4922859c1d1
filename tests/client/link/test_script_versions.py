"""Making versions of what is saved beside the saving, in the order and at the pace that the backend's website has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

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

    async def create(_text: Document, data: dict[str, Any]) -> None:
        is_asked.set()
        await may_answer.wait()
        made.append(data["code"])

    writer = VersionWriter(create)
    writer.saved(TEXT, "one")
    await is_asked.wait()

    writer.saved(TEXT, "two")
    writer.saved(TEXT, "three")
    may_answer.set()
    await writer.done(TEXT.id)

    assert made == ["one", "three"]


async def test_paste_is_said_of_the_version_that_holds_it() -> None:
    """Also when a later save has replaced what was pasted in the same second, but of no version after that."""
    made: list[dict[str, Any]] = []

    async def create(_text: Document, data: dict[str, Any]) -> None:
        made.append(data)

    writer = VersionWriter(create)
    writer.saved(TEXT, "pasted", is_pasted=True)
    writer.saved(TEXT, "and typed")
    await writer.done(TEXT.id)
    writer.saved(TEXT, "typed")
    await writer.done(TEXT.id)

    assert made == [{"code": "and typed", "pasted": True}, {"code": "typed"}]


def test_paste_of_a_save_that_fails_is_that_of_the_next() -> None:
    """What was pasted is in what is saved after it, and only in the first of these that succeeds."""

    async def create(_text: Document, _data: dict[str, Any]) -> None:
        raise AssertionError("nothing was saved")

    writer = VersionWriter(create)
    writer.note_paste(TEXT.id)

    with pytest.raises(ValueError, match="refused"), writer.saving(TEXT.id):
        raise ValueError("refused")
    with writer.saving(TEXT.id) as is_pasted:
        assert is_pasted
    with writer.saving(TEXT.id) as is_pasted:
        assert not is_pasted
