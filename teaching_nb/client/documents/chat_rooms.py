"""Keeps the chat rooms of a list equal to what the hub has, and makes, changes and closes them.

The list is a hand-out: staff write it, everybody reads which roots are on it. What a room is called, who takes part and
what is said there is known below its root alone, and the hub decides who may see that (docs/decisions/chat-rooms.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from teaching_nb.client.documents import changing
from teaching_nb.client.documents.collections import Collections, KeptCollection, Place
from teaching_nb.client.documents.open_documents import DocumentStore
from teaching_nb.client.models import listed_rooms
from teaching_nb.client.models.chat_rooms import ChatRooms
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.listed_rooms import CONTAINER, MESSAGE, ChatRoom
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected, NotFound, TeachingNbError
from teaching_nb.schema import documents, wire
from teaching_nb.schema.access import Access, kind
from teaching_nb.schema.records import Document, RootLoad, User

FOR_STAFF = "only teachers make, change and close chat rooms"
NOT_YOUR_PEOPLE = "teachers let in groups that they lead, and people in them; others may not be let in by you"
NOT_YOURSELF = "you would shut yourself out: whoever makes rooms takes part in them; close the room instead"
NOT_YOURS = "only whoever has opened this list, and teachers whom they let in, make and close rooms here: ask them"


class ChatRoomsService:
    """Lists of chat rooms of one classroom. Any thread."""

    def __init__(self, collections: Collections, documents: DocumentStore, user: Callable[[], User | None]) -> None:
        self._collections = collections
        self._documents = documents
        self._user = user

    def of(self, listed: DocumentModel) -> ChatRooms:
        """Return the rooms on a list, the same object each time.

        Raises `NotConnected` for a model that the hub has not answered for yet.
        """
        user = self._user()
        if not listed.id or user is None:
            raise NotConnected("the hub has not answered for this list yet: call wait_loaded() on it first")
        place = RoomsPlace(listed.root_id, listed.id)
        return self._collections.keep(place, lambda here, owner: KeptRooms(here, owner, listed, user, self._told)).rooms

    def _told(self, document: Document) -> None:
        """Tell the models of a document what was stored from here: the hub does not tell us."""
        for each in self._documents.of_id(document.id):
            each.syncer.on_record(document)


class RoomsPlace(Place):
    """The documents below the rooms of the list `parent_id`."""


class KeptRooms(KeptCollection):
    """The documents of all rooms of a list, and the rooms that they are; the port of these."""

    def __init__(
        self, place: Place, owner: Collections, listed: DocumentModel, user: User, told: Callable[[Document], None]
    ) -> None:
        super().__init__(place, owner)
        self._listed = listed
        self._user = user
        self._told = told
        self._ids: tuple[str, ...] = ()
        self._roots: dict[str, RootLoad] = {}
        self.rooms = ChatRooms(self)
        self.collection.observe(self._show, ["records", "problem", "is_loaded"])
        listed.observe(lambda _change: owner.loop.post(self._follow_list), "data")

    # the loop thread

    @property
    def root_ids(self) -> tuple[str, ...]:
        """Return the roots of the rooms."""
        return self._ids

    def holds(self, document: Document) -> bool:
        """Tell whether a document belongs to one of the rooms."""
        return document.document_root_id in self._ids and document.type in {CONTAINER, MESSAGE}

    async def fetch(self) -> Iterable[Document]:
        """Return what the user sees below the roots on the list."""
        self._ids = self._listed_ids()
        loads = await self._owner.rest.roots_of_user(self._user.id, self._ids) if self._ids else []
        self._roots = {load.id: load for load in loads}
        # What the user may do can have changed although the documents have not.
        self._owner.loop.post(self._show, None)
        return [document for load in loads for document in load.documents]

    def _listed_ids(self) -> tuple[str, ...]:
        return listed_rooms.room_ids(self._listed.gate.peek("data"))

    def _follow_list(self) -> None:
        if self._listed_ids() != self._ids:
            self.load()
        else:
            self._show(None)

    def _show(self, _change: Any) -> None:
        data, records = self._listed.gate.peek("data"), self.collection.records
        with self.rooms.hold_trait_notifications():
            self.rooms.set_trait("is_loaded", self.collection.is_loaded)
            self.rooms.set_trait("problem", self.collection.problem)
            self.rooms.set_trait("rooms", listed_rooms.rooms_of(data, self._roots, records, self._user.id))

    # the port of the rooms, on the user's threads

    def make(self, name: str, *, user_ids: Iterable[str], group_ids: Iterable[str], is_for_everybody: bool) -> str:
        """Have a room made, and put on the list; return its id."""
        self._check_staff()
        if other := listed_rooms.has_other_container(self._listed.gate.peek("data")):
            raise InvalidInput(f"this list holds rooms of the type {other!r:.60}, which another program makes")
        room_id = wire.new_id()
        make = self._make_for_everybody if is_for_everybody else self._make
        self._owner.loop.ask(make(room_id, name, user_ids, group_ids))
        return room_id

    def rename(self, room: ChatRoom, name: str) -> None:
        """Have a room called otherwise."""
        self._check_staff()
        if room.container_id:
            self._owner.loop.ask(self._change(room.container_id, lambda data: {**data, "name": name}))
        if self._is_named_by_list(room):
            self._owner.loop.ask(self._change_list(lambda data: listed_rooms.with_name(data, room.id, name)))

    def permit(self, room: ChatRoom, *, user_ids: Iterable[str], group_ids: Iterable[str], takes_part: bool) -> None:
        """Say who takes part in a room, or take that back."""
        self._check_staff()
        user_ids = list(user_ids)
        if not takes_part and self._user.id in user_ids:
            raise InvalidInput(NOT_YOURSELF)
        change = self._let_in if takes_part else self._shut_out
        self._owner.loop.ask(change(room.id, user_ids, group_ids))

    def end(self, room: ChatRoom) -> None:
        """Have a room deleted with all that was said there, and taken off the list."""
        self._check_staff()
        self._owner.loop.ask(self._end(room))

    def say(self, room: ChatRoom, text: str) -> None:
        """Have a message created."""
        wanted = {
            "type": MESSAGE,
            "data": {"text": text},
            "documentRootId": room.id,
            "parentId": room.container_id or None,
        }
        self._ask(self._owner.rest.create_document(wanted), self._owner.take)

    def unsay(self, message_id: str) -> None:
        """Have a message deleted."""
        self.remove(message_id)

    def _check_staff(self) -> None:
        if not self._user.is_staff:
            raise Forbidden(FOR_STAFF)

    def _is_named_by_list(self, room: ChatRoom) -> bool:
        data = self._listed.gate.peek("data")
        return bool(listed_rooms.with_name(data, room.id, "") != data) if isinstance(data, dict) else False

    async def _make(self, room_id: str, name: str, user_ids: Iterable[str], group_ids: Iterable[str]) -> None:
        await self._make_room(room_id, name, "None_DocumentRoot", lambda: self._let_in(room_id, user_ids, group_ids))

    async def _make_for_everybody(self, room_id: str, name: str, *_nobody: Iterable[str]) -> None:
        """Have a room made for whoever may come to the list: it is closed to others, and to whom that is closed."""
        rest = self._owner.rest
        place = await rest.permissions(self._listed.root_id)
        if place is None:
            raise NotFound("the list of chat rooms is not there any more")

        async def as_at_the_place() -> None:
            for of_group in place.group_permissions:
                await rest.permit_group(room_id, of_group.group_id, of_group.access)
            for of_user in place.user_permissions:
                if of_user.user_id != self._user.id:
                    await rest.permit_user(room_id, of_user.user_id, of_user.access)

        access: Access = "None_DocumentRoot" if kind(place.access) == "None" else "RW_DocumentRoot"
        await self._make_room(room_id, name, access, as_at_the_place)

    async def _make_room(self, room_id: str, name: str, access: Access, let_in: Callable[[], Awaitable[None]]) -> None:
        rest, settings = self._owner.rest, {"access": access, "sharedAccess": "RW_DocumentRoot"}
        wanted = {"documentRootId": room_id, "type": CONTAINER, "data": {"name": name}, "root": settings}
        container = await rest.main_document({**wanted, "shared": True})
        try:
            await let_in()
            await self._change_list(lambda data: listed_rooms.with_room(data, room_id))
        except Exception:
            # A room that is on no list is found by nobody again.
            with contextlib.suppress(TeachingNbError):
                await rest.delete_document(container.id)
            raise
        await self._ask_hub()

    async def _let_in(self, room_id: str, user_ids: Iterable[str], group_ids: Iterable[str]) -> None:
        rest = self._owner.rest
        try:
            for group_id in group_ids:
                await rest.permit_group(room_id, group_id, "RW_StudentGroup")
            for user_id in user_ids:
                await rest.permit_user(room_id, user_id, "RW_User")
        except Forbidden as error:
            raise Forbidden(NOT_YOUR_PEOPLE) from error

    async def _shut_out(self, room_id: str, user_ids: Iterable[str], group_ids: Iterable[str]) -> None:
        rest, people, groups = self._owner.rest, set(user_ids), set(group_ids)
        root = await rest.permissions(room_id)
        for group_permission in root.group_permissions if root is not None else ():
            if group_permission.group_id in groups:
                await rest.withdraw_group(group_permission.id)
        for user_permission in root.user_permissions if root is not None else ():
            if user_permission.user_id in people:
                await rest.withdraw_user(user_permission.id)

    async def _end(self, room: ChatRoom) -> None:
        if room.container_id:
            with contextlib.suppress(NotFound):
                await self._owner.rest.delete_document(room.container_id)
        await self._change_list(lambda data: listed_rooms.without_room(data, room.id))
        self._owner.deleted(room.container_id)

    async def _change_list(self, edited: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change the list as the hub has it now; another teacher than who has opened it lets themself in first."""
        try:
            await self._change(self._listed.id, edited)
        except Forbidden:
            rest, root_id = self._owner.rest, self._listed.root_id
            try:
                await rest.permit_user(root_id, self._user.id, "RW_User")
                await rest.share_list(root_id)
                await self._change(self._listed.id, edited)
            except Forbidden as error:
                raise Forbidden(NOT_YOURS) from error

    async def _change(self, document_id: str, edited: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        def checked(document: Document) -> dict[str, Any]:
            data = edited(changing.data_of(document))
            documents.check_data(document.type, data)
            return data

        stored = await changing.edit(self._owner.rest, document_id, checked)
        self._owner.take(stored)
        self._told(stored)
