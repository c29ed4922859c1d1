"""Running a live cell in a real kernel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from tests.harness.kernels import Kernel, Message
from tests.widgets.pages import Page

_MAKE = """
from teaching_nb.widgets.code import CodeWidget
from tests.harness.offline import offline_model
widget = CodeWidget(offline_model("code", {code!r}), title="fib")
"""


def texts(outputs: list[dict[str, Any]], kind: str = "stream") -> str:
    """Return the text of all outputs of one type."""
    return "".join(output["text"] for output in outputs if output["type"] == kind)


def test_run_shares_the_namespace_of_the_notebook(a_kernel: Kernel, a_page: Page) -> None:
    """Names go both ways between the live cell and the cells of the notebook."""
    a_kernel.run("base = 40")

    outputs = a_page.run("answer = base + 2\nprint(answer)")

    assert texts(outputs) == "42\n"
    assert a_kernel.run("print(answer)") == "42\n"
    assert a_page.status == "ok"


def test_run_puts_out_nothing_in_the_notebook(a_kernel: Kernel, a_page: Page) -> None:
    """Streams, results and displays of a live cell come over its comm alone."""
    seen: list[str] = []
    wait = a_page.kernel.wait

    def wait_and_note(is_wanted: Callable[[Message], bool]) -> Message:
        def note(message: Message) -> bool:
            seen.append(message["msg_type"])
            return is_wanted(message)

        return wait(note)

    with mock.patch.object(a_page.kernel, "wait", wait_and_note):
        a_page.run("import sys\nprint(1)\nprint(2, file=sys.stderr)\ndisplay(3)\n1 / 0")

    assert not {"stream", "display_data", "execute_result", "error"} & set(seen)


def test_run_keeps_streams_results_and_displays_in_order(a_page: Page) -> None:
    """What was put out first is shown first, standard error apart from standard output."""
    outputs = a_page.run("import sys\nprint('a')\nprint('b', file=sys.stderr)\ndisplay('c')\n'd'")

    assert [(output["type"], output.get("name")) for output in outputs] == [
        ("stream", "stdout"),
        ("stream", "stderr"),
        ("display", None),
        ("result", None),
    ]
    assert outputs[2]["data"]["text/plain"] == "'c'"
    assert outputs[3]["data"]["text/plain"] == "'d'"


def test_run_shows_errors_with_their_traceback(a_page: Page) -> None:
    """An exception ends the run and brings its lines."""
    outputs = a_page.run("print('before')\n1 / 0")

    assert texts(outputs) == "before\n"
    assert outputs[-1]["type"] == "error"
    assert outputs[-1]["ename"] == "ZeroDivisionError"
    assert any("1 / 0" in line or "/" in line for line in outputs[-1]["traceback"])
    assert a_page.status == "error"


def test_run_shows_syntax_errors(a_page: Page) -> None:
    """Code that cannot be parsed is an error, not silence."""
    outputs = a_page.run("def f(:")

    assert outputs[0]["ename"] == "SyntaxError"
    assert a_page.status == "error"


def test_run_shows_plots(a_page: Page) -> None:
    """A figure that nobody shows explicitly appears at the end of the run, as in a cell."""
    outputs = a_page.run("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nNone")

    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    assert pictures[0]["data"]["image/png"].startswith("iVBOR")


def test_run_follows_clear_output_and_updates(a_page: Page) -> None:
    """`clear_output` and `display(..., display_id=True).update` work as in a cell."""
    outputs = a_page.run(
        "from IPython.display import clear_output\n"
        "print('gone')\nclear_output(wait=True)\n"
        "handle = display('first', display_id=True)\nhandle.update('second')"
    )

    assert [output["data"]["text/plain"] for output in outputs] == ["'second'"]


def test_run_awaits_coroutines(a_page: Page) -> None:
    """Top-level await works as in a cell."""
    outputs = a_page.run("import asyncio\nawait asyncio.sleep(0.01)\nprint('awake')\n7")

    assert texts(outputs) == "awake\n"
    assert outputs[-1]["data"]["text/plain"] == "7"
    assert a_page.status == "ok"


def test_run_shows_the_end_of_a_flood_of_text(a_page: Page) -> None:
    """Of too many lines the middle is left out; the run goes on, and its result is shown."""
    outputs = a_page.run("for n in range(3000): print(n)\nlast = n\nlast")

    lines = texts(outputs).split()
    assert (lines[0], lines[-1]) == ("0", "2999")
    assert f"{3000 - len(lines):,} lines" in texts(outputs, "notice")
    assert outputs[-1]["data"]["text/plain"] == "2999"


def test_run_leaves_the_kernel_as_it_was(a_kernel: Kernel, a_page: Page) -> None:
    """After a run a normal cell prints, shows errors and results as before."""
    a_page.run("1 / 0")

    assert a_kernel.run("print('here')") == "here\n"
    with pytest.raises(AssertionError, match="KeyError"):
        a_kernel.run("{}['missing']")


def test_interrupt_ends_a_sleeping_run(a_page: Page) -> None:
    """Interrupt reaches code that waits, and the kernel lives on."""
    run = a_page.press_run("import time\nprint('asleep')\ntime.sleep(60)")
    while "asleep" not in texts(a_page.outputs):
        a_page.follow_until("running")

    # Without subshells the page's message would wait behind the run; the notebook's own button does not.
    a_page.kernel.interrupt()
    outputs = a_page.follow_until("done")

    assert run
    assert outputs[-1]["ename"] == "KeyboardInterrupt"
    assert "teaching_nb" not in "".join(outputs[-1]["traceback"])
    assert a_page.status == "interrupted"
    assert texts(a_page.run("print('alive')")) == "alive\n"


def test_interrupt_of_what_is_printing_names_the_users_line_alone(a_page: Page) -> None:
    """It nearly always comes while we take what is printed, which is nothing that the user has written."""
    a_page.press_run("while True:\n    print('again')")
    while "again" not in texts(a_page.outputs):
        a_page.follow_until("running")

    a_page.kernel.interrupt()
    error = a_page.follow_until("done")[-1]

    traceback = "".join(error["traceback"])
    assert error["ename"] == "KeyboardInterrupt"
    assert "print" in traceback
    assert "teaching_nb" not in traceback


def test_interrupt_ends_an_awaiting_run(a_kernel: Kernel, a_page: Page) -> None:
    """Interrupt cancels a run that awaits; in ipykernel 7 its message arrives, because the main thread is free."""
    run = a_page.press_run("import asyncio\nprint('waiting')\nawait asyncio.sleep(60)")
    while "waiting" not in texts(a_page.outputs):
        a_page.follow_until("running")

    if a_kernel.is_older:
        a_kernel.interrupt()
    else:
        a_page.send("interrupt", run=run)
    outputs = a_page.follow_until("done")

    assert outputs[-1]["type"] == "error"
    assert a_page.status == "interrupted"


def test_run_waits_for_the_running_cell(a_kernel: Kernel, a_page: Page) -> None:
    """A run that is asked for while a cell runs comes after that cell."""
    a_kernel.start("import time\norder = []\ntime.sleep(0.5)\norder.append('cell')")

    a_page.run("order.append('run')")

    assert a_kernel.run("print(order)") == "['cell', 'run']\n"


def test_a_cell_waits_for_an_awaiting_run(a_kernel: Kernel, a_page: Page) -> None:
    """A cell that is started while a run awaits comes after it, and its output stays in the notebook."""
    a_kernel.run("import asyncio\norder, go_on = [], asyncio.Event()")
    a_page.press_run(
        "print('asleep')\nasyncio.get_running_loop().call_later(1, go_on.set)\nawait go_on.wait()\norder.append('run')"
    )
    while "asleep" not in texts(a_page.outputs):
        a_page.follow_until("running")

    printed = a_kernel.run("print('cell')\norder.append('cell')")

    assert printed == "cell\n"
    assert a_kernel.run("print(order)") == "['run', 'cell']\n"


def test_a_page_that_comes_later_gets_the_output(a_page: Page) -> None:
    """After a reload the output of the last run is there again."""
    a_page.run("print('kept')")
    a_page.outputs = []

    a_page.send("sync_request", [b"\x00"], peer="reloaded", epoch=-1)

    # What was still under way of the run itself says that it is done, too.
    while not a_page.outputs:
        a_page.follow_until("done")
    assert texts(a_page.outputs) == "kept\n"


def test_a_message_that_nobody_knows_becomes_a_sentence(a_page: Page) -> None:
    """An unknown or malformed message is reported in the cell, not swallowed."""
    a_page.send("launch_missiles")

    assert "launch_missiles" in a_page.trait("problem")


def test_widget_says_again_how_things_are(a_page: Page) -> None:
    """A page that may have missed something asks, and is told all traits, changed or not."""
    a_page.send("refresh")

    assert a_page.trait("save_state") == "offline"


def test_a_cell_of_the_notebook_runs_the_text(a_kernel: Kernel) -> None:
    """`run()` has the names of the notebook, magics too, and prints where the calling cell prints."""
    a_kernel.run(_MAKE.format(code="%env TNB_PROBE=yes\nanswer = base + 2\nprint(answer)"))

    printed = a_kernel.run("base = 40\nwidget.run()\nimport os\nprint(os.environ['TNB_PROBE'], widget.code[:4])")

    assert printed.splitlines()[-2:] == ["42", "yes %env"]


def test_what_the_text_raises_ends_the_cell_that_runs_it(a_kernel: Kernel) -> None:
    """The traceback shows the line of the text, under the name of the document."""
    a_kernel.run(_MAKE.format(code="def half(x):\n    return x / 0\nhalf(1)"))

    with pytest.raises(AssertionError) as raised:
        a_kernel.run("widget.run()")

    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(raised.value))
    assert "ZeroDivisionError" in plain
    assert "return x / 0" in plain
    assert "<fib>" in plain


def test_a_script_runs_the_text_in_its_own_names() -> None:
    """Where there is no IPython, what the text defines is the script's, and means what it means there."""
    text = "def f(x: int): ...\nanswer = base + 2, f.__annotations__['x']"
    script = f"import teaching_nb as tnb\nbase = 40\ntnb.code('fib', init={text!r}).run()\nprint(answer)"
    env = {**os.environ, "TEACHING_NB_URL": "none"}

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)

    assert (done.stdout, done.stderr) == ("(42, <class 'int'>)\n", "")
