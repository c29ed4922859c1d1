"""Comments on a document, as the notebook sees them: threads that one can answer, resolve and open again."""

from __future__ import annotations

from typing import Any, Protocol

from traitlets import HasTraits

from teaching_nb.client.models.threads import Comment, Thread
from teaching_nb.client.told_traits import ToldBool, ToldText, ToldTuple
from teaching_nb.errors import Forbidden, InvalidInput, NotFound
from teaching_nb.schema import limits, wire

MOST_CHARACTERS = limits.MESSAGE_CHARACTERS
"""Of one comment."""


class CommentsPort(Protocol):
    """What comments need of the client. Any thread but the client's own; raises as the hub refuses."""

    @property
    def user_id(self) -> str:
        """Return who we are."""

    def begin(self, text: str) -> str:
        """Have a thread created with its first comment; return its id."""

    def say(self, thread: Thread, text: str) -> str:
        """Have a reply created; return its id."""

    def mark(self, thread: Thread, *, is_resolved: bool) -> None:
        """Have it said that a thread is resolved, or open again."""

    def take_away(self, comment: Comment) -> None:
        """Have a comment deleted."""

    def end(self, thread: Thread) -> None:
        """Have a thread deleted that holds no comment, unless somebody has just said something in it."""

    def wait_loaded(self, timeout: float) -> None:
        """Wait until the hub has answered; raises `TimedOut` or the hub's refusal."""


class Comments(HasTraits):
    """The threads about one document that the user may see, oldest first.

    Made by `Classroom.comments.of`. Observers run on the client's own thread: they may set traits and send widget
    messages, never print and never wait. Nothing is kept to be sent later: what cannot be stored now raises
    `NotConnected`, `Forbidden` where the user may not, `InvalidInput` for a text that cannot be.
    """

    threads = ToldTuple()
    "The threads (`id`, `writer_id`, `at`, `is_resolved`, `comments` …); observe it to hear of changes."
    is_loaded = ToldBool()
    "Whether the hub has answered at least once."
    may_write = ToldBool()
    "Whether the user may comment, as far as is known."
    problem = ToldText()
    "Why comments cannot be shown, or may be old; empty when all is well."

    def __init__(self, port: CommentsPort) -> None:
        super().__init__()
        self._port = port

    @property
    def number_open(self) -> int:
        """Return how many threads are not resolved."""
        return sum(not thread.is_resolved for thread in self.threads)

    def add(self, text: str) -> str:
        """Begin a thread, and return its id."""
        return self._port.begin(checked(text))

    def reply(self, thread_id: str, text: str) -> str:
        """Say something in a thread, and return the comment's id. Raises `NotFound` for a thread that is not here."""
        return self._port.say(self.thread(thread_id), checked(text))

    def resolve(self, thread_id: str) -> None:
        """Say that a thread is resolved; one that is already stays as it is."""
        self._mark(thread_id, is_resolved=True)

    def reopen(self, thread_id: str) -> None:
        """Say that a thread is not resolved after all."""
        self._mark(thread_id, is_resolved=False)

    def remove(self, comment_id: str) -> None:
        """Delete a comment of the user's own; a thread of theirs in which nothing else was said goes with it.

        Raises `Forbidden` for a comment of somebody else.
        """
        thread, comment = self._find(comment_id)
        if comment.writer_id != self._port.user_id:
            raise Forbidden("only who has written a comment deletes it")
        self._port.take_away(comment)
        if thread.writer_id == comment.writer_id and len(thread.comments) == 1:
            self._port.end(thread)

    def wait_loaded(self, timeout: float = 10.0) -> bool:
        """Wait until the hub has answered; return True. Raises `TimedOut`, or the hub's refusal."""
        self._port.wait_loaded(timeout)
        return True

    def thread(self, thread_id: str) -> Thread:
        """Return a thread; raises `NotFound` for one that is not here."""
        for thread in self.threads:
            if thread.id == thread_id:
                return thread
        raise NotFound(f"there is no thread {thread_id!r:.60} here; there are {len(self.threads)}")

    def _mark(self, thread_id: str, *, is_resolved: bool) -> None:
        thread = self.thread(thread_id)
        if thread.is_resolved != is_resolved:
            self._port.mark(thread, is_resolved=is_resolved)

    def _find(self, comment_id: str) -> tuple[Thread, Comment]:
        for thread in self.threads:
            for comment in thread.comments:
                if comment.id == comment_id:
                    return thread, comment
        raise NotFound(f"there is no comment {comment_id!r:.60} here")

    def __repr__(self) -> str:
        state = "" if self.is_loaded else ", not loaded yet"
        return f"<{type(self).__name__}: {len(self.threads)} threads, {self.number_open} open{state}>"


def checked(text: Any) -> str:
    """Return a comment without blanks around it; raises `InvalidInput` for one that cannot be."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"a comment is a text that is not empty, not {text!r:.60}")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"a comment has at most {MOST_CHARACTERS} characters, not {len(text)}")
    wire.check_keepable(text, "a comment")
    return text.strip().replace("\r\n", "\n").replace("\r", "\n")
