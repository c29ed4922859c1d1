"""Limits as somebody in a page meets them: what fits is saved, what does not is refused in words, nothing is cut off.

With a lane and without, and always on the connections that the page had before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from teaching_nb.schema.limits import KERNEL_MESSAGE_BYTES, LIVE_TEXT_BYTES
from tests.browser.live_cell import SAVED, LiveCell
from tests.browser.notebook import Notebook
from tests.browser.page_sockets import KERNEL, PageSockets
from tests.browser.people import Person
from tests.browser.shared_cell import source_of
from tests.browser.test_flood import is_dropping
from tests.browser.test_tabs import LANE, refuse
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

SLOW_MS = 90_000
FRAME = len('{"code":""}')
RUN_FRAME = len('{"run":"","code":"","kind":"run"}') + 36
"""Bytes around the program in the message of a page that runs it."""
LAST_LINE = " the last line"

WITHOUT_LANE = pytest.mark.parametrize("a_desk", ["comm"], indirect=True)

FILL = """
def fill(size, first=""):
    "Return so many bytes of JSON: a first line, comments, and a last line."
    last = " the last line"
    lines, rest = divmod(size - len(first) - 3 - len(last), 101)
    return first + "\\n" + ("#" + 98 * "y" + "\\n") * lines + "#" + "z" * rest + last
"""

FLOODS = {
    "bytes": 'sys.stdout.write(("x" * 999 + "\\r") * 20); sys.stdout.flush()',
    "messages": "for _ in range(15): say_nothing()",
}
"""What goes on a hundred times a second, and is more than the Jupyter server passes on: in bytes, or in messages.

The messages are those of a widget that the page does not have: it has nothing to do with what comes through. Many
more, and the kernel itself would lose some, the word that the cell has ended among them.
"""
FLOOD = """
import sys, time
kernel = get_ipython().kernel
def say_nothing():
    nobodys = dict(comm_id="nobody", data=dict())
    kernel.session.send(kernel.iopub_socket, "comm_msg", nobodys, parent=kernel.get_parent())
def flood(seconds):
    begin = time.monotonic()
    for number in range(100 * seconds):
        {step}
        time.sleep(max(0, begin + number / 100 - time.monotonic()))
