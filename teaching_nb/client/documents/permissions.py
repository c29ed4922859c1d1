"""Who may do what below a root, as teachers see and set it.

Any thread but the client's own; raises as the hub refuses.
"""

from __future__ import annotations

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.errors import NotFound
from teaching_nb.schema.access import Kind, as_group, as_root, as_user
from teaching_nb.schema.records import RootMeta


class Permissions:
    """Asks for permissions and sets them; nothing is kept here, and nothing is kept to be sent later."""

    def __init__(self, loop: LoopThread, rest: Rest) -> None:
        self._loop = loop
        self._rest = rest

    def of(self, root_id: str) -> RootMeta:
        """Return a root with its access and those permissions that you may set; raises `NotFound` without a root."""
        found = self._loop.ask(self._rest.permissions(root_id))
        if found is None:
            raise NotFound(f"there is no document root {root_id}")
        return found

    def permit_group(self, root_id: str, group_id: str, kind: Kind | None) -> None:
        """Say what a group may do below a root: `RO`, `RW` or `None`; None takes back what was said."""
        if kind is not None:
            self._loop.ask(self._rest.permit_group(root_id, group_id, as_group(as_root(f"{kind}_DocumentRoot"))))
            return
        for permission in self.of(root_id).group_permissions:
            if permission.group_id == group_id:
                self._loop.ask(self._rest.withdraw_group(permission.id))

    def permit_user(self, root_id: str, user_id: str, kind: Kind | None) -> None:
        """Say what one person may do below a root, whatever their groups may; None takes back what was said."""
        if kind is not None:
            self._loop.ask(self._rest.permit_user(root_id, user_id, as_user(as_root(f"{kind}_DocumentRoot"))))
            return
        for permission in self.of(root_id).user_permissions:
            if permission.user_id == user_id:
                self._loop.ask(self._rest.withdraw_user(permission.id))
