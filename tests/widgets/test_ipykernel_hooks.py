"""What `ipykernel_hooks` needs of ipykernel 6 and 7, asked in real kernels: a sentence for each thing that may move."""

from __future__ import annotations

from tests.harness.kernels import Kernel

LOOK = """
import asyncio, inspect
from comm import create_comm
shell = get_ipython(); kernel = shell.kernel
def say(is_there, sentence):
    if not is_there: print(sentence)
import sys
from ipykernel.iostream import OutStream
streams = [OutStream.write, OutStream.fileno]
say(all(map(callable, streams)) and isinstance(sys.stdout, OutStream) and sys.stdout.name == "stdout",
    "sys.stdout is no OutStream with name, write and fileno: what live cells print is not caught")
for name in ("raw_input", "getpass"):
    say(list(inspect.signature(getattr(kernel, name)).parameters)[:1] == ["prompt"],
        f"Kernel.{name} is gone: live cells cannot ask for input")
say(callable(getattr(shell, "_tee", print)), "Shell._tee is no function any more: IPython keeps what live cells print")
for name in ("publish", "clear_output"):
    say(callable(getattr(shell.display_pub, name)), f"{name} is gone: what live cells display is not caught")
def say_of_stream(stream):
    parts = ("socket", "io_loop", "_recv_callback", "_run_callback", "_handle_events")
    say(all(hasattr(stream, part) for part in parts),
        "The stream of the main thread has changed: without subshells nobody can answer a live cell's input()")
say(list(inspect.signature(shell._showtraceback).parameters) == ["etype", "evalue", "stb"],
    "Shell._showtraceback takes other arguments than (etype, evalue, stb): errors of live cells are not shown")
say(callable(shell.displayhook.finish_displayhook), "DisplayHook.finish_displayhook is gone: results are not shown")
shell.displayhook.start_displayhook()
say("content" in (getattr(shell.displayhook, "msg", None) or {}),
    "DisplayHook.msg is gone: results of live cells are not shown")
shell.displayhook.msg = None
say(callable(shell.display_pub.register_hook), "register_hook is gone: what live cells display is not caught")
say(callable(kernel.io_loop.add_callback), "Kernel.io_loop is no loop any more: live cells do not run")
"""
OF_SIX = (
    LOOK
    + """
say(list(inspect.signature(kernel.schedule_dispatch).parameters)[:1] == ["dispatch"],
    "Kernel.schedule_dispatch(dispatch) is gone: cells begin while a live cell runs")
say_of_stream(kernel.shell_stream)
"""
)
OF_SEVEN = (
    LOOK
    + """
say_of_stream(kernel.shell_channel_thread.manager.get_shell_channel_to_subshell_pair(None).to_stream)
say(not hasattr(kernel, "schedule_dispatch"), "Kernel.schedule_dispatch is there again: ipykernel 7 is taken for 6")
say(isinstance(getattr(kernel, "_main_asyncio_lock", None), asyncio.Lock),
    "Kernel._main_asyncio_lock is gone: cells begin while a live cell awaits")
say(hasattr(create_comm(target_name="x", primary=False), "_reply_subshell_for"),
    "_reply_subshell_for is gone from comms: pages may wait for a busy cell, see answer_where_asked")
"""
)


def test_nothing_of_ipykernel_has_moved(a_kernel: Kernel) -> None:
    """Every sentence that is printed says what has moved, and what stops working with it."""
    assert a_kernel.run(OF_SIX if a_kernel.is_older else OF_SEVEN) == ""
