"""A page at the school's existing backend: it is edited as ever, others are seen, and it never has the credential."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Response, WebSocket, expect

from teaching_nb.client import CodeModel
from teaching_nb.proxy.backend_session import ENDED
from tests.browser.live_cell import OFFLINE, SAVED
from tests.browser.people import OpenBrowser, Person
from tests.browser.real_cell import LiveNotebook, a_cell, marked, write_cells
from tests.browser.shared_cell import show_in
from tests.browser.shown_history import ShownHistory
from tests.harness.backend_school import BackendSchool, opened
from tests.harness.jupyter_server import JupyterLab
from tests.harness.waiting import SECONDS, wait_until, wait_value


@pytest.fixture(scope="module")
def a_school() -> Iterator[BackendSchool]:
    """Return a class at a backend of April 2025, whose sessions are cookies."""
    school = BackendSchool("2025")
    yield school
    school.stop()


@pytest.fixture(scope="module")
def a_cookie_file(tmp_path_factory: pytest.TempPathFactory, a_school: BackendSchool) -> Path:
    """Return a file with the session of a student."""
    path = tmp_path_factory.mktemp("sam") / "cookie"
    path.touch(mode=0o600)
    path.write_text(a_school.backend.sign_in(a_school.sam))
    return path


def at_backend(school: BackendSchool, cookie_file: Path, open_browser: OpenBrowser) -> Person:
    """Return somebody with a JupyterLab of their own, signed in by the cookie in a file."""
    options = (f"--TeachingNB.hub_url={school.backend.url}", f"--TeachingNB.hub_token_file={cookie_file}")
    lab = JupyterLab(cookie_file.parent / "lab", *options, "--TeachingNB.hub_kind=teaching-api")
    person = Person(lab.launch(), open_browser)
    lab.wait_ready()
    return person


@pytest.fixture(scope="module")
def sam(a_school: BackendSchool, a_cookie_file: Path, open_browser: OpenBrowser) -> Iterator[Person]:
    """Return a student."""
    person = at_backend(a_school, a_cookie_file, open_browser)
    yield person
    person.close()


def test_page_is_edited_saved_and_told(sam: Person, a_school: BackendSchool, a_cookie_file: Path) -> None:
    """The page's edits are stored, others' appear in it, an ended session is said in it, and its cookie never is."""
    cookie, page = a_cookie_file.read_text().partition("=")[2].partition("%")[0], sam.notebook.page
    frames: list[str | bytes] = []
    responses: list[Response] = []

    def on_frame(frame: str | bytes) -> None:
        frames.append(frame)

    def on_socket(socket: WebSocket) -> None:
        socket.on("framereceived", on_frame)
        socket.on("framesent", on_frame)

    def on_response(response: Response) -> None:
        responses.append(response)

    page.on("websocket", on_socket)
    page.on("response", on_response)
    sam.notebook.restart_kernel()
    cell = show_in(sam.notebook, "text", "one\n-\ntwo\n")
    cell.expect_state(SAVED)
    root = sam.notebook.value("doc.model.root_id")
    theirs = opened(a_school.connect(a_school.sue), CodeModel, root, "one\n-\ntwo\n")

    cell.append("three")
    cell.expect_state(SAVED)
    wait_value(theirs, "code", "one\n-\ntwo\nthree")
    theirs.code = "ONE\n-\ntwo\nthree"
    cell.expect_text("ONE\n-\ntwo\nthree")
    cell.expect_road("comm")

    a_school.backend.end_sessions()
    cell.append("!")
    cell.expect_state(OFFLINE)
    wait_until(lambda: sam.notebook.value("doc.model.save_detail").startswith(ENDED), "the kernel says what to do")
    a_cookie_file.write_text(a_school.backend.sign_in(a_school.sam))
    cell.expect_state(SAVED)

    assert a_school.backend.data(theirs.id) == {"code": "ONE\n-\ntwo\nthree!"}
    headers = [response.headers for response in responses]
    kept = [sam.context.cookies(), sam.context.storage_state(), page.content()]
    assert cookie not in f"{frames} {headers} {kept}"
    assert "three" in str(frames)
    assert [response.url for response in responses if "/teaching/" in response.url]


def test_history_is_looked_at_and_a_version_brought_back(sam: Person, a_school: BackendSchool) -> None:
    """The slider says who has saved and pasted, the text what differs, and a restored version is everybody's."""
    sam.notebook.restart_kernel()
    cell = show_in(sam.notebook, "versions", "one\n")
    cell.expect_state(SAVED)
    history = ShownHistory(cell)
    theirs = opened(a_school.connect(a_school.sue), CodeModel, sam.notebook.value("doc.model.root_id"), "one\n")
    cell.append("")
    cell.paste("two")
    cell.expect_state(SAVED)
    wait_value(theirs, "code", "one\ntwo")
    theirs.code = "one\ntwo three"
    theirs.wait_saved(SECONDS)
    wait_until(lambda: len(theirs.history) == 2, "both are versions")
    cell.expect_text("one\ntwo three")

    history.open()
    history.expect_version("^Now .version 2 of 2.*Sue Test")
    history.press("ArrowLeft")
    history.expect_version("^Version 1 of 2: .*Sam Test, pasted$")
    expect(history.words).to_contain_text("differs from the present text in 1 place")
    expect(history.text.locator("del, .cm-deletedText").first).to_contain_text("three")
    history.restore.click()

    expect(history.words).to_contain_text("Restored.")
    history.expect_version("^Now .version 3 of 3.*Sam Test$")
    cell.expect_text("one\ntwo")
    cell.expect_state(SAVED)
    wait_value(theirs, "code", "one\ntwo")
    assert [version.text for version in theirs.history] == ["one\ntwo", "one\ntwo three", "one\ntwo"]


