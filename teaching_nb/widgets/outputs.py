"""The outputs of one run: a bounded list, and the steps by which a page's copy of it follows.

Written from all threads of the user's code, read by the thread that sends; one lock. Of what is too long the middle
is left out, never the end, and a notice says how much. An output is a plain dict with a number, its `id`:
`{id, type: stream|display|result|error|notice, …}`. A step is one of `{op: add, output}`, `{op: set, output}`,
`{op: text, id, drop, rewind, text}` (leave out so many lines in front, and the unfinished line at the end, then go on),
`{op: drop, ids}`, `{op: clear}` and `{op: all, outputs}`. Steps are made when they are sent, of what the pages lack.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from teaching_nb.widgets.stream_text import LINE_COST, StreamText

ROOM = 1_000_000
"""What the outputs of one run may cost: 2,000 lines, 1,000,000 characters, or 8 MB of images and other rich output."""
HEAD_ROOM = ROOM // 2
"""So much of it is for what came first."""
BYTES_PER_COST = 8
"""A page shows rich output with less work than text."""

Output = dict[str, Any]
Step = dict[str, Any]

_logs: weakref.WeakSet[OutputLog] = weakref.WeakSet()


def update_displays(display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """Replace what is shown under this id in all runs; returns whether there is anything."""
    # All of them, not only the first.
    return sum(log.update_display(display_id, data, metadata) for log in list(_logs)) > 0


class Item:
    """One output that is no text of a stream."""

    def __init__(self, content: Output, display_id: str | None = None) -> None:
        self.display_id = display_id
        self._content = content
        self._told: str | None = None
        self.cost = _cost(content)

    def replace(self, content: Output) -> None:
        """Show something else in the same place."""
        self._content = content
        self._told = self._told and "changed"
        self.cost = _cost(content)

    def content(self) -> Output:
        """Return the output as pages know it, without its id."""
        return self._content

    def note_told(self) -> None:
        """Note that the pages have all of this."""
        self._told = "told"

    def take_step(self) -> Step | None:
        """Return what the pages lack, None where they lack nothing."""
        told, self._told = self._told, "told"
        if told == "told":
            return None
        return {"op": "add" if told is None else "set", "output": self._content}


class OutputLog:
    """What a run has put out so far."""

    def __init__(self, on_change: Callable[[], object] = lambda: None) -> None:
        self._on_change = on_change
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._is_clear_due = self._is_change_told = False
        self._start()
        _logs.add(self)

    def _start(self) -> None:
        """Begin, or begin again, with nothing."""
        self._head: list[Item | StreamText] = []
        self._tail: deque[Item | StreamText] = deque()
        self._gap = Item({"type": "notice", "text": ""})
        self._ids: dict[Item | StreamText, int] = {}
        self._is_head_full = self._is_cleared = False
        self._dropped: list[int] = []
        self._left_out = self._noticed = (0, 0, 0)
        self._cost = 0

    def write(self, name: str, text: str) -> None:
        """Append text to the stream `name`."""
        if not text:
            return
        with self._lock:
            self._clear_if_due()
            *lines, rest = text.split("\n")
            for line in lines:
                stream = self._stream(name, len(line))
                stream.append(line)
                self._spend(stream.end_line())
            if rest:
                self._stream(name, len(rest)).append(rest)
            self._tell_change()

    def display(self, data: dict[str, Any], *, metadata: dict[str, Any], display_id: str | None = None) -> None:
        """Append a rich output that can be replaced by its `display_id`."""
        self._add(Item(_fitting({"type": "display", "data": data, "metadata": metadata}), display_id))

    def update_display(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> bool:
        """Replace the rich outputs with this id; returns whether there are any."""
        with self._lock:
            found = [item for item in self._items() if isinstance(item, Item) and item.display_id == display_id]
            for item in found:
                self._cost -= item.cost
                item.replace(_fitting({"type": "display", "data": data, "metadata": metadata}))
                self._spend(item.cost)
            if found:
                self._tell_change()
        return bool(found)

    def result(self, data: dict[str, Any], *, metadata: dict[str, Any], count: int) -> None:
        """Append the value of the last expression."""
        self._add(Item(_fitting({"type": "result", "data": data, "metadata": metadata, "count": count})))

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Append an exception; its lines carry ANSI colours."""
        lines = [str(line)[:100_000] for line in traceback]
        self._add(Item({"type": "error", "ename": name, "evalue": value[:10_000], "traceback": lines}))

    def clear(self, *, wait: bool = False) -> None:
        """Remove all outputs, at once or when the next one comes."""
        with self._lock:
            self._is_clear_due = True
            if not wait:
                self._clear_if_due()
            self._tell_change()

    def take_steps(self) -> list[Step]:
        """Return what the pages lack."""
        with self._lock:
            self._is_change_told = False
            steps: list[Step] = [{"op": "clear"}] if self._is_cleared else []
            if self._dropped:
                steps.append({"op": "drop", "ids": self._dropped})
            self._is_cleared, self._dropped = False, []
            for item in self._items():
                step = item.take_step()
                if step is not None:
                    steps.append(_numbered(step, self._ids[item]))
            return steps

    def take_all(self) -> list[Step]:
        """Return everything as one step, for a page that has nothing."""
        with self._lock:
            self._is_cleared, self._dropped, self._is_change_told = False, [], False
            for item in self._items():
                item.note_told()
            return [{"op": "all", "outputs": self.contents()}]

    def contents(self) -> list[Output]:
        """Return all outputs as they are."""
        with self._lock:
            return [{**item.content(), "id": self._ids[item]} for item in self._items()]

    def _tell_change(self) -> None:
        # Once until somebody looks: a program prints a thousand times meanwhile.
        if not self._is_change_told:
            self._on_change()
            self._is_change_told = True

    def _items(self) -> list[Item | StreamText]:
        if self._left_out != self._noticed:
            self._noticed = self._left_out
            self._gap.replace({"type": "notice", "text": _left_out(*self._left_out)})
        return [*self._head, *([self._gap] if self._is_head_full else []), *self._tail]

    def _stream(self, name: str, length: int) -> StreamText:
        """Return the stream to go on with: the last output, or a new one."""
        newest = self._last()
        last = newest if isinstance(newest, StreamText) and newest.name == name else None
        is_line_begun = last is not None and last.unfinished > 0
        if not self._is_head_full and not is_line_begun and self._cost + max(LINE_COST, length) > HEAD_ROOM:
            self._end_head()
        elif last is not None:
            return last
        stream = StreamText(name)
        self._append(stream)
        self._spend(LINE_COST)
        return stream

    def _add(self, item: Item) -> None:
        with self._lock:
            self._clear_if_due()
            if not self._is_head_full and self._cost + item.cost > HEAD_ROOM:
                self._end_head()
            self._append(item)
            self._spend(item.cost)
            self._tell_change()

    def _append(self, item: Item | StreamText) -> None:
        self._ids[item] = next(self._numbers)
        (self._tail if self._is_head_full else self._head).append(item)

    def _last(self) -> Item | StreamText | None:
        last = self._tail if self._is_head_full else self._head
        return last[-1] if last else None

    def _end_head(self) -> None:
        # The place of the notice is told before there is anything to notice: nothing is ever put in between.
        self._is_head_full = True
        self._ids[self._gap] = next(self._numbers)

    def _spend(self, cost: int) -> None:
        self._cost += cost
        while self._cost > ROOM and self._drop_oldest():
            pass

    def _drop_oldest(self) -> bool:
        """Leave out the first line or output behind the head; returns False when only the newest is left."""
        if not self._tail:
            return False
        oldest, is_newest = self._tail[0], len(self._tail) == 1
        lines, characters, others = self._left_out
        if isinstance(oldest, StreamText) and oldest.line_count > is_newest:
            cost, length = oldest.drop_line()
            self._cost -= cost
            self._left_out = (lines + 1, characters + length, others)
            return True
        if is_newest:
            return False
        self._tail.popleft()
        self._dropped.append(self._ids.pop(oldest))
        if isinstance(oldest, Item):
            self._cost -= oldest.cost
            self._left_out = (lines, characters, others + 1)
            return True
        self._cost -= LINE_COST
        if oldest.unfinished:
            self._left_out = (lines + 1, characters + oldest.unfinished, others)
        return True

    def _clear_if_due(self) -> None:
        if not self._is_clear_due:
            return
        self._is_clear_due = False
        self._start()
        self._is_cleared = True


