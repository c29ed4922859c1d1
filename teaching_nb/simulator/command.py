"""The command `teaching-nb sim`: options, a hub where none is given, what is printed, and the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast
from urllib.parse import urlsplit

import typer

from teaching_nb.errors import ConfigurationError
from teaching_nb.processes.children import Processes
from teaching_nb.processes.hub import RunningHub, Store, load_class, mint_tokens, start_hub
from teaching_nb.simulator.lesson import TROUBLES, Plan, Result, Trouble, hold
from teaching_nb.simulator.people import MAX_STUDENTS, Lesson, class_file, lesson
from teaching_nb.simulator.report import as_data, as_text, verdict
from teaching_nb.simulator.sockets import Cut

Url = Annotated[
    str | None,
    typer.Option(
        help="A hub that runs already; name its data directory or database, too. Default: one of the simulation's own.",
        show_default=False,
    ),
]
Students = Annotated[int, typer.Option(help="How many students there are.", min=1, max=MAX_STUDENTS)]
Seconds = Annotated[float, typer.Option(help="How long they work.", min=1, max=86_400)]
Chaos = Annotated[
    str,
    typer.Option(
        help=f"Trouble, separated by commas: {', '.join(TROUBLES)}. `restart` kills the simulation's own hub.",
        show_default=False,
    ),
]
Json = Annotated[Path | None, typer.Option("--json", help="File for the figures.", dir_okay=False, show_default=False)]
DataDir = Annotated[
    Path | None, typer.Option(help="Data directory of the hub at --url.", file_okay=False, show_default=False)
]
Database = Annotated[str | None, typer.Option(help="Database of the hub, as `hub serve` takes it.", show_default=False)]
Seed = Annotated[int, typer.Option(help="What people do next follows from it.")]


def sim_command(
    *,
    url: Url = None,
    students: Students = 30,
    seconds: Seconds = 30.0,
    chaos: Chaos = "",
    json_file: Json = None,
    data_dir: DataDir = None,
    database: Database = None,
    seed: Seed = 1,
) -> None:
    """Let a class work on a hub, with trouble if wanted, and say whether anything was lost, doubled or seen wrongly.

    Exits with 1 when something was. People of the simulation are loaded into the hub's database: use a hub for tests.
    """
    plan = Plan(seconds, _troubles(chaos), seed)
    _check(url, data_dir, database, plan)
    planned = lesson(students)
    result = asyncio.run(_simulate(planned, plan, url, Store(data_dir, database)))
    data = as_data(planned, plan, result)
    if json_file is not None:
        _write(json_file, json.dumps(data, indent=2) + "\n")
    typer.echo(f"\n{as_text(data)}\n\n{verdict(data)}")
    raise typer.Exit(1 if result.mistakes else 0)


@dataclass(slots=True)
class _OwnHub:
    """The hub of the simulation, which may be killed."""

    processes: Processes
    store: Store
    running: RunningHub

    async def restart(self) -> None:
        """Kill it, and start it again at the same port."""
        await self.running.kill()
        port = urlsplit(self.running.url).port or 0
        self.running = await start_hub(self.processes, store=self.store, port=port)


async def _simulate(planned: Lesson, plan: Plan, url: str | None, store: Store) -> Result:
    with tempfile.TemporaryDirectory(prefix="teaching-nb-sim-") as name:
        folder = Path(name)
        where = store if store.options else Store(folder / "hub")
        typer.echo("Loading the class into the hub …")
        await load_class(class_file(planned), store=where, directory=folder)
        tokens = await mint_tokens(planned.people, store=where)
        try:
            if url is not None:
                return await hold(planned, plan, url=url.rstrip("/"), tokens=tokens, restart=None, tell=typer.echo)
            async with _own_hub(where, folder) as own:
                address, restart = own.running.url, own.restart
                return await hold(planned, plan, url=address, tokens=tokens, restart=restart, tell=typer.echo)
        except Cut as error:
            raise ConfigurationError(f"the hub at {url or 'this machine'} does not answer: {error}") from error


@contextlib.asynccontextmanager
async def _own_hub(store: Store, folder: Path) -> AsyncIterator[_OwnHub]:
    processes = Processes(folder)
    try:
        yield _OwnHub(processes, store, await start_hub(processes, store=store))
    finally:
        await processes.close()


def _troubles(chaos: str) -> frozenset[Trouble]:
    names = [name.strip() for name in chaos.split(",") if name.strip()]
    for name in names:
        if name not in TROUBLES:
            raise ConfigurationError(f"there is no trouble called {name!r}; there are: {', '.join(TROUBLES)}")
    return frozenset(cast("list[Trouble]", names))


def _check(url: str | None, data_dir: Path | None, database: str | None, plan: Plan) -> None:
    if url is None:
        return
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ConfigurationError(f"not the address of a hub: {url!r}; it looks like http://127.0.0.1:8710")
    if data_dir is None and database is None:
        raise ConfigurationError(
            "the people of the simulation have to be loaded into the hub's database: "
            "name it with --data-dir or --database, or leave --url out for a hub of the simulation's own"
        )
    if "restart" in plan.troubles:
        raise ConfigurationError("a hub that runs already is not killed: leave out `restart`, or --url")


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
