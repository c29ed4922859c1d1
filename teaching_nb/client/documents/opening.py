"""Bringing open documents into agreement with the hub: finding or creating them, then syncing. Loop thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, TypeGuard

from teaching_nb.client.documents import sharing
from teaching_nb.client.documents.open_documents import DocumentReference, DocumentStore, OpenDocument
from teaching_nb.client.documents.other_types import check_is
from teaching_nb.client.documents.others_documents import OthersDocuments
from teaching_nb.client.documents.signing import disown, is_signed, signed
from teaching_nb.client.link.backoff import Backoff
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.rest import NOT_OPENED, Rest
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models import saving
from teaching_nb.errors import Conflict, Forbidden, NotConnected, NotFound, OperationalError, TimedOut
from teaching_nb.schema.access import Access, effective_access, is_readable, kind
from teaching_nb.schema.records import Document, OpenedDocument, RootLoad, RootMeta, Sharing, User

NOTHING_WRITTEN = "nothing has been written for you here yet"

PUT_OFF_SECONDS = 5
"""Whoever opens a document does not wait for a hub that asks them to come back later than this."""

_logger = logging.getLogger(__name__)


class Opener:
    """Brings documents into agreement with the hub, one task each; asked again while it works, it works once more."""

    def __init__(
        self,
        connection: Connection,
        rest: Rest,
        documents: DocumentStore,
        *,
        user: Callable[[], User | None],
        on_answer: Callable[[], None],
        others: OthersDocuments,
    ) -> None:
        self._connection = connection
        self._rest = rest
        self._documents = documents
        self._user = user
        self._on_answer = on_answer
        self._others = others
        self._tasks = Tasks()

    def resync(self, document: OpenDocument) -> None:
        """Bring a document into agreement with the hub as soon as possible."""
        document.needs_sync = True
        if not document.is_syncing and self._connection.sid is not None:
            document.is_syncing = True
            self._tasks.start(self._sync_until_done(document))

    async def find_access(self, document: Document, permission: Access) -> Access:
        """Return what the user may do, where the hub answers teachers with the author's permission.

        That is where they may not read the document but for looking after its author.
        """
        user = self._user()
        if user is None or document.author_id == user.id or not user.is_staff:
            return permission
        root = await self._rest.root(document.document_root_id)
        access = _access_to_others(root) if root else None
        return permission if access is not None and is_readable(access) else "RO_User"

    def reconsider(self, document: OpenDocument, root: RootMeta) -> None:
        """Update the sentence about how a document is shared by what an event says about a root."""
        if document.sharing is None:
            return
        reference = document.reference
        changed = sharing.after(document.sharing, root, root_id=reference.root_id, type_name=reference.type_name)
        if changed != document.sharing:
            self._share(document, changed)

    async def _sync_until_done(self, document: OpenDocument) -> None:
        backoff = Backoff()
        try:
            while document.needs_sync and self._connection.sid is not None:
                document.needs_sync = False
                if not await self._try(document):
                    document.needs_sync = True
                    await asyncio.sleep(backoff.next_delay())
        except Exception:
            _logger.exception("a document could not be opened")
            document.model.gate.publish(trouble="this document could not be opened")
        finally:
            document.is_syncing = False

    async def _try(self, document: OpenDocument) -> bool:
        """Try once; False when trying again may help."""
        try:
            await self._open(document)
        except TimedOut:
            self._connection.drop()
            return False
        except NotConnected as error:
            document.model.gate.publish(trouble=str(error))
            return False
        except OperationalError as error:
            if saving.consequence(error) == "retry":
                self._put_off(document, error)
                return False
            if error.extra.get("code") == NOT_OPENED:
                self._await(document, error)
            else:
                error.extra["advice"] = self._advice(document.reference)
                document.syncer.refused(error)
        self._on_answer()
        return True

    def _advice(self, reference: DocumentReference) -> str:
        """Return what to do about a refusal that is a matter of access: a teacher is sent to no teacher."""
        user = self._user()
        if not _is_elevated(user):
            return saving.ASK
        is_of_others = reference.author_id is not None and reference.author_id != user.id
        return saving.OF_OTHERS if is_of_others else saving.ASK_STAFF

    async def _open(self, document: OpenDocument) -> None:
        has_to_look = not document.model.id or document.is_outdated
        if has_to_look:
            is_again = bool(document.model.id) and not document.is_renewed
            document.is_outdated = False
            try:
                found = await self._find(document.reference, is_again=is_again)
            finally:
                document.is_renewed = False
            if found.id != document.model.id and document.model.id:
                document.syncer.change_over()
            self._take(document, found)
        try:
            await document.syncer.sync()
        except (Forbidden, NotFound):
            if has_to_look or not document.reference.is_awaited:
                raise
            # It is closed, and its name says better than its id that it will be opened again.
            document.is_outdated = True
            await self._open(document)

    def _take(self, document: OpenDocument, found: Document) -> None:
        document.model.gate.tell("notice", "")
        document.model.gate.publish(awaited="")
        if isinstance(found, OpenedDocument) and isinstance(found.sharing, Sharing):
            self._share(document, found.sharing)
        document.syncer.opened(found)
        self._others.found(document, found.author_id, self.resync)
        # The hub does not tell us of a document that we have just made.
        for other in self._documents:
            if other.awaits(found):
                self.resync(other)

    def _put_off(self, document: OpenDocument, error: OperationalError) -> None:
        trouble = saving.words_of(error, f"the hub cannot open this document just now ({error.message})")
        seconds = error.extra.get("retryAfter")
        is_put_off = isinstance(seconds, int) and seconds > PUT_OFF_SECONDS
        document.model.gate.publish(trouble=trouble, is_put_off=is_put_off)
        if is_put_off:
            self._on_answer()

    def _await(self, document: OpenDocument, error: OperationalError) -> None:
        """Show what there is meanwhile, for reading; the hub tells when the document is there."""
        access: Access = "RO_DocumentRoot"
        is_withheld = document.reference.is_awaited
        if is_withheld:
            document.syncer.withdraw()
            document.model.gate.tell("is_loaded", False)
            document.model.gate.publish(is_loaded=False)
        document.model.gate.tell("access", access)
        document.model.gate.tell("notice", "" if is_withheld else sharing.AWAITED)
        document.model.gate.publish(access=access, awaited=error.message)

    def _share(self, document: OpenDocument, found: Sharing) -> None:
        user = self._user()
        is_elevated = _is_elevated(user)
        document.sharing = found
        sentence = sharing.notice(document.reference.shared, found, is_elevated=is_elevated)
        document.model.gate.tell("notice", sentence)

    async def _find(self, reference: DocumentReference, *, is_again: bool) -> Document:
        if reference.is_written_for:
            return await self._find_written_for(reference)
        if reference.document_id is not None:
            found = await self._rest.document(reference.document_id)
            if found is None:
                raise NotFound(f"there is no document {reference.document_id}")
            check_is(found.document.type, reference.type_name)
            return found.document
        if reference.author_id is not None:
            root = await self._rest.root_of_user(reference.author_id, reference.root_id)
            return _main_document(root, reference, reference.author_id)
        return await self._rest.main_document(_request(reference), is_again=is_again)

    async def _find_written_for(self, reference: DocumentReference) -> Document:
        """Return what was written for a student; staff create it."""
        user = self._user()
        author_id = reference.author_id or (user.id if user else "")
        root = await self._rest.root_of_user(author_id, reference.root_id)
        is_place = root is not None and kind(root.access) == "RO"
        mains = _mains(root, reference, author_id)
        if is_place and mains:
            return mains[0]
        if reference.author_id is None or user is None:
            raise NotFound(NOTHING_WRITTEN, code=NOT_OPENED)
        wanted = {"type": reference.type_name, "documentRootId": reference.root_id, "authorId": author_id}
        if mains and not self._rest.clears_roots:
            # Whoever is to read there has made the root, and what is in it: it is signed by nobody.
            for document in mains:
                await disown(self._rest, document)
            await self._rest.create_on_behalf({**wanted, "data": signed(reference.data, user.id)})
        if not is_place:
            await self._make_place_to_read(reference)
        if not mains or self._rest.clears_roots:
            try:
                return await self._rest.create_document_for({**wanted, "data": reference.data})
            except Forbidden:
                # Somebody else of the staff was quicker.
                _logger.info("somebody has written below %s already", reference.root_id)
        root = await self._rest.root_of_user(author_id, reference.root_id)
        return _main_document(root, reference, author_id)

    async def _make_place_to_read(self, reference: DocumentReference) -> None:
        """Have a root in which students read what is theirs; one that a student has made is taken over."""
        name = {} if reference.root_name is None else {"name": reference.root_name}
        settings = {"access": "RO_DocumentRoot", "sharedAccess": "None_DocumentRoot", "writtenByStaff": True, **name}
        with contextlib.suppress(Conflict):
            await self._rest.create_root(reference.root_id, settings)


def _request(reference: DocumentReference) -> dict[str, Any]:
    """Return the body that gets or creates the reference main document."""
    root: dict[str, Any] = {}
    if reference.root_name is not None:
        root["name"] = reference.root_name
    if reference.shared:
        root["sharedAccess"] = reference.shared
    if reference.is_withheld:
        root["access"] = "None_DocumentRoot"
    body = {"documentRootId": reference.root_id, "type": reference.type_name, "data": reference.data, "root": root}
    return {**body, "shared": True, "ownRootId": reference.own_root_id} if reference.shared else body


def _main_document(root: RootLoad | None, reference: DocumentReference, author_id: str) -> Document:
    mains = _mains(root, reference, author_id)
    if not mains:
        raise NotFound(f"this person has no {reference.type_name} document here yet")
    return mains[0]


def _mains(root: RootLoad | None, reference: DocumentReference, author_id: str) -> list[Document]:
    """Return what there is of an author at the top of a root: the first one counts.

    That is the oldest one; of what staff write, one that they had to sign, for there was something else before.
    """
    mains = [
        document
        for document in (root.documents if root else [])
        if document.author_id == author_id and document.type == reference.type_name and document.parent_id is None
    ]

    def rank(document: Document) -> tuple[bool, str, str]:
        return reference.is_written_for and not is_signed(document), document.created_at, document.id

    return sorted(mains, key=rank)


def _access_to_others(root: RootLoad) -> Access:
    return effective_access(root.own_permission(), root.shared_access, is_own=False)


def _is_elevated(user: User | None) -> TypeGuard[User]:
    return user is not None and user.is_staff
