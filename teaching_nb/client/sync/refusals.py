"""What a refused change of a document says about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from teaching_nb.client.link.rest import Rest
from teaching_nb.errors import NotConnected, OperationalError
from teaching_nb.schema.access import Access, is_writable
from teaching_nb.schema.records import Document

FindAccess: TypeAlias = Callable[[Document, Access], Awaitable[Access]]
"""Finds what we may do with a document, by its record and what the hub has told with that."""


async def may_write_anyway(document_id: str, rest: Rest, find_access: FindAccess) -> bool:
    """Tell whether a refusal was about what the document says at the moment, such as that it has been assessed."""
    try:
        found = await rest.document(document_id)
        return found is not None and is_writable(await find_access(found.document, found.highest_permission))
    except (NotConnected, OperationalError):
        return False