def _cost(content: Output) -> int:
    """Return what an output costs of a log's room."""
    size = sum(len(str(value)) for value in content.get("data", {}).values())
    return max(LINE_COST, size // BYTES_PER_COST + sum(map(len, content.get("traceback", ()))))


def _numbered(step: Step, number: int) -> Step:
    return step | ({"id": number} if step["op"] == "text" else {"output": {**step["output"], "id": number}})


def _fitting(output: Output) -> Output:
    """Return a rich output, or what is said in its place when it is larger than all that a run may show."""
    size = sum(len(str(value)) for value in output["data"].values())
    if size <= ROOM * BYTES_PER_COST:
        return output
    limit = f"{ROOM * BYTES_PER_COST // 1_000_000} MB"
    return {"type": "notice", "text": f"An output of {size:,} bytes is not shown: the limit is {limit} per run."}


def _left_out(lines: int, characters: int, others: int) -> str:
    """Say what is missing between the beginning and the end."""
    text = f"{lines:,} line{'s' * (lines != 1)} ({characters:,} characters)" if lines else ""
    rich = f"{others:,} output{'s' * (others != 1)} of another kind" if others else ""
    missing = " and ".join(filter(None, (text, rich)))
    return (
        f"Left out here: {missing}. A run shows its beginning and its end, 2,000 lines or {ROOM:,} characters in all."
    )
