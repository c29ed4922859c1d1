"""Keeps collections of documents equal to what the hub has. Lives on the loop thread, but for what says otherwise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec

from teaching_nb.client.documents import changing
from teaching_nb.client.documents.initial_data import initial_data
from teaching_nb.client.documents.other_types import is_fit, unknown
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models import saving
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput, NotConnected, NotFound, OperationalError, TeachingNbError, TimedOut
from teaching_nb.schema import events
from teaching_nb.schema.records import Document
from teaching_nb.schema.roots import root_id

T = TypeVar("T")

_logger = logging.getLogger(__name__)

P = TypeVar("P", bound="Place")
K = TypeVar("K", bound="KeptCollection")

MOST_DELETED = 1_000
"""Ids of deleted documents that are remembered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which documents a collection holds."""

    root_id: str
    parent_id: str | None = None
    """The document that they are below; None for those that are below the root alone."""
    type_name: str = ""
    """Their type; empty for all."""
    has_all_levels: bool = False
    """Whether all that is below the root belongs here, however deep."""
    seen_by: str = ""
    """Whose view of the root it is, by user id, for whoever looks after them; empty for one's own."""

    @property
    def root_ids(self) -> tuple[str, ...]:
        """Return the roots below which they are."""
        return (self.root_id,)

    def holds(self, document: Document) -> bool:
        """Tell whether a document belongs here."""
        is_here = self.has_all_levels or document.parent_id == self.parent_id
        return is_here and document.document_root_id == self.root_id and self.type_name in {"", document.type}


def place_of(
    where: DocumentModel | str, course: str, type_name: str, *, all_levels: bool = False, seen_by: str = ""
) -> Place:
    """Return the place below a model or a root, as `Classroom.documents_below` was asked for it."""
    if isinstance(where, str):
        return Place(root_id(where, course), None, type_name, all_levels, seen_by)
    if not isinstance(where, DocumentModel):
        raise InvalidInput(f"documents are below a model or a root, its slug or UUID, not below {where!r:.60}")
    if not where.id:
        raise NotConnected("the hub has not answered for this document yet: call wait_loaded() on it first")
    return Place(where.root_id, None if all_levels else where.id, type_name, all_levels, seen_by)


class Collections:
    """All collections of a classroom: made by its methods, told by its events."""

    def __init__(self, loop: LoopThread, rest: Rest, tasks: Tasks) -> None:
        self.loop = loop
        self.rest = rest
        self.tasks = tasks
        self._open: dict[Place, KeptCollection] = {}
        self._deleted: dict[str, None] = {}
        """Ids of what this kernel has had deleted, none of them used again: what was told before may be under way."""
        self._lock = threading.Lock()

    def open(self, place: Place) -> DocumentCollection:
        """Return the collection of a place; two calls return the same one. Any thread."""
        return self.keep(place, KeptCollection).collection

    def keep(self, place: P, make: Callable[[P, Collections], K]) -> K:
        """Return what keeps the documents of a place, made where nothing does so yet. Any thread."""
        with self._lock:
            known = self._open.get(place)
            if known is not None:
                return cast("K", known)
            kept = self._open[place] = make(place, self)
        self.loop.post(kept.load)
        return kept

    def forget(self, place: Place) -> None:
        """Keep a collection no longer. Any thread."""
        with self._lock:
            self._open.pop(place, None)

    def reload(self, root_id: str | None = None) -> None:
        """Ask the hub anew: the connection is there again, or others may see other things, below one root or all."""
        for kept in self._kept():
            if root_id is None or root_id in kept.root_ids:
                kept.load()

    def take(self, document: Document) -> None:
        """Take a record that is new, has changed, or has moved."""
        if self.is_deleted(document.id):
            return
        for kept in self._kept():
            kept.take(document)

    def take_change(self, change: events.ChangedDocument) -> None:
        """Take new data of a document."""
        for kept in self._kept():
            kept.take_change(change)

    def stored(self, document_id: str, data: Any) -> None:
        """Take data that this kernel has stored itself: the hub does not tell us."""
        for kept in self._kept():
            kept.take_data(document_id, data)

    def drop(self, document_id: str) -> None:
        """Remove a document that is gone, or that the user may not see any more."""
        for kept in self._kept():
            kept.drop(document_id)

    def deleted(self, document_id: str) -> None:
        """Remove a document, with what is below it, that this kernel has had deleted: the hub does not tell us."""
        for gone in {document_id}.union(*(kept.with_below(document_id) for kept in self._kept())):
            self._deleted[gone] = None
        while len(self._deleted) > MOST_DELETED:
            del self._deleted[next(iter(self._deleted))]
        self.drop(document_id)

    def is_deleted(self, document_id: str) -> bool:
        """Tell whether this kernel has had a document deleted, of the last that it had."""
        return document_id in self._deleted

    def _kept(self) -> Iterable[KeptCollection]:
        with self._lock:
            return tuple(self._open.values())


