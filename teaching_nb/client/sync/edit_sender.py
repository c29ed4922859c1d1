"""Sends the edits of one live text to the hub: one message after the other, paced, and says what became of them.

Made by the live text, which it asks whether the hub takes edits now. Lives on the loop thread.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from teaching_nb.client.link.backoff import Backoff
from teaching_nb.client.link.connection import Connection
from teaching_nb.client.models import saving
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.live_messages import refusal_in
from teaching_nb.client.sync.shared_doc import SharedDoc
from teaching_nb.client.sync.unsent import Unsent
from teaching_nb.errors import Conflict, NotConnected, OperationalError, TimedOut, TooLarge
from teaching_nb.schema import documents, events, limits, wire

SPACING_SECONDS = 0.05
"""At most twenty messages a second and document go to the hub; the first keystroke goes at once."""

_JSON_GROWTH = 6
"""One character is at most six in JSON (a control character)."""

_logger = logging.getLogger(__name__)


class Agreement(Protocol):
    """What the sender asks of the live text, and tells it."""

    @property
    def doc(self) -> SharedDoc:
        """Return the present shared document."""

    @property
    def takes_edits(self) -> bool:
        """Tell whether document and hub are in agreement, and the user may change it."""

    def lost_agreement(self, sentence: str) -> None:
        """Stop sending: the hub cannot be reached, or keeps silent."""

    def agree_anew(self) -> None:
        """Ask the hub what it has."""

    def start_over(self) -> None:
        """Go on with the hub's document under a fresh client id, with what was edited here."""

    def lowered(self) -> None:
        """Stop sending: the user may only read now."""


class EditSender:
    """What the hub has not acknowledged of one live text, and the task that sends it."""

    def __init__(self, model: LiveTextModel, connection: Connection, agreement: Agreement) -> None:
        self.unsent = Unsent()
        self._model = model
        self._connection = connection
        self._agreement = agreement
        self._task: asyncio.Task[None] | None = None
        self._free_at = 0.0
        self._backoff = Backoff()
        self._has_agreed_anew = False

    def forget(self) -> None:
        """Give up what was not acknowledged."""
        self.unsent = Unsent()

    def pump(self) -> None:
        """Send what waits, if the hub takes it now and nothing is being sent."""
        if self._task is not None or not self._may_send():
            return
        if self.unsent.must_reword:
            self._ask_to_reword()
        else:
            self._task = asyncio.get_running_loop().create_task(self._send_all())

    def _may_send(self) -> bool:
        return self._agreement.takes_edits and self.unsent.is_waiting

    def _ask_to_reword(self) -> None:
        """Ask the hub what it has, unless it would refuse the text anyway."""
        try:
            _check_size(self._model.type, self._agreement.doc)
        except TooLarge as error:
            self._model.gate.publish(rejection=error.message)
        else:
            self._agreement.agree_anew()

    async def _send_all(self) -> None:
        try:
            while self._may_send() and not self.unsent.must_reword:
                wait = self._free_at - asyncio.get_running_loop().time()
                if wait > 0:
                    await asyncio.sleep(wait)
                if not self._may_send() or not await self._send_some():
                    break
        except Exception:
            _logger.exception("sending an edit failed")
            self.unsent.keep()
            self._model.gate.publish(trouble="your last change could not be sent")
        finally:
            self._task = None
        if self.unsent.must_reword and not self._model.gate.facts.rejection:
            self.pump()

    async def _send_some(self) -> bool:
        """Send the oldest edits in one message; tell whether to go on."""
        self._free_at = asyncio.get_running_loop().time() + SPACING_SECONDS
        try:
            _check_size(self._model.type, self._agreement.doc)
            update = self.unsent.take()
            if update is None:
                return False
            payload = events.UpdateDocument(id=self._model.id, update=update)
            ack = await self._connection.call(events.UPDATE_DOCUMENT, payload)
        except TooLarge as error:
            self.unsent.refuse()
            self._model.gate.publish(rejection=error.message)
            return False
        except (NotConnected, TimedOut) as error:
            self.unsent.keep()
            self._agreement.lost_agreement(str(error))
            if isinstance(error, TimedOut):
                self._connection.drop()
            return False
        refusal = refusal_in(ack)
        if refusal is not None:
            self.unsent.keep()
            return await self._take_refusal(refusal)
        self._stored(ack)
        return True

    def _stored(self, ack: Any) -> None:
        self.unsent.stored()
        self._has_agreed_anew = False
        self._backoff.reset()
        gate = self._model.gate
        revision = ack.get("revision")
        if isinstance(revision, int) and revision > self._model.revision:
            gate.tell("revision", revision)
        gate.publish(is_unsaved=bool(self.unsent), rejection="", trouble="")

    async def _take_refusal(self, error: OperationalError) -> bool:
        kind = saving.consequence(error)
        if kind == "read-only":
            self._agreement.lowered()
            return False
        if kind == "retry":
            self._model.gate.publish(trouble=f"the hub cannot save just now ({error.message})")
            await asyncio.sleep(self._backoff.next_delay())
            return True
        if isinstance(error, Conflict) and (self._has_agreed_anew or not self.unsent.has_others):
            # The names of our edits are taken, so they can never be sent as they are.
            self._agreement.start_over()
            return False
        # Perhaps the hub knows less than we think, for it was set back, or a version in between is too much for it.
        self.unsent.refuse(is_too_large=isinstance(error, TooLarge))
        if not self._has_agreed_anew:
            self._has_agreed_anew = True
            self._agreement.agree_anew()
            return False
        self._model.gate.publish(rejection=saving.sentence_of(error))
        return False


def _check_size(type_name: str, doc: SharedDoc) -> None:
    try:
        documents.check_length(type_name, doc.text)
    except TooLarge as error:
        raise TooLarge(f"{error.message}: shorten it") from error
    if len(doc.text) * _JSON_GROWTH > limits.LIVE_TEXT_BYTES // 2:
        size = len(wire.encode(doc.data()))
        if size > limits.LIVE_TEXT_BYTES:
            raise TooLarge(f"the text has {size} bytes, the limit is {limits.LIVE_TEXT_BYTES}: shorten it")
