"""The answer to a single or multiple choice."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from teaching_nb.schema.document_type import ONCE_EACH, Count, DataStruct, DocumentType

Order = Annotated[list[Count], ONCE_EACH]


class ChoiceAnswer(DataStruct):
    """What somebody has chosen."""

    choices: list[Count] = msgspec.field(default_factory=list)
    """Numbers of the chosen options, from 0, in the order in which the call names them."""
    options_order: Order = msgspec.field(default_factory=list)
    """In which order the options are shown; empty for the order of the call."""
    assessed: bool = False
    """Whether the answer has been assessed, and can be changed no more."""
    qid: str | UnsetType = UNSET
    """Which question of a quiz it answers."""


TYPE = DocumentType("choice_answer", ChoiceAnswer, each_once=("choices",), saves_at_once=True, call="choice")
