"""One Chromium with a page per person, and what a measurement does with a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

from tests.harness.chromium import FLAGS, find_chromium

OPEN_MILLISECONDS = 60_000
"""How long a notebook may take until it can be used."""
ARRIVAL_MILLISECONDS = 10_000
"""How long a keystroke may take before the sample counts as lost."""

_WATCH = Path(__file__).with_name("watch.js")

_NOTEBOOK_READY = """async () => {
    const app = window.jupyterapp;
    await app.restored;
    const context = app.shell.currentWidget?.context;
    if (!context) return false;
    await context.ready;
    await context.sessionContext.ready;
    await context.sessionContext.session.kernel.info;
    return true;
}"""
_RUN_CELL = """async (number) => {
    const app = window.jupyterapp;
    const notebook = app.shell.currentWidget.content;
    notebook.activeCellIndex = number;
    await app.commands.execute('notebook:run-cell');
    const cell = notebook.widgets[number];
    return JSON.stringify(cell.model.outputs.toJSON());
}"""


def launch(playwright: Playwright, *, executable: str | None) -> Browser:
    """Start a headless Chromium: the given one, else one found on the PATH, else Playwright's own."""
    path = executable or find_chromium()
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


class Person:
    """A page in a browser context of its own, with one editor that is measured."""

    def __init__(self, browser: Browser, name: str) -> None:
        self.name = name
        self.editor = ".cm-content"
        self._context = browser.new_context(viewport={"width": 1200, "height": 800})
        self._context.add_init_script(path=_WATCH)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(OPEN_MILLISECONDS)

    def answer_dialog(self, button: str) -> None:
        """Press this button whenever a dialog with it lies over what is to be clicked."""
        waiting = self.page.get_by_role("dialog").get_by_role("button", name=button)
        self.page.add_locator_handler(waiting, lambda found: found.click())

    def open(self, url: str) -> None:
        """Open a notebook and wait until its kernel answers."""
        self.page.goto(url)
        self.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context !== undefined")
        if not self.page.evaluate(_NOTEBOOK_READY):
            raise RuntimeError(f"{self.name}: no notebook is open at {url.partition('?')[0]}")

    def run_cell(self, number: int) -> list[dict[str, Any]]:
        """Run one cell and return its outputs; raises when it raised."""
        outputs: list[dict[str, Any]] = json.loads(self.page.evaluate(_RUN_CELL, number))
        errors = [output for output in outputs if output["output_type"] == "error"]
        if errors:
            raise RuntimeError(f"{self.name}: cell {number} failed: {errors[0]['ename']}: {errors[0]['evalue']}")
        return outputs

    def use_editor(self, selector: str) -> None:
        """Measure the editor that matches `selector`, with the caret at its end."""
        self.editor = selector
        self.page.locator(selector).click()
        self.page.keyboard.press("Control+End")

    def calibrate(self) -> float:
        """Align the page's clock with the machine's; return by how many milliseconds it was off."""
        offset: float = self.page.evaluate("benchWatch.calibrate()")
        return offset

    def await_text(self, expected: str) -> None:
        """Start to watch for a text in the editor."""
        self.page.evaluate(
            "([selector, text, limit]) => benchWatch.arm(selector, text, limit)",
            [self.editor, expected, ARRIVAL_MILLISECONDS],
        )

    def text_arrived_at(self) -> float | None:
        """Return when the awaited text stood in the editor, None when it did not in time."""
        at: float | None = self.page.evaluate("benchWatch.arrival")
        return at

    def press(self, key: str) -> None:
        """Type one key."""
        self.page.keyboard.press(key)

    def pause(self, milliseconds: float) -> None:
        """Let the pages work for a while."""
        self.page.wait_for_timeout(milliseconds)

    def key_pressed_at(self) -> float:
        """Return when the last key went down."""
        at: float | None = self.page.evaluate("benchWatch.takeKeyTime()")
        if at is None:
            raise RuntimeError(f"{self.name}: the page saw no key; is the editor focused?")
        return at
