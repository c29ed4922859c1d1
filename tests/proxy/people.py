"""People and rights of a Jupyter server that several people use."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer, IdentityProvider, User


class RosterIdentityProvider(IdentityProvider):
    """Knows alice and bob by their tokens."""

    async def get_user_token(self, handler: Any) -> User | None:
        """Return whose token it is."""
        token = self.get_token(handler) or ""
        name = token.removesuffix("-token")
        return User(username=name, display_name=name.title()) if name in {"alice", "bob"} else None


class ReadersAuthorizer(Authorizer):
    """Lets people read, and alice write."""

    asked: list[tuple[str, str, str]] = []  # noqa: RUF012 - the test looks at it

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Return whether they may."""
        self.asked.append((user.username, action, resource))
        return action == "read" or user.username == "alice" or resource != "teaching_nb"
