"""Traits whose assignments go through a model's gate to the hub."""

from __future__ import annotations

import copy
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Enum, TraitError, Unicode

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, wire


class SyncedText(Unicode):
    """A text that several people may edit: assigning it sends the difference."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the text, and remember that this thread has seen it."""
        value = super().get(obj, cls)
        obj.gate.note_read(self.name, value)
        return value

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
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
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class SyncedEnum(Enum):
    """One of some words: assigning it saves."""

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        obj.gate.edit(self.name, self._validate(obj, value))


class SyncedJson(AnyTrait):
    """A document's JSON data: assigning a new value saves. What is read is a copy, and changing it does nothing."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return a copy of the data, and remember that this thread has seen it."""
        value = super().get(obj, cls)
        obj.gate.note_read(self.name, value)
        return copy.deepcopy(value)

    def set(self, obj: Any, value: Any) -> None:
        """Hand an assignment to the gate."""
        obj.gate.edit(self.name, self._validate(obj, value))

    def validate(self, obj: Any, value: Any) -> Any:
        """Return a copy; raise for data that is not JSON or does not fit the document's type."""
        try:
            wire.encode(value)
            wire.check_keepable(value, "data")
            documents.check_data(obj.type, value)
        except InvalidInput as error:
            raise TraitError(error.message) from error
        except (TypeError, ValueError, RecursionError) as error:
            raise TraitError(f"data cannot be written as JSON: {error}") from error
        return copy.deepcopy(documents.with_line_feeds(obj.type, value))
