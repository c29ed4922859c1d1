"""Which entries of the logs of live documents the followers at this process were told of, or are about to be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from teaching_nb.hub.numbers import Numbers
from teaching_nb.hub.outcomes import CommittedUpdate


class Told:
    """The numbers of the live documents that are open at this process."""

    def __init__(self, on_behind: Callable[[str, int], None]) -> None:
        self._numbers: dict[str, Numbers] = {}
        self._loading: dict[str, int] = {}
        """Document that is being read → newest number that was rung meanwhile."""
        self._on_behind = on_behind
        """Called with a document that lacks an entry with a number."""

    def expect(self, document_id: str) -> None:
        """Note that a document is being opened."""
        self._loading[document_id] = 0

    def begin(self, document_id: str, head: int) -> None:
        """Note that who follows a document from now on has everything up to an entry, unless it is open already."""
        self._numbers.setdefault(document_id, Numbers(head))
        self.ring(document_id, self._loading.pop(document_id, 0))

    def ring(self, document_id: str, number: int) -> None:
        """Take notice of what was rung: the number of an entry that another process has stored."""
        if document_id in self._loading:
            self._loading[document_id] = max(number, self._loading[document_id])
        if not self.has(document_id, number):
            self._on_behind(document_id, number)

    def note(self, update: CommittedUpdate) -> None:
        """Note that an update is told."""
        numbers = self._numbers.get(update.event.id)
        if numbers is not None and update.position is not None:
            numbers.note(update.position.number)

    def settle(self, document_id: str, head: int) -> None:
        """Note that everything up to an entry is told."""
        numbers = self._numbers.get(document_id)
        if numbers is not None:
            numbers.settle(head)

    def has(self, document_id: str, number: int) -> bool:
        """Tell whether an entry need not be told, also because the document is not open."""
        numbers = self._numbers.get(document_id)
        return numbers is None or number in numbers

    def heads(self) -> Mapping[str, int]:
        """Return up to which entry everything is told, for each open document."""
        return {document_id: numbers.head for document_id, numbers in self._numbers.items()}

    def keep(self, document_ids: Collection[str]) -> None:
        """Forget all documents but these."""
        kept = {*document_ids, *self._loading}
        for document_id in self._numbers.keys() - kept:
            del self._numbers[document_id]

    def failed(self, document_id: str) -> None:
        """Note that a document could not be opened."""
        self._loading.pop(document_id, None)
