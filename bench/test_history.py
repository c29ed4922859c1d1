"""A document stays small however often it is edited: a twentieth of what `history.py` does, with the same services."""

from __future__ import annotations

from pathlib import Path

import pytest
from history import grow

EDITS = 5_000

PACE = 60.0
"""Seconds between two edits: three days and a half, with a version every twenty minutes, which are 250."""


@pytest.mark.parametrize(("is_orderly", "log_bytes"), [(True, 30_000), (False, 60_000)])
async def test_edits_do_not_make_a_document_grow_without_bound(
    tmp_path: Path, *, is_orderly: bool, log_bytes: int
) -> None:
    """Log, versions and file are far below what the edits were, nothing is lost, wherever the keys go."""
    grown = await grow(tmp_path, EDITS, is_orderly=is_orderly, pace=PACE)

    assert grown.is_intact
    assert grown.log_bytes < log_bytes
    # Those of the last day, and one for each day before.
    assert 50 < grown.versions < 100
    assert grown.file_bytes < 500_000
