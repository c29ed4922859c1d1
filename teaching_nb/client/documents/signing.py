"""Whose words a document on a student's behalf are: its author is the student, whoever has written it.

Staff sign what they write so below a root in which the student only reads. What a student has put there before that
was so says nothing of staff, whatever it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from teaching_nb.client.link.rest import Rest, Seen
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document

KEY = "writer"


def is_signed(document: Document) -> bool:
    """Tell whether a document says who of the staff has written it."""
    return isinstance(document.data, dict) and bool(document.data.get(KEY))


def signed(data: Mapping[str, Any], user_id: str) -> dict[str, Any]:
    """Return data as a member of the staff writes them."""
    return {**data, KEY: user_id}


async def disown(rest: Rest, document: Document) -> Any:
    """Take back that somebody else than its author has written a document; return what is stored then."""
    if not isinstance(document.data, dict) or KEY not in document.data:
        return document.data
    revision = document.revision if isinstance(document.revision, int) else None
    seen = Seen(revision, wire.parse_timestamp(document.updated_at), document.data)
    data = {key: value for key, value in document.data.items() if key != KEY}
    await rest.save(document.id, data, seen, on_behalf_of_author=True)
    return data
