"""Yjs state vectors: how much of whose edits somebody knows. Reading them only; pure."""

from __future__ import annotations

from teaching_nb.schema.update_reader import UpdateReader


def read_state_vector(raw: bytes) -> dict[int, int]:
    """Return client → number of its edits that are known. Raises ValueError when it is malformed."""
    try:
        return UpdateReader(raw).pairs() if raw else {}
    except IndexError as error:
        raise ValueError("a state vector is cut off") from error


def lacks(theirs: bytes, ours: bytes) -> bool:
    """Tell whether `ours` knows insertions that `theirs` does not."""
    known = read_state_vector(theirs)
    return any(clock > known.get(client, 0) for client, clock in read_state_vector(ours).items())
