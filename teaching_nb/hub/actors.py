"""Who is calling: made once per request or socket from a credential, believed everywhere after."""

from __future__ import annotations

from dataclasses import dataclass

ROLE_LEVELS = {"student": 0, "teacher": 1, "admin": 2}


@dataclass(frozen=True, slots=True)
class Actor:
    """A user who has been authenticated."""

    user_id: str
    name: str
    email: str
    role: str
    session_id: str | None = None
    """The session that the credential belongs to; None for an assertion of the Jupyter server."""

    @property
    def level(self) -> int:
        """Return 0 for students and unknown roles, 1 for teachers, 2 for admins."""
        return ROLE_LEVELS.get(self.role, 0)

    @property
    def is_elevated(self) -> bool:
        """Tell whether the actor is a teacher or an admin."""
        return is_elevated_role(self.role)

    @property
    def is_admin(self) -> bool:
        """Tell whether the actor is an admin."""
        return self.level >= 2


def is_elevated_role(role: str) -> bool:
    """Tell whether a role is that of a teacher or an admin."""
    return ROLE_LEVELS.get(role, 0) >= 1
