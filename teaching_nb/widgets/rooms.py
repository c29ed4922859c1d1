"""The teacher's overview of rooms: who is here, what they have, and watching it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import ipywidgets
from traitlets import Bool, List, Unicode

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.stores import NewBelow, NewData, News
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected, NotFound, TeachingNbError, TimedOut
from teaching_nb.schema.documents import live_text_keys
from teaching_nb.schema.hub_kinds import DOCUMENT_LISTS, PRESENCE
from teaching_nb.schema.records import DocumentSummary
from teaching_nb.widgets import messages
from teaching_nb.widgets.arguments import check_place
from teaching_nb.widgets.base import TeachingWidget, output_mark
from teaching_nb.widgets.default_classroom import classroom
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.other import watching_class
from teaching_nb.widgets.overview import (
    Row,
    Scene,
    document_name,
    document_rows,
    group_rows,
    notes_about,
    told_rooms,
    with_change,
)
from teaching_nb.widgets.snapshot import invitation

REFRESH_SECONDS = 0.5
"""Comings and goings of a whole class are gathered this long."""
LISTING_SECONDS = 5.0
"""A shown list of documents is asked for again this often where the hub does not tell of them."""
TOLD_SECONDS = 60.0
"""And this often where it does: that a place has another name, or is open to others now, is told to nobody else."""

NOBODY = "00000000-0000-0000-0000-000000000000"
ASKING = "asking the hub"
NO_DOCUMENTS = "no documents yet"
REFUSED = (
    "This overview is for teachers: the hub refuses it to you. Ask your teacher if you think that you should see it."
)


def rooms(*, room: Any = None) -> RoomsWidget:
    """Return the overview of groups, people and their documents; for teachers."""
    check_place(title=None, course=None, room=room)
    return RoomsWidget(room or classroom())


class RoomsWidget(ipywidgets.VBox):
    """The overview, and below it the documents that were opened for watching."""

    def __init__(self, room: Classroom) -> None:
        self.overview = RoomsOverview(room, open_document=self.open_document)
        super().__init__([self.overview])
        self._room = room
        self._shown: dict[str, DocumentWidget] = {}
        self._joined: dict[str, str] = {}
        """Document → the room that was joined to hear of it."""

    def __repr__(self) -> str:
        # What ipywidgets makes of it would hold all that is shown below the overview.
        return self.written()["text/plain"]

    def written(self) -> dict[str, str]:
        """Return what stands in the file: nobody who is shown."""
        return invitation("teaching_nb", "run this cell in a notebook to see groups and people")

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {**(super()._repr_mimebundle_(**kwargs) or {}), **self.written()}, output_mark(is_kept=False)

    def open_document(self, document_id: str) -> None:
        """Show a document below the overview, or take it away again; the hub says whether it may be changed."""
        if document_id in self._shown:
            self.close_document(document_id)
            return
        model = self._room.open_document(document_id)
        shown = watching_class(model)
        if shown.about_key:
            model = self._about(model, shown.about_key)
        options: dict[str, Any] = {"room": self._room} if shown.needs_room else {}
        self._shown[document_id] = shown(
            model,
            user=self._room.user,
            title=self.overview.title_of(document_id),
            on_close=lambda: self.close_document(document_id),
            **options,
        )
        if not live_text_keys(model.type):
            # What is no live text is told to the room of its root only.
            self._join(document_id, model.root_id)
        self._arrange()

    def _about(self, model: DocumentModel, key: str) -> DocumentModel:
        """Return the document that another one is about, where it says so of one of the same person; else that one."""
        about = model.data.get(key) if isinstance(model.data, dict) else None
        if not isinstance(about, str) or not about:
            return model
        try:
            found = self._room.open_document(about)
        except (InvalidInput, NotFound):
            return model
        return found if found.author_id == model.author_id else model

    def close_document(self, document_id: str) -> None:
        """Take a document away."""
        widget = self._shown.pop(document_id, None)
        if widget is not None:
            self._arrange()
            widget.close()
        root_id = self._joined.pop(document_id, None)
        if root_id is not None:
            self._room.leave_room(root_id)

    def close(self) -> None:
        """Leave the observed rooms and remove everything."""
        for document_id in list(self._shown):
            self.close_document(document_id)
        self.overview.close()
        super().close()

    def _join(self, document_id: str, root_id: str) -> None:
        self._joined[document_id] = root_id
        self._room.join_room(root_id)

    def _arrange(self) -> None:
        self.children = [self.overview, *self._shown.values()]
        self.overview.show_opened(frozenset(self._shown))


class RoomsOverview(TeachingWidget):
    """The list of groups, people and documents.

    Questions to the hub are asked on a thread of the overview's own: a comm thread must not wait.
    """

    groups: List[Row] = List().tag(sync=True)
    "Groups with their people, as rows of `overview.py`."
    shown_user = Unicode().tag(sync=True)
    "Whose documents are listed; empty for nobody."
    documents: List[Row] = List().tag(sync=True)
    "Documents of that person, as rows of `overview.py`."
    list_note = Unicode().tag(sync=True)
    "What stands in the place of that list; empty where there is one."
    has_lists = Bool(default_value=True).tag(sync=True)
    "Whether the hub lists what somebody has."
    notes: List[str] = List().tag(sync=True)
    "What the hub does not offer, in sentences."
    is_live = Bool().tag(sync=True)
    "Whether the hub can be reached."
    refusal = Unicode().tag(sync=True)
    "Why there is nothing to see; empty for teachers."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.ShowDocuments: "_show_documents",
        messages.Observe: "_observe",
        messages.OpenDocument: "_open_document",
    }

    def __init__(self, room: Classroom, *, open_document: Callable[[str], None]) -> None:
        super().__init__(kind="rooms")
        self.has_lists = DOCUMENT_LISTS not in room.lacking
        self._room = room
        self._open = open_document
        self._observed: set[str] = set()
        self._opened: frozenset[str] = frozenset()
        self._summaries: Sequence[DocumentSummary] = ()
        self._list_refusal = ""
        """Why the hub does not say what they have; empty where it does."""
        self._is_outdated = False
        """Whether the list may be another one by now, and not only older."""
        self._listed_at = 0.0
        self._heard = 0
        self._may_look = False
        self._is_closed = threading.Event()
        self._changed = threading.Event()
        self._questions = ThreadPoolExecutor(1, thread_name_prefix="tnb-rooms")
        self._stores = ((room.users, "records"), (room.groups, "records"), (room.presence, "counts"))
        for store, name in self._stores:
            store.observe(self._note_change, name)
        self._changed.set()
        threading.Thread(target=self._keep_fresh, name="tnb-rooms-refresh", daemon=True).start()

    def show_opened(self, opened: frozenset[str]) -> None:
        """Mark which documents are shown below."""
        self._opened = opened
        self._changed.set()

    def title_of(self, document_id: str) -> str:
        """Return whose a listed document is, and what it is called: as the panel “Class” says it, in every language."""
        known = {document.id: document for document in self._summaries}
        document = known.get(document_id)
        if document is None:
            return "document"
        return f"{self._room.users.name_of(document.author_id)}: {document_name(document, known)}"

    def close(self) -> None:
        """Leave the observed rooms and listen no longer."""
        if self._is_closed.is_set():
            return
        self._is_closed.set()
        self._changed.set()
        for store, name in self._stores:
            store.unobserve(self._note_change, name)
        for room_id in self._observed:
            self._room.leave_room(room_id)
        self._follow("")
        self._questions.shutdown(wait=False)
        super().close()

    def _show_documents(self, message: messages.ShowDocuments, _buffers: list[bytes]) -> None:
        self.problem = ""
        self._summaries = ()
        self.documents = []
        self._list_refusal, self.list_note = "", ASKING
        user_id = message.user if self.has_lists else ""
        self._follow(user_id)
        if user_id:
            self._ask(lambda: self._list_documents(user_id), "listing the documents")

    def _follow(self, user_id: str) -> None:
        """Hear of all that the person has whose documents are listed now, and no more of the one before."""
        if self.shown_user:
            self._room.followed.unfollow(self.shown_user, self._hear)
        self.shown_user = user_id
        if user_id:
            self._room.followed.follow(user_id, self._hear)

    def _hear(self, news: News) -> None:
        self._heard += 1
        if isinstance(news, NewBelow) and all(each.id != news.parent_id for each in self._summaries):
            return
        if not isinstance(news, NewData):
            self._is_outdated = True
        else:
            self._summaries = with_change(self._summaries, news)
        self._changed.set()

    def _observe(self, message: messages.Observe, _buffers: list[bytes]) -> None:
        if message.on and message.room not in self._observed:
            self._room.join_room(message.room)
            self._observed.add(message.room)
        elif not message.on and message.room in self._observed:
            self._observed.discard(message.room)
            self._room.leave_room(message.room)
        self._refresh()

    def _open_document(self, message: messages.OpenDocument, _buffers: list[bytes]) -> None:
        self.problem = ""
        self._ask(lambda: self._open(message.id), "opening the document")

    def _ask(self, question: Callable[[], None], doing: str) -> None:
        def answer() -> None:
            try:
                question()
            except Exception as error:  # noqa: BLE001 - the edge: the executor would keep it to itself
                self.report(error, doing)

        self._questions.submit(answer)

    def _list_documents(self, user_id: str) -> None:
        self._is_outdated, heard, self._listed_at = False, self._heard, time.monotonic()
        documents, refusal = self._answer(user_id)
        if self.shown_user == user_id:
            self._summaries, self._list_refusal = documents, refusal
            self.list_note = refusal or ("" if documents else NO_DOCUMENTS)
            self._refresh()
        if self._heard != heard:
            # The answer may be older than what was told meanwhile.
            self._is_outdated = True
            self._changed.set()

    def _answer(self, user_id: str) -> tuple[Sequence[DocumentSummary], str]:
        """Return what the hub says that somebody has, or why it does not."""
        try:
            return self._room.documents_of(user_id), ""
        except (Forbidden, NotFound) as error:
            return (), error.message

    def _note_change(self, _change: Any) -> None:
        self._changed.set()

    def _keep_fresh(self) -> None:
        while True:
            self._changed.wait(LISTING_SECONDS)
            if self._is_closed.is_set() or self._room.is_closed:
                return
            self._changed.clear()
            self._look()
            self._is_closed.wait(REFRESH_SECONDS)

    def _look(self) -> None:
        try:
            if not self._may_look:
                self._may_look = self._is_allowed()
            if self.shown_user and (self._is_outdated or self._is_due()):
                self._list_documents(self.shown_user)
            self._refresh()
        except (NotConnected, TimedOut):
            self.is_live = False
        except TeachingNbError as error:
            self.report(error, "looking at the rooms")

    def _is_due(self) -> bool:
        is_seldom = bool(self._list_refusal) or self._room.followed.is_told(self.shown_user)
        seconds = TOLD_SECONDS if is_seldom else LISTING_SECONDS
        return time.monotonic() - self._listed_at >= seconds

    def _is_allowed(self) -> bool:
        """Ask the hub whether we may list what others have; sets `refusal` when it says no."""
        user = self._room.user
        if user is None or not self._room.is_live:
            return False
        is_refused = user.role == "student" and (not self.has_lists or self._refuses_lists())
        self.refusal = REFUSED if is_refused else ""
        return not is_refused

    def _refuses_lists(self) -> bool:
        try:
            self._room.documents_of(NOBODY)
        except NotFound:
            pass
        except Forbidden:
            return True
        return False

    def _refresh(self) -> None:
        self.is_live = self._room.is_live
        if not self._may_look:
            return
        user = self._room.user
        scene = Scene(
            counts=self._room.presence.counts,
            counts_others=PRESENCE in self._room.lacking,
            told=told_rooms(self._room.groups, user, self._room.lacking),
            joined=self._room.presence.joined,
            observed=frozenset(self._observed),
            opened=self._opened,
            my_id=user.id if user else "",
            sees_everybody=user is not None and user.role == "admin",
        )
        self.groups = group_rows(self._room.groups, {user.id: user for user in self._room.users}, scene)
        self.documents = document_rows(self._summaries, scene)
        self.notes = notes_about(self.groups, self._room.lacking)
