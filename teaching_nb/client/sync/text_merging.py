"""Three-way merging of data with a live text: line by line, and what says the same in another form with it. Pure.

A hub that knows no live text is told both: the text that is written here, and what other programs know, such as the
Delta of a formatted text. The two are one: merged each for itself, one side's text would end up beside the other
side's form, and what is made of that has neither's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from teaching_nb.client.sync.live_messages import text_in
from teaching_nb.client.sync.merging import merge_data, merge_text, overruled
from teaching_nb.schema import documents, wire
from teaching_nb.schema.document_type import Conversion


@dataclass(frozen=True)
class Merged:
    """What came of two sides."""

    data: dict[str, Any]
    is_apart: bool = False
    """Whether the local text could not be merged: the remote one is in the data."""
    given_up: tuple[tuple[str, Any], ...] = ()
    """Remote values that were given up for local ones, with the path of their keys."""


class TextMerging:
    """Merges data of one type. All data have their text, those of another program the one that says the same."""

    def __init__(self, type_name: str, key: str) -> None:
        known = documents.document_type(type_name)
        self._name, self._key = type_name, key
        self._conversion: Conversion | None = known.conversion if known else None
        self._one = {key} | ({self._conversion.key} if self._conversion else set())
        """Keys under which the text stands."""

    def merge(self, base: Mapping[str, Any], local: Mapping[str, Any], remote: Mapping[str, Any]) -> Merged:
        """Return the data with both sides' changes."""
        old, mine, theirs = (self._beside(each) for each in (base, local, remote))
        text = self._text(base, local, remote)
        given_up = (*overruled(old, mine, theirs), *text.given_up)
        return Merged({**merge_data(old, mine, theirs), **text.data}, text.is_apart, given_up)

    def _text(self, base: Mapping[str, Any], local: Mapping[str, Any], remote: Mapping[str, Any]) -> Merged:
        """Return the text in its forms."""
        if self._is_foreign(local) or self._is_foreign(remote):
            return self._as_a_whole(*(self._in_text(each) for each in (base, local, remote)))
        mine, theirs = text_in(local, self._key), text_in(remote, self._key)
        text = merge_text(text_in(base, self._key), mine, theirs)
        if text is None or text == theirs:
            # As it is stored there: a form can say the same in several ways.
            return Merged(self._in_text(remote), is_apart=text is None)
        return Merged({self._key: text})

    def _as_a_whole(self, old: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> Merged:
        """Return one side: what no text says is not merged by lines."""
        if self._is_same(mine, old):
            return Merged(theirs)
        if self._is_same(theirs, old) or self._is_same(theirs, mine):
            return Merged(mine)
        # What was assigned in that form replaces what is there; a text that was edited waits for its author.
        if self._is_foreign(mine):
            return Merged(mine, given_up=tuple(overruled(old, mine, theirs)))
        return Merged(theirs, is_apart=True)

    def _is_same(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        """Tell whether two say the same, in one form or in both."""
        return wire.is_same(*(documents.with_form(self._name, each) for each in (one, other)))

    def _is_foreign(self, data: Mapping[str, Any]) -> bool:
        """Tell whether another form is there that no text says."""
        conversion = self._conversion
        return conversion is not None and conversion.key in data and conversion.to_text(data[conversion.key]) is None

    def _in_text(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {self._key: text_in(data, self._key)} | {key: data[key] for key in self._one & data.keys()}

    def _beside(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in data.items() if key not in self._one}
