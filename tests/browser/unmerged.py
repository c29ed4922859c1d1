"""Page object: what a live cell offers for a version that could not be merged with the shared text."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.live_cell import SYNC_MS, LiveCell


class UnmergedOffer:
    """Both versions to compare, and the choice; found by roles and names."""

    def __init__(self, cell: LiveCell) -> None:
        self.page = cell.page
        self.box: Locator = cell.widget.get_by_role("group", name="Your version could not be merged")
        self.words: Locator = self.box.get_by_role("alert")
        self.versions: Locator = self.box.get_by_role("document", name="Your version")

    def expect_shown(self, *lines: str) -> None:
        """Wait until the offer is there, with a sentence and these lines of either version."""
        expect(self.words).to_contain_text("nobody else sees it", timeout=SYNC_MS)
        for line in lines:
            expect(self.versions).to_contain_text(line, timeout=SYNC_MS)

    def expect_hidden(self) -> None:
        """Wait until there is nothing to decide any more."""
        expect(self.box).to_be_hidden(timeout=SYNC_MS)

    def use_mine(self) -> None:
        """Put the own version in the place of the shared text, which takes two presses."""
        self.box.get_by_role("button", name="Use my version").click()
        self.box.get_by_role("button", name="Really use mine?").click()

    def keep_shared_by_keyboard(self) -> None:
        """Give the own version up with the keyboard alone."""
        self.box.get_by_role("button", name="Keep the shared text").focus()
        self.page.keyboard.press("Enter")
        expect(self.box.get_by_role("button", name="Really keep it?")).to_be_focused()
        self.page.keyboard.press("Enter")
