"""Changing some keys of a stored document, without a model of it. The loop thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from teaching_nb.client.link.rest import Rest, Seen
from teaching_nb.errors import Conflict, InvalidInput, NotFound, Stale
from teaching_nb.schema import documents, wire
from teaching_nb.schema.records import Document

ATTEMPTS = 5
"""Whoever changes another key at the same time makes one attempt fail each."""


async def present(rest: Rest, document_id: str) -> Document:
    """Return a document as the hub has it now; raises `NotFound`."""
    found = await rest.document(document_id)
    if found is None:
        raise NotFound("it is not there any more, or you may not see it")
    return found.document


async def change(rest: Rest, document_id: str, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> Document:
    """Change some keys and return the document; what others change of it meanwhile stays.

    Raises `Conflict` when a key has not the value that is expected, `InvalidInput` for what the type cannot have, and
    for a document that another program has stored something in that does not fit.
    """
    return await edit(rest, document_id, lambda document: _changed(document, changes, expected))


async def edit(rest: Rest, document_id: str, edited: Callable[[Document], dict[str, Any]]) -> Document:
    """Store what is made of a document as the hub has it, made anew when somebody else was faster; return it."""
    for _ in range(ATTEMPTS):
        document = await present(rest, document_id)
        data = edited(document)
        revision = document.revision if isinstance(document.revision, int) else None
        seen = Seen(revision, wire.parse_timestamp(document.updated_at), document.data)
        try:
            answer = await rest.save(document_id, data, seen)
        except Stale:
            continue
        return msgspec.structs.replace(
            document,
            data=data,
            updated_at=answer.updated_at or document.updated_at,
            revision=document.revision if answer.revision is None else answer.revision,
        )
    raise Conflict("others change it all the time: try again")


def data_of(document: Document) -> dict[str, Any]:
    """Return the data of a document that can be changed; raises `InvalidInput` where they do not fit its type."""
    if not isinstance(document.data, dict):
        raise InvalidInput("another program has stored something here that does not fit, and it is never rewritten")
    documents.check_data(document.type, document.data)
    return document.data


def _changed(document: Document, changes: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    present = data_of(document)
    for key, value in expected.items():
        if present.get(key) != value:
            raise Conflict(f"somebody else has changed {key} to {present.get(key)!r:.80} meanwhile")
    data: dict[str, Any] = documents.with_given_form(document.type, present, {**present, **changes})
    documents.check_data(document.type, data)
    return data
