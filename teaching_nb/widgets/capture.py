"""Send everything that code puts out into an `OutputLog` instead of the notebook cell that ran last.

Works on the shell of ipykernel 6 and 7, on its main thread, for the time of one run. All that is changed
is put back, whatever the code does.
"""

from __future__ import annotations

import builtins
import getpass
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from teaching_nb.widgets.ipykernel_hooks import WriteError, WriteResult, replacements
from teaching_nb.widgets.outputs import OutputLog


class InputNotPossible(RuntimeError):
    """The code of a live cell asked for input."""


class LogStream(io.TextIOBase):
    """Standard output or error of a run."""

    def __init__(self, log: OutputLog, name: str) -> None:
        self._log = log
        self._name = name

    encoding = "utf-8"

    def writable(self) -> bool:
        """Return True: text may be written."""
        return True

    def isatty(self) -> bool:
        """Return False: nobody types here."""
        return False

    def write(self, text: str) -> int:
        """Append to the log."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._log.write(self._name, text)
        return len(text)


@contextmanager
def captured(shell: Any, log: OutputLog) -> Iterator[None]:
    """Let `log` have streams, displays, results and errors of what runs inside; refuse input."""
    with ExitStack() as undo:
        _replace(undo, sys, "stdout", LogStream(log, "stdout"))
        _replace(undo, sys, "stderr", LogStream(log, "stderr"))
        _replace(undo, builtins, "input", _refuse_input)
        _replace(undo, getpass, "getpass", _refuse_input)
        for owner, name, value in replacements(shell, _error_writer(log), _result_writer(log)):
            _replace(undo, owner, name, value)
        hook = _display_writer(log)
        shell.display_pub.register_hook(hook)
        undo.callback(shell.display_pub.unregister_hook, hook)
        yield
        _write_pages(shell, log)


def _replace(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    # Traits lie behind a descriptor of the class, not in the object.
    is_own = name in vars(owner) or hasattr(getattr(type(owner), name, None), "__set__")
    before = getattr(owner, name)
    setattr(owner, name, value)
    if is_own:
        undo.callback(setattr, owner, name, before)
    else:
        undo.callback(delattr, owner, name)


def _refuse_input(*_args: Any, **_options: Any) -> NoReturn:
    raise InputNotPossible(
        "a live cell cannot ask for input; write the value into the code, or run it in a normal cell"
    )


def _error_writer(log: OutputLog) -> WriteError:
    return lambda kind, value, traceback: log.error(kind.__name__, str(value), traceback)


def _result_writer(log: OutputLog) -> WriteResult:
    return lambda content: log.result(
        content["data"], metadata=content.get("metadata", {}), count=content["execution_count"]
    )


def _display_writer(log: OutputLog) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def take(message: dict[str, Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "clear_output":
            log.clear(wait=bool(content.get("wait")))
            return
        shown = {
            "metadata": content.get("metadata", {}),
            "display_id": content.get("transient", {}).get("display_id"),
        }
        write = log.update_display if kind == "update_display_data" else log.display
        write(content["data"], **shown)

    return take


def _write_pages(shell: Any, log: OutputLog) -> None:
    """Show what `name?` puts into a pager, and drop payloads that are meant for a notebook cell."""
    for payload in shell.payload_manager.read_payload():
        if payload.get("source") == "page":
            log.display({"text/plain": payload["data"].get("text/plain", "")}, metadata={})
    shell.payload_manager.clear_payload()
