"""The tick box of a task."""

from __future__ import annotations

from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.synced_traits import SyncedEnum
from teaching_nb.schema.documents import TASK_STATES


class TaskStateModel(DocumentModel):
    """A task's state; assigning it saves at once."""

    state = SyncedEnum(TASK_STATES, "unset")
    "One of the words of `teaching_nb.schema.documents.TASK_STATES`."

    def show_data(self, data: Any) -> None:
        """Show the state beside the data; a word that is not known here is left in `data` only."""
        super().show_data(data)
        state = data.get("state") if isinstance(data, dict) else None
        if state in TASK_STATES:
            self.gate.show("state", state)
