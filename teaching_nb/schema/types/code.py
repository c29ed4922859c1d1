"""Source code that several people edit at once."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class Code(DataStruct):
    """Source code."""

    code: str = ""


TYPE = DocumentType("code", Code, live_text=("code",), call="code")
