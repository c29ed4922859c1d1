"""One live document in memory: its Doc, and how far it has read the log. State of `rooms` alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from teaching_nb.hub.crdt.document import LiveDoc


@dataclass(slots=True, eq=False)
class LiveRoom:
    """One document in memory."""

    document_id: str
    doc: LiveDoc
    head: int
    """Entries of the log that the Doc contains."""
    revision: int
    log_bytes: int
    counted_bytes: int = 0
    """How large the log was when it was looked how much its author stores."""
    is_lost: bool = False
    """The Doc differs from the log, or may do."""
    joining: dict[str, list[bytes]] = field(default_factory=dict)
    """Socket → updates committed while its answer to SYNC_DOCUMENT is being made."""
