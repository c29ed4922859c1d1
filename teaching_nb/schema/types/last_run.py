"""How somebody's last run of a live cell has ended: a document below that of the cell, for their teachers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from teaching_nb.schema.document_type import Count, DataStruct, DocumentType

RunStatus = Literal["none", "ok", "error", "interrupted", "died"]

LAST_RUN_OUTPUT_BYTES = 20_000
"""So much of the outputs is kept, as JSON; what comes after is left out."""


class LastRun(DataStruct):
    """The last run of a cell."""

    status: RunStatus = "none"
    """`died`: the kernel ended, or was started again, before the code did."""
    error: str = ""
    """Name of the exception."""
    line: Count = 0
    """Line of the cell in which it was raised, from 1; 0 where that is not known."""
    started_at: str = ""
    """When it began, as ISO 8601."""
    duration: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Seconds."""
    outputs: list[Any] = msgspec.field(default_factory=list)
    """The first outputs, as a notebook's file has them."""
    is_cut: bool = False
    """Whether there were more."""


TYPE = DocumentType("last_run", LastRun, saves_at_once=True)
