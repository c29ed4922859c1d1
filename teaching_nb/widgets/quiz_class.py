"""How a class stands in a quiz, for its teachers: as the hub scores it, and that something of it has changed since."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.stores import GoneDocument, NewData, NewDocument, News
from teaching_nb.schema import wire
from teaching_nb.schema.records import Assessment, Document
from teaching_nb.widgets.pacer import pacer

MOST_FOLLOWED = 200
"""People of whom it is heard that they have answered: of a school, the rest is told when it is asked for."""


class ClassOfQuiz:
    """Asked for when a page shows it; from then on its people are followed. Any thread."""

    def __init__(self, room: Classroom, root_id: str, on_change: Callable[[], None]) -> None:
        self._room = room
        self._root_id = root_id
        self._on_change = on_change
        """Called, on a thread of its own, when the hub may score somebody otherwise."""
        self._followed: dict[str, None] = {}
        self._ids: frozenset[str] = frozenset()
        """The documents of the quizzes that were listed."""
        self._others: dict[str, Any] = {}
        """What others have below the root, as far as this kernel hears of it: id → data."""
        self._is_closed = False
        self._lock = threading.Lock()

    def rows(self) -> list[dict[str, Any]]:
        """Return how the caller's students stand, by name; raises as the hub refuses."""
        found = self._room.quizzes.of_root(self._root_id)
        self._ids = frozenset(each.document_id for each in found)
        self._follow(each.author_id for each in found)
        rows = [as_shown(each) | {"name": self._room.users.name_of(each.author_id)} for each in found]
        return sorted(rows, key=lambda row: (row["name"].casefold(), row["documentId"]))

    def take(self, records: Iterable[Document]) -> None:
        """Take what this kernel hears of below the root: of people who are followed, and admins of everybody."""
        user = self._room.user
        others = {each.id: each.data for each in records if user is None or each.author_id != user.id}
        is_news, self._others = others != self._others, others
        if is_news and self._followed:
            self._tell()

    def close(self) -> None:
        """Follow nobody any more."""
        with self._lock:
            self._is_closed = True
            followed, self._followed = self._followed, {}
        for user_id in followed:
            self._room.followed.unfollow(user_id, self._take_news)

    def _follow(self, author_ids: Iterable[str]) -> None:
        # Also those who have not opened the quiz yet.
        wanted = dict.fromkeys((*author_ids, *self._my_students()))
        with self._lock:
            room_left = 0 if self._is_closed else MOST_FOLLOWED - len(self._followed)
            new = [user_id for user_id in wanted if user_id not in self._followed][:room_left]
            self._followed |= dict.fromkeys(new)
        for user_id in new:
            self._room.followed.follow(user_id, self._take_news)

    def _my_students(self) -> list[str]:
        user = self._room.user
        managed = [group for group in self._room.groups if user is not None and user.id in (group.admin_ids or ())]
        return [each for group in managed for each in group.user_ids or () if user is not None and each != user.id]

    def _take_news(self, news: News) -> None:
        """Take, on the loop thread, what happens to the documents of one person; answers name their question."""
        is_answer = isinstance(news, NewData) and (news.id in self._ids or _names_question(news.data))
        # Another quiz, or somebody's first answer.
        is_new = isinstance(news, NewDocument) and news.root_id == self._root_id
        if news is None or isinstance(news, GoneDocument) or is_answer or is_new:
            self._tell()

    def _tell(self) -> None:
        pacer.request(self, self._told)

    def _told(self) -> int:
        if not self._is_closed:
            self._on_change()
        return 0


def _names_question(data: Any) -> bool:
    return isinstance(data, dict) and "qid" in data


def as_shown(assessment: Assessment) -> dict[str, Any]:
    """Return how a quiz was scored, for the page."""
    plain: dict[str, Any] = wire.to_plain(assessment)
    return plain
