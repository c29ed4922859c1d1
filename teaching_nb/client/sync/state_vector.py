"""Yjs state vectors: how much of whose edits somebody knows. Reading them only; pure."""

from __future__ import annotations


def read_number(raw: bytes, position: int) -> tuple[int, int]:
    """Read a variable-length number; return it and the position behind it. Raises ValueError at the end."""
    value = shift = 0
    while True:
        if position >= len(raw):
            raise ValueError("a number is cut off")
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def read_state_vector(raw: bytes) -> dict[int, int]:
    """Return client → number of its edits that are known. Raises ValueError when it is malformed."""
    if not raw:
        return {}
    count, position = read_number(raw, 0)
    known: dict[int, int] = {}
    for _ in range(count):
        client, position = read_number(raw, position)
        known[client], position = read_number(raw, position)
    return known


def lacks(theirs: bytes, ours: bytes) -> bool:
    """Tell whether `ours` knows insertions that `theirs` does not."""
    known = read_state_vector(theirs)
    return any(clock > known.get(client, 0) for client, clock in read_state_vector(ours).items())
