"""A document as the notebook sees it: observable, always truthful about whether it is saved."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from traitlets import HasTraits, TraitError

from teaching_nb.client.models.gate import Gate
from teaching_nb.client.models.ports import Loop
from teaching_nb.client.models.saving import (
    NO_HUB,
    Facts,
    SaveState,
    hopeless_error,
    save_state,
    why_not_saved,
)
from teaching_nb.client.models.synced_traits import SyncedJson, SyncedTrait, SyncedValue, traits_of
from teaching_nb.client.told_traits import ToldBool, ToldEnum, ToldInt, ToldText
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents
from teaching_nb.schema.access import Access, is_writable
from teaching_nb.schema.document_type import DocumentType
from teaching_nb.schema.misfits import Misfit, fitting, misfits_in, refusal
from teaching_nb.schema.records import Document

WhyNot: TypeAlias = Callable[[Any], str]
"""Says what is wrong with a value; nothing for one that may be."""


class DocumentModel(HasTraits):
    """One document, of a type that nobody here needs to understand.

    Made by `Classroom.document` and `Classroom.open_document`. Observers of changes from the hub run on the
    client's own thread: they may set traits and send widget messages, never print and never wait.

    `class TaskStateModel(DocumentModel, type=TYPE)` is the model of a known type: it gets a trait for each key of
    the type's data, which saves when it is assigned. A type without behaviour of its own needs no such class.
    """

    document_type: ClassVar[DocumentType | None] = None
    """What is known of the type; None for one that nobody here understands."""

    data_traits: ClassVar[dict[str, SyncedTrait]] = {}
    """Name → trait, of those that hold one key of `data` each."""

    classes: ClassVar[dict[str, type[DocumentModel]]] = {}
    """Type → its model, of those types that were used so far."""

    id = ToldText()
    "The document's id at the hub; empty until the hub has answered."
    type = ToldText()
    "The document type, such as `code`."
    root_id = ToldText()
    "The root that the document hangs below."
    author_id = ToldText()
    "Whose document it is."
    parent_id = ToldText(None, allow_none=True)
    "The document that this one belongs to, if any."
    data = SyncedJson(None, allow_none=True)
    "The whole content. Assign a new value to save it."
    revision = ToldInt()
    "Number of the newest version that was seen; grows with every change."
    updated_at = ToldText()
    "When the hub stored that version (UTC)."
    access = ToldText()
    "What you may do: one of the nine access words, empty until the hub has answered."
    is_loaded = ToldBool()
    "Whether the hub has answered for this document at least once."
    save_state = ToldEnum(("saved", "saving", "offline", "refused", "read-only"), "offline")
    "Whether your changes are stored at the hub, those that are being typed in pages of this kernel included."
    save_detail = ToldText()
    "The same as a sentence for people."
    notice = ToldText()
    "How the document is shared, where that is not what was asked for; empty otherwise."

    def __init_subclass__(cls, type: DocumentType | None = None, **options: Any) -> None:  # noqa: A002 - see above
        super().__init_subclass__(**options)
        if type is not None:
            cls.document_type = type
            cls._add_traits(type)
            DocumentModel.classes[type.name] = cls

    @classmethod
    def _add_traits(cls, known: DocumentType) -> None:
        cls.data_traits = traits_of(known)
        for name, trait in cls.data_traits.items():
            if hasattr(cls, name):
                raise TypeError(
                    f"{known.data.__name__}.{name} has the name of an attribute that every model has: "
                    f"call it otherwise, with msgspec.field(name={trait.key!r})"
                )
            setattr(cls, name, trait)
            # As traitlets does with traits that stand in the body of the class.
            trait.class_init(cls, name)

    def __init__(self, loop: Loop, type_name: str, data: Any = None) -> None:
        super().__init__()
        self.gate = Gate(self, loop)
        """For the client: how values get in and out."""
        self._limits: dict[str, WhyNot] = {}
        self.set_trait("type", type_name)
        self.show_data(data)

    @property
    def can_edit(self) -> bool:
        """Tell whether the hub would take a change; False until it has said so."""
        access = self.gate.facts.access
        return access is not None and is_writable(access)

    @property
    def has_hub(self) -> bool:
        """Tell whether there is a hub at all, be it away: False where a notebook runs without one."""
        return self.gate.facts.trouble != NO_HUB

    @property
    def has_unsaved(self) -> bool:
        """Tell whether this kernel holds changes that the hub has not acknowledged; pages tell of their own."""
        facts = self.gate.facts
        return facts.is_unsaved or facts.is_unmerged

    def wait_saved(self, timeout: float = 10.0) -> bool:
        """Wait until the hub has stored every change that was made before this call; return True.

        That includes what has been typed in pages of this kernel, as far as they have told it so. Raises
        `Forbidden` with the reason as soon as the changes are refused, `NotConnected` at once where there is no hub,
        `TimedOut` when time is up.
        """
        if not self.gate.wait_stored(timeout):
            facts = self.gate.facts
            raise hopeless_error(facts, "not saved: " + why_not_saved(facts))
        return True

    def wait_loaded(self, timeout: float = 10.0) -> bool:
        """Wait until the hub has answered for this document; return True.

        Raises `Forbidden` when the hub refuses it, `NotConnected` at once where there is no hub, `TimedOut` when time
        is up.
        """
        self.gate.wait(_is_decided, timeout, "not loaded")
        facts = self.gate.facts
        if not facts.is_loaded:
            raise hopeless_error(facts, "not loaded: " + (facts.refusal or facts.awaited or facts.trouble))
        return True

    def saved_here(self) -> tuple[SaveState, str]:
        """Return the save state and its sentence, but of this kernel's own changes: pages know about theirs."""
        return save_state(dataclasses.replace(self.gate.facts, is_typing=False))

    def discard(self) -> None:
        """Give up the changes that the hub has not stored; what it has stored is shown instead. Any thread."""
        if self.gate.facts.is_unsaved:
            self.gate.discard()

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        """Return what another program has stored here that the type does not have; it is never rewritten by itself."""
        data = self.gate.peek("data")
        # Before the hub has answered, there is nothing yet.
        return misfits_in(self.document_type, data) if data is not None or self.is_loaded else ()

    def check_fits(self, *, as_a_whole: bool = False) -> None:
        """Raise `InvalidInput` where a change of one key would rewrite what another program has stored.

        `as_a_whole`: only where that is no object, which a key has no place in.
        """
        odd = [misfit for misfit in self.misfits if not as_a_whole or not misfit.key]
        if odd:
            raise InvalidInput(refusal(odd))

    def limit(self, key: str, why_not: WhyNot) -> None:
        """Have a key of the data take nothing that the notebook's last call does not have, as `why_not` says."""
        self._limits[key] = why_not

    def assign_from(self, name: str, base: Any, value: Any) -> None:
        """Assign a trait of the data as somebody has changed it who saw `base`; raises `TraitError`.

        Of a text that others write as well, what they have written since stays.
        """
        trait = self.data_traits[name]
        if isinstance(trait, SyncedValue):
            trait.set_from(self, base, value)
        else:
            setattr(self, name, value)

    def why_not_assigned(self, key: str, value: Any) -> str:
        """Return why a value that fits the type is not to be assigned under a key; empty where it may be."""
        why_not = self._limits.get(key)
        return documents.why_not_assigned(self.type, key, value) or (why_not(value) if why_not else "")

    def show_data(self, data: Any) -> None:
        """Show data that is not the user's assignment; for the client, on the loop thread.

        A value that does not fit the type, from another client, is left in `data` only.
        """
        self.gate.show("data", copy.deepcopy(data))
        present = fitting(self.document_type, data)
        for name, trait in self.data_traits.items():
            try:
                value = trait.from_hub(self, present[trait.key]) if trait.key in present else trait.default_value
            except TraitError:
                value = trait.default_value
            self.gate.show(name, copy.deepcopy(value))

    def show_record(self, record: Document) -> None:
        """Show everything of a record but its data; for the client, on the loop thread."""
        self.gate.tell("id", record.id)
        self.gate.tell("root_id", record.document_root_id)
        self.gate.tell("author_id", record.author_id)
        self.gate.tell("parent_id", record.parent_id)

    def show_agreed(self, access: Access, **facts: Any) -> None:
        """Show that the document is in agreement with the hub, which grants this access; for the client, as above."""
        self.gate.tell("access", access)
        self.gate.tell("is_loaded", True)
        self.gate.publish(is_live=True, is_loaded=True, is_synced=True, access=access, refusal="", trouble="", **facts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type} {self.id or 'not opened yet'}: {self.save_state}>"


def _is_decided(facts: Facts) -> bool:
    """Tell whether the hub has answered for the document, or will not."""
    return facts.is_loaded or bool(facts.refusal or facts.awaited) or facts.trouble == NO_HUB
