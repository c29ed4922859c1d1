"""Source code of the platform's pages, as they show it in cells of their own.

A document of this type is a `code` document by another name.
"""

from __future__ import annotations

from teaching_nb.schema.document_type import DocumentType
from teaching_nb.schema.types.code import Code

TYPE = DocumentType("script", Code, live_text=("code",))
