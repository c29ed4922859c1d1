"""Content that people see once it is opened to them."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class Restricted(DataStruct):
    """What is withheld; the platform has it in its pages, and nothing in the document."""

    text: str = ""
    """Markdown."""


TYPE = DocumentType("restricted", Restricted, texts=("text",), call="restricted")
