"""What every edge of the hub (REST, sockets) gets from the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from teaching_nb.hub.identity.password_checks import PasswordChecks
from teaching_nb.hub.rates import Attempts

SIGN_INS, SIGN_IN_SECONDS = 3, 10.0
"""Attempts to sign in to one account from one address, and within which time."""

if TYPE_CHECKING:
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
    passwords: PasswordChecks = field(default_factory=PasswordChecks)
    sign_ins: Attempts = field(default_factory=lambda: Attempts(SIGN_INS, SIGN_IN_SECONDS))
    """Per account and address together: a class behind one address gets in, a guesser does not."""
