"""Page object: the history of a live cell, below its editor."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.live_cell import LiveCell


class ShownHistory:
    """What a person sees and does with the versions of a text; everything is found by role and name."""

    def __init__(self, cell: LiveCell) -> None:
        self.button: Locator = cell.widget.get_by_role("button", name="History", exact=True)
        self.panel: Locator = cell.widget.get_by_role("region", name=re.compile("^History of "))
        self.slider: Locator = self.panel.get_by_role("slider", name="Version")
        self.text: Locator = self.panel.get_by_role("document", name=re.compile("^Text of the version"))
        self.words: Locator = self.panel.get_by_role("status")
        self.restore: Locator = self.panel.get_by_role("button", name="Restore this version")
        self._page = cell.page

    def open(self) -> None:
        """Open it, and wait until the present text is shown."""
        self.button.click()
        expect(self.words).to_contain_text("present text")
        expect(self.slider).to_be_focused()

    def press(self, key: str) -> None:
        """Press a key on the slider."""
        self.slider.focus()
        self._page.keyboard.press(key)

    def expect_version(self, pattern: str) -> None:
        """Wait until the slider says that it stands on such a version."""
        expect(self.slider).to_have_attribute("aria-valuetext", re.compile(pattern))
