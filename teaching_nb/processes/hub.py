"""A standalone hub as a process: loading a class, tokens, serving, being killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from teaching_nb.errors import ConfigurationError
from teaching_nb.processes.children import Processes, clean_environment, run

START_SECONDS = 30.0

_ANNOUNCEMENT = "listening on "
_VALID_DAYS = "7"


@dataclass(frozen=True, slots=True)
class Store:
    """Where a hub keeps what it knows: in a data directory, or in a database."""

    data_dir: Path | None = None
    database: str | None = None

    @property
    def options(self) -> list[str]:
        """Return the options that name it."""
        directory = [] if self.data_dir is None else ["--data-dir", str(self.data_dir)]
        return [*directory, *([] if self.database is None else ["--database", self.database])]


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that accepts connections."""

    url: str
    process: Process

    async def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


async def load_class(content: dict[str, Any], *, store: Store, directory: Path) -> None:
    """Tell a hub's database who there is; what it knows already is left as it is."""
    path = directory / "class.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    await run(hub_command("load", str(path), *store.options), env=clean_environment())


async def mint_tokens(emails: Sequence[str], *, store: Store) -> dict[str, str]:
    """Return a new bearer token for everybody, by e-mail."""
    printed = await run(hub_command("token", *emails, "--days", _VALID_DAYS, *store.options), env=clean_environment())
    return dict(zip(emails, printed.split(), strict=True))


async def start_hub(processes: Processes, *, store: Store, port: int = 0, options: Sequence[str] = ()) -> RunningHub:
    """Start a hub and return it once it accepts connections; port 0 lets the system choose."""
    command = hub_command("serve", "--port", str(port), *store.options, "--until-stdin-closes", *options)
    process = await processes.start("hub", command, env=clean_environment(), reads_stdout=True)
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS)).decode().strip()
    except TimeoutError:
        raise ConfigurationError(f"the hub did not start in {START_SECONDS:.0f} s; see its log") from None
    if not line.startswith(_ANNOUNCEMENT):
        await process.wait()
        raise processes.ended("hub", process)
    return RunningHub(line.removeprefix(_ANNOUNCEMENT), process)


def hub_command(*arguments: str) -> list[str]:
    """Return the command line of `teaching-nb hub …`."""
    return [sys.executable, "-m", "teaching_nb", "hub", *arguments]
