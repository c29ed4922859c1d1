"""What child processes and C code write to the file descriptors 1 and 2 while a run goes on.

Each run has pipes of its own there. Its children keep them, so that they go on to write below their run when it has
ended and others run. Not on Windows, where ipykernel does not see such text either.
"""

from __future__ import annotations

import codecs
import contextvars
import ctypes
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

CHUNK_BYTES = 65_536
NUMBERS = {"stdout": 1, "stderr": 2}
_C_STREAM = "__{}p" if sys.platform == "darwin" else "{}"


class Descriptors:
    """The pipes of one run; `write` takes the name of the stream and the text."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._lock = threading.RLock()
        self._saved: dict[int, int] = {}
        self._decoders: dict[int, tuple[str, codecs.IncrementalDecoder]] = {}
        self._ready: Any = select.poll() if sys.platform != "win32" else None

    @property
    def are_taken(self) -> bool:
        """Tell whether 1 and 2 lead here."""
        return bool(self._saved)

    def take(self) -> None:
        """Put the pipes in the place of 1 and 2."""
        if sys.platform == "win32":
            return
        _flush_c_streams()
        for name, number in NUMBERS.items():
            self._take_one(name, number)
        reader = threading.Thread(target=self._follow, name="tnb-descriptors", daemon=True)
        contextvars.Context().run(reader.start)

    def give_back(self) -> None:
        """Put 1 and 2 back, and take what has been written so far."""
        _flush_c_streams()
        while self._saved:
            number, saved = self._saved.popitem()
            os.dup2(saved, number)
            os.close(saved)
        self.drain()

    def drain(self) -> None:
        """Take what has been written so far; never waits."""
        with self._lock:
            # One question for both: a program that prints much asks before every piece.
            for descriptor, _event in self._ready.poll(0) if self._decoders else ():
                self._drain_one(descriptor)

    def _take_one(self, name: str, number: int) -> None:
        try:
            saved = os.dup(number)
        except OSError:  # a kernel without this descriptor has nobody who writes to it
            return
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.dup2(writing, number)
        os.close(writing)
        self._saved[number] = saved
        self._ready.register(reading, select.POLLIN)
        self._decoders[reading] = (name, codecs.getincrementaldecoder("utf-8")(errors="replace"))

    def _follow(self) -> None:
        """Take what is written until nobody can write any more: the run has ended, and so have its children."""
        waiting = select.poll()
        open_ones = set(self._decoders)
        for descriptor in open_ones:
            waiting.register(descriptor, select.POLLIN)
        while open_ones:
            waiting.poll()
            self.drain()
            for descriptor in open_ones - set(self._decoders):
                waiting.unregister(descriptor)
                os.close(descriptor)
            open_ones &= set(self._decoders)

    def _drain_one(self, descriptor: int) -> None:
        name, decoder = self._decoders[descriptor]
        while True:
            try:
                read = os.read(descriptor, CHUNK_BYTES)
            except BlockingIOError:
                return
            self._write(name, decoder.decode(read, final=not read))
            if not read:
                # Closed by the thread that waits for it: a number that is free is soon another file's.
                self._ready.unregister(descriptor)
                del self._decoders[descriptor]
                return


def _flush_c_streams() -> None:
    """Have C code's buffers written before 1 and 2 change their meaning: behind a pipe they are kept until full."""
    try:
        library = ctypes.CDLL(None)
        for name in NUMBERS:
            # Not all streams at once: one that somebody reads from is locked.
            library.fflush(ctypes.c_void_p.in_dll(library, _C_STREAM.format(name)))
    except (OSError, TypeError, ValueError, AttributeError):  # a C library that calls them otherwise
        return
