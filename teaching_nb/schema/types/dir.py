"""A folder of a file tree; what is in it are `dir` and `file` documents below it.

The tree that `files` shows is the main document of this type, with all that is below it.
"""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class Dir(DataStruct):
    """What a folder is called, and whether it shows what is in it."""

    name: str = ""
    is_open: bool = False


TYPE = DocumentType("dir", Dir, saves_at_once=True, call="files")
