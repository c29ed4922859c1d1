"""Source code of the platform's pages that run it in the browser.

A document of this type is a `code` document by another name.
"""

from __future__ import annotations

from teaching_nb.schema.document_type import DocumentType
from teaching_nb.schema.types.code import Code

TYPE = DocumentType("pyodide_code", Code, live_text=("code",))
