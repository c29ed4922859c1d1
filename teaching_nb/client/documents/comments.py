"""Keeps the comments on documents equal to what the hub has, and decides where a new one lies.

A document that others read has them beside it, below its root. One that is somebody's own is seen by its author and
who looks after them; what these write below its root the author would not see. They write it in the author's name
below another root, in which the author only reads: as feedback is written (docs/decisions/comments.md).
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from teaching_nb.client.documents.collections import Collections, KeptCollection, Place
from teaching_nb.client.documents.followed_people import FollowedPeople
from teaching_nb.client.documents.initial_data import initial_data
from teaching_nb.client.documents.signing import disown, signed
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.models.comments import Comments
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.threads import COMMENT, THREAD, Comment, Commented, Thread, comment_data, threads_of
from teaching_nb.client.stores import NewDocument, News
from teaching_nb.errors import Conflict, Forbidden, NotConnected, NotFound, TeachingNbError
from teaching_nb.schema.access import is_readable, is_writable, kind
from teaching_nb.schema.records import Document, RootLoad, User
from teaching_nb.schema.roots import root_id_of_written_for


class CommentsService:
    """Comments of one classroom. Any thread."""

    def __init__(self, collections: Collections, followed: FollowedPeople, user: Callable[[], User | None]) -> None:
        self._collections = collections
        self._followed = followed
        self._user = user

    def of(self, document: DocumentModel) -> Comments:
        """Return the comments on a document, the same object each time.

        Raises `NotConnected` for a model that the hub has not answered for yet.
        """
        user = self._user()
        if not document.id or user is None:
            raise NotConnected("the hub has not answered for this document yet: call wait_loaded() on it first")
        commented = Commented(
            id=document.id,
            author_id=document.author_id,
            root_id=document.root_id,
            written_root_id=root_id_of_written_for(document.root_id, THREAD),
        )
        place = CommentsPlace(document.root_id, document.id, commented=commented, user=user)
        return self._collections.keep(place, self._keep).comments

    def _keep(self, place: CommentsPlace, owner: Collections) -> KeptComments:
        kept = KeptComments(place, owner)
        if place.is_of_staff:
            self._followed.follow(place.commented.author_id, kept.take_news)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsPlace(Place):
    """The documents from which the comments on one document are read."""

    commented: Commented
    user: User = dataclasses.field(compare=False)

    @property
    def root_ids(self) -> tuple[str, ...]:
        """Return the roots below which they are."""
        return (self.root_id, self.commented.written_root_id)

    @property
    def is_of_staff(self) -> bool:
        """Tell whether the user looks at a document of somebody else, whom they may look after."""
        return self.user.is_staff and self.user.id != self.commented.author_id

    def holds(self, document: Document) -> bool:
        """Tell whether a document may belong here; which of them do is found when all are there."""
        return self.has(document.type, document.document_root_id)

    def has(self, type_name: str, root_id: str) -> bool:
        """Tell whether documents of a type below a root may belong here."""
        return root_id in self.root_ids and type_name in {THREAD, COMMENT}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a new document may lie."""

    root_id: str
    parent_id: str | None = None
    author_id: str = ""
    """The student in whose name staff write; empty for what is the user's own."""


