"""Let a class work on a hub for ten minutes: the hub's memory has to stay what it was, and its queues short.

    python bench/soak.py

Run it in the environment that teaching_nb is installed in; `make soak` prepares it. README.md tells what is done and
what the verdict means.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import figures
import results
from hub_people import load
from soak_class import Class, school

from teaching_nb.hub.delivery.outbox import MAX_WAITING_BYTES
from teaching_nb.hub.delivery.transport import MAX_WAITING_PACKETS
from tests.harness.hub_under_watch import HubUnderWatch, watched_hub

_HERE = Path(__file__).parent

WARM_UP_SECONDS = 120.0
"""At most; a shorter run warms up for a fifth of its time. The first deaf readers make the process some MB larger."""

MOST_RESIDENT = 6_000_000
"""Bytes by which the process may grow: peaks that come late leave the allocator with more for later."""
MOST_ALLOCATED = 2_000_000
"""Bytes that may be taken from malloc and kept."""
MOST_BLOCKS = 10_000
"""Smaller objects of Python that may be made and kept."""
MOST_PACKETS = MAX_WAITING_PACKETS + 100
"""Packets that may wait for one socket: its last event and its acknowledgements come on top."""

HEAD = (
    *("second", "size MB", "peak MB", "malloc MB", "blocks", "sockets", "texts", "packets", "kB", "announced"),
    *("writes", "reads", "visits", "edits", "requests", "heard", "p95 ms"),
)


@dataclass(frozen=True)
class Sample:
    """What the hub held at one moment, and what had been done by then."""

    second: float
    look: dict[str, Any]
    done: dict[str, int]
    answers: list[float]
    """Seconds that each edit since the last sample took."""

    def row(self) -> list[str]:
        """Return the line of the table."""
        resident, malloc = self.look["resident"], self.look["allocated"]
        kept, longest = self.look["kept"], self.look["longest"]
        queues = [longest[name] for name in ("announcements", "writes", "reads")]
        done = [self.done.get(name, 0) for name in ("visits", "edits", "requests", "heard")]
        p95 = f"{figures.percentile(self.answers, 95) * 1_000:.0f}" if self.answers else "–"
        return [
            f"{self.second:.0f}",
            *(f"{size / 1e6:.1f}" for size in (resident["least"], resident["most"], malloc["least"])),
            *(str(count) for count in (self.look["blocks"], kept["sockets of Engine.IO"], kept["open documents"])),
            *(str(longest["packets"]), f"{longest['bytes'] / 1e3:.0f}"),
            *(str(count) for count in [*queues, *done]),
            p95,
        ]


def main() -> int:
    """Let a class work; returns 1 when the hub has kept something of it."""
    options = _options()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="tnb-soak-") as folder:
        samples = asyncio.run(
            soak(
                Path(folder),
                seconds=options.seconds,
                every=options.every,
                students=options.students,
                seed=options.seed,
            )
        )
    mistakes = verdict(samples)
    print(f"\n{figures.table(HEAD, [sample.row() for sample in samples])}\n")
    print(f"load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    chosen = {key: value for key, value in vars(options).items() if isinstance(value, int | float)}
    about = results.about(libc=" ".join(platform.libc_ver()), options=chosen)
    content = {"about": about, "samples": [asdict(sample) for sample in samples]}
    print(f"figures written to {results.write('soak', content, options.results)}")
    print(summary(samples))
    print("\n".join(["the hub does not stay what it was:", *mistakes] if mistakes else ["the hub stays what it was"]))
    return 1 if mistakes else 0


async def soak(folder: Path, *, seconds: float, every: float, students: int, seed: int) -> list[Sample]:
    """Return what was seen: first of the empty hub after a warm-up, last of the empty hub after everything."""
    asyncio.get_running_loop().set_exception_handler(_on_stray_error)
    (folder / "hub").mkdir()
    content = school(students)
    tokens = await asyncio.to_thread(load, f"sqlite:///{folder / 'hub' / 'hub.db'}", content)
    async with watched_hub(folder / "hub", folder / "hub.log") as hub:
        class_ = Class(hub.url, tokens, seed=seed)
        await class_.work(min(WARM_UP_SECONDS, seconds / 5))
        class_.done = Counter()
        began = time.monotonic()
        samples = [await _sample(hub, class_, began, when_empty=True)]
        _say(HEAD)
        _say(samples[0].row())
        working = asyncio.create_task(class_.work(seconds))
        while not working.done():
            await asyncio.wait({working}, timeout=every)
            samples.append(await _sample(hub, class_, began))
            _say(samples[-1].row())
        await working
        samples.append(await _sample(hub, class_, began, when_empty=True))
        _say(samples[-1].row())
    return samples


async def _sample(hub: HubUnderWatch, class_: Class, began: float, *, when_empty: bool = False) -> Sample:
    if when_empty:
        await hub.look_when_empty()
        # What it looks like from then on counts, not what it was while the last ones left.
        await asyncio.sleep(1)
    look = await hub.look()
    answers, class_.answers = class_.answers, []
    return Sample(time.monotonic() - began, look, dict(class_.done), answers)


def verdict(samples: Sequence[Sample]) -> list[str]:
    """Return in sentences what the hub has kept, and which queues were too long; nothing when all is well.

    The first and the last sample are of a hub in which nobody is.
    """
    limits = (
        ("its process has grown by {:,} bytes, more than {:,}", growth(samples, "resident"), MOST_RESIDENT),
        ("{:,} bytes more are in use, more than {:,}", growth(samples, "allocated"), MOST_ALLOCATED),
        ("{:,} more small objects are there, more than {:,}", growth(samples, "blocks"), MOST_BLOCKS),
        ("{:,} bytes have waited for one socket, more than {:,}", _longest(samples, "bytes"), MAX_WAITING_BYTES),
        ("{:,} packets have waited for one socket, more than {:,}", _longest(samples, "packets"), MOST_PACKETS),
    )
    return [sentence.format(found, most) for sentence, found, most in limits if found > most]


def growth(samples: Sequence[Sample], what: str) -> int:
    """Return how much more the empty hub has in the end than at first."""
    first, last = (sample.look[what] for sample in (samples[0], samples[-1]))
    return int(last - first if what == "blocks" else last["least"] - first["least"])


def summary(samples: Sequence[Sample]) -> str:
    """Return the figures that the verdict is about."""
    done = samples[-1].done
    grown = {what: growth(samples, what) for what in ("resident", "allocated", "blocks")}
    work = f"{done['visits']} visits, {done['edits']} edits and {done['requests']} requests"
    return (
        f"{work} in {samples[-1].second:.0f} s: the process is {grown['resident'] / 1e6:+.1f} MB larger, "
        f"malloc has {grown['allocated'] / 1e6:+.2f} MB and Python {grown['blocks']:+,} small objects more in use"
    )


def _longest(samples: Sequence[Sample], queue: str) -> int:
    return max(int(sample.look["longest"][queue]) for sample in samples)


def _say(cells: Sequence[str]) -> None:
    print("  ".join(cell.rjust(len(name)) for cell, name in zip(cells, HEAD, strict=True)), file=sys.stderr, flush=True)


def _on_stray_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Pass over what the stock client makes of the second half of an event after it was told to disconnect."""
    if not isinstance(context.get("exception"), ValueError):
        loop.default_exception_handler(context)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the class works (default: 600)")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two looks at the hub (default: 30)")
    parser.add_argument("--students", type=int, default=20, help="people who come and go (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="seed of what people do (default: 1)")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="folder for the figures")
    options = parser.parse_args()
    if not (5 <= options.seconds <= 100_000 and 1 <= options.every <= 3_600 and 1 <= options.students <= 200):
        parser.error("--seconds must be from 5, --every from 1 to 3600, --students from 1 to 200")
    return options


if __name__ == "__main__":
    sys.exit(main())
