"""The standalone hub of the demo, as a process: loading the class, tokens, serving."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from teaching_nb.demo.labs import clean_environment
from teaching_nb.demo.people import Person
from teaching_nb.demo.processes import Processes, run
from teaching_nb.errors import ConfigurationError

START_SECONDS = 30.0

_ANNOUNCEMENT = "listening on "
_VALID_DAYS = "7"


def _hub(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "teaching_nb", "hub", *arguments]


async def load_class(content: dict[str, Any], *, data_dir: Path, directory: Path) -> None:
    """Tell the hub's database who there is; what it knows already is left as it is."""
    path = directory / "class.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    await run(_hub("load", str(path), "--data-dir", str(data_dir)), env=clean_environment())


async def mint_token(person: Person, *, data_dir: Path) -> str:
    """Return a new bearer token of one person."""
    command = _hub("token", person.email, "--days", _VALID_DAYS, "--data-dir", str(data_dir))
    return (await run(command, env=clean_environment())).strip()


async def start_hub(processes: Processes, *, data_dir: Path) -> str:
    """Start the hub and return its URL once it accepts connections."""
    command = _hub("serve", "--port", "0", "--data-dir", str(data_dir), "--until-stdin-closes")
    process = await processes.start("hub", command, env=clean_environment(), reads_stdout=True)
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_SECONDS)).decode().strip()
    except TimeoutError:
        raise ConfigurationError(f"the hub did not start in {START_SECONDS:.0f} s; see its log") from None
    if not line.startswith(_ANNOUNCEMENT):
        await process.wait()
        raise processes.ended("hub", process)
    return line.removeprefix(_ANNOUNCEMENT)
