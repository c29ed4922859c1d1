"""A list of chat rooms that staff make while a lesson runs; each is a document root of its own.

What a room is called, and what is said in it, lies below its root. The existing system's version of April 2025 has
`documentRoots` in the place of `documentRootIds`, with names: they are read and kept (`client/models/listed_rooms.py`).
"""

from __future__ import annotations

import msgspec

from teaching_nb.schema.document_type import DataStruct, DocumentType


class DynamicDocumentRoots(DataStruct):
    """Which document roots are on the list."""

    container_type: str = "simple_chat"
    """The type of the document that makes a room of a root."""
    document_root_ids: list[str] = msgspec.field(default_factory=list)


TYPE = DocumentType("dynamic_document_roots", DynamicDocumentRoots, saves_at_once=True, call="chat_rooms")
