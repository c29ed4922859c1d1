"""Live documents of a teaching platform inside Jupyter.

The names of the notebook user are imported when they are first used, so that a hub or a Jupyter server
that imports this package does not pay for widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teaching_nb.widgets.code import code
    from teaching_nb.widgets.default_classroom import connect
    from teaching_nb.widgets.rooms import rooms
    from teaching_nb.widgets.task import task
    from teaching_nb.widgets.text import text

__version__ = "0.1.0"

__all__ = ["__version__", "code", "connect", "rooms", "task", "text"]

_HOMES = {
    "code": "teaching_nb.widgets.code",
    "connect": "teaching_nb.widgets.default_classroom",
    "rooms": "teaching_nb.widgets.rooms",
    "task": "teaching_nb.widgets.task",
    "text": "teaching_nb.widgets.text",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from teaching_nb.proxy.extension import TeachingNB  # only a Jupyter server needs it

    return [{"module": "teaching_nb.proxy.extension", "app": TeachingNB}]
