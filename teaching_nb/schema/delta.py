"""Deltas, in which the editor Quill stores formatted text, and the Markdown that says the same. Pure.

A Delta is `{"ops": [{"insert": text or object, "attributes": {…}}]}`; the attributes of a line end are those of its
line. Markdown that does not come back as the same Delta does not say the same: then there is none, and a reason.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

import msgspec

from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema.limits import FORMATTED_TEXT_BYTES
from teaching_nb.schema.markdown import BLOCK, FENCE, Formats, Line, Piece, lines_of

EMPTY: Final[dict[str, Any]] = {"ops": [{"insert": "\n"}]}

_ORDER = ("link", "underline", "strike", "bold", "italic", "code", "alt")
"""From the outermost format of a piece to the innermost."""
_ORDERS = (_ORDER, ("link", "underline", "strike", "italic", "bold", "code", "alt"))
"""What one cannot say, such as a bold word at the end of an italic line, the other may."""
_MARKS = {"underline": ("<u>", "</u>"), "strike": ("~~", "~~"), "bold": ("**", "**"), "italic": ("*", "*")}
_OF_LINES = frozenset({"header", "list", "indent", "blockquote", "code-block"})
_SPECIAL = re.compile(r"[\\`*~\[\]<]|(?<![^\W_])_|_(?![^\W_])|!(?=\[)")
_NO_DELTA = "is no text of the editor Quill"
_AT_THIS_PLACE = "has formats that Markdown cannot say at this place"
_NO_LAST_END = "does not end with the end of a line, as texts of the editor Quill do"
_TOO_LONG = f"is longer than {FORMATTED_TEXT_BYTES:,} characters, so that only its beginning is drawn"
_LONGEST = FORMATTED_TEXT_BYTES + 1
"""Characters of a Delta that is converted: the last line has an end, where Markdown needs none."""
_MOST_WRITTEN = 4 * FORMATTED_TEXT_BYTES
"""Characters of Markdown that is read once more. What was made of Markdown may need more of it than it was made of."""


def from_markdown(text: str) -> dict[str, Any]:
    """Return the Delta of any text."""
    found = _Operations()
    for line in lines_of(text):
        for insert, formats in [*line.pieces, Piece("\n", line.formats)]:
            found.add(insert, formats)
    operations = found.all()
    return {"ops": operations} if operations else EMPTY


def to_markdown(delta: Any) -> str | None:
    """Return the Markdown that says the same as a Delta; None where there is none, or too much to be looked for."""
    if is_too_long(delta):
        return None
    # While people write, the same stored Delta is looked at again and again.
    return _markdown_of(msgspec.json.encode(delta))


def is_too_long(delta: Any) -> bool:
    """Tell whether converting a Delta would take longer than a hub or a page should be busy with it."""
    operations = delta.get("ops") if isinstance(delta, dict) else None
    if not isinstance(operations, list):
        return False
    left = _LONGEST
    for each in operations:
        insert = each.get("insert") if isinstance(each, dict) else None
        left -= max(1, len(insert)) if isinstance(insert, str) else 1
    return left < 0


@lru_cache(maxsize=64)
def _markdown_of(encoded: bytes) -> str | None:
    delta = msgspec.json.decode(encoded)
    lines, wanted = _lines(delta), _canonical(delta)
    if lines is None or wanted is None:
        return None
    tried: str | None = None
    for order in _ORDERS:
        text = _written_all(lines, order)
        if len(text) > _MOST_WRITTEN:
            return None
        if text != tried and _encoded(from_markdown(text)["ops"]) == wanted:
            return text
        tried = text
    return None


def readable(delta: Any) -> str | None:
    """Return Markdown that says as much of a Delta as it can, of a long one its beginning; None for what is none."""
    lines = _lines(delta)
    if lines is None:
        return None
    if not is_too_long(delta):
        return _written_all(lines, _ORDER)
    return _written_all(_beginning(lines), _ORDER) + "\n…"


def _beginning(lines: list[Line]) -> list[Line]:
    """Return as many lines as are converted at once; of a line that is longer than that, its beginning."""
    found: list[Line] = []
    left = FORMATTED_TEXT_BYTES
    for line in lines:
        pieces = [
            Piece(each.insert[:left] if isinstance(each.insert, str) else each.insert, each.formats)
            for each in line.pieces[:left]
        ]
        found.append(Line(pieces, line.formats))
        left -= 1 + sum(len(each.insert) if isinstance(each.insert, str) else 1 for each in line.pieces)
        if left <= 0:
            break
    return found


def why_not(delta: Any) -> str:
    """Return what a Delta has that Markdown has not, as part of a sentence; empty where there is nothing."""
    if is_too_long(delta):
        return _TOO_LONG
    text = to_markdown(delta)
    if text is not None:
        return "" if len(text) <= FORMATTED_TEXT_BYTES else _TOO_LONG
    lines = _lines(delta)
    if lines is None:
        return _NO_DELTA
    last = delta["ops"][-1]["insert"] if delta["ops"] else ""
    is_ended = isinstance(last, str) and last.endswith("\n")
    return _foreign(lines) or (_AT_THIS_PLACE if is_ended else _NO_LAST_END)


def _foreign(lines: list[Line]) -> str:
    for line in lines:
        for name in line.formats:
            if name not in _OF_LINES:
                return f"has lines with {name}"
        for insert, formats in line.pieces:
            if isinstance(insert, dict) and set(insert) != {"image"}:
                return f"holds something else than text and images: {', '.join(insert)[:40]}"
            for name in formats:
                if name not in _ORDER:
                    return f"has text with {name}"
    return ""


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two Deltas say the same: pieces with the same formats are one."""
    found = [_canonical(each) for each in (one, other)]
    return None not in found and found[0] == found[1]


