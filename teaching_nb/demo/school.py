"""The composition root of the demo: starts hub and JupyterLabs in order, ends them in any case."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from teaching_nb.demo.labs import Lab, require_free, start_lab
from teaching_nb.demo.people import Person, class_file, people
from teaching_nb.processes.children import Processes
from teaching_nb.processes.hub import Store, load_class, mint_tokens, start_hub


@dataclass(frozen=True, slots=True)
class School:
    """A running class."""

    directory: Path
    hub_url: str
    labs: list[Lab]
    """The teacher's first, then one per student."""
    processes: Processes


@contextlib.asynccontextmanager
async def school(
    *,
    students: int,
    port: int | None = None,
    directory: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[School]:
    """Run a class; everything has ended when the context is left, in whatever way.

    `port` is the teacher's, the students have the following ones; None lets the system choose. `directory` is
    kept and used again; None makes a temporary one. `tell` gets a line about what is being started.
    """
    with _directory(directory) as place:
        logs = place / "logs"
        logs.mkdir(exist_ok=True)
        processes = Processes(logs)
        try:
            yield await _start(people(students), processes=processes, directory=place, port=port, tell=tell)
        finally:
            await processes.close()


async def _start(
    everybody: list[Person], *, processes: Processes, directory: Path, port: int | None, tell: Callable[[str], None]
) -> School:
    if port is not None:
        require_free(range(port, port + len(everybody)))
    store = Store(directory / "hub")
    tell("Loading the class into the hub …")
    await load_class(class_file(everybody), store=store, directory=directory)
    hub_url = (await start_hub(processes, store=store)).url
    tokens = await mint_tokens([person.email for person in everybody], store=store)
    tell(f"Starting {len(everybody)} JupyterLabs …")
    at_once = asyncio.Semaphore(os.cpu_count() or 2)

    async def open_lab(index: int, person: Person) -> Lab:
        async with at_once:
            hub = (hub_url, tokens[person.email])
            its_port = 0 if port is None else port + index
            return await start_lab(person, processes=processes, directory=directory, port=its_port, hub=hub, http=http)

    async with aiohttp.ClientSession() as http, _only_first_error(), asyncio.TaskGroup() as group:
        tasks = [group.create_task(open_lab(index, person)) for index, person in enumerate(everybody)]
    return School(directory, hub_url, [task.result() for task in tasks], processes)


@contextlib.asynccontextmanager
async def _only_first_error() -> AsyncIterator[None]:
    """Raise the first of several errors: the others have the same cause, or are none of theirs."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


@contextlib.contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    temporary = Path(tempfile.mkdtemp(prefix="teaching-nb-demo-"))
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
