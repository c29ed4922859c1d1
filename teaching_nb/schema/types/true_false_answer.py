"""The answer to a statement that is true or false."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from teaching_nb.schema.document_type import DataStruct, DocumentType


class TrueFalseAnswer(DataStruct):
    """What somebody thinks of a statement."""

    value: bool | None = None
    """Whether they think that it is true; nothing before they have said so."""
    assessed: bool = False
    """Whether the answer has been assessed, and can be changed no more."""
    qid: str | UnsetType = UNSET
    """Which question of a quiz it answers."""


TYPE = DocumentType("true_false_answer", TrueFalseAnswer, saves_at_once=True, call="true_false")
