"""Documents in a notebook that is opened again without the kernel that showed them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.people import Person
from tests.browser.shared_cell import INIT, source_of
from tests.harness.waiting import wait_until

WIDGET_SETTINGS = "@jupyter-widgets/jupyterlab-manager/plugin"
HOW_TO_GO_ON = "Run this cell to go on."


@pytest.fixture
def kept_states(bob: Person) -> Iterator[None]:
    """Have Bob's JupyterLab keep the state of widgets in notebooks, as its menu offers."""
    bob.lab.write_settings({WIDGET_SETTINGS: {"saveState": True}})
    yield
    bob.lab.write_settings({WIDGET_SETTINGS: {}})


def kept_text(person: Person, notebook: Notebook) -> str:
    """Save a notebook, and return what its file then keeps of the one document in it."""
    notebook.save()
    metadata = json.loads((person.lab.root / notebook.path).read_text())["metadata"]
    state = metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    return next((model["state"]["snapshot"] for model in state.values() if "snapshot" in model["state"]), "")


def reopen(person: Person, notebook: Notebook) -> Notebook:
    """Close a notebook, end its kernel, and open it again in a new page."""
    notebook.page.close()
    person.lab.end_kernels(except_of="lesson.ipynb")
    return person.open_page(notebook.path)


def open_and_type(person: Person, path: str, slug: str) -> tuple[Notebook, LiveCell]:
    """Open a notebook with an own document of a person, and let them type into that."""
    notebook = person.open(path, source_of(slug, shared=False))
    [cell] = notebook.run_all()
    live = LiveCell(cell)
    live.expect_text(INIT)
    live.go_to_end()
    live.type(" + 1")
    live.expect_state(SAVED)
    return notebook, live


@pytest.mark.usefixtures("kept_states")
def test_the_last_text_is_shown_without_its_kernel(bob: Person, a_slug: str) -> None:
    """A kept widget shows the text as it was at the last save, says how to go on, and nothing of saving."""
    notebook, _live = open_and_type(bob, "kept.ipynb", a_slug)
    wait_until(lambda: kept_text(bob, notebook) == f"{INIT} + 1", "the file keeps the text")

    again = reopen(bob, notebook)

    output = again.last_cell().node.locator(".jp-OutputArea-output")
    expect(output.get_by_text(HOW_TO_GO_ON)).to_be_visible()
    expect(output.locator("pre")).to_have_text(f"{INIT} + 1")
    expect(output.get_by_role("textbox")).to_have_count(0)
    expect(output).not_to_contain_text(SAVED)

    [cell] = again.run_all()
    LiveCell(cell).expect_text(f"{INIT} + 1")


def test_an_output_stands_in_for_a_widget_that_is_lost(bob: Person, a_slug: str) -> None:
    """Without saved widget state the text is shown as it was at the last save, highlighted, with how to go on.

    The save puts it into the output without building the widget anew, in which somebody types.
    """
    notebook, live = open_and_type(bob, "lost.ipynb", a_slug)
    expect(live.editor).to_be_focused()
    notebook.save()
    expect(live.editor).to_be_focused()
    assert notebook.page.evaluate("() => teachingTests.panel().context.model.dirty") is False
    [output] = json.loads((bob.lab.root / "lost.ipynb").read_text())["cells"][0]["outputs"]
    assert "".join(output["data"]["text/plain"]).endswith(f"\n\n{INIT} + 1")

    again = reopen(bob, notebook)

    output = again.last_cell().node.locator(".jp-OutputArea-output")
    expect(output.get_by_text(HOW_TO_GO_ON)).to_be_visible()
    expect(output.locator("pre code")).to_have_text(f"{INIT} + 1")
    expect(output.get_by_text(a_slug)).to_be_visible()
    expect(output).not_to_contain_text("Error displaying widget")

    [cell] = again.run_all()
    LiveCell(cell).expect_text(f"{INIT} + 1")


SHOWN = """
from IPython.display import display
import teaching_nb as tnb
display(tnb.task("{slug}", title="My task"), tnb.chat("{slug}-chat", title="Our chat"), tnb.rooms())
"""


def expect_kept(again: Notebook) -> None:
    """What is kept stands in all three places, and what is not says how it is seen."""
    outputs = again.page.locator(".jp-OutputArea-output")
    expect(outputs).to_have_count(3)
    task, chat, rooms = (outputs.nth(number) for number in range(3))
    for output in (task, chat, rooms):
        expect(output.get_by_text(HOW_TO_GO_ON)).to_be_visible()
        expect(output).not_to_contain_text("widget")
    expect(task).to_contain_text("This is what the notebook has kept.")
    expect(task).to_contain_text("☐ Open")
    expect(chat).to_contain_text("Our chat: run this cell in a notebook to read the chat")
    expect(rooms).to_contain_text("run this cell in a notebook to see groups and people")
    expect(rooms).not_to_contain_text("kept")


@pytest.mark.usefixtures("standing_pages")
def test_every_widget_has_a_stand_in_without_a_kernel_and_with_another(bob: Person, a_slug: str) -> None:
    """Without a kernel JupyterLab would say “Loading widget” for good, and with another one show a raw error."""
    notebook = bob.open("no-kernel.ipynb", SHOWN.format(slug=a_slug))
    notebook.run_all()
    expect(notebook.page.get_by_role("region", name="Our chat")).to_be_visible()
    notebook.save()
    notebook.page.close()
    bob.lab.end_kernels(except_of="lesson.ipynb")

    again = bob.standing_page().show(notebook.path)

    expect_kept(again)
    again.start_kernel()
    again.run_all()
    expect(again.page.get_by_text("close it, and open it again")).to_have_count(3)
    expect_kept(bob.open_page(notebook.path))
