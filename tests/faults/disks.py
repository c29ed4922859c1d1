"""What a disk holds after a power cut: everything that was flushed, and of the rest whatever it likes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from tests.faults.syscalls import Call

SECTOR = 512
"""Bytes that a disk writes completely or not at all."""


class Disk:
    """The files of one folder, as they were before the recorded calls, and what these did to them."""

    def __init__(self, folder: Path, names: Iterable[str], calls: list[Call]) -> None:
        self._before = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
        self._calls: dict[str, list[Call]] = {name: [] for name in names}
        self._flushes: dict[str, list[Call]] = {name: [] for name in names}
        for call in calls:
            name = Path(call.target).name
            if name in self._calls and call.end >= 0:
                if call.is_flush:
                    self._flushes[name].append(call)
                elif call.result >= 0:
                    assert call.name in {"pwrite64", "ftruncate"}, f"{call.name} is not understood"
                    self._calls[name].append(call)

    def writes(self, name: str) -> int:
        """Return how many calls changed a file."""
        return len(self._calls[name])

    def cut(self, moment: int, folder: Path, chance: random.Random) -> None:
        """Write the files as they may be found when the power fails at a moment."""
        for name, before in self._before.items():
            content = bytearray(before)
            flushed = max((flush.begin for flush in self._flushes[name] if flush.end < moment), default=-1)
            keeps = chance.choice((0.0, 0.5, 1.0))
            for call in self._calls[name]:
                if call.end <= flushed:
                    _apply(content, call, len(call.data))
                elif call.begin < moment and chance.random() < keeps:
                    _apply(content, call, chance.choice((len(call.data), chance.randrange(9) * SECTOR)))
            (folder / name).write_bytes(content)


def _apply(content: bytearray, call: Call, length: int) -> None:
    if call.name == "ftruncate":
        size = call.offset
        del content[size:]
        content.extend(bytes(size - len(content)))
        return
    data = call.data[:length]
    missing = call.offset - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    content[call.offset : call.offset + len(data)] = data
