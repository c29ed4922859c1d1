"""A chat of everybody who may come to a place.

What people say is no part of a notebook's file: pages ask for it, and no trait or output holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.chat_rooms import checked_message
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import NotConnected
from teaching_nb.schema.records import Document, User
from teaching_nb.schema.types.simple_chat import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.document import show

MESSAGE = "text_message"
MOST_SHOWN = 200
"""Messages that a page shows: the newest ones."""


def chat(
    slug: str,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> ChatWidget:
    """Return the chat below the document root `slug`, in which everybody reads and writes who may come there."""
    init = {"name": slug if title is None else title}
    return show(ChatWidget, slug, init=init, shared=True, title=title, course=course, room=room)


class ChatWidget(ClassroomWidget, shows=TYPE):
    """Messages in the order in which they came, and a field for the next one."""

    is_withheld: ClassVar[bool] = True
    how_to_see: ClassVar[str] = "run this cell in a notebook to read the chat"
    watched: ClassVar[tuple[str, ...]] = ("is_loaded", "data")

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.ShowMessages: "_show_messages",
        messages.Say: "_say",
        messages.Unsay: "_unsay",
    }

    def __init__(self, model: DocumentModel, **options: Any) -> None:
        self._below: DocumentCollection | None = None
        super().__init__(model, **options)

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow the messages as soon as there is something to follow."""
        super().show_model()
        if self._below is None and self._room is not None and self.model.id:
            self._below = self._room.documents_below(self.model, MESSAGE)
            self._below.observe(self._tell_pages, ["records", "problem"])
            self._room.users.observe(self._tell_pages, "records")
            self._tell_pages(None)

    def state(self) -> dict[str, Any]:
        """Return the traits, and say where another program has stored something else than a name."""
        return self.with_misfits(super().state())

    def say(self, text: str) -> None:
        """Say something; returns when the hub has it. Raises `NotConnected` without one: nothing is sent later."""
        self._add(checked_message(text))

    def close(self) -> None:
        """Follow the messages no longer."""
        if self._below is not None and self._room is not None:
            self._below.unobserve(self._tell_pages, ["records", "problem"])
            self._room.users.unobserve(self._tell_pages, "records")
        super().close()

    def _tell_pages(self, _change: Any) -> None:
        self.send({"kind": "content_changed"})

    def _show_messages(self, _message: messages.ShowMessages, reply: Reply) -> None:
        records = self._below.records if self._below is not None else ()
        problem = self._below.problem if self._below is not None else ""
        reply.give(shown_messages(records, self._room, self._user()) | {"problem": problem})

    def _say(self, message: messages.Say, reply: Reply) -> None:
        text = checked_message(message.text)
        self._errands.run(lambda: self._add(text), reply, "sending this")

    def _unsay(self, message: messages.Unsay, reply: Reply) -> None:
        self._errands.run(lambda: self._followed().remove(message.id), reply, "deleting this message")

    def _add(self, text: str) -> None:
        self._followed().add({"text": text})

    def _followed(self) -> DocumentCollection:
        if self._below is None:
            raise NotConnected("the hub has not answered for this chat yet")
        return self._below


def shown_messages(records: Sequence[Document], room: Classroom | None, user: User | None) -> dict[str, Any]:
    """Return the newest messages as a page shows them, and how many older ones there are."""

    def shown(record: Document) -> dict[str, Any]:
        text = record.data.get("text") if isinstance(record.data, dict) else None
        return {
            "id": record.id,
            "name": room.users.name_of(record.author_id) if room else "",
            "isMine": user is not None and record.author_id == user.id,
            "at": record.created_at,
            "text": text if isinstance(text, str) else None,
        }

    newest = records[-MOST_SHOWN:]
    return {"messages": [shown(record) for record in newest], "left": len(records) - len(newest)}
