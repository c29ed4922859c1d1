"""Quizzes as the hub scores them. Any thread but the client's own; raises as the hub refuses."""

from __future__ import annotations

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.schema.records import Assessment


class Quizzes:
    """Asks how quizzes were scored, and has them assessed; nothing is kept here."""

    def __init__(self, loop: LoopThread, rest: Rest) -> None:
        self._loop = loop
        self._rest = rest

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
