"""A soak lets a real class work on a real hub, and says what the hub has kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import soak
from soak import Sample


@pytest.mark.timeout(400)
async def test_class_works_and_leaves_an_empty_hub(tmp_path: Path) -> None:
    """Everybody visits, writes, hears of others and asks by REST; in the end nobody is there any more."""
    samples = await soak.soak(tmp_path, seconds=10, every=2, students=6, seed=1)

    first, *between, last = samples
    assert all(last.done[what] > 0 for what in ("visits", "edits", "heard", "requests", "deaf")), last.done
    assert max(sample.look["kept"]["members"] for sample in between) > 1
    assert not any(first.look["kept"].values())
    assert not any(last.look["kept"].values())
    assert all(len(sample.row()) == len(soak.HEAD) for sample in samples)


def sample(*, resident: int = 100, allocated: int = 100, blocks: int = 100, packets: int = 0, size: int = 0) -> Sample:
    """Return what was seen of a hub."""
    look = {
        "resident": {"least": resident, "most": 2 * resident},
        "allocated": {"least": allocated},
        "blocks": blocks,
        "longest": {"packets": packets, "bytes": size},
    }
    return Sample(1.0, look, {}, [])


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (sample(resident=soak.MOST_RESIDENT + 101), "grown by 6,000,001 bytes"),
        (sample(allocated=soak.MOST_ALLOCATED + 101), "2,000,001 bytes more"),
        (sample(blocks=soak.MOST_BLOCKS + 101), "10,001 more small objects"),
        (sample(packets=soak.MOST_PACKETS + 1), "2,101 packets"),
        (sample(size=soak.MAX_WAITING_BYTES + 1), "16,000,001 bytes have waited"),
    ],
)
def test_verdict_names_what_was_kept(last: Sample, words: str) -> None:
    """One sentence for each limit that was passed."""
    (sentence,) = soak.verdict([sample(), last])
    assert words in sentence


def test_verdict_is_about_the_empty_hub() -> None:
    """What was there while people worked does not count, and a hub that became smaller is well."""
    busy = sample(resident=10**9, allocated=10**9, blocks=10**9)
    assert soak.verdict([sample(), busy, sample(resident=50, allocated=50, blocks=50)]) == []
