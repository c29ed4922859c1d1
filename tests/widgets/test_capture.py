"""Whose output it is: what a live cell's code puts out stands below it, wherever it comes from, and nothing else."""

from __future__ import annotations

import sys

import pytest

from tests.harness.kernels import Kernel, Message
from tests.harness.waiting import wait_until
from tests.widgets.pages import Page

needs_descriptors = pytest.mark.skipif(sys.platform == "win32", reason="kernels do not see descriptors on Windows")

RUNS = 30

LOGGING = """
import logging
logger = logging.getLogger("of the course")
logger.handlers[:] = [logging.StreamHandler()]
kept = __import__("sys").stdout
"""

THREAD = """
import threading, concurrent.futures
go_on = threading.Event()
class Printing(threading.Thread):
    def run(self):
        go_on.wait(30)
        print("thread ends")
        display("shown by the thread")
printing = Printing(); printing.start()
print("run ends")
"""

TASK = """
import asyncio
go_on = asyncio.Event()
async def later():
    await go_on.wait()
    print("task ends")
task = asyncio.ensure_future(later())
print("run ends")
"""

OTHERS = """
import threading
begun, go_on = threading.Event(), threading.Event()
def others():
    begun.set(); go_on.wait(30); print("by the notebook"); done.set()
done = threading.Event()
threading.Thread(target=others).start()
begun.wait(30)
"""

C_CODE = """
import ctypes
library = ctypes.CDLL(None)
buffer = ctypes.create_string_buffer(4096)
library.setvbuf(ctypes.c_void_p.in_dll(library, "stdout"), buffer, 0, 4096)
library.puts(b"by C")
print("by Python")
"""

FORK = """
import os
child = os.fork()
if not child:
    print("by the child")
    os._exit(0)
os.waitpid(child, 0)
print("by the parent")
"""


def shown(outputs: list[Message]) -> str:
    """Return all text that is shown, of whatever kind, in its order."""
    return "".join(output["text"] if "text" in output else f"<{output['data']['text/plain']}>" for output in outputs)


def test_what_keeps_a_stream_writes_below_the_cell_that_runs(a_kernel: Kernel, a_page: Page) -> None:
    """Handlers and names made in an earlier run or cell write into the run or cell that uses them."""
    a_kernel.run(LOGGING)

    assert shown(a_page.run("logger.warning('one')\nkept.write('two\\n')\nprint('three', file=kept)")) == (
        "one\ntwo\nthree\n"
    )
    assert shown(a_page.run(LOGGING + "logger.warning('four')")) == "four\n"
    assert shown(a_page.run("logger.warning('five')\nNone")) == "five\n"
    assert a_kernel.run("logger.warning('six')\nkept.write('seven\\n')\nNone") == "six\nseven\n"


@needs_descriptors
@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run(['echo', 'from outside'])",
        "import subprocess, sys\nsubprocess.run(['echo', 'from outside'], stdout=sys.stdout)",
        "import os\nos.system('echo from outside')",
        "import os\nos.write(1, b'from outside\\n')",
        "!echo from outside",
    ],
)
def test_what_is_written_to_descriptors_stands_in_its_place(a_kernel: Kernel, a_page: Page, code: str) -> None:
    """Child processes and C code write between what Python prints before and after them."""
    printed = shown(a_page.run(f"print('before')\n{code}\nprint('after')"))

    assert printed.replace("\r", "") == "before\nfrom outside\nafter\n"
    assert a_kernel.run("print('in the notebook')") == "in the notebook\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the C library calls its streams otherwise")
def test_what_c_code_keeps_in_its_buffer_is_shown_with_its_run(a_page: Page) -> None:
    """Behind a pipe C writes when its buffer is full; the end of the run has it write before."""
    assert shown(a_page.run(C_CODE)) == "by Python\nby C\n"


@needs_descriptors
def test_a_child_that_outlives_the_run_writes_below_it(a_kernel: Kernel, a_page: Page) -> None:
    """Whatever runs when it writes: its descriptors are those of its run."""
    a_page.run("import subprocess\nchild = subprocess.Popen(['sh', '-c', 'read line; echo $line'], stdin=-1)\nNone")

    assert a_kernel.run("child.communicate(b'at last\\n')\nprint('cell')") == "cell\n"

    wait_until(lambda: shown(a_page.look_again()) == "at last\n", "the child's text is there")


