"""Quizzes as the hub scores them. Any thread but the client's own; raises as the hub refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from teaching_nb.client.documents.open_documents import DocumentStore
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema.events import ChangedSelfCheck
from teaching_nb.schema.records import Assessment
from teaching_nb.schema.roots import shared_root_id
from teaching_nb.schema.types.quiz_key import TYPE as KEY

OpenAnswer: TypeAlias = tuple[str, DocumentModel]
"""The `qid` of a question, and the answer to it, which this kernel has opened to change it."""
Listener: TypeAlias = Callable[[OpenAnswer | None], None]


class Quizzes:
    """Asks how quizzes were scored, and has them assessed; nothing of that is kept here."""

    def __init__(self, loop: LoopThread, rest: Rest, documents: DocumentStore) -> None:
        self._loop = loop
        self._rest = rest
        self._documents = documents
        self._listeners: dict[str, list[Listener]] = {}
        """By the root of a quiz's key; on the loop thread."""

    def assessment(self, document_id: str) -> Assessment:
        """Return how a quiz was scored: to its author when it has been assessed, to their teachers always."""
        return self._loop.ask(self._rest.assessment(document_id))

    def assess(self, document_id: str, *, is_assessed: bool = True) -> Assessment:
        """Have a quiz assessed, which locks it with its answers, or opened again.

        Raises `Forbidden` for its author unless the teacher lets students check themselves.
        """
        return self._loop.ask(self._rest.assess(document_id, is_assessed=is_assessed))

    def of_root(self, root_id: str) -> list[Assessment]:
        """Return the quizzes of your students below a root."""
        return self._loop.ask(self._rest.assessments(root_id))

    def open_answer(self, document_id: str) -> DocumentModel | None:
        """Return the model of an answer, where this kernel has opened one by whatever name; the hub is not asked."""
        return next((document.model for document in self._documents.of_id(document_id)), None)

    def follow(self, root_id: str, listener: Listener) -> None:
        """Call `listener`, on the loop thread, with answers that are opened here, by others who show the quiz.

        And with None when students may check the quizzes of a root themselves, or no longer.
        """
        self._loop.post(lambda: self._listeners.setdefault(key_root_id(root_id), []).append(listener))

    def unfollow(self, root_id: str, listener: Listener) -> None:
        """Call it no more."""
        self._loop.post(self._forget, key_root_id(root_id), listener)

    def opened(self, root_id: str, answer: OpenAnswer) -> None:
        """Tell all who show the quiz of an answer that was opened."""
        self._loop.post(self._tell, key_root_id(root_id), answer)

    def take(self, changed: ChangedSelfCheck) -> None:
        """Tell those who follow; on the loop thread."""
        self._tell(changed.id, None)

    def _tell(self, key_root: str, news: OpenAnswer | None) -> None:
        for listener in tuple(self._listeners.get(key_root, ())):
            listener(news)

    def _forget(self, key_root: str, listener: Listener) -> None:
        left = [each for each in self._listeners.pop(key_root, []) if each != listener]
        if left:
            self._listeners[key_root] = left


def key_root_id(root_id: str) -> str:
    """Return the root of the key of the quizzes below a root."""
    return shared_root_id(root_id, KEY.name)
