"""The command `teaching-nb demo`: options, what is printed, and a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from teaching_nb.demo.people import MAX_STUDENTS
from teaching_nb.errors import ConfigurationError

if TYPE_CHECKING:
    from rich.console import Console

    from teaching_nb.demo.labs import Lab
    from teaching_nb.demo.school import School

_OPENED_BY_ITSELF = 3
"""How many browser tabs are opened; more links are only printed."""

Students = Annotated[int, typer.Option(help="How many students there are.", min=1, max=MAX_STUDENTS)]
Port = Annotated[
    int | None,
    typer.Option(
        help="Port of the teacher's JupyterLab; the students get the following ones. Default: free ports.",
        min=1024,
        max=65535 - MAX_STUDENTS,
        show_default=False,
    ),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the links.")]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder that keeps everything for the next time. Default: a temporary one, removed at the end.",
        file_okay=False,
        show_default=False,
    ),
]
Check = Annotated[
    bool, typer.Option("--check", help="Open real kernels, let them work together, print what was seen, and end.")
]


def demo_command(
    students: Students = 2,
    port: Port = None,
    no_browser: NoBrowser = False,
    data: Data = None,
    check: Check = False,
) -> None:
    """Run a whole class on this machine: a hub, and a JupyterLab for the teacher and each student."""
    from importlib.util import find_spec

    if find_spec("jupyterlab") is None:
        _fail("JupyterLab is missing; install it with: pip install 'teaching-nb[demo]'")
    try:
        is_good = asyncio.run(_run(students=students, port=port, is_shown=not no_browser, data=data, check=check))
    except ConfigurationError as error:
        _fail(str(error))
    except asyncio.CancelledError:
        is_good = not check
    raise typer.Exit(0 if is_good else 1)


async def _run(*, students: int, port: int | None, is_shown: bool, data: Path | None, check: bool) -> bool:
    from rich.console import Console

    from teaching_nb.demo.school import school

    _end_on_signals()
    console = Console(highlight=False)
    async with school(students=students, port=port, directory=data, tell=console.print) as running:
        if check:
            from teaching_nb.demo.check import check_class

            return await check_class(running, console)
        _show(running, console)
        if is_shown and _has_display():
            for lab in running.labs[:_OPENED_BY_ITSELF]:
                webbrowser.open(lab.link(lab.person.notebooks[0]))
        await _until_cancelled(console)
    return True


def _end_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal cancel this task once; a second one must not cut the cleaning up."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    is_asked = False

    def end() -> None:
        nonlocal is_asked
        if not is_asked:
            is_asked = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)


async def _until_cancelled(console: Console) -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        console.print("Ending the class …")


def _show(running: School, console: Console) -> None:
    """Print who is where; links stay in one piece, whatever the width of the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table("Who", "Role", "Link", box=None, pad_edge=False, header_style="bold")
    for lab in running.labs:
        for index, notebook in enumerate(lab.person.notebooks):
            first = (lab.person.name, lab.person.role) if index == 0 else ("", "")
            table.add_row(*first, lab.link(notebook))
    console.print()
    Console(highlight=False, width=max(console.width, _width_of(running.labs))).print(table)
    console.print()
    console.print(f"The hub is at {running.hub_url}, files and logs are in {running.directory}.", soft_wrap=True)
    console.print("Open the same notebook as two people and type. Ctrl-C ends everything.")


def _width_of(labs: list[Lab]) -> int:
    """Return how many columns the table needs, with the spaces between them."""
    who = max(len(lab.person.name) + len(lab.person.role) for lab in labs)
    return who + max(len(lab.link(notebook)) for lab in labs for notebook in lab.person.notebooks) + 8


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _fail(reason: str) -> None:
    typer.echo(f"teaching-nb demo: {reason}", err=True)
    raise typer.Exit(1)
