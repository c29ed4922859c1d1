"""A chat of everybody who may come to a place.

What people say is no part of a notebook's file: pages ask for it, and no trait or output holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.records import Document
from teaching_nb.schema.types.simple_chat import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.document import show

MESSAGE = "text_message"
MOST_SHOWN = 200
"""Messages that a page shows: the newest ones."""
MOST_CHARACTERS = 10_000
"""Of one message."""


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
    watched: ClassVar[tuple[str, ...]] = ("is_loaded",)

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

    def written(self) -> dict[str, str]:
        """Return what stands in the file: nothing of what was said."""
        return {"text/plain": f"{self.title}: run this cell in a notebook to read the chat"}

    def say(self, text: str) -> None:
        """Say something; returns when the hub has it. Raises `NotConnected` without one: nothing is sent later."""
        self._add(_checked(text))

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
        shown = [self._shown(record) for record in records[-MOST_SHOWN:]]
        problem = self._below.problem if self._below is not None else ""
        reply.give({"messages": shown, "left": max(0, len(records) - MOST_SHOWN), "problem": problem})

    def _shown(self, record: Document) -> dict[str, Any]:
        user, text = self._user(), record.data.get("text") if isinstance(record.data, dict) else None
        return {
            "id": record.id,
            "name": self._room.users.name_of(record.author_id) if self._room else "",
            "isMine": user is not None and record.author_id == user.id,
            "at": record.created_at,
            "text": text if isinstance(text, str) else None,
        }

    def _say(self, message: messages.Say, reply: Reply) -> None:
        text = _checked(message.text)
        self._errands.run(lambda: self._add(text), reply, "sending this")

    def _unsay(self, message: messages.Unsay, reply: Reply) -> None:
        self._errands.run(lambda: self._followed().remove(message.id), reply, "deleting this message")

    def _add(self, text: str) -> None:
        self._followed().add({"text": text})

    def _followed(self) -> DocumentCollection:
        if self._below is None:
            raise NotConnected("the hub has not answered for this chat yet")
        return self._below


def _checked(text: str) -> str:
    """Return a message without blanks around it; raises `InvalidInput` for one that cannot be."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"a message is a text that is not empty, not {text!r:.60}")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"a message has at most {MOST_CHARACTERS} characters, not {len(text)}")
    return text.strip()
