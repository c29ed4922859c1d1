"""What every edge of the hub (REST, sockets) gets from the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from teaching_nb.hub.identity.password_checks import PasswordChecks
from teaching_nb.hub.rates import Attempts, OnUsed, Rate, writes_of_users

SIGN_INS, SIGN_IN_SECONDS = 3, 10.0
"""Attempts to sign in to one account from one address, and within which time."""

if TYPE_CHECKING:
    from teaching_nb.hub.bell.elsewhere import Elsewhere
    from teaching_nb.hub.config import Settings
    from teaching_nb.hub.delivery.commits import Commits
    from teaching_nb.hub.delivery.rooms import Rooms
    from teaching_nb.hub.delivery.writes import DocumentWrites
    from teaching_nb.hub.identity.credentials import Credentials
    from teaching_nb.hub.store.database import Database


@dataclass(slots=True)
class HubContext:
    """The parts of one running hub process."""

    settings: Settings
    database: Database
    credentials: Credentials
    rooms: Rooms
    commits: Commits
    writes: DocumentWrites
    elsewhere: Elsewhere | None = None
    """The other processes of this hub; None where there cannot be any."""
    problem: Callable[[], str | None] = lambda: None
    """Returns why this process cannot serve at the moment, in a sentence; None when it can."""
    passwords: PasswordChecks = field(default_factory=PasswordChecks)
    sign_ins: Attempts = field(init=False)
    """Per account and address together: a class behind one address gets in, a guesser does not."""

    def __post_init__(self) -> None:
        """Let those who sign in at another process count here."""
        if self.elsewhere is None:
            self.sign_ins = _sign_ins()
        else:
            self.sign_ins = self.elsewhere.uses.share("sign-ins", _sign_ins, at_once=True)

    def writes_of_users(self, way: str) -> Rate | None:
        """Return how often each user may write in one way, at all processes together; None when there is no limit."""
        per_second = self.settings.user_writes_per_second
        if not per_second:
            return None
        if self.elsewhere is None:
            return writes_of_users(per_second)
        step = max(1, per_second // 10)
        return self.elsewhere.uses.share(way, lambda on_used: writes_of_users(per_second, on_used), step=step)


def _sign_ins(on_used: OnUsed | None = None) -> Attempts:
    return Attempts(SIGN_INS, SIGN_IN_SECONDS, on_used=on_used)
