"""Live documents of a teaching platform inside Jupyter.

The names of the notebook user are imported when they are first used, so that a hub or a Jupyter server
that imports this package does not pay for widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teaching_nb.widgets.choice_answer import choice
    from teaching_nb.widgets.cms_text import feedback
    from teaching_nb.widgets.code import code
    from teaching_nb.widgets.default_classroom import connect, document
    from teaching_nb.widgets.dir import files
    from teaching_nb.widgets.dynamic_document_roots import chat_rooms
    from teaching_nb.widgets.mdx_comment import comments
    from teaching_nb.widgets.page_read_check import read_check
    from teaching_nb.widgets.progress_state import progress
    from teaching_nb.widgets.quill_v2 import richtext
    from teaching_nb.widgets.quiz import quiz
    from teaching_nb.widgets.restricted import restricted
    from teaching_nb.widgets.rooms import rooms
    from teaching_nb.widgets.simple_chat import chat
    from teaching_nb.widgets.solution import solution
    from teaching_nb.widgets.string import text
    from teaching_nb.widgets.task_state import task
    from teaching_nb.widgets.true_false_answer import true_false

    __all__ = [
        "__version__",
        "chat",
        "chat_rooms",
        "choice",
        "code",
        "comments",
        "connect",
        "document",
        "feedback",
        "files",
        "progress",
        "quiz",
        "read_check",
        "restricted",
        "richtext",
        "rooms",
        "solution",
        "task",
        "text",
        "true_false",
    ]

__version__ = "0.1.0"

_HOMES = {
    "connect": "teaching_nb.widgets.default_classroom",
    "document": "teaching_nb.widgets.default_classroom",
    "rooms": "teaching_nb.widgets.rooms",
}
"""Functions that are no widget of a document; one that is lives in the module that is called as its type is."""


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return _names()
    home = None if name.startswith("_") else _HOMES.get(name) or _home_of_call(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_names()})


def _home_of_call(name: str) -> str | None:
    from teaching_nb.schema.documents import type_of_call  # what only asks for the version needs no schema

    known = type_of_call(name)
    return f"teaching_nb.widgets.{known.name}" if known else None


def _names() -> list[str]:
    from teaching_nb.schema.documents import calls  # as above

    return sorted({"__version__", *_HOMES, *calls()})


def load_ipython_extension(shell: Any) -> None:
    """Complete the slugs of documents: `%load_ext teaching_nb`."""
    from teaching_nb.widgets.slug_completion import load  # only a notebook needs it

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Complete them no more: `%unload_ext teaching_nb`."""
    from teaching_nb.widgets.slug_completion import unload  # as above

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from teaching_nb.proxy.extension import TeachingNB  # only a Jupyter server needs it

    return [{"module": "teaching_nb.proxy.extension", "app": TeachingNB}]