class KeptComments(KeptCollection):
    """The documents of one place, and the comments that they are; the port of these."""

    def __init__(self, place: CommentsPlace, owner: Collections) -> None:
        super().__init__(place, owner)
        self._place = place
        self._roots: dict[str, RootLoad] = {}
        self.comments = Comments(self)
        self.collection.observe(self._show, ["records", "problem", "is_loaded"])

    # the loop thread

    async def fetch(self) -> Iterable[Document]:
        """Return what the user sees, and what the author sees of whom they look after."""
        place, rest = self._place, self._owner.rest
        loads = [await rest.root(root_id) for root_id in place.root_ids]
        self._roots = {load.id: load for load in loads if load is not None}
        if place.is_of_staff and not self._is_shared:
            loads += [await _as_seen_by(rest, place.commented.author_id, root_id) for root_id in place.root_ids]
        # What the user may do can have changed although the documents have not.
        self._owner.loop.post(self._show, None)
        return [document for load in loads if load is not None for document in load.documents]

    def take_news(self, news: News) -> None:
        """Take what happens to the author's documents: these are read again where comments may be others now."""
        if news is None or (isinstance(news, NewDocument) and self._place.has(news.type, news.root_id)):
            self.load()

    def take(self, document: Document) -> None:
        """Take a record; the first of what staff have written tells that there is a place for that."""
        super().take(document)
        if document.document_root_id == self._place.commented.written_root_id and not self._is_read_by_author:
            self.load()

    @property
    def _is_read_by_author(self) -> bool:
        """Tell whether the author only reads what staff write for them; else nobody there is who they say."""
        root = self._roots.get(self._place.commented.written_root_id)
        return root is not None and kind(root.access) == "RO"

    @property
    def _is_shared(self) -> bool:
        root = self._roots.get(self._place.root_id)
        return root is not None and kind(root.shared_access) != "None" and is_readable(root.own_permission())

    def _show(self, _change: Any) -> None:
        written_root_id = self._place.commented.written_root_id if self._is_read_by_author else ""
        commented = dataclasses.replace(
            self._place.commented, is_shared=self._is_shared, written_root_id=written_root_id
        )
        own = self._roots.get(self._place.root_id)
        may_write = self._place.is_of_staff or (own is not None and is_writable(own.own_permission()))
        with self.comments.hold_trait_notifications():
            self.comments.set_trait("is_loaded", self.collection.is_loaded)
            self.comments.set_trait("may_write", may_write)
            self.comments.set_trait("problem", self.collection.problem)
            self.comments.set_trait("threads", threads_of(self.collection.records, commented))

    # the port of the comments, on the user's threads

    @property
    def user_id(self) -> str:
        """Return who we are."""
        return self._place.user.id

    def begin(self, text: str) -> str:
        """Have a thread created with its first comment; return its id."""
        return self._owner.loop.ask(self._begin(text))

    def say(self, thread: Thread, text: str) -> str:
        """Have a reply created; return its id."""
        return self._owner.loop.ask(self._create_in(thread, comment_data(text, thread=thread.id)))

    def mark(self, thread: Thread, *, is_resolved: bool) -> None:
        """Have it said that a thread is resolved, or open again."""
        self._owner.loop.ask(self._create_in(thread, comment_data("", thread=thread.id, resolved=is_resolved)))

    def take_away(self, comment: Comment) -> None:
        """Have a comment deleted."""
        self._ask(
            self._owner.rest.delete_document(comment.id, on_behalf_of_author=comment.is_on_behalf),
            lambda _answer: self._owner.deleted(comment.id),
        )

    def end(self, thread: Thread) -> None:
        """Have a thread deleted that holds no comment, unless somebody has just said something in it."""

        async def ended() -> None:
            below = len(self.with_below(thread.id)) - 1
            await self._owner.rest.delete_document(thread.id, below, on_behalf_of_author=thread.is_on_behalf)

        try:
            self._ask(ended(), lambda _answer: self._owner.deleted(thread.id))
        except Conflict:
            # What is below it and not known here is an answer, which its writer would lose.
            self._owner.loop.post(self.load)

    async def _begin(self, text: str) -> str:
        data = initial_data(THREAD, None) | {"about": self._place.commented.id}
        thread = await self._create(THREAD, data, self._spots(None))
        on_behalf = thread.author_id != self.user_id
        below = Spot(thread.document_root_id, thread.id)
        try:
            data = comment_data(text, thread=thread.id)
            await self._create(COMMENT, data, self._spots(None) if on_behalf else [below])
        except Exception:
            # A thread in which nothing is said would stand there for everybody.
            with contextlib.suppress(TeachingNbError):
                await self._owner.rest.delete_document(thread.id, on_behalf_of_author=on_behalf)
            raise
        return thread.id

    async def _create_in(self, thread: Thread, data: Any) -> str:
        return (await self._create(COMMENT, data, self._spots(thread))).id

    def _spots(self, thread: Thread | None) -> Iterator[Spot]:
        """Return where everybody whom it concerns would see a new document, the best place first."""
        place, commented = self._place, self._place.commented
        if place.is_of_staff and not self._is_shared:
            # Below what only the student sees, staff cannot put anything.
            yield Spot(commented.written_root_id, author_id=commented.author_id)
            return
        if thread is not None and thread.root_id == place.root_id and thread.id != commented.id:
            yield Spot(place.root_id, thread.id)
        yield Spot(place.root_id, commented.id)
        if self._is_shared:
            # Nobody adds anything below a document that they only read.
            yield Spot(place.root_id)

    async def _create(self, type_name: str, data: Any, spots: Iterable[Spot]) -> Document:
        refusal: Forbidden | NotFound = NotFound("there is no place for comments here")
        for spot in spots:
            wanted = {"type": type_name, "documentRootId": spot.root_id, "parentId": spot.parent_id, "data": data}
            try:
                created = await self._create_at(spot, wanted)
            except (Forbidden, NotFound) as error:
                refusal = error
                continue
            self._owner.take(created)
            return created
        raise refusal

    async def _create_at(self, spot: Spot, wanted: dict[str, Any]) -> Document:
        if not spot.author_id:
            return await self._owner.rest.create_document(wanted)
        await self._make_place_to_read(spot.root_id)
        data = signed(wanted["data"], self.user_id)
        return await self._owner.rest.create_on_behalf({**wanted, "data": data, "authorId": spot.author_id})

    async def _make_place_to_read(self, root_id: str) -> None:
        """Have a root in which the author only reads; what they have put there before is theirs and says so."""
        rest = self._owner.rest
        if self._is_read_by_author:
            return
        settings = {"access": "RO_DocumentRoot", "sharedAccess": "None_DocumentRoot"}
        try:
            await rest.create_root(root_id, settings)
        except Conflict:
            # Somebody else of the staff was quicker.
            settings = {}
        there = await _as_seen_by(rest, self._place.commented.author_id, root_id)
        if there is not None:
            self._roots[root_id] = there
        for document in there.documents if there is not None and settings else ():
            self._owner.stored(document.id, await disown(rest, document))


async def _as_seen_by(rest: Rest, user_id: str, root_id: str) -> RootLoad | None:
    """Return a root as somebody else sees it; None for one that is not there, or whom one does not look after."""
    try:
        return await rest.root_of_user(user_id, root_id)
    except (Forbidden, NotFound):
        return None
