"""People of whom this kernel hears everything that they have, for whoever looks at a list of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from teaching_nb.client.link.following import Following
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.stores import GoneDocument, NewBelow, NewData, NewDocument, News
from teaching_nb.schema import events
from teaching_nb.schema.records import Document

Listener: TypeAlias = Callable[[News], None]
"""Runs on the loop thread."""


class FollowedPeople:
    """Who listens to what of whom. Lives on the loop thread, but for `follow` and `unfollow`."""

    def __init__(self, loop: LoopThread, following: Following, tasks: Tasks) -> None:
        self._loop = loop
        self._following = following
        self._tasks = tasks
        self._listeners: dict[str, list[Listener]] = {}
        self._told: frozenset[str] = frozenset()
        """Those of whom the hub tells all: what others put below their documents as well."""

    def follow(self, user_id: str, listener: Listener) -> None:
        """Call `listener` of all that happens to a person's documents, as far as the hub tells us. Any thread."""
        self._loop.post(self._add, user_id, listener)

    def unfollow(self, user_id: str, listener: Listener) -> None:
        """Call it no more. Any thread."""
        self._loop.post(self._remove, user_id, listener)

    def is_told(self, user_id: str) -> bool:
        """Tell whether a list of what somebody has need not be asked for until a listener is called. Any thread."""
        return user_id in self._told

    def rejoin(self) -> None:
        """Ask anew on a new connection; what has happened meanwhile is not known."""
        self._told = frozenset()
        for user_id in self._listeners if self._following.has_to_ask_again else ():
            self._tasks.start(self._ask(user_id, on=True))

    def take_document(self, document: Document) -> None:
        """Tell those who follow its author that there is a document."""
        _tell(self._listeners.get(document.author_id, ()), NewDocument(document.type, document.document_root_id))

    def take_list(self, author_id: str) -> None:
        """Tell those who follow an author that the list of their documents may be another one."""
        _tell(self._listeners.get(author_id, ()), None)

    def take_change(self, change: events.ChangedDocument) -> None:
        """Tell everybody of new data: whose it is, they know."""
        for listeners in self._listeners.values():
            _tell(listeners, NewData(change.id, change.data, change.updated_at))

    def take_gone(self, document_id: str) -> None:
        """Tell everybody that a document is gone: whose it was, they know."""
        for listeners in self._listeners.values():
            _tell(listeners, GoneDocument(document_id))

    def take_below(self, parent_id: str) -> None:
        """Tell everybody that more lies below a document: whose it is, they know."""
        for listeners in self._listeners.values():
            _tell(listeners, NewBelow(parent_id))

    def _add(self, user_id: str, listener: Listener) -> None:
        listeners = self._listeners.setdefault(user_id, [])
        listeners.append(listener)
        if len(listeners) == 1:
            self._tasks.start(self._ask(user_id, on=True))
        else:
            listener(None)

    def _remove(self, user_id: str, listener: Listener) -> None:
        listeners = self._listeners.get(user_id, [])
        if listener in listeners:
            listeners.remove(listener)
            if not listeners:
                del self._listeners[user_id]
                self._told -= {user_id}
                self._tasks.start(self._ask(user_id, on=False))

    async def _ask(self, user_id: str, *, on: bool) -> None:
        if await self._following.follow(user_id, on=on) and user_id in self._listeners:
            self._told |= {user_id}
        # From now on everything is heard; what was listed before may have changed since.
        _tell(self._listeners.get(user_id, ()) if on else (), None)


def _tell(listeners: Iterable[Listener], news: News) -> None:
    for listener in tuple(listeners):
        listener(news)
