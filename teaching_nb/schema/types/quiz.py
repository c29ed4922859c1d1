"""A quiz: the frame around questions, whose answers are documents with a `qid` below the same root."""

from __future__ import annotations

import msgspec

from teaching_nb.schema.document_type import Count, DataStruct, DocumentType


class Quiz(DataStruct):
    """How far somebody is with a quiz."""

    question_order: list[Count] = msgspec.field(default_factory=list)
    """In which order the questions are shown; empty for the order of the call."""
    assessed: bool = False
    """Whether the answers have been assessed, and can be changed no more."""


TYPE = DocumentType("quiz", Quiz, each_once=("questionOrder",), saves_at_once=True, call="quiz")
