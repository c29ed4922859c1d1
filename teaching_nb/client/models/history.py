"""The versions of a live document, which the hub makes while people edit: looking at them, and bringing one back.

Made by the classroom, one for each live model. May be used from any thread; nothing is kept here, every call asks
the hub.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from teaching_nb.client.models.ports import CurrentDocument, Loop, StoredVersions
from teaching_nb.errors import InternalError, NotConnected, TeachingNbError
from teaching_nb.schema import records

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Ask(Protocol):
    """Waits for an answer of the hub, on another thread than the loop's."""

    def __call__(self, question: Coroutine[Any, Any, T]) -> T:
        """Return the answer, or raise what kept the hub from giving it."""


@dataclass(frozen=True)
class Version:
    """What a document held at a time."""

    number: int
    """Counts up; the highest one is the present state."""
    kind: str
    """`start` (before anybody edited), `edit` or `restore`."""
    created_at: str
    """When it was edited last (UTC)."""
    authors: tuple[str, ...]
    """Names of those who edited since the version before; empty when their accounts are deleted."""
    size: int
    """Bytes of the whole content as JSON."""
    is_pasted: bool
    """Something was pasted; known at the school's existing backend alone."""
    source: History = field(repr=False, compare=False)
    """Where the content comes from."""

    @cached_property
    def data(self) -> Any:
        """The whole content; asked for at the first use. Raises as `History.versions`."""
        return self.source.data(self.number)

    @property
    def text(self) -> str:
        """Return the text."""
        return self.source.text_in(self.data)


class History:
    """The history of one document."""

    def __init__(
        self,
        document: CurrentDocument,
        text_name: str,
        *,
        stored: StoredVersions,
        loop: Loop,
        ask: Ask,
    ) -> None:
        self._document = document
        self._stored = stored
        self._loop = loop
        self._ask = ask
        self._text_name = text_name

    def is_kept(self, type_name: str) -> bool:
        """Tell whether the hub keeps versions of documents of a type."""
        return self._stored.keeps_versions(type_name)

    def versions(self) -> list[Version]:
        """Return the versions, newest first; the first one is the present state.

        Raises `Forbidden` for those who may only read the document, `NotConnected` without a hub.
        """
        return self._ask(self._versions())

    def data(self, number: int) -> Any:
        """Return the content of a version; raises `NotFound` when the hub keeps it no longer."""
        return self._ask(self._data(number))

    def restore(self, number: int) -> None:
        """Make a version the present state, as a new version, for everybody. Can be undone in the same way.

        Returns when the model shows it. Raises `Forbidden` for readers.
        """
        self._ask(self._restore(number))

    def text_in(self, data: Any) -> str:
        """Return the text in a content."""
        text = data.get(self._text_name) if isinstance(data, dict) else None
        return text if isinstance(text, str) else ""

    def request_versions(self, answered: Callable[[list[Version]], None], refused: Callable[[str], None]) -> None:
        """Have `answered` called with the versions, or `refused` with a sentence, on the loop thread. Never waits."""
        self._request(self._versions(), answered, refused)

    def request_text(self, number: int, answered: Callable[[str], None], refused: Callable[[str], None]) -> None:
        """Have `answered` called with the text of a version, or `refused`. Never waits."""
        self._request(self._text(number), answered, refused)

    def request_restore(self, number: int, answered: Callable[[None], None], refused: Callable[[str], None]) -> None:
        """Have a version brought back, and `answered` called after that, or `refused`. Never waits."""
        self._request(self._restore(number), answered, refused)

    # on the loop thread

    def note_paste(self) -> None:
        """Remember that what is stored next holds something that was pasted."""
        self._stored.note_paste(self._document.document_id())

    async def _versions(self) -> list[Version]:
        return [self._version(record) for record in await self._stored.versions(self._demanded_id())]

    async def _data(self, number: int) -> Any:
        return (await self._stored.version(self._demanded_id(), number)).data

    async def _text(self, number: int) -> str:
        return self.text_in(await self._data(number))

    async def _restore(self, number: int) -> None:
        self._demanded_id()
        await self._document.restore(number, self._stored)

    def _demanded_id(self) -> str:
        document_id = self._document.document_id()
        if not document_id:
            raise NotConnected("the hub has not answered for this document yet")
        return document_id

    def _version(self, record: records.Version) -> Version:
        return Version(
            number=record.number,
            kind=record.kind,
            created_at=record.created_at,
            authors=tuple(author.name for author in record.authors),
            size=record.size,
            is_pasted=record.pasted is True,
            source=self,
        )

    def _request(
        self, question: Coroutine[Any, Any, T], answered: Callable[[T], None], refused: Callable[[str], None]
    ) -> None:
        if self._loop.start(_tell(question, answered, refused)) is None:
            question.close()
            refused("this classroom is closed: call connect() again")


async def _tell(
    question: Coroutine[Any, Any, T], answered: Callable[[T], None], refused: Callable[[str], None]
) -> None:
    try:
        answer = await question
    except asyncio.CancelledError:
        raise
    except TeachingNbError as error:
        refused(str(error))
        return
    except Exception:
        _logger.exception("asking for the history failed")
        refused(InternalError("a mistake in teaching_nb; the log says more").message)
        return
    answered(answer)
