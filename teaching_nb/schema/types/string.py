"""A text answer that several people edit at once."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class String(DataStruct):
    """A text answer."""

    text: str = ""


TYPE = DocumentType("string", String, live_text=("text",), call="text")
