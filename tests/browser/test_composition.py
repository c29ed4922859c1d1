"""Input methods: what is being composed is not disturbed by what others type, and nothing of either is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession

from tests.browser.live_cell import SAVED, SELDOM, LiveCell
from tests.browser.people import Person
from tests.browser.real_cell import RealCell, a_cell, marked, open_cells
from tests.browser.shared_cell import open_shared
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

INIT = "greeting = ''"


class InputMethod:
    """An input method of the browser, as a Japanese or Chinese keyboard uses it."""

    def __init__(self, cell: LiveCell | RealCell) -> None:
        self._cdp: CDPSession = cell.page.context.new_cdp_session(cell.page)

    def compose(self, text: str) -> None:
        """Replace what is being composed."""
        place = len(text)
        self._cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": place, "selectionEnd": place})

    def commit(self, text: str) -> None:
        """End composing with this text."""
        self._cdp.send("Input.insertText", {"text": text})


def test_edits_of_others_in_the_same_line_do_not_break_a_composition(
    alice: Person, bob: Person, a_hub: HubProcess, a_slug: str
) -> None:
    """Bob types at both ends of the line in which Alice composes; both texts are whole, once, everywhere."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init=INIT)
    at_alice.go_to_end()
    at_alice.page.keyboard.press("ArrowLeft")
    keyboard = InputMethod(at_alice)

    keyboard.compose("k")
    keyboard.compose("こ")
    at_bob.expect_text("greeting = 'こ'")
    at_bob.go_to_start()
    at_bob.type("my_")
    at_bob.append("  # bob")
    wait_until(lambda: a_hub.code(a_slug, bob.hub_token) == "my_greeting = 'こ'  # bob", "Bob's edits are stored")
    keyboard.compose("こn")
    keyboard.compose("こんにちは")
    keyboard.commit("今日は")

    expected = "my_greeting = '今日は'  # bob"
    at_alice.expect_text(expected)
    at_bob.expect_text(expected)
    at_alice.expect_state(SAVED)
    assert a_hub.code(a_slug, alice.hub_token) == expected
    at_alice.type("!")
    at_bob.expect_text("my_greeting = '今日は!'  # bob")


@pytest.mark.parametrize("draws_seldom", [False, True], ids=["drawing", "drawing seldom"])
def test_edits_of_others_in_another_line_are_shown_while_composing(
    alice: Person, bob: Person, a_slug: str, *, draws_seldom: bool
) -> None:
    """Alice sees what Bob types elsewhere before the composition ends; undo then takes all of it back at once.

    Also in a browser so busy that composing goes on before it has drawn what Bob's kernel wrote.
    """
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="\n\n")
    at_alice.go_to_end()
    if draws_seldom:
        at_alice.page.evaluate(SELDOM)
    keyboard = InputMethod(at_alice)

    keyboard.compose("ni")
    if draws_seldom:
        bob.notebook.value("doc.model.edit(lambda text: 'above\\n' + text)")
    else:
        at_bob.go_to_start()
        at_bob.type("above\n")
    at_alice.expect_text("above\n\n\nni")
    keyboard.compose("你")
    keyboard.commit("你好")
    at_bob.expect_text("above\n\n\n你好")
    at_alice.page.keyboard.press("Control+z")

    at_alice.expect_text("above\n\n\n")
    at_bob.expect_text("above\n\n\n")


def test_a_composition_in_a_real_cell_is_not_disturbed(alice: Person, bob: Person, a_slug: str) -> None:
    """JupyterLab's own editor composes; what Bob types in the same line is shown when the composition has ended."""
    cell = a_cell(INIT, marked(a_slug))
    at_alice = open_cells(alice, f"{a_slug}.ipynb", cell).cell(0)
    at_bob = open_cells(bob, f"{a_slug}.ipynb", cell).cell(0)
    at_alice.press("Control+End", "ArrowLeft")
    keyboard = InputMethod(at_alice)

    keyboard.compose("k")
    keyboard.compose("こ")
    at_bob.expect_text("greeting = 'こ'")
    at_bob.type("my_", at="Control+Home")
    at_bob.type("  # bob")
    at_bob.expect_text("my_greeting = 'こ'  # bob")
    assert at_alice.text == "greeting = 'こ'"
    keyboard.compose("こn")
    keyboard.compose("こんにちは")
    keyboard.commit("今日は")

    at_alice.expect_text("my_greeting = '今日は'  # bob")
    at_bob.expect_text("my_greeting = '今日は'  # bob")
    at_alice.page.keyboard.type("!")
    at_bob.expect_text("my_greeting = '今日は!'  # bob")