def looks_like(value: Any) -> bool:
    """Tell whether something was meant to be a Delta."""
    return isinstance(value, dict) and "ops" in value


def given(delta: Any) -> dict[str, Any]:
    """Return a Delta that somebody gives as the editor stores it: the last line has its end, as all lines have.

    Raises `InvalidInput` for what is no Delta, `TooLarge` for one that is not converted: the text would be read only.
    """
    operations = _joined(delta)
    if operations is None:
        raise InvalidInput(f'delta is {{"ops": [{{"insert": …, "attributes": …}}]}}, not {delta!r:.60}')
    if is_too_long(delta):
        raise TooLarge(f"delta {_TOO_LONG}: shorten it")
    last = next((each["insert"] for each in reversed(delta["ops"]) if each["insert"] != ""), "")
    if isinstance(last, str) and last.endswith("\n"):
        return {"ops": delta["ops"]}
    operations.add("\n", {})
    return {"ops": operations.all()}


def _canonical(delta: Any) -> bytes | None:
    found = _joined(delta)
    return None if found is None else _encoded(found.all())


def _joined(delta: Any) -> _Operations | None:
    """Return the operations of a Delta, those together that are one; None for what is none."""
    if not isinstance(delta, dict) or set(delta) != {"ops"} or not isinstance(delta["ops"], list):
        return None
    found = _Operations()
    for each in delta["ops"]:
        if not isinstance(each, dict) or not {"insert"} <= set(each) <= {"insert", "attributes"}:
            return None
        insert, formats = each["insert"], each.get("attributes") or {}
        if not isinstance(insert, (str, dict)) or not isinstance(formats, dict):
            return None
        found.add(insert, formats)
    return found


