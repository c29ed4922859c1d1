"""A document that no widget of its own shows: of a type that nobody here knows, or that says nothing by itself.

Its page shows it as the type looks for whoever watches, else as it is stored. Nothing of it is ever written.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, ClassVar

from msgspec import UNSET
from traitlets import Any as AnyValue
from traitlets import List, Unicode

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.stores import GoneDocument, NewData, NewDocument, News
from teaching_nb.errors import Forbidden, NotFound, TeachingNbError
from teaching_nb.schema.document_type import DataStruct, DocumentType
from teaching_nb.schema.records import DocumentSummary
from teaching_nb.widgets.document import DocumentWidget, widget_class

ASK_SECONDS = 0.5
"""What happens to the documents beside it is gathered this long."""


class OtherWidget(DocumentWidget):
    """What is stored, to be looked at."""

    document_type = Unicode().tag(sync=True)
    "The type of the document."
    stored = AnyValue(None).tag(sync=True)
    "What it holds: any JSON."
    related: List[dict[str, Any]] = List().tag(sync=True)
    "Documents of the same person below the same root, as the page's looks know them."

    shown_type = DocumentType("other", DataStruct)
    watched: ClassVar[tuple[str, ...]] = ("data", "is_loaded")
    needs_room: ClassVar[bool] = True

    def __init__(self, model: DocumentModel, *, room: Classroom | None = None, **options: Any) -> None:
        self._room = room
        self._followed = ""
        self._is_asking = False
        super().__init__(model, **options)

    def state(self) -> dict[str, Any]:
        """Return the traits that say what the model holds."""
        return super().state() | {"document_type": self.model.type, "stored": self.model.data}

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow what lies beside it once it is known whose it is."""
        super().show_model()
        if self._room is not None and not self._followed and self.model.author_id and self.model.root_id:
            self._followed = self.model.author_id
            self._room.followed.follow(self._followed, self._hear)

    def close(self) -> None:
        """Follow nothing any more."""
        if self._room is not None and self._followed:
            self._room.followed.unfollow(self._followed, self._hear)
        super().close()

    def _hear(self, news: News) -> None:
        """Take what the hub tells of the person's documents. The loop thread, which must not wait."""
        if (news is None or isinstance(news, NewDocument | GoneDocument)) and not self._is_asking:
            self._is_asking = True
            waiting = threading.Timer(ASK_SECONDS, self._ask)
            waiting.daemon = True
            waiting.start()
        elif isinstance(news, NewData) and any(each["id"] == news.id for each in self.related):
            self.related = [each | {"data": news.data} if each["id"] == news.id else each for each in self.related]

    def _ask(self) -> None:
        self._is_asking = False
        if self._room is None or self.comm is None:
            return
        try:
            self.related = related_to(self.model, self._room.documents_of(self._followed))
        except (Forbidden, NotFound):
            # Whoever does not look after the person sees the document alone.
            return
        except TeachingNbError as error:
            self.report(error, "asking for what belongs to this document")


def watching_class(model: DocumentModel) -> type[DocumentWidget]:
    """Return the widget that shows a model to whoever watches it: its type's, where that says something by itself."""
    found = widget_class(model)
    return found if found is not None and found.shows_by_itself else OtherWidget


def related_to(model: DocumentModel, documents: Iterable[DocumentSummary]) -> list[dict[str, Any]]:
    """Return those of a person's documents that a page may show with one of them; of long ones not what they hold."""
    return [
        {
            "id": document.id,
            "type": document.type,
            "name": "",
            "isBelow": document.parent_id == model.id,
            "parentId": document.parent_id,
            "createdAt": document.created_at,
        }
        | ({} if document.data is UNSET else {"data": document.data})
        for document in documents
        if document.document_root_id == model.root_id and document.id != model.id
    ]
