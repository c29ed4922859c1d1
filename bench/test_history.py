"""A document stays small however often it is edited: a twentieth of what `history.py` does, with the same services."""

from __future__ import annotations

from pathlib import Path

import pytest
from history import grow

from teaching_nb.hub.services.versions import KEPT_BEFORE_RESTORES, NEWEST_KEPT

EDITS = 5_000

PACE = 12.0
"""Seconds between two edits: seventeen hours of work, so that versions of every age are there."""

MOST_VERSIONS = NEWEST_KEPT + 60 + 144 + 4 + KEPT_BEFORE_RESTORES


@pytest.mark.parametrize(("is_orderly", "log_bytes"), [(True, 30_000), (False, 60_000)])
async def test_edits_do_not_make_a_document_grow_without_bound(
    tmp_path: Path, *, is_orderly: bool, log_bytes: int
) -> None:
    """Log, versions and file are far below what the edits were, nothing is lost, wherever the keys go."""
    grown = await grow(tmp_path, EDITS, is_orderly=is_orderly, pace=PACE)

    assert grown.is_intact
    assert grown.log_bytes < log_bytes
    assert 50 < grown.versions < MOST_VERSIONS
    assert grown.file_bytes < 500_000