def _encoded(operations: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode(operations, order="deterministic")


class _Operations:
    """Operations of a Delta, in which neighbours with the same formats are one. Texts are put together once each."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []
        self._texts: list[str] = []
        self._formats: Formats = {}

    def add(self, insert: Any, formats: Formats) -> None:
        """Add text, or something in its place; no text is nothing."""
        if insert == "":
            return
        if not isinstance(insert, str) or formats != self._formats:
            self._end()
            self._formats = formats
        if isinstance(insert, str):
            self._texts.append(insert)
        else:
            self._found.append(_operation(insert, formats))

    def all(self) -> list[dict[str, Any]]:
        """Return what was added."""
        self._end()
        return self._found

    def _end(self) -> None:
        if self._texts:
            self._found.append(_operation("".join(self._texts), self._formats))
            self._texts = []


def _operation(insert: Any, formats: Formats) -> dict[str, Any]:
    return {"insert": insert, **({"attributes": dict(formats)} if formats else {})}


def _lines(delta: Any) -> list[Line] | None:
    """Return the lines of a Delta; what is behind the last line end is a line without one."""
    if not isinstance(delta, dict) or not isinstance(delta.get("ops"), list):
        return None
    lines: list[Line] = []
    pieces: list[Piece] = []
    for each in delta["ops"]:
        insert = each.get("insert") if isinstance(each, dict) else None
        formats = (each.get("attributes") or {}) if isinstance(each, dict) else {}
        if not isinstance(insert, (str, dict)) or not isinstance(formats, dict):
            return None
        if isinstance(insert, dict):
            pieces.append(Piece(insert, formats))
            continue
        first, *others = insert.split("\n")
        pieces += [Piece(first, formats)] if first else []
        for other in others:
            lines.append(Line(pieces, formats))
            pieces = [Piece(other, formats)] if other else []
    return [*lines, Line(pieces, {})] if pieces else lines


def _written_all(lines: list[Line], order: tuple[str, ...]) -> str:
    found: list[str] = []
    for language, group in groupby(lines, key=lambda line: line.formats.get("code-block")):
        if language:
            code = ["".join(_plain(piece) for piece in line.pieces) for line in group]
            fence = "`" * max([3, *(len(begun[1]) + 1 for line in code if (begun := FENCE.match(line)))])
            found += [fence + (language if isinstance(language, str) else ""), *code, fence]
        else:
            found += [_written(line, order) for line in group]
    return "\n".join(found)


def _written(line: Line, order: tuple[str, ...]) -> str:
    text = _in_line(line.pieces, order)
    formats = line.formats
    if isinstance(level := formats.get("header"), int):
        return "#" * max(1, min(6, level)) + " " + text
    if formats.get("blockquote"):
        return "> " + text
    if (kind := formats.get("list")) is not None:
        marks = {"ordered": "1. ", "checked": "- [x] ", "unchecked": "- [ ] "}
        indent = formats.get("indent")
        return "  " * (indent if isinstance(indent, int) else 0) + marks.get(str(kind), "- ") + text
    found = BLOCK.match(text)
    if found is None:
        return text
    # What would begin a list or a heading is to be text; of a number it is what stands behind it.
    place = found.end(2) if found[3] else found.end(4) - 1 if found[4] else 0
    return text[:place] + "\\" + text[place:]


def _in_line(pieces: list[Piece], order: tuple[str, ...]) -> str:
    """Write pieces, those with the same outer format together."""
    order = tuple(name for name in order if any(name in piece.formats for piece in pieces))
    if not order:
        return "".join(_bare(piece) for piece in pieces)
    name, *inner = order
    found = ""
    for value, group in groupby(pieces, key=lambda piece: _key(piece.formats.get(name))):
        members = list(group)
        text = _in_line(members, tuple(inner))
        if name in _MARKS and value != "null":
            begin, end = _MARKS[name]
            text = begin + text + end
        elif name == "link" and value != "null":
            text = f"[{text}]({members[0].formats[name]})"
        found += text
    return found


def _key(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _bare(piece: Piece) -> str:
    if isinstance(piece.insert, dict):
        return f"![{_escaped(str(piece.formats.get('alt', '')))}]({piece.insert.get('image', '')})"
    if piece.formats.get("code"):
        return _code(piece.insert)
    return _escaped(piece.insert)


def _code(text: str) -> str:
    longest = max([0, *(len(run) for run in re.findall("`+", text))])
    marks = "`" * (longest + 1)
    is_ambiguous = text[:1] in {"`", " "} or text[-1:] in {"`", " "}
    return f"{marks} {text} {marks}" if is_ambiguous else f"{marks}{text}{marks}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _plain(piece: Piece) -> str:
    return piece.insert if isinstance(piece.insert, str) else ""
