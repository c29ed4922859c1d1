"""The command `teaching-nb`. Loads the parts that a command needs, and no others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from teaching_nb.errors import OperationalError, TeachingNbError

app = typer.Typer(
    name="teaching-nb",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def root() -> None:
    """Live documents of a teaching platform inside Jupyter."""
    # With a callback, Typer asks for the name of a command even where only one is registered.


def main() -> None:
    """Run the command line; a refusal is one line on stderr and exit code 1."""
    try:
        _add_commands(sys.argv[1:])
        app()
    except TeachingNbError as error:
        sys.stderr.write(f"teaching-nb: {_one_line(error)}\n")
        sys.exit(1)


def _add_commands(arguments: list[str]) -> None:
    """Register the commands; the code of one that is not asked for is not imported."""
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, add in _COMMANDS.items():
        if wanted in (None, name) or wanted not in _COMMANDS:
            add(app)


def _add_hub(target: typer.Typer) -> None:
    from teaching_nb.hub.cli import app as hub_app

    target.add_typer(hub_app, name="hub")


def _add_demo(target: typer.Typer) -> None:
    from teaching_nb.demo.command import demo_command

    target.command("demo")(demo_command)


def _add_sim(target: typer.Typer) -> None:
    from teaching_nb.simulator.command import sim_command

    target.command("sim")(sim_command)


_COMMANDS: dict[str, Callable[[typer.Typer], Any]] = {"demo": _add_demo, "hub": _add_hub, "sim": _add_sim}


def _one_line(error: TeachingNbError) -> str:
    message = error.message if isinstance(error, OperationalError) else str(error)
    return " ".join(message.split())


if __name__ == "__main__":
    main()
