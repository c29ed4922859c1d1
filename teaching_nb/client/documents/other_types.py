"""Types that nobody here knows: a mistyped one makes no document, and what other programs have stored is opened.

The hub stores any type; without this a letter too many would make a document that no page shows as what it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from teaching_nb.client.documents.open_documents import DocumentReference
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.rest import Rest
from teaching_nb.errors import InvalidInput, TeachingNbError
from teaching_nb.schema import documents
from teaching_nb.schema.records import User


class OtherTypes:
    """Checks the types that a notebook asks for. Any thread but the client's own where one is not known."""

    def __init__(self, loop: LoopThread, rest: Rest, user: Callable[[], User | None]) -> None:
        self._loop = loop
        self._rest = rest
        self._user = user

    def check(self, reference: DocumentReference, *, is_meant: bool) -> None:
        """Raise `InvalidInput` for a type that nobody knows, unless it is meant, or the hub has such a document there.

        Somebody else's document is only opened, and never made.
        """
        name = reference.type_name
        if is_fit(name, is_meant=is_meant) or self._is_there(reference):
            return
        is_made = reference.author_id is None or reference.is_written_for
        raise InvalidInput(unknown(name) if is_made else unknown(name, "This person has none of another program there"))

    def _is_there(self, reference: DocumentReference) -> bool:
        """Tell whether the hub says that there is such a document; a hub that is away says nothing."""
        user = self._user()
        if user is None or self._loop.is_current:
            return False
        try:
            loads = self._loop.ask(self._rest.roots_of_user(reference.author_id or user.id, [reference.root_id]))
        except TeachingNbError:
            return False
        return any(each.type == reference.type_name for load in loads for each in load.documents)


def is_fit(name: str, *, is_meant: bool) -> bool:
    """Tell whether a type is known here, or said to be meant; raises `InvalidInput` for what is no type."""
    if not isinstance(is_meant, bool):
        raise InvalidInput(f"other_type is True or False, not {is_meant!r:.60}")
    if not isinstance(name, str):
        raise InvalidInput(f"a document type is a text such as 'code', not {name!r:.60}")
    return is_meant or name in documents.known_types() or name in documents.SHOWN_ONLY


def check_listed(name: str, *, is_meant: bool) -> None:
    """Raise `InvalidInput` for a type of which there is nothing to be listed; an empty one stands for all."""
    if not is_fit(name, is_meant=is_meant) and name not in {"", *documents.LISTED_ONLY}:
        raise InvalidInput(unknown(name))


def check_is(there: str, wanted: str | None) -> None:
    """Raise `InvalidInput` for a document that is opened as one of another type than it is."""
    if wanted not in (None, there):
        raise InvalidInput(f"this document is of the type {there!r:.60}, not {wanted!r:.60}: open it as that")


def unknown(name: str, otherwise: str = "For one of another program say other_type=True") -> str:
    """Return what is said of a type that nobody knows."""
    known = sorted({*documents.known_types(), *documents.SHOWN_ONLY})
    near = difflib.get_close_matches(name, known, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no document type {name!r:.100} here{meant}; known are {', '.join(known)}. {otherwise}"
