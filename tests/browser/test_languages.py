"""Live cells and widgets in the language that JupyterLab has."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.real_cell import LiveNotebook, a_cell, marked, write_cells

LANGUAGE = "translation-extension/plugin"


def test_a_page_speaks_the_language_of_its_jupyterlab(alice: Person, a_slug: str, screenshots: Path) -> None:
    """Where JupyterLab is German so are its dialog of ours, the line of a live cell, the panel and a widget."""
    alice.lab.write_settings({LANGUAGE: {"locale": "de_DE"}})
    try:
        name = write_cells(alice, f"{a_slug}.ipynb", a_cell("x = 1", marked(a_slug)), course=a_slug)
        notebook = LiveNotebook(alice.open_page(name))
        page = notebook.page
        page.get_by_role("dialog").get_by_role("button", name="Verbinden").click()
        notebook.cell(0).expect_state("Gespeichert")
        source = f"import teaching_nb as tnb\ntnb.task({a_slug!r})"
        task = notebook.notebook.run(source).node.locator(".tnb-widget")

        expect(task.get_by_role("button")).to_have_accessible_name(f"{a_slug}: Offen")
        expect(task.get_by_text("Gespeichert", exact=True)).to_be_visible()
        notebook.run_command("teaching-nb:show-class")
        expect(page.get_by_text("Mit dem Hub verbunden")).to_be_visible()
        notebook.run_command("apputils:activate-command-palette")
        headings = page.locator(".lm-CommandPalette-header").filter(has_text="Unterricht")
        expect(headings.first).to_be_attached()
        page.keyboard.press("Escape")
        page.screenshot(path=screenshots / "german.png")
    finally:
        alice.lab.write_settings({LANGUAGE: {}})
