"""What a process really asks of the kernel: its writes, flushes and sends in their order, recorded by strace."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECONDS = 60

_WRITING = ("pwrite64", "pwritev", "write", "writev", "sendto", "sendmsg")
_TRACED = (*_WRITING, "ftruncate", "fsync", "fdatasync", "unlink", "rename", "renameat", "renameat2")

_LONGEST = 2_000_000
"""Bytes of one call that are recorded: more than any has."""

_BEGUN = re.compile(r"(\d+) +(\w+)\((.*?)(?: <unfinished \.\.\.>| = (-?\d+).*)?$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*?)(?: = (-?\d+).*)?$")
_FILE = re.compile(r"(\d+)<((?:[^>]|(?<=-)>)*)>")
_BYTES = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(slots=True)
class Call:
    """One call, from its beginning to its return."""

    name: str
    target: str
    """Path of the file, or what strace says of the socket."""
    arguments: str
    begin: int
    """Position in the order of everything that happened."""
    end: int = -1
    result: int = -1
    data: bytes = field(default=b"", repr=False)

    @property
    def is_flush(self) -> bool:
        """Tell whether it makes earlier writes of the file survive a power cut."""
        return self.name in {"fsync", "fdatasync"} and self.result == 0

    @property
    def is_send(self) -> bool:
        """Tell whether it hands bytes to the network."""
        return self.name in _WRITING and self.target.startswith(("TCP:", "TCPv6:", "socket:"))

    @property
    def offset(self) -> int:
        """Return the place in the file, for calls that name one."""
        return int(self.arguments.rpartition(", ")[2])


@contextmanager
def recorded(pid: int, file: Path) -> Iterator[None]:
    """Record a running process with all its threads until the block ends, or the process does."""
    if shutil.which("strace") is None:
        pytest.fail("the test of power cuts needs strace; on Debian: apt-get install strace")
    command = ["strace", "-f", "-yy", "-xx", "-s", str(_LONGEST), "-o", str(file), "-e", f"trace={','.join(_TRACED)}"]
    with subprocess.Popen([*command, "-p", str(pid)], stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        try:
            assert "attached" in said, said
            yield
        finally:
            if tracer.poll() is None:
                tracer.send_signal(signal.SIGINT)
            tracer.stderr.read()
            tracer.wait(SECONDS)


def calls_in(file: Path) -> list[Call]:
    """Return the calls of a record, in the order of their beginnings."""
    found: list[Call] = []
    unfinished: dict[str, Call] = {}
    with file.open() as lines:
        for number, line in enumerate(lines):
            begun = _BEGUN.match(line)
            resumed = None if begun else _RESUMED.match(line)
            if begun:
                thread, name, arguments, result = begun.groups()
                call = _call(name, arguments, number)
                found.append(call)
                unfinished[thread] = call
            elif resumed:
                thread, _, rest, result = resumed.groups()
                call = unfinished[thread]
                call.arguments += rest
            else:
                continue
            if result is not None:
                _finish(call, number, int(result))
    return found


def _call(name: str, arguments: str, number: int) -> Call:
    target = _FILE.match(arguments)
    return Call(name, _path(target[2]) if target else "", arguments, number)


def _finish(call: Call, number: int, result: int) -> None:
    call.end, call.result = number, result
    parts = _BYTES.findall(call.arguments)
    assert not any(cut for _, cut in parts), f"{call.name} was recorded in part only"
    call.data = b"".join(_decoded(part) for part, _ in parts)
    call.arguments = _BYTES.sub("…", call.arguments).rstrip(") ")


def _path(text: str) -> str:
    # Addresses of sockets are the one thing that strace does not write in hexadecimal.
    return _decoded(text).decode() if text.startswith("\\x") else text


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
