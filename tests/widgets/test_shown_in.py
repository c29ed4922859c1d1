"""What libraries draw again and again in a live cell: in Output widgets, and with carriage returns."""

from __future__ import annotations

from typing import Any

from ipywidgets import Output

from teaching_nb.widgets.shown_in import ShownIn
from tests.harness.kernels import Kernel
from tests.widgets.pages import Page

WIDGET = "application/vnd.jupyter.widget-view+json"

INTERACT = """
from ipywidgets import interact, Output
def double(x):
    print("doubled:")
    return 2 * x
shown = interact(double, x=(0, 10))
None
"""

OUTPUT = """
from ipywidgets import Output
from IPython.display import clear_output
out = Output()
print("before")
display(out)
with out:
    print("gone"); clear_output(wait=True); print("in"); display("shown"); 1 / 0
print("after")
out.clear_output()
with out:
    print("kept")
print("end")
"""

WATCHED = """
import threading
seen = threading.Event()
out.observe(lambda change: "two" in str(change.new) and seen.set(), "outputs")
with out:
    print("two")
    assert seen.wait(20), "it is shown before the block ends"
    print("three")
"""

TRACK = """
from rich.progress import track
print("before")
for n in track(range(3), description="Working"):
    print("step", n)
print("after")
"""

BAR = """
import sys
print("before")
for n in range(5000):
    sys.stderr.write(f"\\r{n / 50:3.0f}% of all")
    sys.stderr.flush()
"""


def printed(outputs: list[dict[str, Any]]) -> str:
    """Return the text of all streams."""
    return "".join(output["text"] for output in outputs if output["type"] == "stream")


def in_widget(kernel: Kernel, name: str) -> list[str]:
    """Return what an Output widget shows, in words."""
    words = f"[o.get('text') or o.get('ename') or o['data']['text/plain'] for o in {name}.outputs]"
    return [str(shown) for shown in eval(kernel.run(f"print({words})"))]  # noqa: S307 - what the test's kernel prints


def test_an_output_widget_shows_what_is_put_out_inside_it(a_kernel: Kernel, a_page: Page) -> None:
    """Text, displays, errors and clearing are the widget's; the run keeps its own, and goes on."""
    outputs = a_page.run(OUTPUT)

    assert printed(outputs) == "before\nafter\nend\n"
    assert [output["type"] for output in outputs] == ["stream", "display", "stream"]
    assert in_widget(a_kernel, "out") == ["kept\n"]


def test_an_output_widget_keeps_what_it_shows(a_kernel: Kernel, a_page: Page) -> None:
    """What is put into it in a second run stands below the first, and an error is one of them."""
    a_page.run("from ipywidgets import Output\nout = Output()\nwith out: print('one')")

    a_page.run("with out:\n    display('two')\n    1 / 0")

    assert in_widget(a_kernel, "out") == ["one\n", "'two'", "ZeroDivisionError"]
    assert a_page.outputs == []


def test_what_is_shown_already_is_not_shown_once_more() -> None:
    """What runs a moment after the end of a run takes nothing away that the next run has shown since."""
    out = Output()
    first = ShownIn(out)
    first.log.write("stdout", "one\n")
    first.flush()
    second = ShownIn(out)
    second.log.write("stdout", "two\n")
    second.flush()

    first.flush()

    assert [shown["text"] for shown in out.outputs] == ["one\ntwo\n"]


def test_what_comes_later_is_shown_while_it_comes(a_kernel: Kernel, a_page: Page) -> None:
    """Also below what a widget showed before: nobody waits for the end of a long block."""
    a_page.run("from ipywidgets import Output\nout = Output()\nwith out: print('one')")
    a_page.run(WATCHED)

    assert in_widget(a_kernel, "out") == ["one\ntwo\nthree\n"]


def test_interact_shows_what_its_function_puts_out(a_kernel: Kernel, a_page: Page) -> None:
    """`interact` clears its own output only, and what it calls is shown in it."""
    outputs = a_page.run("print('before')\n" + INTERACT)

    assert [WIDGET in output.get("data", {}) for output in outputs] == [False, True]
    assert in_widget(a_kernel, "shown.widget.out") == ["doubled:\n", "10"]


def test_a_progress_bar_of_rich_erases_nothing(a_page: Page) -> None:
    """It draws from a thread of its own, in an Output widget."""
    outputs = a_page.run(TRACK)

    # What is printed beside the bar, rich displays.
    shown = [output.get("text") or output["data"]["text/plain"] for output in outputs if WIDGET not in str(output)]
    assert "".join(shown).split("\n") == ["before", "step 0", "step 1", "step 2", "after", ""]
    assert sum(WIDGET in output.get("data", {}) for output in outputs) == 1
    assert a_page.status == "ok"


def test_a_progress_bar_with_carriage_returns_is_one_line(a_page: Page) -> None:
    """Five thousand drawings of it take no more room than one."""
    outputs = a_page.run(BAR)

    assert printed(outputs)[:7] == "before\n"
    assert printed(outputs).endswith("\r100% of all")
    assert len(printed(outputs)) < 50
