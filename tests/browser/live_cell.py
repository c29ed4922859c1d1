"""Page object: the live code cell that `tnb.code` shows."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.notebook import Cell

SYNC_MS = 60_000
SAVED = "Saved"
OFFLINE = "Offline"
READ_ONLY = "Read only"
NOT_SAVED = "Not saved"
NOT_MERGED = "Not merged"

SELDOM = "() => { window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 1500) }"
"""A browser with so much to do that it draws every one and a half seconds."""

_IS_TEXT = "([node, text]) => teachingTests.editorText(node) === text"


class LiveCell:
    """What a person sees and does in one live code cell; everything is found by role and name."""

    def __init__(self, cell: Cell, name: str = "") -> None:
        self.page = cell.page
        self.node = cell.node
        # The notebook cell has an editor of its own; the widget stands in the output area below.
        area = cell.node.locator(".jp-OutputArea")
        named = area.get_by_role("region", name=name, exact=True) if name else area.get_by_role("region")
        self.widget: Locator = named.first
        self.editor: Locator = self.widget.get_by_role("textbox")
        self.spoken: Locator = self.widget.get_by_role("status")
        self.run_button: Locator = self.widget.get_by_role("button", name="Run", exact=True)
        self.interrupt_button: Locator = self.widget.get_by_role("button", name="Interrupt", exact=True)
        self.here: Locator = self.widget.get_by_role("list", name="Here now", exact=True)
        self.scroller: Locator = self.widget.locator(".cm-scroller")
        self.output: Locator = self.widget.get_by_role("region", name="Output", exact=True)

    @property
    def text(self) -> str:
        """Return the text in the editor, without the names at other people's cursors."""
        return str(self.editor.evaluate("node => teachingTests.editorText(node)"))

    def expect_text(self, text: str, *, timeout: float = SYNC_MS) -> None:
        """Wait until the editor holds exactly this text."""
        self._wait_for(_IS_TEXT, text, timeout)

    def expect_part(self, part: str, *, timeout: float = SYNC_MS) -> None:
        """Wait until the editor holds this text somewhere."""
        self._wait_for("([node, part]) => teachingTests.editorText(node).includes(part)", part, timeout)

    def expect_state(self, words: str, *, timeout: float = SYNC_MS) -> None:
        """Wait until the widget shows these words about saving."""
        expect(self.widget.get_by_text(words, exact=True)).to_be_visible(timeout=timeout)

    def expect_sentence(self, pattern: re.Pattern[str], *, timeout: float = SYNC_MS) -> None:
        """Wait until the widget shows a sentence that matches."""
        expect(self.widget.get_by_text(pattern).locator("visible=true").first).to_be_visible(timeout=timeout)

    def expect_road(self, road: str, *, timeout: float = SYNC_MS) -> None:
        """Wait until edits take the direct lane to the hub ("lane"), or go through the kernel ("comm")."""
        expect(self.widget).to_have_attribute("data-road", road, timeout=timeout)

    def cursor_name(self, name: str) -> Locator:
        """Return the name at a person's cursor; it lies above the text and is no part of it."""
        return self.scroller.locator("[aria-hidden=true]").get_by_text(name, exact=True)

    def chip(self, name: str) -> Locator:
        """Return the button that stands for somebody who has the document open."""
        return self.here.get_by_role("button", name=f"Follow {name}", exact=True)

    def paste(self, text: str) -> None:
        """Paste a text at the cursor, with every character that it has."""
        self.editor.evaluate("(node, text) => teachingTests.paste(node, text)", text)

    def go_to_start(self) -> None:
        """Click into the editor and go to its first character."""
        self.editor.click()
        self.page.keyboard.press("Control+Home")

    def go_to_end(self) -> None:
        """Click into the editor and go behind its last character."""
        self.editor.click()
        self.page.keyboard.press("Control+End")

    def type(self, text: str) -> None:
        """Type where the cursor is."""
        self.page.keyboard.type(text)

    def append(self, text: str) -> None:
        """Type at the end."""
        self.go_to_end()
        self.type(text)

    def _wait_for(self, condition: str, text: str, timeout: float) -> None:
        self.editor.wait_for(timeout=timeout)
        try:
            self.page.wait_for_function(condition, arg=[self.editor.element_handle(), text], timeout=timeout)
        except Exception as error:
            raise AssertionError(f"waited {timeout:g} ms for {text!r}, the editor holds {self.text!r}") from error
