"""A formatted text that several people edit at once, as Markdown.

Every other program knows `delta`, what the editor Quill stores. The hub makes it of the Markdown that is written here,
and the Markdown of what others store there, as far as that says the same (`schema/delta.py`). A Delta that has no
Markdown is kept as it is.
"""

from __future__ import annotations

from teaching_nb.schema import delta
from teaching_nb.schema.document_type import Conversion, DataStruct, DocumentType


class QuillV2(DataStruct):
    """A formatted text; `delta` is no key here, because nobody assigns it without its Markdown."""

    markdown: str = ""
    """The live text; missing in what other programs have stored until somebody opens it here."""


TYPE = DocumentType(
    "quill_v2",
    QuillV2,
    live_text=("markdown",),
    call="richtext",
    conversion=Conversion(
        key="delta",
        to_text=delta.to_markdown,
        from_text=delta.from_markdown,
        is_same=delta.is_same,
        given=delta.given,
        looks_like=delta.looks_like,
    ),
)
