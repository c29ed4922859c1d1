"""Page object: the teacher's overview that `tnb.rooms` shows."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.live_cell import LiveCell
from tests.browser.notebook import Cell


class RoomsOverview:
    """Who is here, what they have, and opening it."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.page = cell.page
        self.region: Locator = cell.node.get_by_role("region", name="Rooms", exact=True)

    def person(self, name: str) -> Locator:
        """Return the row of a person."""
        button = self.page.get_by_role("button", name=f"Documents of {name}", exact=True)
        return self.region.get_by_role("listitem").filter(has=button)

    def expect_here(self, name: str) -> None:
        """Wait until a person is shown as connected."""
        expect(self.person(name)).to_contain_text(re.compile(r"here, \d+ connection"))

    def expect_away(self, name: str) -> None:
        """Wait until a person is shown as not connected."""
        expect(self.person(name)).to_contain_text("away")

    def open_document(self, person: str, document: str) -> LiveCell:
        """List a person's documents, open one of them by click, and return it as it is shown."""
        self.region.get_by_role("button", name=f"Documents of {person}", exact=True).click()
        self.region.get_by_role("button", name=f"Open {document}", exact=True).click()
        return LiveCell(self.cell, f"{person}: {document}")
