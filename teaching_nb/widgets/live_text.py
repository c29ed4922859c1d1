"""Base of the widgets that edit live text: `code` and `text`."""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping
from typing import Any, ClassVar

from IPython import get_ipython
from traitlets import Bool, Dict, List, Unicode

from teaching_nb.client.models.history import Version
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.schema.misfits import notice
from teaching_nb.schema.records import User
from teaching_nb.widgets import ipykernel_hooks, messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.live_link import LiveLink


class LiveTextWidget(DocumentWidget):
    """An editor for one live text document.

    `.model` is the document's model: `doc.model.code`, `doc.model.save_state`.
    """

    text_key = Unicode().tag(sync=True)
    "Key of the shared document that holds the text."
    lane = Dict().tag(sync=True)
    "How a page can exchange edits with the hub directly, as the model says; empty while it cannot."
    unmerged = List(Unicode()).tag(sync=True)
    "The user's versions that could not be merged with the shared text, as the model says."
    stored = Unicode().tag(sync=True)
    "What another program has stored that is not edited here, to be read in the place of the editor; else empty."
    has_history = Bool().tag(sync=True)
    "Whether the user may look at earlier versions, as far as this kernel knows; the hub decides."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.SyncRequest: "_sync_request",
        messages.Leave: "_leave",
        messages.Lane: "_lane",
        messages.PendingReport: "_pending_report",
        messages.RetryNow: "_retry_now",
        messages.Renew: "_renew",
        messages.Update: "_update",
        messages.Pasted: "_pasted",
        messages.Discard: "_discard",
        messages.UseMine: "_use_mine",
        messages.KeepTheirs: "_keep_theirs",
        messages.SetAside: "_set_aside",
        messages.Awareness: "_awareness",
        messages.ShowHistory: "_show_history",
        messages.ShowVersion: "_show_version",
        messages.Restore: "_restore",
    }

    followed: ClassVar[tuple[str, ...]] = ("lane", "unmerged")

    watched: ClassVar[tuple[str, ...]] = ("oddity",)

    pages_know: ClassVar[frozenset[str]] = frozenset({"snapshot"})

    def __init__(self, model: LiveTextModel, *, user: User | None = None, **options: Any) -> None:
        self.model: LiveTextModel = model
        self._user = user
        super().__init__(model, user=user, text_key=model.text_name, **options)
        self._link = LiveLink(model, self.send)
        self._keep_text_after_cells()

    def state(self) -> dict[str, Any]:
        """Return the traits that say what the model holds, and whether its history may be looked at.

        What is no text is read only, with the reason.
        """
        state = super().state()
        state |= {"has_history": self._may_ask_for_history(state["access"]), "stored": ""}
        if not self.model.oddity:
            return state
        stored = json.dumps(self.model.data, ensure_ascii=False, indent=2)
        return as_read(state, stored=stored, why=notice(self.model.misfits))

    def as_text(self) -> str:
        """Return the text; of what is none, what is stored."""
        if self.model.oddity:
            return super().as_text()
        return str(self.model.gate.peek(self.model.text_name))

    def _keep_text_after_cells(self) -> None:
        """Keep the text of a notebook that a program runs, as nbconvert does; pages keep theirs by themselves."""
        shell = get_ipython()
        if not hasattr(shell, "kernel") or not self._is_kept:
            return
        shown = weakref.ref(self)

        def keep() -> None:
            alive = shown()
            if alive is None or alive.comm is None:
                shell.events.unregister("post_execute", keep)
                return
            if not ipykernel_hooks.is_watched(shell.kernel):
                alive.keep_text()

        shell.events.register("post_execute", keep)

    def _sync_request(self, message: messages.SyncRequest, buffers: list[bytes]) -> None:
        self._link.sync(message.peer, message.epoch, buffers[0] if buffers else b"", seq=message.seq)

    def _leave(self, message: messages.Leave, _buffers: list[bytes]) -> None:
        self._link.leave(message.peer)

    def _lane(self, message: messages.Lane, _buffers: list[bytes]) -> None:
        self._link.change_road(message.peer, has_lane=message.on)

    def _pending_report(self, message: messages.PendingReport, _buffers: list[bytes]) -> None:
        self._link.take_report(message.peer, seq=message.seq, stored=message.stored)

    def _retry_now(self, _message: messages.RetryNow, _buffers: list[bytes]) -> None:
        self.model.retry_now()

    def _renew(self, message: messages.Renew, _buffers: list[bytes]) -> None:
        self.model.renew(message.epoch)

    def _update(self, message: messages.Update, buffers: list[bytes]) -> None:
        self._link.edit(message.peer, update=buffers[0], epoch=message.epoch, seq=message.seq)

    def _pasted(self, message: messages.Pasted, _buffers: list[bytes]) -> None:
        self._link.note_paste(message.peer)

    def _discard(self, _message: messages.Discard, _buffers: list[bytes]) -> None:
        self.model.start_anew()

    def _use_mine(self, _message: messages.UseMine, _buffers: list[bytes]) -> None:
        if (conflict := self.model.conflict) is not None:
            conflict.use_mine()

    def _keep_theirs(self, _message: messages.KeepTheirs, _buffers: list[bytes]) -> None:
        if (conflict := self.model.conflict) is not None:
            conflict.keep_theirs()

    def _set_aside(self, message: messages.SetAside, _buffers: list[bytes]) -> None:
        self.model.set_aside(message.text)

    def _awareness(self, message: messages.Awareness, buffers: list[bytes]) -> None:
        self._link.move(message.peer, buffers[0])

    def _show_history(self, _message: messages.ShowHistory, reply: Reply) -> None:
        def answer(versions: list[Version]) -> None:
            reply.give({"versions": [_shown(version) for version in versions]})

        self.model.past.request_versions(answer, reply.refuse)

    def _show_version(self, message: messages.ShowVersion, reply: Reply) -> None:
        self.model.past.request_text(message.number, lambda text: reply.give({"text": text}), reply.refuse)

    def _restore(self, message: messages.Restore, reply: Reply) -> None:
        self.model.past.request_restore(message.number, reply.give, reply.refuse)

    def _may_ask_for_history(self, access: str) -> bool:
        """Writers see the history, the author too unless they are shut out, and teachers of theirs; if there is one."""
        user = self._user
        if not self.model.past.is_kept(self.model.type):
            return False
        is_elevated = user is not None and user.is_staff
        is_author = user is not None and self.model.author_id == user.id
        may_ask = is_elevated or (is_author and access.startswith("RO"))
        return access.startswith("RW") or (bool(access) and may_ask)


def as_read(state: dict[str, Any], *, stored: str, why: str) -> dict[str, Any]:
    """Return the traits of a text that is shown and not edited, whoever may write here."""
    access = "RO_User" if state["access"].startswith("RW") else state["access"]
    read_only = {} if state["save_state"] == "offline" else {"save_state": "read-only", "save_detail": ""}
    return state | read_only | {"access": access, "notice": why, "stored": stored}


def _shown(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "kind": version.kind,
        "at": version.created_at,
        "authors": list(version.authors),
        "isPasted": version.is_pasted,
    }
