"""The correct answers of a quiz: below a root that students do not enter, and read by staff and the hub alone."""

from __future__ import annotations

import msgspec

from teaching_nb.schema.document_type import Count, DataStruct, DocumentType
from teaching_nb.schema.scoring import DeductedPoints, FixedPoints


class CorrectAnswer(msgspec.Struct, rename="camel"):
    """What is right for one question."""

    choices: list[Count] | None = None
    """Numbers of the correct options; None for a statement."""
    multiple: bool = False
    """Whether several options can be chosen."""
    value: bool | None = None
    """Whether a statement is true; None as long as nobody has said so."""
    points: FixedPoints | DeductedPoints | None = None
    """How an answer is scored; None for one point."""


class QuizKey(DataStruct):
    """What the hub scores by."""

    answers: dict[str, CorrectAnswer] = msgspec.field(default_factory=dict)
    """`qid` → what is right."""
    self_check: bool = False
    """Whether students may have their own answers assessed."""


TYPE = DocumentType("quiz_key", QuizKey)
