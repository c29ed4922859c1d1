"""What models need of the client around them, so that they know neither sockets nor threads. Given when one is made."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from teaching_nb.schema import records

T = TypeVar("T")


class Loop(Protocol):
    """The thread on which everything about the hub happens; `LoopThread` is the one."""

    @property
    def is_alive(self) -> bool:
        """Tell whether posts will be done."""

    @property
    def is_current(self) -> bool:
        """Tell whether the caller runs on that thread."""

    def post(self, function: Callable[..., object], *arguments: Any) -> bool:
        """Have a function called there; False when the thread has ended."""

    def start(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T] | None:
        """Start a coroutine there; None when the thread has ended."""

    def refuse_to_wait_here(self) -> None:
        """Raise `RuntimeError` on that thread, where waiting would stop what is waited for."""


class EditPort(Protocol):
    """Who takes the assignments of one model over, on the loop thread."""

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Bring a change of the trait `name` from `base` to `new` to the hub."""

    def discard(self) -> None:
        """Give up what the hub has not stored."""


class CurrentDocument(Protocol):
    """What a history asks of the document that it belongs to, on the loop thread."""

    def document_id(self) -> str:
        """Return the document's id; empty until the hub has answered."""

    async def restore(self, number: int, versions: StoredVersions) -> None:
        """Show a version of it as the present state, for everybody; raises a `TeachingNbError` when it cannot."""


class StoredVersions(Protocol):
    """The versions that the hub keeps; `Rest` asks for them. Everything raises a `TeachingNbError` when it cannot."""

    def keeps_versions(self, type_name: str) -> bool:
        """Tell whether the hub keeps any of documents of a type."""

    def note_paste(self, document_id: str) -> None:
        """Remember that something was pasted into a document, where versions say so."""

    async def versions(self, document_id: str) -> Sequence[records.Version]:
        """Return what is known about each version, newest first."""

    async def version(self, document_id: str, number: int) -> records.VersionContent:
        """Return the content of a version."""

    async def restore_version(self, document_id: str, number: int) -> None:
        """Make a version the present state, where the hub does that."""

    async def keep_version(self, document_id: str) -> None:
        """Have the present state among the versions, where the hub does not do that by itself."""
