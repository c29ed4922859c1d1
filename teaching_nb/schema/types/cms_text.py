"""What staff write for one student: feedback, marks."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class CmsText(DataStruct):
    """A text whose author is the student, and which only staff write."""

    text: str = ""
    """Markdown."""


TYPE = DocumentType("cms_text", CmsText, texts=("text",), call="feedback")
