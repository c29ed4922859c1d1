"""Disks that get full on command, without any right on the machine: one of their own, or a limit of file sizes."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.faults.hub_runs import MortalHub
from tests.harness.hub_process import HUB
from tests.harness.processes import Process

SIZE = "24m"

_INSIDE = 'mount -t tmpfs -o size="$1" none "$2" && cp "$3" "$2/hub.db" && shift 3 && exec "$@"'


class SmallDisk(Protocol):
    """The disk of a running hub."""

    url: str
    """Where the hub answers."""

    def fill(self) -> None:
        """Leave no space."""

    def free(self) -> None:
        """Give the space back."""


class LimitedFiles:
    """A hub whose files may not grow: what a quota does."""

    def __init__(self, hub: MortalHub) -> None:
        self._hub = hub
        self.url = hub.start()

    def fill(self) -> None:
        """Let no file grow beyond what the write-ahead log has by now."""
        limit = (self._hub.data_dir / "hub.db-wal").stat().st_size
        resource.prlimit(self._hub.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def free(self) -> None:
        """Let files grow again."""
        resource.prlimit(self._hub.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class MountedDisk:
    """A hub in a mount namespace of its own, whose data directory is a disk of a few megabytes."""

    def __init__(self, process: Process, data_dir: Path) -> None:
        self.url = process.wait_for_line("listening on ")
        # What lies in another mount namespace is reached through one of its processes.
        self._filler = Path(f"/proc/{process.pid}/root{data_dir}/filler")

    def fill(self) -> None:
        """Write until nothing more goes in."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Remove what was written."""
        self._filler.unlink()


def may_mount() -> bool:
    """Tell whether this system lets its users mount a disk in a namespace of their own."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def mounted_disk(seeded: Path, data_dir: Path) -> Iterator[MountedDisk]:
    """Run a hub on a small disk that begins with a copy of a database."""
    data_dir.mkdir()
    serve = [*HUB, "serve", "--port", "0", "--data-dir", str(data_dir)]
    inside = ["sh", "-c", _INSIDE, "sh", SIZE, str(data_dir), str(seeded), *serve]
    process = Process(["unshare", "--user", "--map-root-user", "--mount", *inside], log=data_dir.with_suffix(".log"))
    try:
        yield MountedDisk(process, data_dir)
    finally:
        process.kill()
