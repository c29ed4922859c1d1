"""Where a notebook gets its models: the same one for the same reference, and gives them back. Any thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from teaching_nb.client.documents.connection_state import ConnectionState
from teaching_nb.client.documents.factory import Syncers
from teaching_nb.client.documents.open_documents import DocumentReference, DocumentStore, OpenDocument
from teaching_nb.client.documents.opening import Opener
from teaching_nb.client.documents.others_documents import OthersDocuments
from teaching_nb.client.documents.patience import Patience
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models.document import DocumentModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Hands models out, and takes them back."""

    loop: LoopThread
    tasks: Tasks
    documents: DocumentStore
    syncers: Syncers
    opener: Opener
    others: OthersDocuments
    patience: Patience
    state: ConnectionState

    def open(self, reference: DocumentReference) -> DocumentModel:
        """Return the model of a reference; one that was deleted or refused is opened as if for the first time."""
        with self.documents.lock:
            document = self.documents.get(reference)
            is_new = document is None
            if document is None:
                document = self.syncers.make(reference)
                self.documents.add(document)
        if is_new:
            self.loop.post(self._admit, document)
        elif document.model.gate.facts.refusal:
            self._wait_renewed(document)
        else:
            return document.model
        if not self.loop.is_current:
            self.patience.spend(document.model.gate.wait_answered)
        return document.model

    def put_away(self, document: OpenDocument) -> None:
        """Follow a document no longer."""
        self.documents.remove(document)
        self.loop.post(self._leave, document)

    def _wait_renewed(self, document: OpenDocument) -> None:
        """Have a document opened once more; what was refused is forgotten when this returns, if the loop has time."""
        renewed = threading.Event()
        self.loop.post(self._renew, document, renewed)
        if not self.loop.is_current:
            self.patience.spend(renewed.wait)

    # the loop thread

    def _admit(self, document: OpenDocument) -> None:
        if self.state.is_live:
            document.syncer.live()
            self.opener.resync(document)
        else:
            document.syncer.lost(self.state.status)

    def _renew(self, document: OpenDocument, renewed: threading.Event) -> None:
        if self.state.is_live:
            document.is_outdated = document.is_renewed = True
            document.model.gate.tell("is_loaded", False)
            document.model.gate.publish(refusal="", is_loaded=False)
            self.opener.resync(document)
        renewed.set()

    def _leave(self, document: OpenDocument) -> None:
        self.others.closed(document)
        is_last = not self.documents.of_id(document.model.id)
        self.tasks.try_once(document.syncer.leave(is_last=is_last))
