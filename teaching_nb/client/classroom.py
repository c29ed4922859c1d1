"""The classroom: the root object of the client, and its composition root. Its methods may be called from any thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import time
from typing import Any, Self

from teaching_nb.client.documents.catching_up import CatchUp
from teaching_nb.client.documents.chat_rooms import ChatRoomsService
from teaching_nb.client.documents.collections import Collections, place_of
from teaching_nb.client.documents.comments import CommentsService
from teaching_nb.client.documents.connection_state import ConnectionState
from teaching_nb.client.documents.desk import Desk
from teaching_nb.client.documents.factory import Syncers
from teaching_nb.client.documents.followed_people import FollowedPeople
from teaching_nb.client.documents.initial_data import initial_data
from teaching_nb.client.documents.open_documents import (
    DocumentReference,
    DocumentStore,
    main_document,
    written_for,
)
from teaching_nb.client.documents.opening import Opener
from teaching_nb.client.documents.other_types import OtherTypes, check_is, check_listed
from teaching_nb.client.documents.others_documents import OthersDocuments
from teaching_nb.client.documents.patience import Patience
from teaching_nb.client.documents.permissions import Permissions
from teaching_nb.client.documents.quizzes import Quizzes
from teaching_nb.client.documents.routing import Router, Stores
from teaching_nb.client.documents.slugs import Slugs
from teaching_nb.client.link.address import Address
from teaching_nb.client.link.at_exit import close_at_exit
from teaching_nb.client.link.connection import Connection, Listener
from teaching_nb.client.link.hub_at import hub_at
from teaching_nb.client.link.loop_thread import NOT_USABLE, LoopThread
from teaching_nb.client.link.room_subscriptions import Rooms
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models import saving
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.stores import GroupStore, Presence, RootStore, UserStore
from teaching_nb.errors import NotConnected, NotFound, TeachingNbError, TimedOut
from teaching_nb.schema import events, wire
from teaching_nb.schema.hub_kinds import LIVE_TEXT
from teaching_nb.schema.records import DocumentSummary, User
from teaching_nb.schema.roots import check_course

FIRST_ATTEMPT_SECONDS = 1.5
"""How long `connect` waits for the first attempt, so that usually the classroom is live when it returns."""
CLOSE_SECONDS = 5.0
SHUT_DOWN_SECONDS = 4.0

_logger = logging.getLogger(__name__)


class Classroom:
    """One connection to a hub, and everything that is open over it."""

    def __init__(self, address: Address, course: str = "") -> None:
        check_course(course)
        self.course = course
        """Name of the course that slugs belong to."""
        self.users = UserStore()
        """People whom you may know of."""
        self.groups = GroupStore()
        """Your groups."""
        self.roots = RootStore()
        """Document roots that this kernel has heard of."""
        self.presence = Presence()
        """Who is connected."""
        self.lacking = address.lacking
        """What the hub does not offer, by the words of `schema/hub_kinds.py`; known before anybody has answered."""
        self._address = address
        self._documents = DocumentStore()
        self._user: User | None = None
        self._is_closed = False
        self._state = ConnectionState()
        self._patience = Patience()
        self._loop = LoopThread()
        self._tasks = Tasks()
        self._build()
        self._running: asyncio.Task[None] | None = None
        self._loop.post(self._run)
        close_at_exit(self)
        self._patience.spend(self._state.wait_attempted, FIRST_ATTEMPT_SECONDS)

    def _build(self) -> None:
        listener = Listener(on_connected=self._on_connected, on_lost=self._on_lost, on_event=self._on_event)
        self._connection = Connection(self._address, listener)
        self._rooms = Rooms(self._connection, self.presence.note_joined)
        self._rest, following = hub_at(self._address, self._connection, self._rooms)
        self._other_types = OtherTypes(self._loop, self._rest, lambda: self._user)
        self.quizzes = Quizzes(self._loop, self._rest, self._documents)
        self.followed = FollowedPeople(self._loop, following, self._tasks)
        self.permissions = Permissions(self._loop, self._rest, self.followed, lambda: self._user)
        self.slugs = Slugs(self.course, self._documents, self._loop, self._rest, self._tasks)
        self._collections = Collections(self._loop, self._rest, self._tasks)
        self.comments = CommentsService(self._collections, self.followed, lambda: self._user)
        self.chat_rooms = ChatRoomsService(self._collections, self._documents, lambda: self._user)
        others = OthersDocuments(self.followed, lambda: self._user)
        self._opener = Opener(
            self._connection,
            self._rest,
            self._documents,
            user=lambda: self._user,
            on_answer=self._patience.renew,
            others=others,
        )
        syncers = Syncers(
            loop=self._loop,
            connection=self._connection,
            rest=self._rest,
            has_live_text=LIVE_TEXT not in self.lacking,
            opener=self._opener,
            documents=self._documents,
            collections=self._collections,
            my_id=lambda: self._user.id if self._user else "",
            ask=self._loop.ask,
        )
        self._desk = Desk(
            loop=self._loop,
            tasks=self._tasks,
            documents=self._documents,
            syncers=syncers,
            opener=self._opener,
            others=others,
            patience=self._patience,
            state=self._state,
        )
        self._missed = CatchUp(self._rest, self._connection, self._documents, self.roots, lambda: self._user)
        of_documents = (self._documents, self._collections, self.followed)
        people, asked = (self.users, self.groups), (self.quizzes, self.permissions)
        stores = Stores(*of_documents, *people, self.roots, self.presence, *asked)
        resync, reconsider = self._opener.resync, self._opener.reconsider
        self._router = Router(stores, resync=resync, join_group=self._join_group, reconsider=reconsider)

    @property
    def is_live(self) -> bool:
        """Tell whether the hub is connected and knows us."""
        return self._state.is_live and self._loop.is_alive

    @property
    def is_closed(self) -> bool:
        """Tell whether the classroom was closed, or belongs to the process that this one was copied from."""
        return self._is_closed or not self._loop.is_alive

    @property
    def user(self) -> User | None:
        """Return who we are; None until the hub has answered once."""
        return self._user

    @property
    def status(self) -> str:
        """Return a sentence about the connection."""
        return self._state.status

    def wait_live(self, timeout: float = 10.0) -> bool:
        """Wait until the hub is connected; return True.

        Raises `TimedOut` with the reason when time is up, `NotConnected` at once where there is no hub, and of
        a classroom that is closed.
        """
        self._loop.refuse_to_wait_here()
        if self._address.is_nowhere:
            raise NotConnected(saving.NO_HUB)
        if self.is_closed:
            raise NotConnected(NOT_USABLE)
        if self._state.wait_live(timeout):
            return True
        raise TimedOut(f"not connected within {timeout:g} s: {self.status}")

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Send what is unsaved, at most `timeout` seconds long, and end the connection. May be called twice."""
        self._loop.refuse_to_wait_here()
        was_closed, self._is_closed = self.is_closed, True
        if was_closed:
            return
        self._flush(time.monotonic() + timeout)
        future = self._loop.start(self._shut_down())
        if future is not None:
            with contextlib.suppress(concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
                future.result(SHUT_DOWN_SECONDS)
        self._loop.stop()

    def document(
        self,
        root: str,
        *,
        type: str = "code",  # noqa: A002 - the word of the protocol and of the public interface
        init: Any = None,
        shared: bool | str = False,
        author: str | None = None,
        course: str | None = None,
        other_type: bool = False,
    ) -> DocumentModel:
        """Return the main document of a type below a root, editable, connected or not.

        While the hub answers it has the hub's content. A hub that does not is waited for two seconds in all,
        one that cannot be reached not at all: `save_state` then is not "saved", and the hub's content comes later.
        A callback of the client does not wait.

        `root` is a slug or a UUID. `init` is the content of a document that does not exist yet: a text, or
        the whole data. `shared`: False is one's own document, True one that everybody edits, "read" one
        that teachers write and everybody reads, "withheld" one that nobody reads until it is opened to them.
        What a teacher asks for counts; `notice` of the model says so to whoever asks for something else.
        `author` names another person's document by user id; it is never created. `course` is the slug's, if not ours.
        `other_type` makes a document of a type that nobody here knows; one that is there is opened without it.
        Raises `InvalidInput` for a name, type or content that cannot be.
        """
        data, of = initial_data(type, init), self.course if course is None else course
        reference = main_document(root, of, type=type, data=data, shared=shared, author=author)
        self._other_types.check(reference, is_meant=other_type)
        return self._desk.open(reference)

    def document_for(
        self,
        root: str,
        *,
        type: str = "cms_text",  # noqa: A002 - the word of the protocol and of the public interface
        student: str | None = None,
    ) -> DocumentModel:
        """Return what staff write for one student below a root, and nobody but the two may see.

        `student` is a user id: that of whom a teacher writes for. Without it the document is the one that was written
        for oneself; until there is one the model is not loaded. Otherwise as `document`.
        """
        reference = written_for(root, self.course, type=type, data=initial_data(type, None), student=student)
        self._other_types.check(reference, is_meant=False)
        return self._desk.open(reference)

    def open_document(self, document_id: str, type: str | None = None) -> DocumentModel:  # noqa: A002 - see document
        """Return a document by its id. Without `type` the hub is asked for it first; with a wrong one it is refused.

        Raises `NotFound` for one that does not exist or may not be seen, `NotConnected` without a hub.
        """
        document_id = wire.parse_uuid(document_id, "document")
        reference = DocumentReference(type_name=type or "", document_id=document_id)
        if (known := self._documents.get(reference)) is not None:
            check_is(known.model.type, type)
            return known.model
        if type is None:
            found = self._loop.ask(self._rest.document(document_id))
            if found is None:
                raise NotFound(f"there is no document {document_id}, or you may not see it")
            type = found.document.type  # noqa: A001 - see above
        return self._desk.open(
            DocumentReference(type_name=type, document_id=document_id, data=initial_data(type, None))
        )

    def close_document(self, model: DocumentModel, timeout: float = CLOSE_SECONDS) -> None:
        """Put a document away: send what is unsaved, then follow it no longer. It can be opened again.

        Raises `TimedOut` when its changes cannot be stored in time, `Forbidden` when they are refused; the
        document then stays open. A document that nobody has changed is put away at once.
        """
        document = self._documents.of_model(model)
        if document is None:
            return
        if model.has_unsaved:
            model.wait_saved(timeout)
        self._desk.put_away(document)

    def documents_of(self, user_id: str) -> list[DocumentSummary]:
        """Return what documents a person has: yourself, or somebody whose teacher you are.

        Raises `Forbidden` or `NotFound` for others, `NotConnected` without a hub.
        """
        return self._loop.ask(self._rest.documents_of(wire.parse_uuid(user_id, "user")))

    def documents_below(
        self,
        place: DocumentModel | str,
        type: str = "",  # noqa: A002 - see document
        *,
        all_levels: bool = False,
        seen_by: str = "",
        other_type: bool = False,
    ) -> DocumentCollection:
        """Return the documents that you may see below a model, or a root by slug (of one's own documents) or UUID.

        `type` is the only one shown, and the one that `add` creates, `other_type` as of `document`; `all_levels` shows
        all below the root, `seen_by` what a student sees. `NotConnected` before the hub has answered for a model.
        """
        check_listed(type, is_meant=other_type)
        return self._collections.open(place_of(place, self.course, type, all_levels=all_levels, seen_by=seen_by))

    def join_room(self, room_id: str) -> None:
        """Hear what happens in a room: a person, a group or a root. Counted; undo it with `leave_room`."""
        room_id = wire.parse_uuid(room_id, "room")
        self._loop.post(lambda: self._tasks.try_once(self._join(room_id)))

    def leave_room(self, room_id: str) -> None:
        """Undo one `join_room`."""
        room_id = wire.parse_uuid(room_id, "room")
        self._loop.post(lambda: self._tasks.try_once(self._rooms.leave(room_id)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        course = f" course {self.course!r}" if self.course else ""
        if self._address.is_nowhere:
            return f"<Classroom{course} without a hub: {len(self._documents)} documents>"
        who = f" as {self._user.name or self._user.email}" if self._user else ""
        state = "live" if self.is_live else self.status
        return f"<Classroom{course} at {self._address.url}{who}: {state}; {len(self._documents)} documents>"

    # the connection, on the loop thread

    def _run(self) -> None:
        if self._address.is_nowhere:
            self._on_lost(saving.NO_HUB)
            return
        self._running = self._tasks.start(self._connection.run())

    async def _on_connected(self) -> None:
        self._user = await self._rest.user()
        self._patience.renew()
        self._state.live("connected")
        documents = list(self._documents)
        for document in documents:
            document.syncer.live()
            if document.syncer.has_subscription:
                self._opener.resync(document)
        caught_up = await self._missed.run()
        for document in documents:
            if not document.syncer.has_subscription and document.syncer not in caught_up:
                self._opener.resync(document)
        self._collections.reload()
        self.followed.rejoin()
        self._tasks.start(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            for room_id in await self._rooms.rejoin():
                self._router.joined(room_id)
            self.users.replace_all(await self._rest.users())
            self.groups.replace_all(await self._rest.groups())
        except TeachingNbError as error:
            _logger.info("people and groups could not be loaded: %s", error)

    def _on_lost(self, sentence: str) -> None:
        self._state.lost(sentence)
        self.presence.clear()
        for document in self._documents:
            document.syncer.lost(sentence)

    def _on_event(self, name: str, payload: Any) -> None:
        self._router.take(name, payload)
        before = self._user
        known = None if before is None else self.users.get(before.id)
        if before is not None and known is not None:
            self._user = known
            if known.role != before.role:
                self._tasks.start(self._catch_up())

    async def _join(self, room_id: str) -> None:
        if await self._rooms.join(room_id):
            self._router.joined(room_id)

    def _join_group(self, group_id: str, is_member: bool) -> None:  # noqa: FBT001 - a callback of the router
        event = events.JOIN_ROOM if is_member else events.LEAVE_ROOM
        self._tasks.try_once(self._connection.call(event, group_id, 2.0))

    def _flush(self, deadline: float) -> None:
        for document in self._documents:
            self._loop.post(document.syncer.flush)
        for document in self._documents:
            if self._state.is_live and document.model.has_unsaved:
                with contextlib.suppress(TeachingNbError):
                    document.model.wait_saved(max(0.0, deadline - time.monotonic()))

    async def _shut_down(self) -> None:
        await self._connection.close()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=1.5)
        self._on_lost(saving.CLOSED)
        await self._rest.close()
