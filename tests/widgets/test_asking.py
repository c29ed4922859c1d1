"""`input()` and `getpass()` in a live cell, asked on its pages; messages of these pages go to the busy main thread."""

from __future__ import annotations

import pytest

from tests.harness.kernels import Kernel, Message
from tests.widgets.pages import Page

RETRY = """
while True:
    try:
        number = int(input("A number? "))
        break
    except Exception as error:
        print("again:", type(error).__name__)
print("twice:", 2 * number)
"""


def printed(outputs: list[Message]) -> str:
    """Return the text of all streams."""
    return "".join(output["text"] for output in outputs if output["type"] == "stream")


def answer(page: Page, run: str, value: str) -> None:
    """Answer what the page was asked last."""
    question, page.question = page.asked(), None
    page.send("input_reply", run=run, number=question["number"], value=value)


def test_a_loop_that_asks_again_ends_with_the_right_answer(a_page: Page) -> None:
    """Prompts and answers stay in the output, as in a notebook, and the code goes on with what was typed."""
    run = a_page.press_run(RETRY)
    question = a_page.asked()
    assert (question["prompt"], question["secret"]) == ("A number? ", False)

    answer(a_page, run, "two")
    answer(a_page, run, "21")

    outputs = a_page.follow_until("done")
    assert printed(outputs) == "A number? two\nagain: ValueError\nA number? 21\ntwice: 42\n"
    assert a_page.status == "ok"
    assert a_page.question is None


@pytest.mark.parametrize("where", ["in the run", "in a cell"])
def test_a_secret_is_not_shown(a_kernel: Kernel, a_page: Page, where: str) -> None:
    """`getpass` hides what was typed, wherever its name comes from."""
    code = "from getpass import getpass"
    (a_kernel.run if where == "in a cell" else a_page.run)(code)

    run = a_page.press_run("secret = getpass('Key: ')\nprint(len(secret))")
    assert a_page.asked()["secret"] is True
    answer(a_page, run, "xyzzy!")

    outputs = a_page.follow_until("done")
    assert printed(outputs) == "Key: ········\n6\n"
    assert "xyzzy!" not in str(a_page.messages)


@pytest.mark.parametrize("button", ["the notebook's", "the widget's"])
def test_an_interrupt_ends_the_loop_that_asks(a_kernel: Kernel, a_page: Page, button: str) -> None:
    """It ends the loop though that catches every `Exception`."""
    run = a_page.press_run(RETRY)
    a_page.asked()

    if button == "the widget's":
        a_page.send("interrupt", run=run)
    else:
        a_kernel.interrupt()

    outputs = a_page.follow_until("done")
    assert outputs[-1]["ename"] == "KeyboardInterrupt"
    assert "capture.py" not in "".join(outputs[-1]["traceback"])
    assert printed(outputs) == "A number? \n"
    assert a_page.status == "interrupted"


def test_an_interrupt_ends_a_question_of_code_that_awaits(a_kernel: Kernel, a_page: Page) -> None:
    """There the kernel's signal only cancels a task, and the question keeps the loop from doing so."""
    a_page.press_run("import asyncio\nawait asyncio.sleep(0)\ninput('Here? ')")
    a_page.asked()

    a_kernel.interrupt()

    a_page.follow_until("done")
    assert a_page.status == "interrupted"


def test_of_several_pages_the_first_answer_counts(a_page: Page) -> None:
    """An answer to a question that is over, or to another run's, changes nothing."""
    run = a_page.press_run("first, second = input('1 '), input('2 ')\nprint(first, second)")
    old = a_page.asked()["number"]
    answer(a_page, run, "one")
    while a_page.asked()["number"] == old:
        a_page.question = None
    a_page.send("input_reply", run=run, number=old, value="late")
    a_page.send("input_reply", run="another", number=old + 1, value="wrong")

    answer(a_page, run, "two")

    assert printed(a_page.follow_until("done")) == "1 one\n2 two\none two\n"


def test_a_page_that_comes_later_is_asked_as_well(a_page: Page) -> None:
    """The page that was asked may go away: the question stays until somebody answers it."""
    run = a_page.press_run("print(input('Still there? '))")
    a_page.asked()
    a_page.question = None

    a_page.send("sync_request", [b"\x00"], peer="reloaded", epoch=-1)

    answer(a_page, run, "yes")
    assert printed(a_page.follow_until("done")) == "Still there? yes\nyes\n"


def test_the_end_of_input_raises_what_python_raises(a_page: Page) -> None:
    """Ctrl+D ends the input as in a notebook."""
    run = a_page.press_run("try: input()\nexcept EOFError: print('the end')")

    answer(a_page, run, "\x04")

    assert printed(a_page.follow_until("done")).endswith("the end\n")


def test_a_thread_may_ask(a_page: Page) -> None:
    """A thread of the run waits for its answer while the main thread waits for it."""
    code = "import threading\nt = threading.Thread(target=lambda: print(input('From a thread? ')))\nt.start()\n"
    run = a_page.press_run(code + "import asyncio\nwhile t.is_alive(): await asyncio.sleep(0.01)")

    if a_page.kernel.is_older:
        # It has no way for messages while code awaits; an interrupt ends that.
        a_page.asked()
        a_page.kernel.interrupt()
        assert printed(a_page.follow_until("done")).startswith("From a thread? \n")
        return
    answer(a_page, run, "yes")

    assert printed(a_page.follow_until("done")) == "From a thread? yes\nyes\n"


def test_cells_that_wait_for_a_question_run_after_it_in_their_order(a_kernel: Kernel, a_page: Page) -> None:
    """What comes to the main thread meanwhile is neither lost nor taken early, and prints into its own cell."""
    a_kernel.run("order = []")
    run = a_page.press_run("order.append(input())")
    a_page.asked()
    for cell in ("first", "second"):
        a_kernel.start(f"order.append('{cell}')\nprint('{cell} cell')")
    answer(a_page, run, "run")

    a_kernel.wait(lambda message: bool(message["content"].get("text") == "second cell\n"))

    assert a_kernel.run("print(order)") == "['run', 'first', 'second']\n"
    assert printed(a_page.look_again()) == "run\n"


def test_a_cell_asks_the_notebook_as_before(a_kernel: Kernel, a_page: Page) -> None:
    """After a run `input()` of a cell is the notebook's again."""
    a_page.run("1")
    a_kernel.client.execute("name = input('Your name? ')", allow_stdin=True)

    request = a_kernel.client.get_stdin_msg(timeout=30)
    a_kernel.client.input("Ada")

    assert request["content"]["prompt"] == "Your name? "
    assert a_kernel.run("print(name)") == "Ada\n"
