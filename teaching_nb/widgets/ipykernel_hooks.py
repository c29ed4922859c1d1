"""Everything that reaches into ipykernel where it has no public way: its versions 6 and 7, and IPython's shell there.

`tests/widgets/test_ipykernel_hooks.py` says in real kernels of both versions what has moved when a release moves it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import zmq
from ipykernel.iostream import OutStream

import teaching_nb
from teaching_nb.widgets.current_capture import Capture

_turns = asyncio.Lock()
"""One run after the other in ipykernel 6, which has no lock for that."""

_OURS = str(Path(teaching_nb.__file__).parent) + os.sep
"""How the names of our source files begin."""

_POLL_SECONDS = 0.05
"""So often whoever waits for an answer looks whether it has come, or an interrupt."""

Current = ContextVar[Capture | None]
UpdateDisplays = Callable[[str, dict[str, Any], dict[str, Any]], bool]


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


def install(shell: Any, current: Current, update_displays: UpdateDisplays) -> bool:
    """Have all that puts something out, or asks for input, ask `current` whose it is; returns False when it does."""
    kernel = shell.kernel
    if getattr(kernel, _INSTALLED, False):
        return False
    setattr(kernel, _INSTALLED, True)
    OutStream.write = _write(OutStream.write, current)  # type: ignore[method-assign] # handlers keep the streams
    OutStream.fileno = _fileno(OutStream.fileno, current)  # type: ignore[method-assign] # as above
    for stream in (sys.stdout, sys.stderr):
        # IPython leaves the method in the object behind every cell.
        getattr(stream, "__dict__", {}).pop("write", None)
    if hasattr(shell, "_tee"):
        shell._tee = _tee(shell._tee, current)  # noqa: SLF001 - there is no switch
    for name in ("publish", "clear_output"):
        setattr(shell.display_pub, name, _publish(shell.display_pub, name, current, update_displays))
    shell.displayhook.finish_displayhook = _finish_displayhook(shell.displayhook, current)
    shell._showtraceback = _show_traceback(shell, current)  # noqa: SLF001 - as ipykernel overrides it
    for name, is_secret in (("raw_input", False), ("getpass", True)):
        setattr(kernel, name, _asker(getattr(kernel, name), current, is_secret=is_secret))
    return True


_INSTALLED = "_teaching_nb_installed"


def wait_for(kernel: Any, is_answered: threading.Event, comm_id: str) -> None:
    """Wait for an answer that a message of this comm brings; an interrupt ends it.

    A front end without subshells sends that message to the main thread, which waits here. So it takes the messages
    of this comm out of the queue meanwhile; all others are dispatched when it has ended, in their order.
    """
    is_main = threading.current_thread() is threading.main_thread()
    stream = _main_stream(kernel) if is_main else None
    if stream is None:
        while not is_answered.wait(_POLL_SECONDS):
            pass
        return
    others: list[Any] = []
    try:
        while not is_answered.is_set():
            if stream.socket.poll(int(_POLL_SECONDS * 1000), zmq.POLLIN):
                frames = stream.socket.recv_multipart(copy=False)
                if not _take_comm_message(kernel, stream, frames, comm_id):
                    others.append(frames)
    finally:
        for frames in others:
            stream._run_callback(stream._recv_callback, frames)  # noqa: SLF001 - as if it came now
        # As the stream does itself: its descriptor does not wake the loop for what came while nobody looked.
        stream.io_loop.add_callback(lambda: stream._handle_events(stream.socket, 0))  # noqa: SLF001 - as above


def _main_stream(kernel: Any) -> Any:
    """Return the stream on which the main thread gets what pages say."""
    thread = getattr(kernel, "shell_channel_thread", None)
    if thread is None:
        return kernel.shell_stream
    return thread.manager.get_shell_channel_to_subshell_pair(None).to_stream


def _take_comm_message(kernel: Any, stream: Any, frames: Any, comm_id: str) -> bool:
    idents, rest = kernel.session.feed_identities(frames, copy=False)
    # Without its content a message is not counted as received, and may be read once more.
    peeked = kernel.session.deserialize(rest, content=False, copy=False)
    if peeked["header"]["msg_type"] != "comm_msg":
        return False
    if kernel.session.unpack(peeked["content"]).get("comm_id") != comm_id:
        return False
    message = kernel.session.deserialize(rest, content=True, copy=False)
    kernel.comm_manager.comm_msg(stream, idents, message)
    return True


def _write(original: Any, current: Current) -> Any:
    def write(stream: OutStream, string: str) -> int | None:
        capture = current.get()
        if capture is None or not isinstance(string, str):
            return original(stream, string)
        capture.write(stream.name, string)
        return len(string)

    return write


def _tee(original: Any, current: Current) -> Any:
    def tee(*values: Any, **options: Any) -> Any:
        # IPython keeps all that a cell prints, for ever; what a run prints is bounded.
        return original(*values, **options) if current.get() is None else nullcontext()

    return tee


def _fileno(original: Any, current: Current) -> Any:
    def fileno(stream: OutStream) -> int:
        capture = current.get()
        descriptor = None if capture is None else capture.descriptor(stream.name)
        return original(stream) if descriptor is None else descriptor

    return fileno


def _publish(publisher: Any, name: str, current: Current, update_displays: UpdateDisplays) -> Any:
    original = getattr(publisher, name)

    def take(message: dict[str, Any]) -> dict[str, Any] | None:
        kind, content, capture = message["header"]["msg_type"], message["content"], current.get()
        if capture is not None:
            return None if capture.show(kind, content) else message
        if kind == "update_display_data":
            update_displays(content["transient"].get("display_id"), content["data"], content["metadata"])
        return message

    def publish(*values: Any, **options: Any) -> None:
        # Hooks belong to a thread, and the user's code has many.
        publisher.register_hook(take)
        try:
            original(*values, **options)
        finally:
            publisher.unregister_hook(take)

    return publish


def _finish_displayhook(displayhook: Any, current: Current) -> Callable[[], None]:
    original = displayhook.finish_displayhook

    def finish() -> None:
        capture = current.get()
        if capture is None:
            original()
            return
        content = (displayhook.msg or {}).get("content", {})
        displayhook.msg = None
        if content.get("data"):
            capture.result(content)

    return finish


def _show_traceback(shell: Any, current: Current) -> Any:
    original = shell._showtraceback  # noqa: SLF001 - as ipykernel overrides it

    def show(kind: type[BaseException], value: Any, traceback: list[str]) -> None:
        capture = current.get()
        if capture is None:
            original(kind, value, traceback)
            return
        if issubclass(kind, KeyboardInterrupt) and _end_in_users_code(value):
            traceback = shell.InteractiveTB.structured_traceback(kind, value, value.__traceback__, tb_offset=1)
        capture.error(kind, value, traceback)
        shell._last_traceback = traceback  # noqa: SLF001 - as ipykernel's own function does

    return show


def _end_in_users_code(interrupt: BaseException) -> bool:
    """Let the traceback of an interrupt end where the user's code called ours; tells whether it went further."""
    before, here = None, interrupt.__traceback__
    while here is not None and not here.tb_frame.f_code.co_filename.startswith(_OURS):
        before, here = here, here.tb_next
    if before is None or here is None:
        return False
    before.tb_next = None
    return True


def _asker(original: Any, current: Current, *, is_secret: bool) -> Any:
    def ask(prompt: object = "Password: " if is_secret else "", *values: Any, **options: Any) -> str:
        capture = current.get()
        if capture is None:
            return original(prompt, *values, **options)
        try:
            return capture.ask(str(prompt), is_secret=is_secret)
        except (KeyboardInterrupt, EOFError) as error:
            # Anew, as ipykernel does it: the traceback is about the user's code, not about how we wait.
            raise type(error)(*error.args) from None

    return ask
