"""Markdown as lines and pieces with formats, as the editor Quill has them. Pure; knows nothing of what is stored.

A line of Markdown is a line there. Any text can be read; what is no Markdown is text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

Formats = dict[str, Any]


class Piece(NamedTuple):
    """Text, or something in its place such as `{"image": address}`, with its formats."""

    insert: str | dict[str, str]
    formats: Formats


class Line(NamedTuple):
    """One line; its formats are those of its end."""

    pieces: list[Piece]
    formats: Formats


MARKS = {"**": "bold", "*": "italic", "_": "italic", "~~": "strike", "<u>": "underline"}
"""What begins a format, the longer first; `</u>` ends the last one, the others themselves."""

FENCE = re.compile(r"(`{3,})([\w+#.-]*)\s*")
BLOCK = re.compile(r"(#{1,6}) |((?:  )*)(?:([-*+])|(\d{1,9}[.)])) (\[[ xX]\] )?|> ")
ESCAPABLE = frozenset("\\`*_~[]()<>#+-.!&|{}")

_SPECIAL = re.compile(r"[\\`!\[*_~<]")
_LINK_END = re.compile(r"\]\(([^()\s]*)\)")
_IMAGE = re.compile(r"!\[((?:\\.|[^\\\]])*)\]\(([^()\s]+)\)")
_TICKS = re.compile("`+")
_ESCAPED = re.compile(r"\\([\\`*_~\[\]()<>#+\-.!&|{}])")


STEPS_FOR_EACH = 10
STEPS_AT_LEAST = 2_000
"""Steps that looking for the ends of formats may take, for each character of a text and in all.

