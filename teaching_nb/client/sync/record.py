"""One document that is saved as a whole record: PUT with If-Match, merged key by key. Lives on the loop thread.

A hub without revisions refuses no PUT, see `blind_writes.py`. What is made of its versions: see `agreement.py`. What
was refused is sent when somebody changes something again, for they were told that it is not saved.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from typing import Any, Final

from teaching_nb.client.link.backoff import Backoff
from teaching_nb.client.link.rest import Answer, Rest, Seen
from teaching_nb.client.models import saving
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.sync.agreement import Agreement
from teaching_nb.client.sync.blind_writes import BlindWrites, milliseconds
from teaching_nb.client.sync.merging import both_texts, merge_data
from teaching_nb.client.sync.refusals import FindAccess, may_write_anyway
from teaching_nb.client.sync.save_delay import SaveDelay
from teaching_nb.client.sync.syncer import Surroundings
from teaching_nb.errors import InvalidInput, NotConnected, NotFound, OperationalError, Stale
from teaching_nb.schema import events, wire
from teaching_nb.schema.access import Access, is_writable
from teaching_nb.schema.documents import saves_at_once
from teaching_nb.schema.records import Document

_logger = logging.getLogger(__name__)


class Record(Agreement):
    """Keeps a model and the hub's record in agreement."""

    has_subscription: Final = False

    def __init__(
        self,
        model: DocumentModel,
        data: Any,
        *,
        rest: Rest,
        surroundings: Surroundings,
        find_access: FindAccess,
        on_behalf_of_author: bool = False,
    ) -> None:
        super().__init__(model, data, rest)
        self.has_agreed = False
        """Whether this is the hub's record as far as we were told; false as well after it was closed or refused."""
        self._surroundings = surroundings
        self._find_access = find_access
        self._on_behalf_of_author = on_behalf_of_author
        self._delay = SaveDelay()
        self._is_synced = False
        self._access: Access | None = None
        self._saver: asyncio.Task[None] | None = None
        self._is_rejected = False
        self._backoff = Backoff()

    # the opener's side

    def opened(self, document: Document) -> None:
        """Take the record as the hub has it."""
        self.model.show_record(document)
        revision = document.revision if isinstance(document.revision, int) else None
        self._take_remote(document.data, revision, document.updated_at)

    async def sync(self) -> None:
        """Read the record, learn what we may do, save what is unsaved; raises `NotConnected` or the hub's refusal."""
        found = await self._rest.document(self.model.id)
        if found is None:
            raise NotFound("document not found")
        self.opened(found.document)
        self._agree(await self._find_access(found.document, found.highest_permission))

    def caught_up(self, document: Document | None, access: Access) -> None:
        """Agree with the hub by what was missed: a newer version, None if there is none, and what we may do."""
        if document is not None:
            self.opened(document)
        self._agree(access)

    def _agree(self, access: Access) -> None:
        self._access = access
        self._is_synced = self.has_agreed = True
        self.model.show_agreed(access)
        self.flush()

    def change_over(self) -> None:
        """Go on with another record, which the name stands for now; what is unsaved is merged with it."""
        self._is_synced = self.has_agreed = False
        self._revision, self._server_updated_at = None, 0
        self._blind = BlindWrites()

    def withdraw(self) -> None:
        """Forget what the hub had shown."""
        self.change_over()
        self._base = self._as_here(copy.deepcopy(self._initial))
        self._put(self._base)
        self._show()

    def refused(self, error: OperationalError) -> None:
        """Take the hub's refusal of this document."""
        self._is_synced = self.has_agreed = False
        self.model.gate.publish(is_synced=False, refusal=saving.refusal_of(error))

    def lost(self, sentence: str) -> None:
        """Stop saving until `live`: the connection was lost. What is unsaved is kept."""
        self._is_synced = False
        self.model.gate.publish(is_live=False, is_synced=False, trouble=sentence)

    def live(self) -> None:
        """Show that the connection is there; `sync` follows."""
        self.model.gate.publish(is_live=True, trouble="")

    async def leave(self, *, is_last: bool) -> None:  # noqa: ARG002 - the same call as for live text
        """End following the document; the hub need not be told of a record."""
        self._is_synced = False
        self.model.gate.publish(is_synced=False, refusal=saving.PUT_AWAY)

    # events of the hub

    def on_record(self, document: Document) -> None:
        """Take the record as the hub tells it."""
        self.opened(document)

    def on_update(self, update: bytes) -> None:
        """Nothing: what is saved as a whole has no edits."""

    def on_awareness(self, state: bytes) -> None:
        """Nothing: what is saved as a whole has no cursors."""

    def on_changed(self, change: events.ChangedDocument) -> None:
        """Take a version that somebody else stored, or streams."""
        revision = change.revision if isinstance(change.revision, int) else None
        self._hear(change.data, revision, change.updated_at)

    def on_closed(self, reason: events.ClosedReason) -> None:
        """Stop following: the document is gone, or may not be seen any more."""
        self._is_synced = self.has_agreed = False
        self._access = saving.ended(self._access)
        self.model.gate.tell("access", self._access)
        refusal = saving.DELETED if reason == "deleted" else saving.ACCESS_ENDED
        self.model.gate.publish(is_synced=False, access=self._access, refusal=refusal)

    # the model's side

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Apply an assignment of the data, or of the trait of one key, and save it later."""
        self._apply(name, base, new)
        self._edited()

    def _apply(self, name: str, base: Any, new: Any) -> None:
        if name == "data":
            self._put(merge_data(base, new, self._local, self._texts))
        else:
            present = self._local if isinstance(self._local, dict) else {}
            key = self.model.data_traits[name].key
            there = present.get(key)
            if key in self._texts and isinstance(there, str):
                new = both_texts(base, new, there)
            self._put({**present, key: new})

    def _edited(self) -> None:
        self._repairs = 0
        self._delay.changed(is_urgent=saves_at_once(self.model.type))
        self._is_rejected = False
        self._show()
        self.model.gate.publish(rejection="", note="")
        self._pump()

    def discard(self) -> None:
        """Give up what the hub has not stored."""
        self._put(self._base)
        self._show()

    def from_sibling(self, change: Any) -> None:
        """Take data that another model of this kernel has stored."""
        self._put(merge_data(self._base, self._local, change, self._texts))
        self._show()
        self._pump()

    def flush(self) -> None:
        """Save without waiting for further changes."""
        if self._is_unsaved:
            self._delay.hurry()
        self._pump()

    # saving

    def _show(self) -> None:
        if not self._is_unsaved:
            self._delay.settled()
            self._is_rejected = False
            self.model.gate.publish(rejection="")
        super()._show()

    def _may_save(self) -> bool:
        is_wanted = self._is_unsaved and not self._is_rejected
        return self._is_synced and is_wanted and self._access is not None and is_writable(self._access)

    def _pump(self) -> None:
        if self._saver is None and self._may_save():
            self._saver = asyncio.get_running_loop().create_task(self._save_all())

    async def _save_all(self) -> None:
        try:
            while self._may_save():
                await self._delay.wait()
                if self._may_save() and not await self._save():
                    return
        except Exception:
            _logger.exception("saving a document failed")
            self.model.gate.publish(trouble="your last change could not be saved")
        finally:
            self._saver = None
            self._end_blind_write()

    async def _save(self) -> bool:
        """Send the present data once; tell whether to go on."""
        self._delay.sent()
        sent, seen = copy.deepcopy(self._local), Seen(self._revision, self._server_updated_at, self._base)
        self._is_writing_blindly = self._revision is None
        try:
            answer = await self._rest.save(self.model.id, sent, seen, on_behalf_of_author=self._on_behalf_of_author)
        except (NotConnected, OperationalError) as error:
            self._end_blind_write()
            return await self._not_stored(error)
        self._stored(sent, answer)
        self._end_blind_write()
        return True

    def _stored(self, sent: Any, answer: Answer) -> None:
        self._backoff.reset()
        if answer.blind is not None:
            self._written_blindly(sent, answer.blind)
        elif answer.revision is None or self._revision is None or answer.revision > self._revision:
            self._base = sent
            self._take_version(answer.revision, answer.updated_at, sent)
        self._show()
        self.model.gate.publish(rejection="", trouble="")
        # The hub does not echo to our socket.
        for sibling in self._surroundings.siblings(self):
            sibling.from_sibling(sent)
        self._surroundings.stored(self, sent)

    def _take_newer(self, error: Stale) -> bool:
        """Merge with the version that the hub has instead, and try again at once."""
        try:
            document = wire.convert(error.extra.get("document"), Document)
        except InvalidInput:
            self._is_rejected = True
            self.model.gate.publish(rejection=saving.sentence_of(error))
            return False
        self._delay.hurry()
        revision = document.revision if isinstance(document.revision, int) else None
        self._rebase(document.data, milliseconds(document.updated_at) if revision is None else None)
        self._take_version(revision, document.updated_at, document.data)
        self._show()
        return True

    async def _not_stored(self, error: NotConnected | OperationalError) -> bool:
        if isinstance(error, NotConnected):
            self._is_synced = False
            self.model.gate.publish(is_synced=False, trouble=str(error))
            self._surroundings.resync(self)
            return False
        return self._take_newer(error) if isinstance(error, Stale) else await self._take_refusal(error)

    async def _take_refusal(self, error: OperationalError) -> bool:
        kind = saving.consequence(error)
        if kind == "retry":
            self.model.gate.publish(trouble=saving.words_of(error, f"the hub cannot save just now ({error.message})"))
            await asyncio.sleep(self._backoff.next_delay())
            self._delay.hurry()
            return True
        if kind == "read-only" and not await may_write_anyway(self.model.id, self._rest, self._find_access):
            self._access = saving.lowered(self._access)
            self.model.gate.tell("access", self._access)
            self.model.gate.publish(access=self._access)
        else:
            self._is_rejected = True
            self.model.gate.publish(rejection=saving.sentence_of(error))
        return False
