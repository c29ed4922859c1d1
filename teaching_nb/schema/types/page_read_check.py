"""How long somebody has read something, and whether they have."""

from __future__ import annotations

from teaching_nb.schema.document_type import Count, DataStruct, DocumentType


class PageReadCheck(DataStruct):
    """What somebody has read."""

    read_time: Count = 0
    """Seconds for which it was seen."""
    read: bool = False
    """Whether they say that they have read it."""


TYPE = DocumentType("page_read_check", PageReadCheck, saves_at_once=True, call="read_check")
