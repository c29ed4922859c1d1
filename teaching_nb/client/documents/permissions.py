"""Who may do what below a root, as teachers see and set it.

Any thread but the client's own, where nothing else is said; raises as the hub refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from teaching_nb.client.documents.followed_people import FollowedPeople
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.errors import NotFound
from teaching_nb.schema.access import Kind, as_group, as_root, as_user
from teaching_nb.schema.records import RootMeta, User

Listener: TypeAlias = Callable[[], None]
"""Runs on the loop thread."""


class Permissions:
    """Asks for permissions and sets them; nothing is kept here, and nothing is kept to be sent later."""

    def __init__(self, loop: LoopThread, rest: Rest, followed: FollowedPeople, user: Callable[[], User | None]) -> None:
        self._loop = loop
        self._rest = rest
        self._followed = followed
        self._user = user
        self._is_following = False
        self._listeners: list[tuple[str, Listener]] = []
        """With the root that they ask about; on the loop thread."""

    def follow(self, root_id: str, listener: Listener) -> None:
        """Call `listener` when somebody may do more or less below a root, or is in another group. Any thread."""
        self._loop.post(self._listeners.append, (root_id, listener))

    def unfollow(self, root_id: str, listener: Listener) -> None:
        """Call it no more. Any thread."""
        self._loop.post(self._forget, (root_id, listener))

    def changed(self, root_id: str = "") -> None:
        """Tell those who follow a root, or everybody where it is not known which one; on the loop thread."""
        for of_root, listener in tuple(self._listeners):
            if root_id in {"", of_root}:
                listener()

    def of(self, root_id: str) -> RootMeta:
        """Return a root with its access and those permissions that you may set; raises `NotFound` without a root.

        From then on those who follow it hear what other teachers say.
        """
        self._loop.post(self._follow_self)
        found = self._loop.ask(self._rest.permissions(root_id))
        if found is None:
            raise NotFound(f"there is no document root {root_id}")
        return found

    def permit_group(self, root_id: str, group_id: str, kind: Kind | None) -> None:
        """Say what a group may do below a root: `RO`, `RW` or `None`; None takes back what was said."""
        if kind is not None:
            self._loop.ask(self._rest.permit_group(root_id, group_id, as_group(as_root(f"{kind}_DocumentRoot"))))
        else:
            for permission in self.of(root_id).group_permissions:
                if permission.group_id == group_id:
                    self._loop.ask(self._rest.withdraw_group(permission.id))
        self._loop.post(self.changed, root_id)

    def permit_user(self, root_id: str, user_id: str, kind: Kind | None) -> None:
        """Say what one person may do below a root, whatever their groups may; None takes back what was said."""
        if kind is not None:
            self._loop.ask(self._rest.permit_user(root_id, user_id, as_user(as_root(f"{kind}_DocumentRoot"))))
        else:
            for permission in self.of(root_id).user_permissions:
                if permission.user_id == user_id:
                    self._loop.ask(self._rest.withdraw_user(permission.id))
        self._loop.post(self.changed, root_id)

    def _follow_self(self) -> None:
        """Have the hub tell us what is permitted to whom we look after."""
        user = self._user()
        if user is not None and not self._is_following:
            self._is_following = True
            self._followed.follow(user.id, lambda news: self.changed() if news is None else None)

    def _forget(self, entry: tuple[str, Listener]) -> None:
        if entry in self._listeners:
            self._listeners.remove(entry)
