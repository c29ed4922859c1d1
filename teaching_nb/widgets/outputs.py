"""The outputs of one run: a bounded list, and the steps by which a page's copy of it follows.

Written from the main thread and from threads of the user's code, read by the sender thread; one lock.
An output is a plain dict: `{type: stream|display|result|error|notice, …}`. A step is one of
`{op: add, output}`, `{op: text, text}` (goes on with the last output), `{op: set, index, output}`,
`{op: clear}` and `{op: all, outputs}`.
"""

from __future__ import annotations

import threading
from typing import Any

TEXT_CHARACTERS = 1_000_000
TEXT_LINES = 2_000
BUNDLE_BYTES = 8_000_000
"""Images and other rich output of one run, all together."""

Output = dict[str, Any]
Step = dict[str, Any]


class OutputLog:
    """What a run has put out so far."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._outputs: list[Output] = []
        self._steps: list[Step] = []
        self._display_ids: dict[str, int] = {}
        self._is_clear_due = False
        self._is_cut = False
        self._forget_sizes()

    def write(self, name: str, text: str) -> None:
        """Append text to the stream `name`; above the limit one notice takes its place."""
        if not text:
            return
        with self._lock:
            self._clear_if_due()
            room = self._fit(text)
            if room:
                self._append_text(name, room)
            if len(room) < len(text) and not self._is_cut:
                self._is_cut = True
                limit = f"{TEXT_LINES:,} lines or {TEXT_CHARACTERS:,} characters"
                self._add({"type": "notice", "text": f"Further text is not shown: the limit is {limit} per run."})

    def display(self, data: dict[str, Any], *, metadata: dict[str, Any], display_id: str | None = None) -> None:
        """Append a rich output that can be replaced by its `display_id`."""
        with self._lock:
            self._clear_if_due()
            self._add(self._bundle("display", data, metadata))
            if display_id is not None:
                self._display_ids[display_id] = len(self._outputs) - 1

    def update_display(self, data: dict[str, Any], *, metadata: dict[str, Any], display_id: str | None) -> None:
        """Replace a rich output of this run; one of an earlier run is gone and nothing happens."""
        with self._lock:
            index = self._display_ids.get(display_id or "")
            if index is None:
                return
            output = self._bundle("display", data, metadata)
            self._outputs[index] = output
            self._steps.append({"op": "set", "index": index, "output": output})

    def result(self, data: dict[str, Any], *, metadata: dict[str, Any], count: int) -> None:
        """Append the value of the last expression."""
        with self._lock:
            self._clear_if_due()
            self._add({**self._bundle("result", data, metadata), "count": count})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Append an exception; its lines carry ANSI colours."""
        with self._lock:
            self._clear_if_due()
            lines = [str(line)[:100_000] for line in traceback]
            self._add({"type": "error", "ename": name, "evalue": value[:10_000], "traceback": lines})

    def clear(self, *, wait: bool = False) -> None:
        """Remove all outputs, at once or when the next one comes."""
        with self._lock:
            self._is_clear_due = True
            if not wait:
                self._clear_if_due()

    def take_steps(self) -> list[Step]:
        """Return the steps since the last call."""
        with self._lock:
            steps, self._steps = self._steps, []
            return steps

    def take_all(self) -> list[Step]:
        """Return everything as one step, for a page that has nothing."""
        with self._lock:
            self._steps = []
            return [{"op": "all", "outputs": [dict(output) for output in self._outputs]}]

    def _fit(self, text: str) -> str:
        if self._is_cut:
            return ""
        text = text[: TEXT_CHARACTERS - self._characters]
        lines = text.splitlines(keepends=True)
        if self._lines + text.count("\n") > TEXT_LINES:
            text = "".join(lines[: TEXT_LINES - self._lines])
        self._characters += len(text)
        self._lines += text.count("\n")
        return text

    def _append_text(self, name: str, text: str) -> None:
        last = self._outputs[-1] if self._outputs else None
        if last is None or last["type"] != "stream" or last["name"] != name:
            self._add({"type": "stream", "name": name, "text": text})
            return
        last["text"] += text
        step = self._steps[-1] if self._steps else None
        if step is not None and step["op"] == "text":
            step["text"] += text
        else:
            self._steps.append({"op": "text", "text": text})

    def _bundle(self, kind: str, data: dict[str, Any], metadata: dict[str, Any]) -> Output:
        size = sum(len(str(value)) for value in data.values())
        if self._bytes + size > BUNDLE_BYTES:
            limit = f"{BUNDLE_BYTES // 1_000_000} MB"
            return {
                "type": "notice",
                "text": f"An output of {size:,} bytes is not shown: the limit is {limit} per run.",
            }
        self._bytes += size
        return {"type": kind, "data": data, "metadata": metadata}

    def _add(self, output: Output) -> None:
        self._outputs.append(output)
        self._steps.append({"op": "add", "output": dict(output)})

    def _clear_if_due(self) -> None:
        if not self._is_clear_due:
            return
        self._is_clear_due = False
        self._outputs.clear()
        self._display_ids.clear()
        self._steps = [{"op": "clear"}]
        self._forget_sizes()

    def _forget_sizes(self) -> None:
        self._characters = self._lines = self._bytes = 0
        self._is_cut = False
