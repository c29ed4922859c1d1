"""Open documents of other people: the hub tells of a person's own documents only whom it is asked for.

What is shared it tells to all who read it, and edits of a live text to all who have subscribed to that. Anything else
of a student is told to the staff who follow them, which this kernel does as long as it has something of theirs open.
"""

from __future__ import annotations

from collections.abc import Callable

from teaching_nb.client.documents.followed_people import FollowedPeople, Listener
from teaching_nb.client.documents.open_documents import DocumentReference, OpenDocument
from teaching_nb.client.stores import News
from teaching_nb.schema.records import User


class OthersDocuments:
    """Whom this kernel follows for which open document. Lives on the loop thread."""

    def __init__(self, followed: FollowedPeople, user: Callable[[], User | None]) -> None:
        self._followed = followed
        self._user = user
        self._open: dict[DocumentReference, tuple[str, Listener]] = {}

    def found(self, document: OpenDocument, author_id: str, resync: Callable[[OpenDocument], None]) -> None:
        """Follow the author of a document that was found at the hub; `resync` reads it once that is so."""
        if document.reference in self._open or not self._is_of_others(document, author_id):
            return

        def listen(news: News) -> None:
            # It may have changed after it was read and before anything was told. Changes reach its model anyway.
            if news is None:
                resync(document)

        self._open[document.reference] = (author_id, listen)
        self._followed.follow(author_id, listen)

    def closed(self, document: OpenDocument) -> None:
        """Follow nobody for it any more."""
        if (entry := self._open.pop(document.reference, None)) is not None:
            self._followed.unfollow(*entry)

    def _is_of_others(self, document: OpenDocument, author_id: str) -> bool:
        user, reference = self._user(), document.reference
        is_asked_for = reference.author_id is not None or reference.document_id is not None
        is_told = reference.shared or document.syncer.has_subscription
        return is_asked_for and not is_told and user is not None and user.is_staff and user.id != author_id