flood(5)
doc.model.code = fill({size})
flood(5)
"""


@dataclass
class Desk:
    """A page in which Alice has an empty document open."""

    notebook: Notebook
    cell: LiveCell
    sockets: PageSockets
    hub: HubProcess
    slug: str
    token: str

    @property
    def stored(self) -> str | None:
        """Return what the hub has."""
        return self.hub.code(self.slug, self.token)

    def expect_saved(self, text: str) -> None:
        """Wait until the page says that all is saved, and the hub has this text."""
        self.cell.expect_state(SAVED, timeout=SLOW_MS)
        wait_until(lambda: self.stored == text, f"the hub has {len(text)} characters", timeout=60)
        wait_until(lambda: self.notebook.value("len(doc.model.code)") == len(text), "and so has the kernel", timeout=60)

    def expect_end(self, end: str) -> None:
        """Wait until the page shows the end of the text, which others have written."""
        self.cell.go_to_end()
        self.cell.expect_part(end, timeout=SLOW_MS)


@pytest.fixture(params=["lane", "comm"])
def a_desk(request: pytest.FixtureRequest, alice: Person, a_hub: HubProcess, a_slug: str) -> Iterator[Desk]:
    """Return a page, with a lane and without; its connections have to be the same at the end."""
    page = alice.context.new_page()
    if request.param == "comm":
        page.route_web_socket(LANE, refuse)
    sockets = PageSockets(page)
    notebook = alice.open_in(page, alice.lab.write_notebook("limits.ipynb"))
    cell = LiveCell(notebook.run(FILL + source_of(a_slug, "")))
    cell.expect_state(SAVED)
    cell.expect_road(request.param)
    before = sockets.all
    assert len(sockets.living(KERNEL)) == 1

    yield Desk(notebook, cell, sockets, a_hub, a_slug, alice.hub_token)

    assert all(is_open for _, is_open in before)
    assert sockets.all == before
    cell.expect_road(request.param)


def fill(size: int) -> str:
    """Return a text of so many bytes as JSON, the same as in the kernel."""
    namespace: dict[str, str] = {}
    exec(f"{FILL}\ntext = fill({size})", namespace)  # noqa: S102 - our own words
    return namespace["text"]


def test_text_that_is_pasted_up_to_the_limit_is_saved_and_more_is_refused(a_desk: Desk) -> None:
    """The last byte that fits is saved; one more is not taken, with both numbers; a shorter text goes on."""
    cell, text = a_desk.cell, fill(LIVE_TEXT_BYTES - FRAME - 1)
    assert len(json.dumps({"code": text}, separators=(",", ":"))) == LIVE_TEXT_BYTES - 1
    cell.editor.click()

    cell.paste(text)
    a_desk.expect_saved(text)
    cell.append("!")
    a_desk.expect_saved(text + "!")
    cell.append("?")
    words = f"Not inserted: the text would have {LIVE_TEXT_BYTES + 1:,} bytes, and the limit is {LIVE_TEXT_BYTES:,}."
    expect(cell.widget.get_by_role("alert").filter(has_text=words)).to_be_visible()
    a_desk.expect_saved(text + "!")

    cell.page.keyboard.press("Backspace")
    cell.type("?")
    a_desk.expect_saved(text + "?")


def test_text_that_the_kernel_assigns_up_to_the_limit_reaches_the_page(a_desk: Desk) -> None:
    """What fits is shown and saved; one byte more is shown, and why it is not saved; a shorter text goes on."""
    cell, notebook = a_desk.cell, a_desk.notebook
    for spare in (1, 0):
        notebook.run(f"doc.model.code = fill({LIVE_TEXT_BYTES - FRAME - spare})")
        a_desk.expect_saved(fill(LIVE_TEXT_BYTES - FRAME - spare))
        a_desk.expect_end(LAST_LINE)

    notebook.run("doc.model.code += '!'")
    cell.expect_sentence(re.compile(f"{LIVE_TEXT_BYTES + 1} bytes, the limit is {LIVE_TEXT_BYTES}: shorten it"))
    a_desk.expect_end(LAST_LINE + "!")
    assert a_desk.stored == fill(LIVE_TEXT_BYTES - FRAME)

    notebook.run("doc.model.code = 'short'")
    a_desk.expect_saved("short")
    cell.expect_text("short")


@WITHOUT_LANE
def test_program_up_to_the_limit_of_the_kernels_channel_runs_and_a_longer_one_is_refused(a_desk: Desk) -> None:
    """A program far above what is saved still runs; one that would end the connection is refused with both numbers."""
    cell, notebook, first = a_desk.cell, a_desk.notebook, "print(40 + 2)"

    def show(size: int) -> None:
        notebook.run(f"doc.model.code = fill({size - RUN_FRAME}, {first!r})")
        cell.expect_sentence(re.compile(rf"{size - RUN_FRAME + FRAME} bytes, the limit is"), timeout=SLOW_MS)
        a_desk.expect_end(LAST_LINE)

    for spare in (1, 0):
        show(KERNEL_MESSAGE_BYTES - spare)
        cell.run_button.click()
        expect(cell.output).to_have_text("42", timeout=SLOW_MS)
        cell.widget.get_by_role("button", name="Clear output").click()
        expect(cell.output).to_be_hidden()
    show(KERNEL_MESSAGE_BYTES + 1)
    cell.run_button.click()
    cell.expect_sentence(
        re.compile(
            f"Not run: .* would have {KERNEL_MESSAGE_BYTES + 1:,} bytes, and the limit is {KERNEL_MESSAGE_BYTES:,}"
        )
    )

    notebook.run("doc.model.code = 'print(40 + 3)'")
    a_desk.expect_saved("print(40 + 3)")
    cell.run_button.click()
    expect(cell.output).to_have_text("43", timeout=SLOW_MS)


@WITHOUT_LANE
@pytest.mark.parametrize("kind", FLOODS)
def test_text_at_the_limit_reaches_the_page_through_a_flood(a_desk: Desk, kind: str) -> None:
    """The kernel assigns it while the Jupyter server drops what kernels say: it is shown, and saved, all the same."""
    size = LIVE_TEXT_BYTES - FRAME

    flood = a_desk.notebook.start(FLOOD.format(step=FLOODS[kind], size=size)).wait_done(timeout=SLOW_MS)

    assert is_dropping(flood.outputs)
    a_desk.expect_saved(fill(size))
    a_desk.expect_end(LAST_LINE)
    a_desk.cell.page.keyboard.press("Backspace")
    a_desk.cell.type("E")
    a_desk.expect_saved(fill(size)[:-1] + "E")
