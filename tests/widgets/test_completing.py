"""The names that a real kernel offers while somebody types into a live code cell."""

from __future__ import annotations

from typing import Any

from tests.harness.kernels import Kernel
from tests.harness.waiting import wait_until
from tests.widgets.pages import Page

_ASK_IN_A_CELL = """
from teaching_nb.widgets import completing
class Asked:
    answer = ""
    def give(self, value): self.answer = "given"
    def refuse(self, words): self.answer = words
asked, patience = Asked(), completing.PATIENCE_SECONDS
completing.PATIENCE_SECONDS = 0
completing.complete("asked", 3, asked)
"""
_UNREADY = """
from teaching_nb.widgets import completing
completing._jedi._is_ready.clear()
"""
_FAILING = """
kernel = get_ipython().kernel
def fail(code, position): raise ValueError("no names today")
kernel.do_complete = fail
"""


def ask(page: Page, code: str, position: int | None = None) -> dict[str, Any]:
    """Ask for the names at a position, the end by default; return the answer."""
    page.send("complete", peer="a page", ask=1, code=code, position=len(code) if position is None else position)
    return page.receive("answer")


def test_names_of_the_notebook_are_offered_with_their_place(a_kernel: Kernel, a_page: Page) -> None:
    """Places count characters, also behind one that is two units in a browser."""
    a_kernel.run("unusual_name = [1]")

    value = ask(a_page, "'😀'; unusu = 2", len("'😀'; unusu"))["value"]

    assert (value["start"], value["end"]) == (5, 10)
    assert "unusual_name" in [name["text"] for name in value["names"]]
    attributes = ask(a_page, "unusual_name.app")["value"]["names"]
    assert [name["text"].split(".")[-1] for name in attributes] == ["append"]


def test_jedi_is_asked_as_soon_as_it_is_ready(a_kernel: Kernel, a_page: Page) -> None:
    """Getting ready takes seconds, in which the namespace alone answers; then code that has not run counts too."""

    def names() -> list[str]:
        return [name["text"] for name in ask(a_page, "not_run_yet = 1\nnot_run")["value"]["names"]]

    wait_until(lambda: names() == ["not_run_yet"], "jedi is ready", timeout=60)

    a_kernel.run(_UNREADY)
    try:
        assert names() == []
        assert a_kernel.run("print(get_ipython().Completer.use_jedi)") == "True\n"
    finally:
        a_kernel.run("completing._jedi._is_ready.set()")


def test_not_more_names_are_offered_than_anybody_reads(a_kernel: Kernel, a_page: Page) -> None:
    """A namespace full of names does not fill the message."""
    a_kernel.run("globals().update({f'many_{number}': number for number in range(700)})")

    names = ask(a_page, "many_")["value"]["names"]

    assert len(names) == 500


def test_a_question_that_had_to_wait_is_not_answered_late(a_kernel: Kernel) -> None:
    """Whoever asks while a cell runs has typed on when it ends: then the completer is not even asked."""
    a_kernel.run(_ASK_IN_A_CELL)

    a_kernel.run("completing.PATIENCE_SECONDS = patience")
    assert a_kernel.run("print(asked.answer)") == "the kernel was busy\n"


def test_a_completer_that_fails_is_said_to_have_failed(a_kernel: Kernel, a_page: Page) -> None:
    """The page gets a refusal with the reason, and the widget shows no problem."""
    a_kernel.run(_FAILING)
    try:
        answer = ask(a_page, "pri")
    finally:
        a_kernel.run("del kernel.do_complete")

    assert answer["refusal"] == "the kernel's completer failed (ValueError: no names today)"
    assert [name["text"] for name in ask(a_page, "prin")["value"]["names"]] == ["print"]
