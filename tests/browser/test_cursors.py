"""Who is here and where: names, selections, and following a person through the text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.live_cell import SAVED, SELDOM, LiveCell
from tests.browser.looks import shown_texts, texts_below
from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show, source_of
from tests.harness.waiting import wait_until

LINES = "\n".join(f"line_{number} = {number}" for number in range(120))
READABLE = 4.5
HAS_MOVED = "before => [...document.querySelectorAll('.tnb-caret')].map(node => node.style.cssText).join() !== before"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_a_name_shows_when_its_person_moves_and_then_fades(
    alice: Person, bob: Person, a_slug: str, screenshots: Path
) -> None:
    """Bob's selection and name appear above Alice's text, can be read, fade, and come back under the pointer."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="first\nsecond = 2\nthird")
    name = at_alice.cursor_name("Bob Brown")

    at_bob.go_to_start()
    at_bob.page.keyboard.press("ArrowDown")
    at_bob.page.keyboard.press("Shift+End")

    expect(name).to_have_css("opacity", "1")
    expect(at_alice.scroller.locator(".tnb-others-selection")).to_have_count(1)
    at_alice.widget.screenshot(path=screenshots / "cursor.png")
    (shown,) = [text for text in shown_texts(at_alice.scroller) if text.text == "Bob Brown"]
    assert shown.contrast >= READABLE, str(shown)
    assert at_alice.text == "first\nsecond = 2\nthird"
    expect(name).to_have_css("opacity", "0")
    hover_caret(at_alice)
    expect(name).to_have_css("opacity", "1")


def test_names_at_cursors_cover_no_code(alice: Person, bob: Person, a_slug: str, screenshots: Path) -> None:
    """On the first line, at the start of a line, and at the right edge a name finds its place beside the text."""
    edge = "# a line to the right edge".ljust(95, ".")
    lines = ["first = 'a line'", "second = first + first", f"short = 1; {'third = 3'}", edge, "last = first"]
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="\n".join(lines))
    name = at_alice.cursor_name("Bob Brown")
    press = at_bob.page.keyboard.press

    def move(*keys: str) -> None:
        """Move the cursor elsewhere and wait until Alice sees it there: to others two keys may be one move."""
        before = name.evaluate_all("nodes => nodes.map(node => node.parentElement.style.cssText).join()")
        for key in keys:
            press(key)
        at_alice.page.wait_for_function(HAS_MOVED, arg=before)
        expect(name).to_have_css("opacity", "1")

    at_bob.go_to_start()
    move("End")
    for number, keys in enumerate([["Home"], ["ArrowDown"], ["ArrowDown"], ["ArrowDown", "End"]]):
        move(*keys)
        at_alice.widget.screenshot(path=screenshots / f"cursor-name-{number}.png")
        assert texts_below(name, at_alice.editor) == []
        expect(name).to_be_in_viewport(ratio=1)


def test_a_teacher_is_marked_as_one(the_teacher: Person, alice: Person, a_slug: str, screenshots: Path) -> None:
    """At the cursor and among those who are here, apart from the name: a student may be called the same."""
    at_alice, at_teacher = open_shared(a_slug, alice, the_teacher, init="first\nsecond = 2\nthird")
    at_teacher.go_to_end()

    name = at_alice.cursor_name("Tina Teacherteacher")
    expect(name).to_have_css("opacity", "1")
    expect(at_alice.chip("Tina Teacher (teacher)")).to_be_visible()
    at_alice.widget.screenshot(path=screenshots / "cursor-of-a-teacher.png")
    for shown in shown_texts(at_alice.scroller):
        assert shown.text not in ("Tina Teacher", "teacher") or shown.contrast >= READABLE, str(shown)
    at_alice.go_to_start()
    expect(at_teacher.cursor_name("Alice Adams")).to_be_attached()
    expect(at_teacher.chip("Alice Adams")).to_be_visible()


def test_following_a_person_shows_what_they_work_on(alice: Person, bob: Person, a_slug: str, screenshots: Path) -> None:
    """With the keyboard alone Alice follows Bob, wherever Bob goes, until Alice does something else."""
    at_alice, at_bob = open_long(a_slug, alice, bob)
    at_bob.go_to_end()
    chip = at_alice.chip("Bob Brown")
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(line(at_alice, 119)).not_to_be_attached()

    chip.focus()
    at_alice.page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(at_alice.spoken.filter(has_text="Following Bob Brown")).to_be_attached()
    expect(line(at_alice, 119)).to_be_in_viewport()
    at_alice.widget.screenshot(path=screenshots / "following.png")
    at_bob.go_to_start()
    expect(line(at_alice, 0)).to_be_in_viewport()
    expect(line(at_alice, 119)).not_to_be_in_viewport()

    at_alice.page.keyboard.press("Escape")
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(at_alice.spoken.filter(has_text="no longer follow Bob Brown")).to_be_attached()
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    at_alice.scroller.hover()
    at_alice.page.mouse.wheel(0, 200)
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    at_alice.editor.click()
    at_alice.type("#")
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    bob.notebook.clear()
    expect(at_alice.spoken.filter(has_text="Bob Brown has left")).to_be_attached()


