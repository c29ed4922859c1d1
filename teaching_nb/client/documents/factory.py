"""Makes documents: a model, and the live text or record that keeps it and the hub in agreement. For the classroom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from teaching_nb.client.documents.open_documents import DocumentStore, OpenDocument, Wanted
from teaching_nb.client.documents.opening import Opener
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.history import Ask, History
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.string import StringModel
from teaching_nb.client.models.task_state import TaskStateModel
from teaching_nb.client.sync.live_text import LiveText
from teaching_nb.client.sync.record import Record
from teaching_nb.errors import TeachingNbError

_MODELS: dict[str, type[DocumentModel]] = {"code": CodeModel, "string": StringModel, "task_state": TaskStateModel}


@dataclass(frozen=True, slots=True, kw_only=True)
class Syncers:
    """What documents of one classroom are made with."""

    loop: LoopThread
    connection: Connection
    rest: Rest
    opener: Opener
    documents: DocumentStore
    """Where a document finds its siblings: others of the same id."""
    user_id: Callable[[], str]
    ask: Ask

    def make(self, wanted: Wanted) -> OpenDocument:
        """Return a new document; nobody opens it at the hub yet. Any thread."""
        model = _MODELS.get(wanted.type_name, DocumentModel)(self.loop, wanted.type_name, wanted.data)
        model.gate.tell("root_id", wanted.root_id)
        if isinstance(model, LiveTextModel):
            return self._make_live(wanted, model)
        record = Record(model, self.rest, wanted.data, self.opener.find_access)
        document = OpenDocument(wanted, model, record)
        record.tell_siblings = self._tell_record_siblings
        record.resync = lambda: self.opener.settle(document)
        model.gate.open(record)
        return document

    def _make_live(self, wanted: Wanted, model: LiveTextModel) -> OpenDocument:
        live = LiveText(model, self.connection, wanted.data)
        document = OpenDocument(wanted, model, live)
        live.user_id = self.user_id
        live.tell_siblings = self._tell_live_siblings
        live.resync = lambda: self.opener.settle(document)
        model.shared = live
        model.past = self._history_of(model, live)
        model.gate.open(live)
        return document

    def _history_of(self, model: LiveTextModel, live: LiveText) -> History:
        history = History(self.rest, self.loop, self.ask, model.text_name)
        history.document_id = lambda: model.id

        async def catch_up() -> None:
            try:
                await live.sync()
            except TeachingNbError:
                live.resync()

        history.catch_up = catch_up
        return history

    def _tell_live_siblings(self, live: LiveText, update: bytes) -> None:
        for sibling in self.documents.siblings(live):
            cast(LiveText, sibling.syncer).on_update(update)

    def _tell_record_siblings(self, record: Record, data: Any) -> None:
        for sibling in self.documents.siblings(record):
            cast(Record, sibling.syncer).from_sibling(data)
