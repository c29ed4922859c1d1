"""What every edge of the hub (REST, sockets) gets from the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from teaching_nb.hub.identity.password_checks import PasswordChecks
from teaching_nb.hub.rates import Attempts

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
    sign_ins: Attempts = field(default_factory=lambda: Attempts(SIGN_INS, SIGN_IN_SECONDS))
    """Per account and address together: a class behind one address gets in, a guesser does not."""
