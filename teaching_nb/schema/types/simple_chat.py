"""The container of a chat; the messages are `text_message` documents below it."""

from __future__ import annotations

from teaching_nb.schema.document_type import DataStruct, DocumentType


class SimpleChat(DataStruct):
    """What a chat is called."""

    name: str = ""


TYPE = DocumentType("simple_chat", SimpleChat, call="chat")
