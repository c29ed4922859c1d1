"""Live cells and widgets in the language that JupyterLab has."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from teaching_nb.schema.roots import root_id
from tests.browser.people import Person
from tests.browser.real_cell import LiveNotebook, a_cell, marked, write_cells
from tests.harness.cast import ADMIN
from tests.harness.hub_process import HubProcess

LANGUAGE = "translation-extension/plugin"


def test_a_page_speaks_the_language_of_its_jupyterlab(
    alice: Person, a_slug: str, a_hub: HubProcess, screenshots: Path
) -> None:
    """Where JupyterLab is German so are its dialog of ours, the line of a live cell, the panel and a widget.

    Also what the hub refuses with, and what to do about that.
    """
    hidden = root_id(f"{a_slug}-hidden", a_slug)
    a_hub.ask("POST", f"/documentRoots/{hidden}", ADMIN, {"access": "None_DocumentRoot"})
    alice.lab.write_settings({LANGUAGE: {"locale": "de_DE"}})
    try:
        cells = a_cell("x = 1", marked(a_slug)), a_cell("y = 1", marked(f"{a_slug}-hidden", shared=False))
        name = write_cells(alice, f"{a_slug}.ipynb", *cells, course=a_slug)
        notebook = LiveNotebook(alice.open_page(name))
        page = notebook.page
        page.get_by_role("dialog").get_by_role("button", name="Verbinden").click()
        notebook.cell(0).expect_state("Gespeichert")
        notebook.cell(1).expect_state("Nicht live")
        said = notebook.cell(1).node.locator(".tnb-detail")
        expect(said).to_contain_text("Dafür fehlt die Berechtigung.")
        expect(said).to_contain_text(f"Die Lehrperson bitten, „{a_slug}-hidden“ zu öffnen, oder im Menü dieser Zelle")
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
        # The browser says so of every request that is refused.
        alice.forget_complaints("documents/main")
    finally:
        alice.lab.write_settings({LANGUAGE: {}})