def test_cells_are_not_made_live(sam: Person, screenshots: Path) -> None:
    """Nothing offers it, for the backend has no live text; a cell that is marked says so, and stays the user's own."""
    sam.notebook.restart_kernel()
    show_in(sam.notebook, "widget", "one\n").expect_state(SAVED)
    expect(sam.notebook.page.get_by_role("button", name="Make it a real cell")).to_have_count(0)
    path = write_cells(sam, "cells.ipynb", a_cell("x = 1", marked("cell")), a_cell("y = 2"))
    notebook = LiveNotebook(sam.open_page(path))
    page = notebook.page

    bar = page.locator(".tnb-connect-bar")
    expect(bar).to_contain_text("Cells cannot be live here")
    expect(bar.get_by_role("button")).to_have_count(0)
    notebook.cell(1).editor.click()
    notebook.press_live()
    dialog = page.get_by_role("dialog", name="This cell cannot be live")
    expect(dialog).to_contain_text("needs a hub of teaching_nb")
    dialog.get_by_role("button", name="Ok").click()

    notebook.cell(0).editor.click()
    notebook.press_live()
    page.get_by_role("dialog").get_by_role("button", name="Change", exact=True).click()
    detail = notebook.cell(0).node.get_by_text("needs a hub of teaching_nb")
    expect(detail).to_contain_text("“No longer live”, below “Live Cell…”")
    notebook.cell(0).expect_text("x = 1")
    page.get_by_role("tab", name="Class").click()
    expect(page.get_by_role("region", name="Class")).to_contain_text("Cells cannot be live here")
    page.screenshot(path=screenshots / "existing-backend.png")


def test_staff_see_who_there_is_in_the_panel(
    a_school: BackendSchool, tmp_path: Path, open_browser: OpenBrowser, screenshots: Path
) -> None:
    """Who they are themselves, and people; nothing can be pressed that the backend does not have, or is asked for."""
    path = tmp_path / "cookie"
    path.touch(mode=0o600)
    path.write_text(a_school.backend.sign_in(a_school.tina))
    tina = at_backend(a_school, path, open_browser)
    asked: list[str] = []
    try:
        page = tina.notebook.page
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_role("tab", name="Class").click()
        panel = page.get_by_role("region", name="Class")
        expect(panel).to_contain_text("You are Tina Test, admin.")
        for name in ("Sam Test", "Sue Test"):
            expect(panel.get_by_role("listitem").filter(has_text=name)).to_be_visible()
        expect(panel).to_contain_text("no list of what somebody has")
        expect(panel.get_by_role("button")).to_have_count(0)
        page.screenshot(path=screenshots / "existing-backend-staff.png")

        panel.get_by_text("Sam Test").click()
        expect(panel).not_to_contain_text("Asking the hub")
        assert {url.partition("/teaching/api/v1/")[2].partition("?")[0] for url in asked if "/api/v1/" in url} <= {
            *("user", "users", "studentGroups"),
        }
        tina.check_consoles()
    finally:
        tina.close()
