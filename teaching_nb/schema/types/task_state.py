"""The tick box of a task."""

from __future__ import annotations

from typing import Literal, get_args

from teaching_nb.schema.document_type import DataStruct, DocumentType

State = Literal["unset", "checked", "question", "star", "star-half", "star-empty", "clock-check", "progress-check"]
STATES: tuple[State, ...] = get_args(State)


class TaskState(DataStruct):
    """How it stands with a task."""

    state: State = "unset"


TYPE = DocumentType("task_state", TaskState, saves_at_once=True, call="task")
