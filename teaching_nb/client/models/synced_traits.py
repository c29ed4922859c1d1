"""Traits whose assignments go through a model's gate to the hub."""

from __future__ import annotations

import copy
import typing
from typing import Any

import msgspec
from traitlets import Any as AnyTrait
from traitlets import Enum, TraitError, Unicode

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema import documents, wire
from teaching_nb.schema.document_type import DocumentType, converted
from teaching_nb.schema.misfits import as_in_pages

MOST_SHOWN = 60
"""Characters of a value in an error."""


class SyncedText(Unicode):
    """A text that several people may edit: assigning it sends the difference."""

    key = ""
    """Of the document's data; as in the next two classes."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the text, and remember that this thread has seen it."""
        value = super().get(obj, cls)
        obj.gate.note_read(self.name, value)
        return value

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        obj.check_editable()
        obj.gate.edit(self.name, self._validate(obj, value))

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the text with line ends as editors in the browser count them."""
        text: str = super().validate(obj, value)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise TraitError(f"{self.name} holds half a character at position {error.start}; remove it") from error
        if "\0" in text:
            raise TraitError(f"{self.name} holds the character NUL at position {text.index(chr(0))}; remove it")
        text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        _check_length(obj.type, text)
        return text

    def from_hub(self, obj: Any, value: Any) -> Any:
        """Return a text that the hub has looked at already; raise for what is no text."""
        return super().validate(obj, value)


def _check_length(type_name: str, text: str) -> None:
    try:
        documents.check_length(type_name, text)
    except TooLarge as error:
        raise TraitError(f"{error.message}: shorten it") from error


class SyncedEnum(Enum):
    """One of some words: assigning it saves."""

    key = ""

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        obj.check_fits(as_a_whole=True)
        obj.gate.replace(self.name, self._validate(obj, value))

    def from_hub(self, obj: Any, value: Any) -> Any:
        """Return a word of the hub; raise for one that is not known here."""
        return self.validate(obj, value)


class SyncedValue(AnyTrait):
    """One key of a document's data: assigning it saves. What is read is a copy, and changing it does nothing."""

    key = ""

    def __init__(self, value_type: Any, default: Any) -> None:
        super().__init__(default)
        self._value_type = value_type

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return a copy of the value; of a text that others write as well, remember that this thread has seen it."""
        value = super().get(obj, cls)
        if self._is_text_of(obj):
            obj.gate.note_read(self.name, value)
        return copy.deepcopy(value)

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        take = obj.gate.edit if self._is_text_of(obj) else obj.gate.replace
        take(self.name, self._assignable(obj, value))

    def _is_text_of(self, obj: Any) -> bool:
        return self.key in documents.text_keys(obj.type)

    def set_from(self, obj: Any, base: Any, value: Any) -> None:
        """Hand an assignment to the gate that was made of `base`, which may be there no longer; raises as `set`."""
        obj.gate.edit_from(self.name, base, self._assignable(obj, value))

    def _assignable(self, obj: Any, value: Any) -> Any:
        obj.check_fits(as_a_whole=True)
        # Not by way of traitlets, which takes None for everything.
        plain = self.validate(obj, value)
        if why := obj.why_not_assigned(self.key, plain):
            raise TraitError(f"{self.name} cannot be {_short(value)}: {why}")
        return plain

    def validate(self, obj: Any, value: Any) -> Any:  # noqa: ARG002 - the signature of traitlets
        """Return a copy as plain JSON; raise for a value that the type of the document does not have here."""
        try:
            plain = wire.to_plain(converted(value, self._value_type))
            wire.check_json(plain, str(self.name))
        except (InvalidInput, UnicodeEncodeError) as error:
            why = "it holds half a character: remove it" if isinstance(error, UnicodeEncodeError) else error.message
            raise TraitError(f"{self.name} cannot be {_short(value)}: {why}") from error
        return plain

    def from_hub(self, obj: Any, value: Any) -> Any:
        """Return a value of the hub; raise for one that does not fit."""
        return self.validate(obj, as_in_pages(value))


class SyncedJson(AnyTrait):
    """A document's JSON data: assigning a new value saves. What is read is a copy, and changing it does nothing."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return a copy of the data, and remember that this thread has seen it."""
        value = super().get(obj, cls)
        obj.gate.note_read(self.name, value)
        return copy.deepcopy(value)

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        # Not by way of traitlets, which takes None for everything.
        obj.gate.edit(self.name, self.validate(obj, value))

    def validate(self, obj: Any, value: Any) -> Any:
        """Return a copy; raise for data that is not JSON or does not fit the document's type."""
        before = obj.gate.peek(self.name)
        try:
            wire.check_json(value, "data")
            value = documents.with_given_form(obj.type, before, value)
            documents.check_data(obj.type, value)
            self._check_assigned(obj, value)
        except (InvalidInput, TooLarge) as error:
            raise TraitError(error.message) from error
        except (TypeError, ValueError, RecursionError) as error:
            raise TraitError(f"data cannot be written as JSON: {error}") from error
        value = documents.with_changed_text(obj.type, before, value)
        for key in documents.live_text_keys(obj.type) if isinstance(value, dict) else ():
            _check_length(obj.type, value[key] if isinstance(value.get(key), str) else "")
        return copy.deepcopy(documents.with_line_feeds(obj.type, value))

    def _check_assigned(self, obj: Any, value: Any) -> None:
        """Raise `InvalidInput` for a changed key that is not to hold this; what stands there already may stay."""
        present = obj.gate.peek(self.name)
        before = present if isinstance(present, dict) else {}
        for key, new in value.items() if isinstance(value, dict) else ():
            why = "" if key in before and wire.is_same(before[key], new) else obj.why_not_assigned(key, new)
            if why:
                raise InvalidInput(f"{key!r} of a {obj.type} document cannot be {_short(new)}: {why}")


def _short(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:
        # Python shows no number of thousands of digits.
        shown = "this"
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]} …"


SyncedTrait = SyncedText | SyncedEnum | SyncedValue


def traits_of(known: DocumentType) -> dict[str, SyncedTrait]:
    """Return a trait for each key of a type's data, by the name that the struct gives it in Python."""
    defaults = known.data()
    return {
        field.name: _trait(field, getattr(defaults, field.name), is_live=field.encode_name in known.live_text)
        for field in msgspec.structs.fields(known.data)
    }


def _trait(field: msgspec.structs.FieldInfo, default: Any, *, is_live: bool) -> SyncedTrait:
    trait = SyncedText(default) if is_live else _value_trait(field, default)
    trait.key = field.encode_name
    return trait


def _value_trait(field: msgspec.structs.FieldInfo, default: Any) -> SyncedEnum | SyncedValue:
    if typing.get_origin(field.type) is typing.Literal:
        return SyncedEnum(typing.get_args(field.type), default)
    return SyncedValue(field.type, None if default is msgspec.UNSET else wire.to_plain(default))
