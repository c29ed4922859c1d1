"""How far somebody has come in an instruction of several steps."""

from __future__ import annotations

from teaching_nb.schema.document_type import Count, DataStruct, DocumentType


class ProgressState(DataStruct):
    """The step that is open."""

    progress: Count = 0
    """Number of the open step, from 0; as many as there are steps, or more: all are done."""
    total_steps: Count = 0
    """How many steps there are."""


TYPE = DocumentType("progress_state", ProgressState, saves_at_once=True, call="progress")
