"""One live document between the hub and its model. Lives on the loop thread, owns the shared Y.Doc.

Before the hub has answered, the text lives in a provisional document that is never sent; the hub's document
then replaces it, and what was edited meanwhile is merged into it three-way. What cannot be merged is no part of
it: that version waits for its author beside it. A client never pushes a state that it did not get from the hub
first: that is what keeps documents from having two histories.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from teaching_nb.client.link.connection import Connection
from teaching_nb.client.models import saving
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.ports import StoredVersions
from teaching_nb.client.sync.awareness import Cursors
from teaching_nb.client.sync.carrying import carry_over, lacking
from teaching_nb.client.sync.edit_sender import EditSender
from teaching_nb.client.sync.live_messages import refusal_in, synced_in, text_in
from teaching_nb.client.sync.live_views import LiveViews
from teaching_nb.client.sync.merging import apply_changes, merge_data, merge_text, overruled, rebased_changes
from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, SharedDoc
from teaching_nb.client.sync.state_vector import lacks
from teaching_nb.client.sync.syncer import Surroundings
from teaching_nb.client.sync.unmerged import Unmerged
from teaching_nb.errors import Forbidden, InvalidInput, NotFound, OperationalError, TeachingNbError
from teaching_nb.schema import events, limits
from teaching_nb.schema.access import Access, is_writable
from teaching_nb.schema.records import Document

_logger = logging.getLogger(__name__)


class LiveText:
    """Keeps a model, its views and the hub in agreement."""

    has_subscription: Final = True

    def __init__(
        self, model: LiveTextModel, data: dict[str, Any], *, connection: Connection, surroundings: Surroundings
    ) -> None:
        self.model = model
        self._connection = connection
        self._surroundings = surroundings
        self._key = model.text_name
        self._doc = SharedDoc(self._key, data=data)
        self._is_provisional = True
        self._starts_over = self._is_refused = self._is_synced = False
        self._access: Access | None = None
        self._early: list[bytes] = []
        self._sender = EditSender(model, connection, self)
        self._unmerged = Unmerged(model)
        self._base_text, self._base_values = self._doc.text, self._doc.values()
        self.views = LiveViews()
        self.cursors = Cursors(self._emit_awareness)

    # the opener's side

    def opened(self, document: Document) -> None:
        """Take the record of the document; its text comes with `sync`."""
        self.model.show_record(document)

    async def sync(self) -> None:
        """Subscribe, exchange what either side lacks, and send what is unsent.

        Raises `NotConnected`, `TimedOut`, or the hub's refusal.
        """
        self._is_synced = False
        self._early.clear()
        wants_all = self._is_provisional or self._sender.unsent.must_reword
        known = NOTHING_KNOWN if wants_all else self._doc.state_vector
        payload = events.SyncDocument(id=self.model.id, state_vector=known)
        ack = await self._connection.call(events.SYNC_DOCUMENT, payload)
        error = refusal_in(ack)
        if error is not None:
            raise error
        self._agree(synced_in(ack))

    def refused(self, error: OperationalError) -> None:
        """Take the hub's refusal of this document."""
        self._is_synced = False
        self.model.gate.tell("lane", {})
        sentence = saving.refusal_of(error)
        if self._access is not None and isinstance(error, Forbidden | NotFound):
            self._set_access(saving.ended(self._access))
            # Why access ended is known better to whoever has said so before.
            sentence = self.model.gate.facts.refusal or sentence
        self.model.gate.publish(is_synced=False, refusal=sentence)

    def lost(self, sentence: str) -> None:
        """Stop sending until `sync`: the connection was lost. What is unsent is kept."""
        self._is_synced = False
        self.model.gate.publish(is_live=False, is_synced=False, trouble=sentence)

    def live(self) -> None:
        """Show that the connection is there; `sync` follows."""
        self.model.gate.publish(is_live=True, trouble="")

    def flush(self) -> None:
        """Send what is unsent; it waits for nothing but the connection."""
        self._sender.pump()

    @property
    def has_agreed(self) -> bool:
        """Tell whether the shared document is the hub's."""
        return not self._is_provisional

    def caught_up(self, document: Document | None, access: Access) -> None:
        """Take where the document belongs; text and access come with `sync`."""
        del access
        if document is not None:
            self.opened(document)

    async def leave(self, *, is_last: bool) -> None:
        """End following the document; `is_last`: no other model of this kernel follows it."""
        was_synced, self._is_synced = self._is_synced, False
        self.model.gate.tell("lane", {})
        self.model.gate.publish(is_synced=False, refusal=saving.PUT_AWAY)
        if was_synced and is_last:
            await self._connection.call(events.LEAVE_DOCUMENT, events.LeaveDocument(id=self.model.id))

    # events of the hub

    def on_record(self, document: Document) -> None:
        """Take where the document belongs; its text comes as edits."""
        self.opened(document)

    def on_update(self, update: bytes) -> None:
        """Take somebody else's edit, or one of another model of this kernel."""
        if self._is_provisional:
            self._early.append(update)
            return
        self._receive(update)

    def on_awareness(self, state: bytes) -> None:
        """Take where others are."""
        self.cursors.take(state)
        self.views.awareness(state)

    def on_changed(self, change: events.ChangedDocument) -> None:
        """Take a stored version's number; the text itself comes as live text."""
        if isinstance(change.revision, int) and change.revision > self.model.revision:
            self.model.gate.tell("revision", change.revision)
            self.model.gate.tell("updated_at", change.updated_at)

    def on_closed(self, reason: events.ClosedReason) -> None:
        """Stop following, or only stop sending, as the hub says."""
        if reason == "read-only":
            self.lowered()
            return
        self._is_synced = False
        if reason == "resync":
            self._surroundings.resync(self)
            return
        self.model.gate.tell("lane", {})
        self._set_access(saving.ended(self._access))
        refusal = saving.DELETED if reason == "deleted" else saving.ACCESS_ENDED
        self.model.gate.publish(is_synced=False, refusal=refusal)

    # the model's and the views' side

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Apply an assignment of the text, of the whole data, or of the trait of another key, and send it."""
        if name == self._key:
            self._locally(lambda: self._doc.replace_text(base, new), None)
        elif name != "data":
            values = {**self._doc.values(), self.model.data_traits[name].key: new}
            self._locally(lambda: self._doc.replace_values(values), None)
        else:
            old, wanted = text_in(base, self._key), text_in(new, self._key)
            self._locally(lambda: self._doc.replace_text(old, wanted) + self._doc.replace_values(new), None)

    def from_sibling(self, change: Any) -> None:
        """Take an edit of another model of this kernel."""
        self.on_update(change)

    def discard(self) -> None:
        """Give up what the hub has not stored: a draft with the text before it, until the hub's document is here."""
        self.withdraw(self._base_text if self._is_unsaved else self._doc.text)
        if not self.model.gate.facts.refusal:
            self._surroundings.resync(self)

    def withdraw(self, text: str = "") -> None:
        """Forget what the hub had shown, and what was edited here; `text` stands there meanwhile."""
        # Edits of views that are on their way are given up too.
        self._unmerged.refuse_late()
        self._doc = SharedDoc(self._key, data={**self._doc.data(), self._key: text})
        self._sender.forget()
        self.change_over()
        self.model.gate.tell("epoch", self.model.epoch + 1)
        self.views.reset()
        self._show()
        self.model.gate.publish(is_unsaved=False, is_synced=False, rejection="")

    def apply_update(self, update: bytes, origin: object, epoch: int, done: Callable[[], None] | None) -> None:
        """Apply a view's edit; one for a document that was replaced is carried over to the present one."""
        try:
            if epoch == self.model.epoch:
                self._locally(lambda: self._doc.apply(update), origin)
            else:
                self._locally(lambda: self._unmerged.take_late(update, epoch, self._doc), None)
        except InvalidInput as error:
            _logger.warning("an edit of a view was dropped: %s", error.message)
        finally:
            if done is not None:
                done()

    def send_update(self, state_vector: bytes, reply: Callable[[bytes, bytes, int], None]) -> None:
        """Answer a view with what it lacks."""
        reply(self._doc.update_for_view(state_vector), self._doc.state_vector, self.model.epoch)

    def renew(self, epoch: int) -> None:
        """Start over for a view whose edits have names that are taken, unless that has happened."""
        if epoch == self.model.epoch and not self._is_provisional:
            self.start_over(is_refused=False)

    def retry_now(self) -> None:
        """Have the connection made now."""
        self._connection.retry_now()

    def set_aside(self, text: str) -> None:
        """Keep a version that could not be merged; one that everybody has needs no keeping."""
        if text != self._doc.text:
            self._unmerged.add(text)

    def forget_version(self, text: str) -> None:
        """Forget a version that its author has decided about, and refuse edits of it that are on their way."""
        self._unmerged.decide(text)

    # the history's side

    def document_id(self) -> str:
        """Return the document's id; empty until the hub has answered."""
        return self.model.id

    async def restore(self, number: int, versions: StoredVersions) -> None:
        """Have the hub make a version the present text, and show it, now or, where that is not possible, later."""
        await versions.restore_version(self.model.id, number)
        try:
            await self.sync()
        except TeachingNbError:
            self._surroundings.resync(self)

    # the sender's side

    @property
    def doc(self) -> SharedDoc:
        """Return the present shared document."""
        return self._doc

    @property
    def takes_edits(self) -> bool:
        """Tell whether document and hub are in agreement, and the user may change it."""
        return self._is_synced and self._access is not None and is_writable(self._access)

    def lost_agreement(self, sentence: str) -> None:
        """Stop sending: the hub cannot be reached, or keeps silent. What is unsent is kept."""
        self._is_synced = False
        self.model.gate.publish(is_synced=False, trouble=sentence)

    def agree_anew(self) -> None:
        """Ask the hub what it has."""
        self._is_synced = False
        self._surroundings.resync(self)

    def start_over(self, *, is_refused: bool = True) -> None:
        """Go on with the hub's document under a fresh client id, with what was edited here."""
        self._starts_over, self._is_refused = True, is_refused
        self.change_over()
        self._surroundings.resync(self)

    def change_over(self) -> None:
        """Go on with another document, which the name stands for now; what is unsent is merged with it, or kept."""
        self._is_provisional, self._is_synced, self._early = True, False, []
        self.model.gate.tell("lane", {})

    def lowered(self) -> None:
        """Stop sending: the user may only read now."""
        self._set_access(saving.lowered(self._access))

    # agreement with the hub

    def _agree(self, synced: events.Synced) -> None:
        note = ""
        if self._is_provisional:
            note = self._adopt(synced.update)
        else:
            self._receive(synced.update)
        early, self._early = self._early, []
        for update in early:
            self._receive(update)
        if self._sender.unsent.must_reword:
            self._reword(synced)
        elif (
            not self._sender.unsent
            and is_writable(synced.access)
            and lacks(synced.state_vector, self._doc.state_vector)
        ):
            # The hub was set back to an older state: what it had acknowledged exists here only.
            self._sender.unsent.relay(self._doc.update_since(synced.state_vector))
        self._is_synced, self._access = True, synced.access
        self._show()
        lane = {"document": self.model.id, "epoch": self.model.epoch, "user": self._surroundings.user_id()}
        self.model.gate.tell("revision", synced.revision)
        self.model.gate.tell("lane", lane)
        self.model.show_agreed(synced.access, rejection="", note=note)
        self.model.gate.publish(is_unsaved=self._is_unsaved)
        self.views.ask_awareness()
        self._sender.pump()

    def _adopt(self, update: bytes) -> str:
        """Replace the document by the hub's, with what was edited here; return what the user has to know."""
        text, values, epoch = self._doc.text, self._doc.values(), self.model.epoch
        base, base_values = (self._base_text, self._base_values) if self._is_unsaved else (text, values)
        old, starts_over, self._starts_over = self._doc, self._starts_over, False
        self._replace_doc(update, has_same_history=starts_over)
        self._is_provisional = False
        if starts_over:
            # What is the hub's here is the hub's there: only our own edits are made once more.
            carried = carry_over(self._doc, old, self._sender.unsent.updates, is_refused=self._is_refused)
            updates = carried.kept + self._doc.replace_text(carried.before, carried.after)
            updates += self._doc.replace_values(merge_data(base_values, values, self._doc.values()))
            self._sender.unsent.replace(updates)
            return ""
        theirs, their_values = self._doc.text, self._doc.values()
        merged = merge_text(base, text, theirs)
        if merged is None:
            self._unmerged.add(text, epoch)
        updates = [] if merged is None else self._doc.replace_text(theirs, merged)
        updates += self._doc.replace_values(merge_data(base_values, values, their_values))
        self._sender.unsent.replace(updates)
        return saving.overruled_note(overruled(base_values, values, their_values))

    def _reword(self, synced: events.Synced) -> None:
        """Say anew what could not be sent as it was written, without what was written and removed again."""
        lack = lacking(self._doc, synced.update, synced.state_vector)
        if len(lack) <= limits.LIVE_UPDATE_BYTES and not self._sender.unsent.must_go_in_steps:
            self._sender.unsent.replace([lack])
            return
        # All that the hub has is in here by now, so there is nothing to merge.
        text, values = self._doc.text, self._doc.values()
        self._replace_doc(synced.update, has_same_history=True)
        steps = self._doc.replace_text(self._doc.text, text, in_steps=True)
        self._sender.unsent.replace(steps + self._doc.replace_values(values))

    def _replace_doc(self, update: bytes, *, has_same_history: bool) -> None:
        """Go on with the hub's document, without edits of one's own."""
        self._unmerged.replace(self.model.epoch, self._doc, has_same_history=has_same_history)
        self._doc = SharedDoc(self._key, update=update)
        self._base_text, self._base_values = self._doc.text, self._doc.values()
        self.model.gate.tell("epoch", self.model.epoch + 1)
        self.views.reset()

    def _receive(self, update: bytes) -> None:
        before = self._doc.text
        for change in self._doc.apply(update):
            self.views.tell(change, None)
        if self._is_unsaved:
            # What was edited here stays the difference between the base and the text.
            others = rebased_changes(before, self._doc.text, self._base_text)
            self._base_text = apply_changes(self._base_text, others)
        self._show()

    def _locally(self, change: Callable[[], list[bytes]], origin: object) -> None:
        before = None if self._is_unsaved else (self._doc.text, self._doc.values())
        updates = change()
        if updates and before is not None:
            self._base_text, self._base_values = before
        for update in updates:
            self._sender.unsent.add(update)
            self.views.tell(update, origin)
            if not self._is_provisional:
                # The hub does not echo to our socket.
                for sibling in self._surroundings.siblings(self):
                    sibling.from_sibling(update)
        self._show()
        self.model.gate.publish(is_unsaved=self._is_unsaved, **({"rejection": ""} if updates else {}))
        self._sender.pump()

    def _show(self) -> None:
        self.model.show_data(self._doc.data())
        self._unmerged.drop(self._doc.text)

    def _set_access(self, access: Access) -> None:
        self._access = access
        self.model.gate.tell("access", access)
        self.model.gate.publish(access=access)

    @property
    def _is_unsaved(self) -> bool:
        return bool(self._sender.unsent)

    async def _emit_awareness(self, state: bytes) -> None:
        if self._is_synced:
            await self._connection.emit(events.AWARENESS, events.Awareness(id=self.model.id, state=state))
