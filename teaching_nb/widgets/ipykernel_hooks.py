"""Everything that reaches into ipykernel where it has no public way: its versions 6 and 7, and IPython's shell there.

`tests/widgets/test_ipykernel_hooks.py` says in real kernels of both versions what has moved when a release moves it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

_turns = asyncio.Lock()
"""One run after the other in ipykernel 6, which has no lock for that."""

WriteError = Callable[[type[BaseException], Any, list[str]], None]
WriteResult = Callable[[dict[str, Any]], None]
Replacement = tuple[Any, str, Any]
"""Owner, name and new value of an attribute that is replaced for a while."""


def answer_where_asked(comm: Any) -> None:
    """Have messages of a page taken by the subshell that the front end asked for.

    ipykernel 7.4 sends them to the shell that published last, which is the busy main shell as soon as a cell or a
    background thread has touched the widget. Older versions have no such switch, and need none.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None  # noqa: SLF001 - there is no public switch


def connection_file() -> str:
    """Return the file by which front ends find the kernel that this process is; empty for other programs."""
    module = sys.modules.get("ipykernel.kernelapp")
    # What is no kernel need not load the code of one.
    if module is None or not module.IPKernelApp.initialized():
        return ""
    return str(module.IPKernelApp.instance().connection_file)


def is_watched(kernel: Any) -> bool:
    """Tell whether a person may see what the present cell shows: a program that runs notebooks takes no input."""
    content = (kernel.get_parent() or {}).get("content", {}) if hasattr(kernel, "get_parent") else {}
    return content.get("allow_stdin") is not False


def queue(kernel: Any, take_turn: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Let a run take its turn on the main thread, behind what waits there; no cell begins before it has ended."""
    if hasattr(kernel, "schedule_dispatch"):
        # ipykernel 6 has one queue for all messages and no lock: a cell would begin while the run awaits.
        kernel.io_loop.add_callback(kernel.schedule_dispatch, take_turn)
        return
    kernel.io_loop.add_callback(take_turn)


def turn(kernel: Any) -> AbstractAsyncContextManager[Any]:
    """Return the lock that cells of the kernel run under."""
    lock: AbstractAsyncContextManager[Any] = getattr(kernel, "_main_asyncio_lock", _turns)
    return lock


def replacements(shell: Any, write_error: WriteError, write_result: WriteResult) -> list[Replacement]:
    """Return what has to be replaced so that errors and results of code go elsewhere, and none asks for input."""
    return [
        (shell.kernel, "_allow_stdin", False),
        (shell, "_showtraceback", _error_writer(shell, write_error)),
        (shell.displayhook, "finish_displayhook", _result_writer(shell.displayhook, write_result)),
    ]


def _error_writer(shell: Any, write_error: WriteError) -> WriteError:
    def write(kind: type[BaseException], value: Any, traceback: list[str]) -> None:
        write_error(kind, value, traceback)
        shell._last_traceback = traceback  # noqa: SLF001 - as ipykernel's own function does

    return write


def _result_writer(displayhook: Any, write_result: WriteResult) -> Callable[[], None]:
    def finish() -> None:
        content = (displayhook.msg or {}).get("content", {})
        displayhook.msg = None
        if content.get("data"):
            write_result(content)

    return finish
