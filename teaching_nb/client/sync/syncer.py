"""What keeps one open document in agreement with the hub, as the rest of the client sees it.

`Record` saves the whole data with PUT, `StoredText` a text among it; `LiveText` exchanges edits. Everything runs on the
loop thread.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.ports import EditPort
from teaching_nb.errors import OperationalError
from teaching_nb.schema import events
from teaching_nb.schema.access import Access
from teaching_nb.schema.records import Document

S = TypeVar("S", bound="Syncer")


class Syncer(EditPort, Protocol):
    """One document's way to the hub and back."""

    @property
    def model(self) -> DocumentModel:
        """Return the document as the notebook sees it."""

    @property
    def has_subscription(self) -> bool:
        """Tell whether the hub keeps a subscription for this document.

        It has to be renewed on every connection, and the hub then tells by itself who loses access.
        """

    # the opener's side

    def opened(self, document: Document) -> None:
        """Take the record as the hub has it."""

    async def sync(self) -> None:
        """Come into agreement with the hub; raises `NotConnected`, `TimedOut`, or the hub's refusal."""

    @property
    def has_agreed(self) -> bool:
        """Tell whether what is here is the hub's document, as far as we were told."""

    def caught_up(self, document: Document | None, access: Access) -> None:
        """Agree with the hub by what was missed: a newer version, None if there is none, and what we may do."""

    def withdraw(self) -> None:
        """Forget what the hub had shown: it is withheld from the user now."""

    def change_over(self) -> None:
        """Go on with another document, which the name stands for now; what is unsaved is merged with it, or kept."""

    def refused(self, error: OperationalError) -> None:
        """Take the hub's refusal of this document."""

    # the connection's side

    def live(self) -> None:
        """Show that the connection is there; `sync` follows."""

    def lost(self, sentence: str) -> None:
        """Stop sending until `sync`: the connection was lost, for this reason. What is unsaved is kept."""

    async def leave(self, *, is_last: bool) -> None:
        """End following the document; `is_last`: no other model of this kernel follows it."""

    def flush(self) -> None:
        """Send what is unsaved without waiting for further changes."""

    # events of the hub

    def on_record(self, document: Document) -> None:
        """Take a record that the hub tells of."""

    def on_changed(self, change: events.ChangedDocument) -> None:
        """Take a version that somebody else stored, or streams."""

    def on_update(self, update: bytes) -> None:
        """Take somebody else's edit of a live text."""

    def on_awareness(self, state: bytes) -> None:
        """Take where others are in a live text."""

    def on_closed(self, reason: events.ClosedReason) -> None:
        """Stop following, or only stop sending: the document is gone, access has ended, or is for reading now."""

    # other models of the same document in this kernel: the hub does not echo to our socket

    def from_sibling(self, change: Any) -> None:
        """Apply what a syncer of the same class has stored, or edited."""


class Surroundings(Protocol):
    """What a syncer needs of the classroom."""

    def resync(self, syncer: Syncer) -> None:
        """Have `sync` called again as soon as possible."""

    def stored(self, syncer: Syncer, data: Any) -> None:
        """Tell others in this kernel that a record was stored with this data."""

    def siblings(self, syncer: S) -> list[S]:
        """Return the other syncers of the same document that are of the same class."""

    def user_id(self) -> str:
        """Return who we are at the hub; empty while that is not known."""