@pytest.mark.timeout(300)
def test_two_tabs_without_a_direct_connection_keep_a_cursor_each(alice: Person, bob: Person, a_slug: str) -> None:
    """Both of Alice's tabs speak through one kernel: Bob sees two cursors and one person; the later tab sees Bob."""
    alice.context.route("**/teaching/api/v1/user", no_user)
    try:
        notebook = alice.open("tabs.ipynb")
        first = LiveCell(notebook.run(source_of(a_slug, "one\ntwo\nthree")))
        first.expect_text("one\ntwo\nthree")
        (at_bob,) = open_shared(a_slug, bob, init="one\ntwo\nthree")
        at_bob.go_to_end()
        notebook.save()
        second = LiveCell(alice.open_page(notebook.path).last_cell())
        second.expect_text("one\ntwo\nthree")
        second.expect_road("comm")

        expect(second.here).to_contain_text("Bob")
        expect(second.cursor_name("Bob Brown")).to_be_attached()
        first.page.bring_to_front()
        first.go_to_start()
        second.page.bring_to_front()
        second.go_to_end()

        expect(at_bob.cursor_name("Alice Adams")).to_have_count(2)
        expect(at_bob.here.get_by_role("button")).to_have_count(1)
        tops = [box["y"] for caret in at_bob.cursor_name("Alice Adams").all() if (box := caret.bounding_box())]
        assert tops[0] != tops[1], tops
        # A page that is left says so; one that crashes falls silent and is forgotten after 30 s.
        second.page.goto("about:blank")
        expect(at_bob.cursor_name("Alice Adams")).to_have_count(1)
    finally:
        alice.context.unroute("**/teaching/api/v1/user")


@pytest.mark.parametrize("draws_seldom", [False, True], ids=["drawing", "drawing seldom"])
def test_edits_above_do_not_move_what_somebody_reads(
    alice: Person, bob: Person, a_slug: str, *, draws_seldom: bool
) -> None:
    """Bob inserts lines at the top; the line in the middle that Alice reads stays where it is on the screen.

    Also when the browser is so busy that several edits arrive between two frames.
    """
    at_alice, at_bob = open_long(a_slug, alice, bob)
    at_alice.editor.click()
    at_alice.scroller.evaluate("node => { node.scrollTop = node.scrollHeight / 2 }")
    read = line(at_alice, 60)
    expect(read).to_be_in_viewport()
    before = settled_place(read)
    if draws_seldom:
        at_alice.page.evaluate(SELDOM)

    at_bob.go_to_start()
    at_bob.type("# one\n# two\n# three\n")
    wait_until(
        lambda: str(alice.notebook.value("doc.model.code")).startswith("# one\n# two\n# three\n"), "the edit is here"
    )
    at_bob.expect_part("# three\nline_0 = 0")
    expect(at_alice.cursor_name("Bob Brown")).not_to_be_in_viewport()

    at_alice.page.evaluate(DRAWN)
    assert settled_place(read) == pytest.approx(before, abs=3)


def open_long(slug: str, *people: Person) -> list[LiveCell]:
    """Let each person show the same long document; its end is not drawn yet."""
    cells = [show(person, slug, LINES) for person in people]
    for cell in cells:
        cell.expect_part("line_0 = 0\n")
        cell.expect_state(SAVED)
    return cells


def line(cell: LiveCell, number: int) -> Locator:
    """Return a line of the editor, which exists only near the part that is seen."""
    return cell.editor.get_by_text(re.compile(rf"^#?line_{number} = {number}$"))


def place(node: Locator) -> float:
    """Return the height of a node on the screen."""
    box = node.bounding_box()
    assert box
    return box["y"]


def settled_place(node: Locator) -> float:
    """Return the height of a node on the screen once the editor has measured what it draws."""
    known: list[float] = []

    def rests() -> bool:
        known.append(place(node))
        return len(known) >= 8 and max(known[-8:]) - min(known[-8:]) < 0.5

    wait_until(rests, "the line rests on the screen")
    return known[-1]


def hover_caret(cell: LiveCell) -> None:
    """Point at the only cursor of somebody else."""
    box = cell.scroller.locator(".tnb-caret").bounding_box()
    assert box
    cell.page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)


def no_user(route: Route) -> None:
    """Answer as a server without a hub that knows the user: the page then takes the way through its kernel."""
    route.fulfill(content_type="application/json", body=json.dumps({}))
