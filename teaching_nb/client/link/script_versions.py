"""Versions of code at the existing backend: `script_version` documents below the text whose versions they are.

The backend makes none: whoever saves code does, as its own website. Used by `BackendRest`, on the loop thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import UNSET

from teaching_nb.client.link.tasks import Tasks
from teaching_nb.errors import TeachingNbError
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, Version, VersionAuthor

CODE_TYPES: Final = frozenset({"code", "script", "pyodide_code"})
"""Types whose texts have versions there."""
VERSION: Final = "script_version"
PAUSE_SECONDS = 1.0
"""Of one text so long lies between two versions; the newest of what is saved meanwhile is the next one."""

_logger = logging.getLogger(__name__)


def code_in(data: Any) -> str | None:
    """Return the code in data of a text or a version; None where there is none."""
    code = data.get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) else None


def version_data(code: str, *, is_pasted: bool = False) -> dict[str, Any]:
    """Return what a version holds; the website marks one in which something was pasted, and shows that."""
    return {"code": code, "pasted": True} if is_pasted else {"code": code}


def is_paste(data: Any) -> bool:
    """Tell whether data of a version say that something was pasted."""
    return isinstance(data, dict) and data.get("pasted") is True


class VersionWriter:
    """Has versions made of what was saved, beside the saving: one that fails disturbs nothing else."""

    def __init__(self, create: Callable[[Document, dict[str, Any]], Awaitable[None]]) -> None:
        self._create = create
        """Makes a version of a text with this data."""
        self._tasks = Tasks()
        self._newest: dict[str, tuple[Document, dict[str, Any]]] = {}
        self._pasted = set[str]()
        """Texts with a paste that is not saved yet."""
        self._writing: dict[str, asyncio.Task[None]] = {}
        self._not_before: dict[str, float] = {}

    def note_paste(self, text_id: str) -> None:
        """Remember that what is saved next of a text holds something that was pasted."""
        self._pasted.add(text_id)

    @contextlib.contextmanager
    def saving(self, text_id: str) -> Iterator[bool]:
        """Tell whether what is being saved holds a paste; that of a save which fails belongs to the next one."""
        is_pasted = text_id in self._pasted
        self._pasted.discard(text_id)
        try:
            yield is_pasted
        except BaseException:
            if is_pasted:
                self._pasted.add(text_id)
            raise

    def saved(self, text: Document, code: str, *, is_pasted: bool = False) -> None:
        """Have a version made of code that was just saved, in place of one that is still to be made."""
        _, replaced = self._newest.get(text.id, (text, {}))
        self._newest[text.id] = (text, version_data(code, is_pasted=is_pasted or is_paste(replaced)))
        if text.id not in self._writing:
            self._writing[text.id] = self._tasks.start(self._write(text.id))

    async def done(self, text_id: str = "") -> None:
        """Return when all versions are made that were asked for, of one text or of all."""
        tasks = [task for key, task in self._writing.items() if text_id in {"", key}]
        if tasks:
            await asyncio.wait(tasks)

    async def _write(self, text_id: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            while text_id in self._newest:
                await asyncio.sleep(self._not_before.get(text_id, 0.0) - loop.time())
                text, data = self._newest.pop(text_id)
                await self._try(text, data)
                self._not_before[text_id] = loop.time() + PAUSE_SECONDS
        finally:
            del self._writing[text_id]

    async def _try(self, text: Document, data: dict[str, Any]) -> None:
        try:
            await self._create(text, data)
        except TeachingNbError as error:
            # Not tried again: whether it was made is not known, and the next save makes the next one.
            _logger.info("a version of a text could not be made: %s", error)


class ListedVersions:
    """What was listed of the versions of texts: a number means the same one as long as this kernel lives."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}
        """Text → document that holds a version → its number; the text itself holds the newest, if no version does."""

    def take(self, text: Document, below: Iterable[Document]) -> list[tuple[int, Document]]:
        """Return the versions of a text with their numbers, newest first; the first one is the present state."""
        numbers = self._numbers.setdefault(text.id, {})
        numbers.pop(text.id, None)
        holders = sorted((each for each in below if _is_version_of(text, each)), key=_age)
        if not holders or code_in(holders[-1].data) != code_in(text.data):
            # Somebody has saved it without a version, or that is not made yet.
            holders.append(text)
        for holder in holders:
            numbers.setdefault(holder.id, max(numbers.values(), default=0) + 1)
        return [(numbers[holder.id], holder) for holder in reversed(holders)]

    def holder(self, text_id: str, number: int) -> str | None:
        """Return which document holds a version; None for a number that was not listed."""
        numbers = self._numbers.get(text_id, {})
        return next((holder for holder, known in numbers.items() if known == number), None)


def version_of(number: int, holder: Document, author: str) -> Version:
    """Return what is said of a version; `author` is a name, or nobody's."""
    is_present = holder.type != VERSION
    at = holder.updated_at if is_present else holder.created_at
    return Version(
        number=number,
        kind="edit",
        created_at=wire.timestamp(wire.parse_timestamp(at)),
        revision=0,
        size=len(wire.encode(holder.data)),
        authors=[VersionAuthor(id=holder.author_id, name=author)],
        pasted=True if not is_present and is_paste(holder.data) else UNSET,
    )


def _is_version_of(text: Document, document: Document) -> bool:
    """Tell whether a document is a version; one without code is another program's, and stays as it is."""
    return (document.parent_id, document.type) == (text.id, VERSION) and code_in(document.data) is not None


def _age(document: Document) -> tuple[int, str]:
    return wire.parse_timestamp(document.created_at), document.id
