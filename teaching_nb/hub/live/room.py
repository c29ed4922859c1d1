"""One live document in memory: its Doc, and how far it has read the log. State of `rooms` alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from teaching_nb.hub.crdt.document import LiveDoc
from teaching_nb.hub.documents import messages
from teaching_nb.hub.outcomes import LogPosition
from teaching_nb.schema import limits


@dataclass(slots=True, eq=False)
class LiveRoom:
    """One document in memory."""

    document_id: str
    doc: LiveDoc
    head: int
    """The Doc contains all entries of the log up to this number."""
    revision: int
    """Revision of the document's record with all that the Doc contains."""
    log_bytes: int
    counted_bytes: int = 0
    """Size of the log when it was last counted for what its author may store."""
    is_in_thread: bool = False
    """Whether it lies below a thread of comments."""
    is_lost: bool = False
    """The Doc differs from the log, or may do."""
    beyond: set[int] = field(default_factory=set)
    """Further entries that it contains: commits are not heard of in the order of their numbers."""
    joining: dict[str, list[bytes]] = field(default_factory=dict)
    """Socket → updates committed while its answer to SYNC_DOCUMENT is being made."""

    def length_of_comment(self) -> int:
        """Return how many characters a comment has; 0 for what is none, and for what is not long."""
        doc = self.doc
        if doc.text_bytes <= limits.MESSAGE_CHARACTERS:
            return 0
        is_comment = self.is_in_thread or messages.names_thread(doc.type_name, doc.value("thread"))
        return doc.text_characters if is_comment else 0

    def contains(self, position: LogPosition) -> bool:
        """Tell whether an entry of the log is in the Doc."""
        return position.number <= self.head or position.number in self.beyond

    def note(self, position: LogPosition) -> None:
        """Note that the Doc contains an entry of the log, which is committed."""
        self.revision = max(self.revision, position.revision)
        if self.contains(position):
            return
        self.beyond.add(position.number)
        while self.head + 1 in self.beyond:
            self.head += 1
            self.beyond.remove(self.head)

    def apply_committed(self, update: bytes, position: LogPosition) -> None:
        """Apply an update that somebody has stored, unless the Doc has it; raises `Damaged`.

        It has what was edited here, which would be read, checked and applied a second time.
        """
        if self.contains(position):
            return
        self.doc.apply(update)
        self.note(position)
        # Whoever stored it has counted it.
        self.log_bytes += len(update)
        self.counted_bytes += len(update)
