"""Chat rooms that staff make while a lesson runs, as the notebook sees them: those in which the user takes part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from traitlets import HasTraits

from teaching_nb.client.models.listed_rooms import ChatRoom
from teaching_nb.client.told_traits import ToldBool, ToldText, ToldTuple
from teaching_nb.errors import InvalidInput, NotFound
from teaching_nb.schema import limits, wire

LONGEST_NAME = 100
"""Characters of what a room is called."""

NOBODY = "say who takes part: people, groups, or everybody"
TOO_MANY = "everybody takes part: leave out people and groups"


class ChatRoomsPort(Protocol):
    """What chat rooms need of the client. Any thread but the client's own; raises as the hub refuses."""

    def make(self, name: str, *, user_ids: Iterable[str], group_ids: Iterable[str], is_for_everybody: bool) -> str:
        """Have a room made, and put on the list; return its id."""

    def rename(self, room: ChatRoom, name: str) -> None:
        """Have a room called otherwise."""

    def permit(self, room: ChatRoom, *, user_ids: Iterable[str], group_ids: Iterable[str], takes_part: bool) -> None:
        """Say who takes part in a room, or take that back."""

    def end(self, room: ChatRoom) -> None:
        """Have a room deleted with all that was said there, and taken off the list."""

    def say(self, room: ChatRoom, text: str) -> None:
        """Have a message created."""

    def unsay(self, message_id: str) -> None:
        """Have a message deleted."""

    def wait_loaded(self, timeout: float) -> None:
        """Wait until the hub has answered; raises `TimedOut` or the hub's refusal."""


class ChatRooms(HasTraits):
    """The rooms on one list in which the user takes part, in the order in which they were made.

    Made by `Classroom.chat_rooms.of`. Observers run on the client's own thread: they may set traits and send widget
    messages, never print and never wait. Nothing is kept to be sent later: what cannot be stored now raises
    `NotConnected`, `Forbidden` where the user may not, `InvalidInput` for a name or text that cannot be, and `NotFound`
    for a room that is not here.
    """

    rooms = ToldTuple()
    "The rooms (`id`, `name`, `messages`, `may_write`); observe it to hear of changes."
    is_loaded = ToldBool()
    "Whether the hub has answered at least once."
    problem = ToldText()
    "Why rooms cannot be shown, or may be old; empty when all is well."

    def __init__(self, port: ChatRoomsPort) -> None:
        super().__init__()
        self._port = port

    def add(self, name: str, *, people: Iterable[str] = (), groups: Iterable[str] = (), everybody: bool = False) -> str:
        """Make a room, as staff, for people and groups by their ids, or for everybody who may see the list.

        Returns the room's id when the hub has it, and all who take part are told.
        """
        name, user_ids, group_ids = self._checked_name(name), list(people), list(groups)
        if everybody and (user_ids or group_ids):
            raise InvalidInput(TOO_MANY)
        if not (everybody or user_ids or group_ids):
            raise InvalidInput(NOBODY)
        return self._port.make(name, user_ids=user_ids, group_ids=group_ids, is_for_everybody=everybody)

    def rename(self, room_id: str, name: str) -> None:
        """Call a room otherwise."""
        room = self.room(room_id)
        if name != room.name:
            self._port.rename(room, self._checked_name(name))

    def let_in(self, room_id: str, *, people: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """Let more people and groups take part in a room."""
        self._port.permit(self.room(room_id), user_ids=people, group_ids=groups, takes_part=True)

    def shut_out(self, room_id: str, *, people: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """Take back that people or groups were let in; whoever takes part by a group as well still does."""
        self._port.permit(self.room(room_id), user_ids=people, group_ids=groups, takes_part=False)

    def remove(self, room_id: str) -> None:
        """Close a room for good: what was said there is deleted."""
        self._port.end(self.room(room_id))

    def say(self, room_id: str, text: str) -> None:
        """Say something in a room; returns when the hub has it."""
        self._port.say(self.room(room_id), checked_message(text))

    def unsay(self, message_id: str) -> None:
        """Delete a message of the user's own."""
        self._port.unsay(message_id)

    def wait_loaded(self, timeout: float = 10.0) -> bool:
        """Wait until the hub has answered; return True. Raises `TimedOut`, or the hub's refusal."""
        self._port.wait_loaded(timeout)
        return True

    def room(self, room_id: str) -> ChatRoom:
        """Return a room by its id."""
        for room in self.rooms:
            if room.id == room_id:
                return room
        raise NotFound(f"there is no chat room {room_id!r:.60} in which you take part; there are {len(self.rooms)}")

    def _checked_name(self, name: Any) -> str:
        if not isinstance(name, str) or not name.strip():
            raise InvalidInput(f"a chat room needs a name, and that is a text that is not empty, not {name!r:.60}")
        wire.check_keepable(name, "the name of a chat room")
        wanted = " ".join(name.split())
        if len(wanted) > LONGEST_NAME:
            raise InvalidInput(f"the name of a chat room has at most {LONGEST_NAME} characters, not {len(wanted)}")
        if any(room.name == wanted for room in self.rooms):
            raise InvalidInput(f"there is a chat room “{wanted}” already: use another name")
        return wanted

    def __repr__(self) -> str:
        state = "" if self.is_loaded else ", not loaded yet"
        return f"<{type(self).__name__}: {', '.join(repr(room.name) for room in self.rooms) or 'none'}{state}>"


def checked_message(text: Any) -> str:
    """Return a message without blanks around it; raises `InvalidInput` for one that cannot be."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"a message is a text that is not empty, not {text!r:.60}")
    if len(text) > limits.MESSAGE_CHARACTERS:
        raise InvalidInput(f"a message has at most {limits.MESSAGE_CHARACTERS} characters, not {len(text)}")
    return text.strip()
