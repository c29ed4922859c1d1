"""How far somebody has come in an instruction of several steps."""

from __future__ import annotations

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema.types.progress_state import TYPE


class ProgressStateModel(DocumentModel, type=TYPE):
    """The open step; assigning `progress` saves at once."""

    progress: int
    "Number of the open step, from 0."
    total_steps: int
    "How many steps there are."

    @property
    def is_done(self) -> bool:
        """Tell whether all steps are done."""
        return 0 < self.total_steps <= self.progress
