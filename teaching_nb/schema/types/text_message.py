"""One message of a chat; author and time are those of its document."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class TextMessage(DataStruct):
    """What somebody has said."""

    text: str = ""


TYPE = DocumentType("text_message", TextMessage)
