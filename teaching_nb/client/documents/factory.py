"""Makes documents: a model, and the live text or record that keeps it and the hub in agreement. For the classroom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from teaching_nb.client.documents.collections import Collections
from teaching_nb.client.documents.open_documents import DocumentReference, DocumentStore, OpenDocument
from teaching_nb.client.documents.opening import Opener
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.models.classes import model_class
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.history import Ask, History
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.guarded_text import GuardedText
from teaching_nb.client.sync.record import Record
from teaching_nb.client.sync.stored_text import StoredText
from teaching_nb.client.sync.syncer import S, Syncer
from teaching_nb.schema.access import Access
from teaching_nb.schema.records import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncers:
    """What documents of one classroom are made with, and what they need of it afterwards."""

    loop: LoopThread
    connection: Connection
    rest: Rest
    has_live_text: bool
    """Whether the hub exchanges edits of a text; else each is saved as a whole."""
    opener: Opener
    documents: DocumentStore
    """Where a document finds its siblings: others of the same id."""
    collections: Collections
    my_id: Callable[[], str]
    ask: Ask

    def make(self, reference: DocumentReference) -> OpenDocument:
        """Return a new document; nobody opens it at the hub yet. Any thread."""
        model = model_class(reference.type_name)(self.loop, reference.type_name, reference.data)
        model.gate.tell("root_id", reference.root_id)
        syncer = (
            self._live_text(reference, model) if isinstance(model, LiveTextModel) else self._record(reference, model)
        )
        model.gate.open(syncer)
        return OpenDocument(reference, model, syncer)

    def _live_text(self, reference: DocumentReference, model: LiveTextModel) -> Syncer:
        live: GuardedText | StoredText = (
            GuardedText(model, reference.data, connection=self.connection, surroundings=self, rest=self.rest)
            if self.has_live_text
            else StoredText(
                model, reference.data, rest=self.rest, surroundings=self, find_access=self.opener.find_access
            )
        )
        model.shared = live
        model.past = History(live, model.text_name, stored=self.rest, loop=self.loop, ask=self.ask)
        return live

    def _record(self, reference: DocumentReference, model: DocumentModel) -> Syncer:
        is_of_staff = reference.is_written_for and reference.author_id is not None
        return Record(
            model,
            reference.data,
            rest=self.rest,
            surroundings=self,
            find_access=_of_staff if is_of_staff else self.opener.find_access,
            on_behalf_of_author=is_of_staff,
        )

    # what syncers need

    def resync(self, syncer: Syncer) -> None:
        """Have a document brought into agreement with the hub once more, unless it was put away."""
        document = self.documents.of_model(syncer.model)
        if document is not None:
            self.opener.resync(document)

    def stored(self, syncer: Syncer, data: Any) -> None:
        """Tell the collections that data was stored from here."""
        self.collections.stored(syncer.model.id, data)

    def siblings(self, syncer: S) -> list[S]:
        """Return the syncers of other models of the same document."""
        found = [document.syncer for document in self.documents.of_id(syncer.model.id)]
        return [each for each in found if isinstance(each, type(syncer)) and each is not syncer]

    def user_id(self) -> str:
        """Return who we are at the hub; empty while that is not known."""
        return self.my_id()


async def _of_staff(_document: Document, _permission: Access) -> Access:
    """Return what staff may do with what they write for a student; the hub has let them in as the student's staff."""
    return "RW_User"
