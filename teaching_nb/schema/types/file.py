"""A file of a file tree; what it holds is the document below it, such as a `code` document."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class File(DataStruct):
    """What a file is called, and whether the platform shows what it holds."""

    name: str = ""
    is_open: bool = False


TYPE = DocumentType("file", File, saves_at_once=True)
