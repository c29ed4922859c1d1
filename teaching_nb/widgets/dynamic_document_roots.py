"""Chat rooms that teachers make while a lesson runs: who takes part in one sees it, and nobody else does.

What rooms are called, who takes part and what is said is no part of a notebook's file: pages ask for it, and no trait
or output holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from traitlets import Bool

from teaching_nb.client.models.chat_rooms import ChatRooms
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.listed_rooms import ChatRoom
from teaching_nb.errors import InvalidInput, NotConnected, NotFound
from teaching_nb.schema.access import is_readable
from teaching_nb.schema.types.dynamic_document_roots import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.document import show
from teaching_nb.widgets.named import group_named, known, person_named
from teaching_nb.widgets.openings import opening_rows
from teaching_nb.widgets.simple_chat import shown_messages

MOST_NEWS = 100
"""Messages of others in a room that a page hears of before the room is opened, to count what is new."""

OBSERVED = ["rooms", "problem", "is_loaded"]


def chat_rooms(
    slug: str,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> ChatRoomsWidget:
    """Return the chat rooms below the document root `slug` in which you take part; teachers make them."""
    return show(ChatRoomsWidget, slug, shared="read", title=title, course=course, room=room)


class ChatRoomsWidget(ClassroomWidget, shows=TYPE):
    """The rooms, what is said in the one that is open, and for teachers a form that makes or changes one.

    `.chat_rooms` is their model; here rooms, people and groups are named as people call them, or by their ids.
    """

    is_staff = Bool().tag(sync=True)
    "Whether the user makes and closes rooms."

    is_withheld: ClassVar[bool] = True
    how_to_see: ClassVar[str] = "run this cell in a notebook to see the chat rooms"
    watched: ClassVar[tuple[str, ...]] = ("is_loaded", "id", "data")

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.ShowRooms: "_show_rooms",
        messages.ShowRoomPeople: "_show_room_people",
        messages.ChangeRoom: "_change_room",
        messages.CloseRoom: "_close_room",
        messages.Say: "_say",
        messages.Unsay: "_unsay",
    }

    def __init__(self, model: DocumentModel, **options: Any) -> None:
        self._found: ChatRooms | None = None
        super().__init__(model, **options)

    @property
    def chat_rooms(self) -> ChatRooms:
        """Return the rooms as Python sees them; raises `NotConnected` until the hub has answered."""
        self._follow_rooms()
        if self._found is None:
            raise NotConnected("the hub has not answered for these chat rooms yet")
        return self._found

    @property
    def rooms(self) -> tuple[ChatRoom, ...]:
        """Return the rooms in which you take part, as far as this kernel has heard of them."""
        found: tuple[ChatRoom, ...] = self._found.rooms if self._found is not None else ()
        return found

    def add(
        self, name: str, *, people: Iterable[str] = (), groups: Iterable[str] = (), everybody: bool = False
    ) -> ChatRoom:
        """Make a room, as a teacher, for people and groups, or for everybody who comes to the place; return it.

        Returns when the hub has it, and all who take part are told. Raises `InvalidInput` for a name or people that
        cannot be, `Forbidden` for students, and `NotConnected` without a hub: nothing is kept to be done later. The
        other verbs raise the same, and `NotFound`.
        """
        user_ids, group_ids = self._people_named(people), self._groups_named(groups)
        made = self._loaded().add(name, people=user_ids, groups=group_ids, everybody=everybody)
        return self._loaded().room(made)

    def rename(self, room: str, name: str) -> None:
        """Call a room otherwise."""
        self._loaded().rename(self._named(room).id, name)

    def let_in(self, room: str, *, people: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """Let more people and groups take part in a room."""
        self._loaded().let_in(
            self._named(room).id, people=self._people_named(people), groups=self._groups_named(groups)
        )

    def shut_out(self, room: str, *, people: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """Take back that people or groups were let in; whoever takes part by a group as well still does."""
        self._loaded().shut_out(
            self._named(room).id, people=self._people_named(people), groups=self._groups_named(groups)
        )

    def remove(self, room: str) -> None:
        """Close a room for good: what was said there is deleted."""
        self._loaded().remove(self._named(room).id)

    def say(self, room: str, text: str) -> None:
        """Say something in a room; returns when the hub has it."""
        self._loaded().say(self._named(room).id, text)

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow the rooms as soon as there is a list."""
        self._follow_rooms()
        super().show_model()

    def state(self) -> dict[str, Any]:
        """Return the traits: who only reads the list talks in its rooms all the same."""
        state = super().state() | {"has_unsaved": False, "is_staff": self._is_staff(), "notice": ""}
        state = self.with_misfits(state)
        return state | ({"save_state": "saved", "save_detail": ""} if state["save_state"] == "read-only" else {})

    def close(self) -> None:
        """Follow the rooms no longer."""
        if self._found is not None and self._room is not None:
            self._found.unobserve(self._tell_pages, OBSERVED)
            self._room.users.unobserve(self._tell_pages, "records")
        super().close()

    def _follow_rooms(self) -> None:
        if self._found is not None or self._room is None or self._room.user is None or not self.model.id:
            return
        self._found = self._room.chat_rooms.of(self.model)
        self._found.observe(self._tell_pages, OBSERVED)
        self._room.users.observe(self._tell_pages, "records")
        self._tell_pages(None)

    def _tell_pages(self, _change: Any) -> None:
        self.send({"kind": "content_changed"})

    def _loaded(self) -> ChatRooms:
        found = self.chat_rooms
        found.wait_loaded()
        return found

    def _named(self, room: str) -> ChatRoom:
        """Return a room by its id or name."""
        rooms = self._loaded().rooms
        found = [each for each in rooms if isinstance(room, str) and room in (each.id, each.name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInput(f"{len(found)} chat rooms are called {room!r}: use the id of one, room.id")
        names = ", ".join(each.name for each in rooms) or "none"
        raise NotFound(f"there is no chat room {room!r:.60} in which you take part; there are {names}")

    def _people_named(self, people: Iterable[str]) -> list[str]:
        _check_list("people", "names, e-mail addresses or user ids", people)
        return [person_named(self._demanded_room(), each, "each of people").id for each in people]

    def _groups_named(self, groups: Iterable[str]) -> list[str]:
        _check_list("groups", "names or ids", groups)
        return [group_named(self._demanded_room(), each).id for each in groups]

    # what pages ask

    def _show_rooms(self, message: messages.ShowRooms, reply: Reply) -> None:
        found, is_awaited = self._found, bool(self.model.gate.facts.awaited)
        shown = next((each for each in self.rooms if each.id == message.room), None)
        talk = shown_messages(shown.messages if shown else (), self._room, self._user())
        reply.give(
            {
                **talk,
                "room": message.room,
                "rooms": [self._row(each) for each in self.rooms],
                "isLoaded": is_awaited or (found is not None and found.is_loaded),
                "problem": found.problem if found is not None else "",
            }
        )

    def _row(self, room: ChatRoom) -> dict[str, Any]:
        user = self._user()
        others = [each.created_at for each in room.messages if user is None or each.author_id != user.id]
        return {"id": room.id, "name": room.name, "mayWrite": room.may_write, "news": others[-MOST_NEWS:]}

    def _say(self, message: messages.Say, reply: Reply) -> None:
        self._errands.run(lambda: self.chat_rooms.say(message.room, message.text), reply, "sending this")

    def _unsay(self, message: messages.Unsay, reply: Reply) -> None:
        self._errands.run(lambda: self.chat_rooms.unsay(message.id), reply, "deleting this message")

    def _show_room_people(self, message: messages.ShowRoomPeople, reply: Reply) -> None:
        self._errands.run(lambda: self._people(message.room), reply, "asking who takes part")

    def _people(self, room_id: str) -> dict[str, Any]:
        """Return the groups that a teacher may let in, with their students, and which of all these take part."""
        room, user = self._demanded_room(), self._user()
        if user is None:
            raise NotConnected("the hub has not answered yet")
        root = room.permissions.of(room_id or self.model.root_id)
        users = {each.id: each for each in known(room, room.users)}
        rows = opening_rows(root, known(room, room.groups), users, user)

        def chosen(row: Mapping[str, Any]) -> dict[str, Any]:
            return {"id": row["id"], "name": row["name"], "takesPart": bool(room_id) and row["said"] == "open"}

        groups = [chosen(row) | {"people": [chosen(person) for person in row["people"]]} for row in rows]
        return {"groups": groups, "isForEverybody": bool(room_id) and is_readable(root.access)}

    def _change_room(self, message: messages.ChangeRoom, reply: Reply) -> None:
        doing = f"changing “{message.name[:60]}”" if message.room else f"making “{message.name[:60]}”"
        self._errands.run(lambda: {"room": self._changed(message)}, reply, doing)

    def _changed(self, message: messages.ChangeRoom) -> str:
        rooms, people, groups = self._loaded(), set(message.people), set(message.groups)
        if not message.room:
            return rooms.add(message.name, people=people, groups=groups, everybody=message.everybody)
        rooms.rename(message.room, message.name)
        rows = self._people(message.room)["groups"]
        present_groups = {row["id"] for row in rows if row["takesPart"]}
        present_people = {each["id"] for row in rows for each in row["people"] if each["takesPart"]}
        rooms.let_in(message.room, people=people - present_people, groups=groups - present_groups)
        rooms.shut_out(message.room, people=present_people - people, groups=present_groups - groups)
        return message.room

    def _close_room(self, message: messages.CloseRoom, reply: Reply) -> None:
        self._errands.run(lambda: self.chat_rooms.remove(message.room), reply, "closing this chat room")


def _check_list(name: str, of: str, given: Any) -> None:
    """Raise `InvalidInput` for what is no list of texts."""
    if isinstance(given, str):
        raise InvalidInput(f"{name} are a list of {of}, such as [{given!r:.60}]")
    if not isinstance(given, Iterable):
        raise InvalidInput(f"{name} are a list of {of}, not {given!r:.60}")
