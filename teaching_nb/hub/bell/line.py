"""What carries the rings: a line that all processes of a hub are on. It may lose what it carries, and may break."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from teaching_nb.hub.store.postgresql_line import Peer


class Line(Protocol):
    """The line of one process."""

    process: str
    """Which process it is."""

    @property
    def name(self) -> str:
        """Return what it is called in a sentence."""

    @property
    def kind(self) -> str:
        """Return what all processes on the line have in common."""

    @property
    def is_open(self) -> bool:
        """Tell whether the line holds, as far as this end can know."""

    async def open(self) -> None:
        """Get on the line, or on it anew; raises `Unavailable` or `ConfigurationError`."""

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Have every ring told from now on, one's own too, in the order of ringing; raises `Unavailable`."""

    async def ring(self, texts: list[str]) -> None:
        """Send to everybody on the line, this process too; raises `Unavailable`."""

    async def peers(self) -> list[Peer]:
        """Return everybody on the line, this process too; raises `Unavailable`."""

    async def close(self) -> None:
        """Leave the line."""
