"""Numbers and strings as lib0, the encoding below Yjs, puts them into bytes: what our other readers are made of.

pycrdt.Decoder reads a number of any length, for seconds if somebody wants it, and a string that is cut off as if it
were whole; what clients send is read with bounds.
"""

from __future__ import annotations

from collections.abc import Callable


class Reader:
    """Reads numbers and strings from the front of an encoding; raises `IndexError` where it ends too early."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0

    @property
    def left(self) -> int:
        """Return how many bytes have not been read."""
        return len(self._raw) - self._position

    def byte(self) -> int:
        """Read one byte."""
        self._position += 1
        return self._raw[self._position - 1]

    def number(self) -> int:
        """Read an unsigned number of at most ten bytes."""
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7
            if shift > 63:
                raise IndexError

    def skip(self, size: int) -> None:
        """Pass over some bytes."""
        self._position += size
        if self._position > len(self._raw):
            raise IndexError

    def piece(self, size: int) -> bytes:
        """Read some bytes."""
        return self.taken(lambda: self.skip(size))

    def signed(self) -> int:
        """Read a number with a sign."""
        byte = self.byte()
        sign, result, shift = -1 if byte & 0x40 else 1, byte & 0x3F, 6
        while byte & 0x80:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            shift += 7
        return sign * result

    def skip_string(self) -> None:
        """Pass over a string, or bytes, with their length in front."""
        self.skip(self.number())

    def taken(self, skip: Callable[[], object]) -> bytes:
        """Return the bytes that `skip` passes over."""
        start = self._position
        skip()
        return self._raw[start : self._position]

    def string(self) -> bytes:
        """Read a string, or bytes, with their length in front."""
        return self.piece(self.number())


def encoded(number: int) -> bytes:
    """Return the bytes of an unsigned number."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))
