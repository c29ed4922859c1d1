"""The tick box of a task."""

from __future__ import annotations

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema.types.task_state import TYPE, State


class TaskStateModel(DocumentModel, type=TYPE):
    """A task's state; assigning it saves at once."""

    state: State
    "One of the words of `teaching_nb.schema.types.task_state.STATES`."