class KeptCollection:
    """One collection and what keeps it; the port of its model."""

    def __init__(self, place: Place, owner: Collections) -> None:
        self.place = place
        self.collection = DocumentCollection(self)
        self._owner = owner
        self._known: dict[str, Document] = {}
        self._touched: list[set[str]] = []
        """Documents that events told of while the hub was asked, by question: of these its answer may be older."""
        self._is_loading = False
        self._is_outdated = False
        self._answered = threading.Event()
        self._refusal: OperationalError | None = None

    @property
    def root_ids(self) -> tuple[str, ...]:
        """Return the roots below which the documents are."""
        return self.place.root_ids

    def holds(self, document: Document) -> bool:
        """Tell whether a document belongs here."""
        return self.place.holds(document)

    # the model's side, on the user's threads

    def add(self, data: Any, type_name: str, parent_id: str = "", *, other_type: bool = False) -> Document:
        """Have a document created, and return it once it is stored; without `parent_id` where all of these are.

        `other_type`: also of a type that nobody here knows, where there is none of it yet.
        """
        wanted = type_name or self.place.type_name
        if self.place.type_name not in {"", wanted}:
            raise InvalidInput(f"this is a collection of {self.place.type_name} documents, not of {wanted}")
        checked = initial_data(wanted, data)
        is_there = wanted == self.place.type_name or any(each.type == wanted for each in self.collection.records)
        if not is_fit(wanted, is_meant=other_type) and not is_there:
            raise InvalidInput(unknown(wanted))
        body = {
            "type": wanted,
            "data": checked,
            "documentRootId": self.place.root_id,
            "parentId": parent_id or self.place.parent_id,
        }
        return self._ask(self._owner.rest.create_document(body), self._owner.take)

    def remove(self, document_id: str, *, as_seen: bool = False) -> None:
        """Have a document deleted; with `as_seen` only where no more is below it than is known here."""

        async def removed() -> None:
            below = len(self.with_below(document_id)) - 1 if as_seen else None
            await self._owner.rest.delete_document(document_id, below)

        self._ask(removed(), lambda _answer: self._owner.deleted(document_id))

    def change(self, document_id: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        """Have some keys of a document's data changed, unless others have changed what was expected."""
        self._ask(changing.change(self._owner.rest, document_id, changes, expected), self._owner.take)

    def move(self, document_id: str, parent_id: str) -> None:
        """Have a document put below another one."""
        self._ask(self._owner.rest.link_document(document_id, parent_id), self._owner.take)

    def read(self, document_id: str) -> Document:
        """Return a document as the hub has it now."""
        return self._owner.loop.ask(changing.present(self._owner.rest, document_id))

    def refresh(self) -> None:
        """Ask the hub anew, and return when what it answered is shown."""
        self._owner.loop.ask(self._ask_hub())

    def wait_loaded(self, timeout: float) -> None:
        """Wait until the hub has answered; raises `TimedOut`, or the hub's refusal."""
        self._owner.loop.refuse_to_wait_here()
        if not self._answered.wait(timeout):
            raise TimedOut(f"not loaded within {timeout:g} s: {self.collection.problem or saving.CONNECTING}")
        if self._refusal is not None:
            raise self._refusal

    def close(self) -> None:
        """Follow the documents no longer."""
        self._owner.forget(self.place)

    def _ask(self, question: Awaitable[T], take: Callable[[T], None]) -> T:
        """Ask the hub; returns when all collections show what it answered."""

        async def answered() -> T:
            answer = await question
            take(answer)
            return answer

        return self._owner.loop.ask(answered())

    # the loop thread

    def load(self) -> None:
        """Ask the hub; asked again while it is asked, once more after that."""
        if self._is_loading:
            self._is_outdated = True
            return
        self._is_loading = True
        self._owner.tasks.start(self._load())

    async def _load(self) -> None:
        try:
            self._is_outdated = True
            while self._is_outdated:
                self._is_outdated = False
                await self._ask_hub()
        except OperationalError as error:
            self._refusal = error
            self._tell(saving.sentence_of(error))
            self._answered.set()
        except TeachingNbError as error:
            self._tell(str(error))
        except Exception:
            _logger.exception("a collection could not be loaded")
            self._tell("these documents could not be loaded")
        finally:
            self._is_loading = False

    async def _ask_hub(self) -> None:
        touched: set[str] = set()
        self._touched.append(touched)
        try:
            found = await self.fetch()
        finally:
            self._touched = [each for each in self._touched if each is not touched]
        self._replace(found, touched)

    async def fetch(self) -> Iterable[Document]:
        """Return the documents as the hub has them; more than belong here do no harm."""
        rest, (root_id, seen_by) = self._owner.rest, (self.place.root_id, self.place.seen_by)
        root = await (rest.root_of_user(seen_by, root_id) if seen_by else rest.root(root_id))
        if root is None:
            raise NotFound("there is no such document root, or you may not see it")
        return root.documents

    def _replace(self, documents: Iterable[Document], touched: Iterable[str]) -> None:
        is_there = (document for document in documents if not self._owner.is_deleted(document.id))
        loaded = {document.id: document for document in is_there if self.holds(document)}
        for document_id in touched:
            loaded.pop(document_id, None)
            if document_id in self._known:
                loaded[document_id] = self._known[document_id]
        self._known = loaded
        self._refusal = None
        self._tell("")
        self.collection.set_trait("is_loaded", True)
        self._answered.set()

    def take(self, document: Document) -> None:
        """Take a record: it belongs here now, or does not any more."""
        self._touch(document.id)
        known = self._known.get(document.id)
        if known is not None and _is_older(document, known):
            # What this kernel has stored since then is newer.
            return
        if self.holds(document):
            self._put(document)
        elif self._known.pop(document.id, None) is not None:
            self._tell(self.collection.problem)

    def take_change(self, change: events.ChangedDocument) -> None:
        """Take new data, of a document that is here."""
        known = self._known.get(change.id)
        if known is None:
            return
        self._touch(change.id)
        if not _is_older(change, known):
            self._put(
                msgspec.structs.replace(known, data=change.data, updated_at=change.updated_at, revision=change.revision)
            )

    def take_data(self, document_id: str, data: Any) -> None:
        """Take data that was stored from here."""
        known = self._known.get(document_id)
        if known is not None:
            self._touch(document_id)
            self._put(msgspec.structs.replace(known, data=data))

    def drop(self, document_id: str) -> None:
        """Forget a document, and what is below it."""
        self._touch(document_id)
        is_below = document_id == self.place.parent_id
        gone = {*self._known} if is_below else self.with_below(document_id)
        left = {key: known for key, known in self._known.items() if key not in gone}
        is_news = len(left) != len(self._known)
        self._known = left
        if is_news:
            self._tell(self.collection.problem)
        if len(gone) > 1 and not is_below:
            # Not every hub tells of what has gone with it; and what was moved out of it a moment before is left.
            self.load()

    def with_below(self, document_id: str) -> set[str]:
        """Return the ids of a document and of what is known to be below it."""
        found, level = {document_id}, {document_id}
        while level:
            level = {each.id for each in self._known.values() if each.parent_id in level} - found
            found |= level
        return found

    def _touch(self, document_id: str) -> None:
        for touched in self._touched:
            touched.add(document_id)

    def _put(self, document: Document) -> None:
        self._known[document.id] = document
        self._tell(self.collection.problem)

    def _tell(self, problem: str) -> None:
        self.collection.set_trait("problem", problem)
        records = tuple(sorted(self._known.values(), key=lambda each: (each.created_at, each.id)))
        self.collection.set_trait("records", records)


def _is_older(told: Document | events.ChangedDocument, known: Document) -> bool:
    """Tell whether an event is from before what is known; by revision where the hub counts them, else by time."""
    if isinstance(told.revision, int) and isinstance(known.revision, int):
        return told.revision < known.revision
    return told.updated_at < known.updated_at