Formats that begin everywhere and end nowhere would take for ever; beyond this, what begins none is text.
"""


def lines_of(text: str) -> Iterator[Line]:
    """Return what a text says; each line but those that begin and end a block of code is one."""
    reader = _Reader(STEPS_AT_LEAST + STEPS_FOR_EACH * len(text))
    fence: re.Match[str] | None = None
    for line in text.split("\n"):
        if fence is not None and line.rstrip() == fence[1]:
            fence = None
        elif fence is not None:
            yield Line([Piece(line, {})] if line else [], {"code-block": fence[2] or True})
        elif (begun := FENCE.fullmatch(line)) is not None:
            fence = begun
        else:
            yield _line(line, reader)


def _line(line: str, reader: _Reader) -> Line:
    found = BLOCK.match(line)
    if found is None:
        return Line(reader.pieces(line, {}), {})
    heading, indent, bullet, _number, box = found.groups()
    rest = line[found.end() :]
    if heading:
        return Line(reader.pieces(rest, {}), {"header": len(heading)})
    if indent is None:
        return Line(reader.pieces(rest, {}), {"blockquote": True})
    kind = "bullet" if bullet else "ordered"
    if box and bullet:
        kind = "unchecked" if box == "[ ] " else "checked"
    elif box:
        rest = box + rest
    formats: Formats = {"list": kind}
    return Line(reader.pieces(rest, {}), formats | ({"indent": len(indent) // 2} if indent else {}))


class _Reader:
    """Reads lines, as long as there are steps left."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def pieces(self, text: str, formats: Formats) -> list[Piece]:
        """Return the pieces of a line, or of what stands inside a format."""
        found: list[Piece] = []
        plain: list[str] = []
        index = 0
        while index < len(text):
            special = _SPECIAL.search(text, index)
            place = special.start() if special is not None else len(text)
            plain.append(text[index:place])
            if special is None:
                break
            end, pieces = self._taken(text, place, formats) or (place + 1, text[place])
            if isinstance(pieces, str):
                plain.append(pieces)
            else:
                found += [*_plain(plain, formats), *pieces]
                plain = []
            index = end
        return [*found, *_plain(plain, formats)]

    def _taken(self, text: str, index: int, formats: Formats) -> tuple[int, list[Piece] | str] | None:
        """Return where what begins here ends, and what it is; None for a character that stands for itself."""
        if text[index] == "\\":
            return (index + 2, text[index + 1]) if text[index + 1 : index + 2] in ESCAPABLE else None
        if text[index] == "`":
            return _code(text, index, formats)
        if text[index] == "!":
            return self._image(text, index, formats)
        if text[index] == "[":
            return None if "link" in formats else self._link(text, index, formats)
        return self._marked(text, index, formats)

    def _image(self, text: str, index: int, formats: Formats) -> tuple[int, list[Piece]] | None:
        self._left -= max(0, text.find("]", index) - index)
        found = _IMAGE.match(text, index) if self._left > 0 and text.find("]", index) > 0 else None
        if found is None:
            return None
        alt = _ESCAPED.sub(r"\1", found[1])
        return found.end(), [Piece({"image": found[2]}, formats | ({"alt": alt} if alt else {}))]

    def _link(self, text: str, index: int, formats: Formats) -> tuple[int, list[Piece]] | None:
        for end in self._places(text, index + 1, "]"):
            if (found := _LINK_END.match(text, end)) is not None and end > index + 1:
                return found.end(), self.pieces(text[index + 1 : end], formats | {"link": found[1]})
        return None

    def _marked(self, text: str, index: int, formats: Formats) -> tuple[int, list[Piece]] | None:
        for mark, name in MARKS.items():
            if name in formats or not text.startswith(mark, index):
                continue
            start, ending = index + len(mark), "</u>" if mark == "<u>" else mark
            if text[start : start + 1].strip() == "" or (mark == "_" and index and text[index - 1].isalnum()):
                continue
            for end in self._places(text, start + 1, ending):
                if mark == "_" and text[end + 1 : end + 2].isalnum():
                    continue
                return end + len(ending), self.pieces(text[start:end], formats | {name: True})
        return None

    def _places(self, text: str, start: int, mark: str) -> Iterator[int]:
        """Return where a mark stands by itself: not escaped, not in code, and not a part of a longer one."""
        index = start - 1
        while index < len(text) and self._left > 0:
            self._left -= 1
            if text[index] == "\\":
                index += 2
            elif text[index] == "`" and (end := _code_end(text, index)) is not None:
                index = end
            elif index >= start and text.startswith(mark, index):
                run = _run(text, index) if mark in MARKS else len(mark)
                self._left -= run
                # A run of three ends two formats: the inner one has the first part, the outer one the rest.
                if run == len(mark) or (run == 3 and mark[0] == "*"):
                    yield index + run - len(mark)
                index += run
            else:
                index += 1


def _plain(parts: list[str], formats: Formats) -> list[Piece]:
    text = "".join(parts)
    return [Piece(text, formats)] if text else []


def _code(text: str, index: int, formats: Formats) -> tuple[int, list[Piece] | str] | None:
    length, end = _run(text, index), _code_end(text, index)
    if end is None:
        return index + length, "`" * length
    code = text[index + length : end - length]
    # So that code can begin and end with the mark itself.
    if len(code) > 2 and code[0] == code[-1] == " " and code.strip():
        code = code[1:-1]
    return end, [Piece(code, formats | {"code": True})]


def _code_end(text: str, index: int) -> int | None:
    """Return where the code ends that begins here: behind the next run of as many backticks; None where none does."""
    length = _run(text, index)
    if text[index - 1 : index] == "`":
        return None
    places = _runs_of_ticks(text).get(length, [])
    following = bisect_right(places, index)
    return places[following] + length if following < len(places) else None


@lru_cache(maxsize=16)
def _runs_of_ticks(text: str) -> dict[int, list[int]]:
    """Return where the runs of backticks in a text begin, by their length: looking for each from the front is slow."""
    found: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        found.setdefault(len(run[0]), []).append(run.start())
    return found


def _run(text: str, index: int) -> int:
    end = index
    while end < len(text) and text[end] == text[index]:
        end += 1
    return end - index
