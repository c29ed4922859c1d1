"""Comments on a document: threads of whoever reads it, or of its author and their teachers.

What is said in them is no part of a notebook's file: pages ask for it, and no trait or output holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from traitlets import Bool, Unicode

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.comments import Comments
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.threads import Comment, Thread
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.delta import readable
from teaching_nb.schema.records import User
from teaching_nb.schema.types.mdx_comment import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.arguments import check_place
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.default_classroom import classroom
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.named import person_named

MOST_SHOWN = 100
"""Threads that a page shows: the newest ones."""


def comments(
    document: Any,
    *,
    student: str | None = None,
    type: str = "code",  # noqa: A002 - the word of the protocol and of the public interface
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> CommentsWidget:
    """Return the comments on a document: what `tnb.code(…)` or another call returned, its model, or a slug.

    A slug names one's own document of a type below a document root; it is not created. Teachers say whose document
    they mean: `student` is a name, an e-mail address or a user id. Raises `InvalidInput` for anything else.
    """
    check_place(title=title, course=course, room=room)
    room = room or classroom()
    whose = None if student is None else _student(room, student)
    model, name = _commented(room, document, whose, type_name=type, course=course)
    if whose is not None:
        name = f"{name}: {room.users.name_of(whose.id)}"
    return CommentsWidget(model, user=room.user, room=room, title=name if title is None else title)


def _student(room: Classroom, student: str) -> User:
    whose = person_named(room, student)
    if room.user is None or not room.user.is_staff:
        raise InvalidInput(f"only teachers comment on the document of somebody: leave out student={student!r}")
    return whose


def _commented(
    room: Classroom, document: Any, whose: User | None, *, type_name: str, course: str | None
) -> tuple[DocumentModel, str]:
    """Return the model that is meant by what a call was given, and what it is called."""
    if isinstance(document, str):
        author = whose or room.user
        if author is None:
            raise NotConnected(f"{room.status}: run the cell again when you are connected")
        return room.document(document, type=type_name, author=author.id, course=course), document
    if isinstance(document, DocumentWidget):
        if whose is not None and document.mark.get("shared"):
            raise InvalidInput(f"{document.title!r} is shared, the same for everybody: leave out student")
        model, name = document.model, document.title
    elif isinstance(document, DocumentModel):
        model, name = document, document.type
    else:
        raise InvalidInput(f"comments are on a widget, a model or a slug, not on {document!r:.60}")
    return (model if whose is None else room.document(model.root_id, type=model.type, author=whose.id)), name


class CommentsWidget(ClassroomWidget, shows=TYPE):
    """Threads, each with a field for replies, and a field for a new one. `.comments` is their model."""

    may_begin = Bool(default_value=True).tag(sync=True)
    "Whether new threads can be begun here."
    about = Unicode().tag(sync=True)
    "The document's id."

    about_key: ClassVar[str] = "about"
    is_withheld: ClassVar[bool] = True
    how_to_see: ClassVar[str] = "run this cell in a notebook to read the comments"
    watched: ClassVar[tuple[str, ...]] = ("is_loaded", "id", "author_id", "data")

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.ShowComments: "_show_comments",
        messages.AddComment: "_add_comment",
        messages.RemoveComment: "_remove_comment",
        messages.ResolveThread: "_resolve_thread",
    }

    def __init__(self, model: DocumentModel, **options: Any) -> None:
        self._found: Comments | None = None
        super().__init__(model, **options)

    @property
    def comments(self) -> Comments:
        """Return the threads as Python sees them; raises `NotConnected` until the hub has answered."""
        if self._found is None:
            raise NotConnected("the hub has not answered for this document yet")
        return self._found

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow the comments as soon as it is known on what."""
        if self._found is None and self._room is not None and self.model.id and self.model.author_id:
            self._found = self._room.comments.of(self.model)
            self._found.observe(self._tell_pages, ["threads", "problem", "may_write", "is_loaded"])
            self._room.users.observe(self._tell_pages, "records")
            self._tell_pages(None)
        super().show_model()

    def state(self) -> dict[str, Any]:
        """Return the traits; of a document that the user only reads they may comment on all the same."""
        is_thread = self.model.type == TYPE.name
        state = super().state() | {"has_unsaved": False, "may_begin": not is_thread, "about": self.model.id}
        if is_thread:
            state = self.with_misfits(state)
        if self._found is None or not self._found.is_loaded or state["save_state"] == "offline":
            return state
        if self._found.may_write:
            return state | {"access": "RW_User", "save_state": "saved", "save_detail": ""}
        return state | {"access": "RO_User", "save_state": "read-only", "save_detail": ""}

    def close(self) -> None:
        """Follow the comments no longer."""
        if self._found is not None and self._room is not None:
            self._found.unobserve(self._tell_pages, ["threads", "problem", "may_write", "is_loaded"])
            self._room.users.unobserve(self._tell_pages, "records")
        super().close()

    def _tell_pages(self, _change: Any) -> None:
        with self.hold_sync():
            super().show_model()
        self.send({"kind": "content_changed"})

    def _show_comments(self, _message: messages.ShowComments, reply: Reply) -> None:
        found = self._found
        threads = found.threads if found is not None else ()
        reply.give(
            {
                "threads": [self._shown(thread) for thread in threads[-MOST_SHOWN:]],
                "left": max(0, len(threads) - MOST_SHOWN),
                "open": sum(not thread.is_resolved for thread in threads),
                "isLoaded": found is not None and found.is_loaded,
                "problem": found.problem if found is not None else "",
            }
        )

    def _shown(self, thread: Thread) -> dict[str, Any]:
        return {
            "id": thread.id,
            "at": thread.at,
            "kind": thread.kind,
            "nr": thread.nr,
            "isResolved": thread.is_resolved,
            "resolvedBy": self._name(thread.resolved_by),
            "resolvedAt": thread.resolved_at,
            "comments": [self._shown_comment(comment) for comment in thread.comments],
        }

    def _shown_comment(self, comment: Comment) -> dict[str, Any]:
        user = self._user()
        return {
            "id": comment.id,
            "name": self._name(comment.writer_id),
            "isMine": user is not None and comment.writer_id == user.id,
            "at": comment.at,
            "text": comment.text,
            "markdown": readable(comment.delta) or "",
        }

    def _name(self, user_id: str) -> str:
        return self._room.users.name_of(user_id) if self._room is not None and user_id else ""

    def _add_comment(self, message: messages.AddComment, reply: Reply) -> None:
        def add() -> None:
            if message.thread:
                self.comments.reply(message.thread, message.text)
            else:
                self.comments.add(message.text)

        self._errands.run(add, reply, "sending this")

    def _remove_comment(self, message: messages.RemoveComment, reply: Reply) -> None:
        self._errands.run(lambda: self.comments.remove(message.id), reply, "deleting this comment")

    def _resolve_thread(self, message: messages.ResolveThread, reply: Reply) -> None:
        def mark() -> None:
            (self.comments.resolve if message.on else self.comments.reopen)(message.thread)

        self._errands.run(mark, reply, "marking this thread")
