"""The slugs of a course that this kernel knows: of what it has opened, and of what its user may see at the hub."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from teaching_nb.client.documents.open_documents import DocumentStore
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.errors import InvalidInput, NotConnected, TeachingNbError
from teaching_nb.schema.documents import known_types
from teaching_nb.schema.records import RootName
from teaching_nb.schema.roots import root_id, shared_root_id

FRESH_SECONDS = 30.0
"""So long what the hub has said is good enough."""

_logger = logging.getLogger(__name__)


class Slugs:
    """Says at once what is known; the hub is asked beside that."""

    def __init__(self, course: str, documents: DocumentStore, loop: LoopThread, rest: Rest, tasks: Tasks) -> None:
        self._course = course
        self._documents = documents
        self._loop = loop
        self._rest = rest
        self._tasks = tasks
        self._told: tuple[str, ...] = ()
        self._asked = float("-inf")

    def known(self) -> list[str]:
        """Return the slugs that are known, by name. Any thread; never waits."""
        opened = {document.reference.root_name for document in self._documents}
        return sorted({*self._told, *filter(None, opened)}, key=lambda slug: (slug.casefold(), slug))

    def refresh(self) -> None:
        """Ask the hub anew, unless it was asked just now. Any thread; never waits."""
        now = time.monotonic()
        if now - self._asked > FRESH_SECONDS:
            self._asked = now
            self._loop.post(lambda: self._tasks.start(self._ask()))

    async def _ask(self) -> None:
        try:
            self._told = tuple(in_course(await self._rest.root_names(), self._course))
        except NotConnected:
            self._asked = float("-inf")
        except TeachingNbError as error:
            # A hub that does not know the question: it is not asked with every key.
            _logger.info("slugs are not told: %s", error)


def in_course(names: Iterable[RootName], course: str) -> Iterable[str]:
    """Return those of the names that stand for their root in this course; the hub does not know of courses."""
    for root in names:
        try:
            own = root_id(root.name, course)
        except InvalidInput:
            continue
        if root.id == own or root.id in {shared_root_id(own, type_name) for type_name in known_types()}:
            yield root.name
