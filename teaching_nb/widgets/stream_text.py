"""The text of one stream of a run: whole lines and the one that is being written, with what the pages have of it.

Carriage returns are settled here, so that a progress bar takes one line however often it is drawn.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Any

LINE_CHARACTERS = 100_000
"""Of a longer line the middle is left out."""
LINE_COST = 500
"""What the shortest line costs of a log's room; a longer one costs its characters."""


class Line:
    """A line that is being written."""

    def __init__(self) -> None:
        self._text = ""
        self._left_out = 0

    def append(self, text: str) -> None:
        """Go on with the line; `text` holds no line end."""
        self._text += text
        if "\r" in self._text:
            self._text = settled(self._text)
        surplus = len(self._text) - LINE_CHARACTERS
        if surplus > 0:
            half = LINE_CHARACTERS // 2
            self._text = self._text[:half] + self._text[half + surplus :]
            self._left_out += surplus

    def shown(self, *, is_ended: bool = False) -> str:
        """Return the line as pages show it."""
        text = overwritten(self._text.rstrip("\r")) if is_ended else self._text
        if not self._left_out:
            return text
        half = LINE_CHARACTERS // 2
        return f"{text[:half]} … {self._left_out:,} characters left out … {text[half:]}"


class StreamText:
    """One output of type `stream`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: deque[str] = deque()
        self._line = Line()
        self._first = 0
        """Number of the first line that is kept; those before it are left out."""
        self._told_first = 0
        self._told_end = 0
        """How many lines the pages were told, those that are gone by now included."""
        self._told_line: str | None = None
        """What they have of the line that is being written; None before they know of this output."""

    @property
    def unfinished(self) -> int:
        """How many characters the line has that is being written."""
        return len(self._line.shown())

    @property
    def line_count(self) -> int:
        """How many whole lines are kept."""
        return len(self._lines)

    def append(self, text: str) -> None:
        """Go on with the last line."""
        self._line.append(text)

    def end_line(self) -> int:
        """End the line and return what it costs."""
        line = self._line.shown(is_ended=True) + "\n"
        self._lines.append(line)
        self._line = Line()
        return _cost(line)

    def drop_line(self) -> tuple[int, int]:
        """Leave out the first line; return what it cost, and its length."""
        line = self._lines.popleft()
        self._first += 1
        return _cost(line), len(line)

    def content(self) -> dict[str, Any]:
        """Return the output as pages know it, without its id."""
        return {"type": "stream", "name": self.name, "text": self._text_from(self._first)}

    def note_told(self) -> None:
        """Note that the pages have all of this."""
        self._told_first, self._told_end = self._first, self._first + len(self._lines)
        self._told_line = self._line.shown()

    def take_step(self) -> dict[str, Any] | None:
        """Return what the pages lack, None where they lack nothing; it is theirs from then on."""
        told, told_first, told_end = self._told_line, self._told_first, self._told_end
        if told is None:
            step: dict[str, Any] | None = {"op": "add", "output": self.content()}
        elif self._first > told_end:
            step = {"op": "set", "output": self.content()}
        else:
            text = self._text_from(told_end)
            is_continued = text.startswith(told)
            drop = self._first - told_first
            step = {"op": "text", "drop": drop, "rewind": not is_continued, "text": text[len(told) * is_continued :]}
            if is_continued and not drop and not step["text"]:
                step = None
        self.note_told()
        return step

    def _text_from(self, number: int) -> str:
        return "".join(islice(self._lines, number - self._first, None)) + self._line.shown()


def _cost(line: str) -> int:
    return max(LINE_COST, len(line))


def settled(line: str) -> str:
    """Return an unfinished line with what carriage returns have overwritten for good left out.

    What follows the last return stays apart: more may follow it, and overwrites what it reaches.
    """
    *before, last = line.split("\r")
    return f"{overwritten(chr(13).join(before))}\r{last}"


def overwritten(line: str) -> str:
    r"""Return a line as a terminal leaves it after its carriage returns, as `overwrite` of ansi.ts does."""
    written = ""
    for part in line.split("\r"):
        # A rewritten line keeps its rest only when it carries no escapes: columns are not letters there.
        keeps_rest = len(written) > len(part) and "\x1b" not in written + part
        written = written if part == "" else part + written[len(part) :] if keeps_rest else part
    return written