@needs_descriptors
def test_a_forked_child_prints_below_the_run(a_page: Page) -> None:
    """The child has a copy of everything, and its text comes all the same."""
    assert shown(a_page.run(FORK)) == "by the child\nby the parent\n"


def test_a_thread_that_outlives_the_run_writes_below_it(a_kernel: Kernel, a_page: Page) -> None:
    """Threads write and display below the run that has started them, while a cell of the notebook runs as well."""
    a_page.run(THREAD)

    printed = a_kernel.run("go_on.set()\nprinting.join()\nprint('cell')")

    assert printed == "cell\n"
    assert shown(a_page.look_again()) == "run ends\nthread ends\n<'shown by the thread'>"


def test_a_task_that_outlives_the_run_writes_below_it(a_kernel: Kernel, a_page: Page) -> None:
    """A task of asyncio belongs to the run that has made it."""
    a_page.run(TASK)

    assert a_kernel.run("go_on.set()\nawait task\nprint('cell')") == "cell\n"

    assert shown(a_page.look_again()) == "run ends\ntask ends\n"


def test_a_thread_of_the_notebook_does_not_write_into_the_run(a_kernel: Kernel, a_page: Page) -> None:
    """What a cell has started is not the run's, even while that runs."""
    a_kernel.run(OTHERS)

    outputs = a_page.run("go_on.set()\ndone.wait(30)\nprint('by the run')")

    assert shown(outputs) == "by the run\n"


def test_what_a_thread_raises_stands_below_the_run(a_page: Page) -> None:
    """An exception that nobody catches in a thread is shown where the thread comes from."""
    code = "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()"

    assert "ZeroDivisionError: division by zero" in shown(a_page.run(code))


def test_the_notebook_updates_what_a_run_shows(a_kernel: Kernel, a_page: Page) -> None:
    """A display with an id is the same in a live cell and in a cell, and its neighbours stay."""
    a_page.run("print('before')\nhandle = display('old', display_id='shared')\nprint('after')")

    a_kernel.run("handle.update('new')")

    assert shown(a_page.look_again()) == "before\n<'new'>after\n"


def test_a_run_updates_what_the_notebook_shows(a_kernel: Kernel, a_page: Page) -> None:
    """An update for a display of a cell goes to the notebook."""
    a_kernel.run("handle = display('old', display_id=True)")
    a_page.press_run("handle.update('new')")

    message = a_kernel.wait(lambda message: bool(message["msg_type"] == "update_display_data"))

    assert message["content"]["data"]["text/plain"] == "'new'"
    assert a_page.follow_until("done") == []


def test_a_run_leaves_nothing_behind(a_kernel: Kernel, a_page: Page) -> None:
    """Descriptors, threads and what IPython keeps are after many runs as after one, but for what comes and goes."""
    count = "import os, threading\nprint(len(os.listdir('/proc/self/fd')) + threading.active_count())"
    keep = "print(sum(len(kept) for kept in get_ipython().history_manager.outputs.values()))"
    a_page.run("print('warm')")
    kept, open_before = int(a_kernel.run(keep)), int(a_kernel.run(count))

    for _ in range(RUNS):
        a_page.run("print('again')")

    # One for each cell of the notebook that has printed.
    assert int(a_kernel.run(keep)) - kept <= 2
    wait_until(lambda: int(a_kernel.run(count)) - open_before < RUNS // 2, "descriptors and threads are gone")


def test_a_program_that_prints_for_ever_is_followed_and_bounded(a_kernel: Kernel, a_page: Page) -> None:
    """The page sees the newest lines while they come, and an interrupt ends it with a traceback."""
    a_page.press_run("n = 0\nwhile True:\n    n += 1\n    print(n)")
    while "Left out" not in shown(a_page.outputs):
        a_page.follow_until("running")
    a_kernel.interrupt()

    outputs = a_page.follow_until("done")

    assert outputs[-1]["ename"] == "KeyboardInterrupt"
    lines = outputs[-2]["text"].split()
    assert int(lines[-1]) >= int(a_kernel.run("print(n)")) - 1
    assert len(lines) <= 1_001
