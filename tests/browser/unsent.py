"""Page object: what a live cell offers for changes that were not saved."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.live_cell import SYNC_MS, LiveCell


class UnsentOffer:
    """The offer to copy, download or discard; found by its roles and names."""

    def __init__(self, cell: LiveCell) -> None:
        self.page = cell.page
        self.box: Locator = cell.widget.get_by_role("group", name="Changes that were not saved")
        self.words: Locator = self.box.get_by_role("alert")
        self.discard_button: Locator = self.box.get_by_role("button", name="Discard changes")

    def expect_shown(self) -> None:
        """Wait until the offer is there, announced and with a sentence."""
        expect(self.words).to_contain_text("not saved", timeout=SYNC_MS)

    def expect_hidden(self) -> None:
        """Wait until nothing is offered any more."""
        expect(self.box).to_be_hidden(timeout=SYNC_MS)

    def copy(self) -> str:
        """Copy the text and return what is on the clipboard."""
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.box.get_by_role("button", name="Copy my text").click()
        expect(self.box.get_by_role("status")).to_have_text("Copied.")
        return str(self.page.evaluate("() => navigator.clipboard.readText()"))

    def download(self) -> tuple[str, str]:
        """Download the text; return the name of the file and what is in it."""
        with self.page.expect_download() as download:
            self.box.get_by_role("button", name="Download").click()
        return download.value.suggested_filename, Path(download.value.path()).read_text()

    def discard_by_keyboard(self) -> None:
        """Give the changes up with the keyboard alone, which takes two presses."""
        self.discard_button.focus()
        self.page.keyboard.press("Enter")
        expect(self.box.get_by_role("button", name="Really discard?")).to_be_focused()
        self.page.keyboard.press("Enter")
