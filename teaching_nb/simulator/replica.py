"""One person's replica of a live text, and what they have typed into it."""

from __future__ import annotations

from typing import Any

import pycrdt


class Replica:
    """A text as one page has it. Everybody types into a line of their own, so that whole words stay together."""

    def __init__(self, document_id: str, author: str) -> None:
        self.document_id = document_id
        self._author = author
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._count = 0
        self.edits = 0
        """How often something was typed here."""
        self.unsure: list[str] = []
        """Words whose letters the hub has not all acknowledged."""
        self.acknowledged: list[str] = []

    @property
    def text(self) -> str:
        """Return the text; empty before the hub's is here."""
        return str(self._text) if self.is_here else ""

    @property
    def is_here(self) -> bool:
        """Tell whether the hub's text has come."""
        return "code" in self._data

    @property
    def state_vector(self) -> bytes:
        """Return what is known here, for SYNC_DOCUMENT."""
        return self._doc.get_state()

    def hear(self, update: bytes) -> None:
        """Take over what others have typed."""
        self._doc.apply_update(update)

    def lacking_at(self, state_vector: bytes) -> bytes:
        """Return what the hub lacks of it."""
        return self._doc.get_update(state_vector)

    def confirm(self) -> None:
        """Note that the hub has everything that was typed so far."""
        self.acknowledged += self.unsure
        self.unsure = []

    def next_word(self) -> str:
        """Begin a word that nobody else types, and return it."""
        word = f"{self._author}w{self._count};"
        self._count += 1
        self.unsure.append(word)
        return word

    def type(self, letters: str) -> bytes:
        """Add letters to one's own line; return the update for the hub."""
        return self._edited(lambda text, at: text.insert(at, letters))

    def erase(self) -> bytes:
        """Take away the letter that was typed last; return the update for the hub."""

        def erase(text: pycrdt.Text, at: int) -> None:
            del text[at - 1 : at]

        return self._edited(erase)

    def _edited(self, edit: Any) -> bytes:
        before = self._doc.get_state()
        self.edits += 1
        with self._doc.transaction():
            edit(self._text, self._end_of_line())
        return self._doc.get_update(before)

    def _end_of_line(self) -> int:
        """Return where one's own line ends, beginning it at the top if there is none.

        Its end is one's own, too: what others begin at the same moment never stands between two letters.
        """
        text, mark = str(self._text), f"{self._author}: "
        begin = text.find(mark)
        if begin < 0:
            self._text.insert(0, mark + "\n")
            return len(mark)
        return text.index("\n", begin)

    @property
    def _data(self) -> pycrdt.Map[Any]:
        data: pycrdt.Map[Any] = self._doc.get("data", type=pycrdt.Map)
        return data

    @property
    def _text(self) -> pycrdt.Text:
        text: pycrdt.Text = self._data["code"]
        return text
