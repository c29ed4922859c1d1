"""What every edge of the hub (REST, sockets) gets from the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from teaching_nb.hub.config import Settings
    from teaching_nb.hub.credentials import Credentials
    from teaching_nb.hub.database import Database
    from teaching_nb.hub.document_writes import DocumentWrites
    from teaching_nb.hub.publisher import Publisher
    from teaching_nb.hub.rooms import Rooms


@dataclass(slots=True)
class HubContext:
    """The parts of one running hub process."""

    settings: Settings
    database: Database
    credentials: Credentials
    rooms: Rooms
    publisher: Publisher
    writes: DocumentWrites
