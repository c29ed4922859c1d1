"""Documents that belong together, as the notebook sees them: messages of a chat, files, comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from traitlets import HasTraits

from teaching_nb.client.told_traits import ToldBool, ToldText, ToldTuple
from teaching_nb.schema.records import Document


class CollectionPort(Protocol):
    """What a collection asks of the client. Any thread but the client's own; raises as the hub refuses."""

    def add(self, data: Any, type_name: str, parent_id: str, *, other_type: bool) -> Document:
        """Have a document created, and return it once it is stored; without `parent_id` where all of these are."""

    def remove(self, document_id: str, *, as_seen: bool) -> None:
        """Have a document deleted, with what is below it; with `as_seen` only where nothing else is."""

    def change(self, document_id: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        """Have some keys of a document's data changed, unless others have changed what was expected."""

    def move(self, document_id: str, parent_id: str) -> None:
        """Have a document put below another one."""

    def read(self, document_id: str) -> Document:
        """Return a document as the hub has it now."""

    def refresh(self) -> None:
        """Ask the hub anew, and return when what it answered is shown."""

    def wait_loaded(self, timeout: float) -> None:
        """Wait until the hub has answered; raises `TimedOut` or the hub's refusal."""

    def close(self) -> None:
        """Follow the documents no longer."""


class DocumentCollection(HasTraits):
    """The documents below one root, or below one document, that the user may see; oldest first.

    Made by `Classroom.documents_below`. Observers run on the client's own thread: they may set traits and send widget
    messages, never print and never wait.
    """

    records = ToldTuple()
    "The documents as records (`id`, `author_id`, `type`, `data`, `created_at` …); observe it to hear of changes."
    is_loaded = ToldBool()
    "Whether the hub has answered at least once."
    problem = ToldText()
    "Why the documents cannot be shown, or may be old; empty when all is well."

    def __init__(self, port: CollectionPort) -> None:
        super().__init__()
        self._port = port

    def add(
        self,
        data: Any,
        type: str = "",  # noqa: A002 - the word of the protocol
        *,
        parent_id: str = "",
        other_type: bool = False,
    ) -> str:
        """Create a document and return its id; `type` is that of the collection where none is given.

        `parent_id` names the document that it lies below, in a collection of all levels. `other_type` makes one of a
        type that nobody here knows; where one is here already, another is made without it.
        Raises `Forbidden` when the user may not, `InvalidInput` for data that the type cannot have, `NotConnected`
        without a hub: nothing is kept to be sent later.
        """
        return self._port.add(data, type, parent_id, other_type=other_type).id

    def remove(self, document_id: str, *, as_seen: bool = False) -> None:
        """Delete a document, with what is below it. Raises as `add`, and `NotFound`.

        In a collection of all levels `as_seen` raises `Conflict` where something else is below it than is here.
        """
        self._port.remove(document_id, as_seen=as_seen)

    def change(self, id: str, changes: Mapping[str, Any], expected: Mapping[str, Any] | None = None) -> None:  # noqa: A002 - as `records` call it
        """Change some keys of a document's data; all others stay as they are.

        Raises `Conflict` when a key has not the value that is `expected`: somebody else has changed it. Otherwise as
        `add`, and `NotFound`.
        """
        self._port.change(id, changes, expected or {})

    def move(self, id: str, parent_id: str) -> None:  # noqa: A002 - as above
        """Put a document, with what is below it, below another one of the same author. Raises as `change`."""
        self._port.move(id, parent_id)

    def read(self, id: str) -> Document:  # noqa: A002 - as above
        """Return a document as the hub has it at this moment, also one that is not here. Raises as `change`."""
        return self._port.read(id)

    def refresh(self) -> None:
        """Ask the hub anew; returns when `records` are what it has answered. Raises as it refuses."""
        self._port.refresh()

    def wait_loaded(self, timeout: float = 10.0) -> bool:
        """Wait until the hub has answered; return True. Raises `TimedOut`, or the hub's refusal."""
        self._port.wait_loaded(timeout)
        return True

    def close(self) -> None:
        """Follow the documents no longer; what is here stays as it is."""
        self._port.close()

    def __iter__(self) -> Iterator[Document]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        state = "" if self.is_loaded else ", not loaded yet"
        return f"<{type(self).__name__} of {len(self)}{state}>"
